// npm run bench [-- OPTIONS]: how long `synoptic audit` takes, beside other programs on the same captures.
import { statSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { CAPTURES, countPackets, ensureCapture } from './captures.js';
import { CONTESTANTS, isInstalled, VARIANTS } from './contestants.js';
import { leavesCertificatesOut, measure, warm } from './measure.js';
import { summary, tableOf } from './table.js';

/** @typedef {import('./table.js').Result} Result */

const USAGE = `npm run bench [-- OPTIONS]
  --runs N           measured runs of each program (3), after the capture was read once
  --only KEY         a, b or c: one capture only; may be repeated
  --without PROGRAM  leave a program out; may be repeated
  --variants         synoptic with one rule, and with fewer compile threads, beside it
  --limit SECONDS    stop a run that takes longer, and do not repeat it (300)
  --quick            captures of a twentieth of the size
  --json             print JSON instead of tables
`;

function options() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true, default: [] },
      without: { type: 'string', multiple: true, default: [] },
      variants: { type: 'boolean', default: false },
      limit: { type: 'string', default: '300' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  const limit = Number(values.limit);
  if (!(Number.isInteger(runs) && runs >= 1)) throw new Error(`--runs ${values.runs}: not a count`);
  if (!(limit > 0)) throw new Error(`--limit ${values.limit}: not a number of seconds`);
  check('--only', values.only, CAPTURES.map(({ key }) => key));
  check('--without', values.without, CONTESTANTS.map(({ name }) => name));
  return { ...values, runs, limit };
}

/**
 * @param {string} option
 * @param {string[]} given
 * @param {string[]} known
 */
function check(option, given, known) {
  const wrong = given.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new Error(`${option} ${wrong}: known are ${known.join(', ')}`);
}

function machine() {
  const [{ model }] = cpus();
  return { cpu: model.trim(), cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30), node: process.version, system: `${process.platform} ${process.arch}` };
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * All contestants on one capture, in turn, round by round.
 * @param {typeof CAPTURES[number]} capture
 * @param {typeof CONTESTANTS} contestants
 * @param {{runs: number, limit: number, quick: boolean}} settings
 * @returns {Promise<Result>}
 */
async function race(capture, contestants, { runs, limit, quick }) {
  const path = ensureCapture(capture, quick, say);
  warm(path);
  /** @type {import('./table.js').Row[]} */
  const rows = contestants.map(({ name, unfit }) => ({ contestant: name, runs: [], note: (quick ? undefined : unfit?.[capture.key]) ?? '' }));
  for (let round = 1; round <= runs; round++) {
    for (const [index, { name, command }] of contestants.entries()) {
      if (rows[index].note !== '') continue;
      const run = await measure(command(path), limit);
      if (run === null) rows[index].note = `failed, or took longer than ${limit} s`;
      else rows[index].runs.push(run);
      say(`${capture.key} ${round}/${runs} ${name}: ${run === null ? rows[index].note : `${run.wall.toFixed(2)} s`}`);
    }
  }
  return { key: capture.key, title: capture.title, packets: countPackets(path), bytes: statSync(path).size, rows };
}

async function main() {
  const { only, without, variants, runs, limit, quick, json, help } = options();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const contestants = [...CONTESTANTS, ...(variants ? VARIANTS : [])].filter((contestant) => {
    if (without.includes(contestant.name)) return false;
    const installed = isInstalled(contestant);
    if (!installed) say(`${contestant.name} is not installed: left out`);
    return installed;
  });
  if (leavesCertificatesOut) say('NODE_EXTRA_CA_CERTS is not passed on: reading certificates is no part of what is timed');
  const results = [];
  for (const capture of CAPTURES) {
    if (only.length > 0 && !only.includes(capture.key)) continue;
    results.push(await race(capture, contestants, { runs, limit, quick }));
  }
  process.stdout.write(json ? jsonOf(results, { runs, quick }) : textOf(results, contestants, runs));
}

/**
 * @param {Result[]} results
 * @param {{runs: number, quick: boolean}} settings
 */
function jsonOf(results, settings) {
  const captures = results.map(({ rows, ...result }) => ({
    ...result,
    programs: rows.map(({ contestant, runs, note }) => ({
      name: contestant,
      wall: runs.length === 0 ? null : summary(runs.map(({ wall }) => wall)),
      runs,
      ...(note !== '' && { note }),
    })),
  }));
  return `${JSON.stringify({ machine: machine(), ...settings, captures }, null, 2)}\n`;
}

/**
 * @param {Result[]} results
 * @param {typeof CONTESTANTS} contestants
 * @param {number} runs
 */
function textOf(results, contestants, runs) {
  const { cpu, cores, memory_gib, system, node } = machine();
  const head = `${cpu}, ${cores} cores, ${memory_gib} GiB, ${system}, Node.js ${node}; ${runs} runs each, in turn\n`;
  const tables = results.map((result) => `\n${tableOf(result)}\n`);
  const programs = contestants.map(({ name, does }) => `${name.padEnd(12)} ${does}\n`);
  return [head, ...tables, '\n', ...programs].join('');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
