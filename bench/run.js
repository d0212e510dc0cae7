// npm run bench [-- OPTIONS]: how long `synoptic audit` takes, beside other programs on the same captures.
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { CAPTURES, ensureCapture } from './captures.js';
import { CONTESTANTS, isInstalled } from './contestants.js';
import { leavesCertificatesOut, measure, warm } from './measure.js';
import { summary, tableOf } from './table.js';

/** @typedef {import('./table.js').Result} Result */

const USAGE = `npm run bench [-- OPTIONS]
  --runs N           measured runs of each program (3), after the capture was read once
  --only KEY         a, b or c: one capture only; may be repeated
  --without PROGRAM  leave a program out; may be repeated
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

/** Packets of a classic pcap file. @param {string} path */
function countPackets(path) {
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(4 << 20);
  let packets = 0;
  let skip = 24;
  let held = 0;
  for (;;) {
    const read = readSync(file, bytes, held, bytes.length - held, null);
    if (read === 0) break;
    const end = held + read;
    let at = 0;
    for (;;) {
      const step = Math.min(skip, end - at);
      at += step;
      skip -= step;
      if (skip > 0 || end - at < 16) break;
      skip = 16 + bytes.readUInt32LE(at + 8);
      packets++;
    }
    bytes.copyWithin(0, at, end);
    held = end - at;
  }
  closeSync(file);
  return packets;
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
  const { only, without, runs, limit, quick, json, help } = options();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const contestants = CONTESTANTS.filter((contestant) => {
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
  const about = machine();
  if (json) {
    const captures = results.map(({ rows, ...result }) => ({
      ...result,
      programs: rows.map(({ contestant, runs: measured, note }) => ({
        name: contestant,
        wall: measured.length === 0 ? null : summary(measured.map(({ wall }) => wall)),
        runs: measured,
        ...(note !== '' && { note }),
      })),
    }));
    process.stdout.write(`${JSON.stringify({ machine: about, runs, quick, captures }, null, 2)}\n`);
    return;
  }
  process.stdout.write(`${about.cpu}, ${about.cores} cores, ${about.memory_gib} GiB, ${about.system}, Node.js ${about.node}; ${runs} runs each, in turn\n`);
  for (const result of results) process.stdout.write(`\n${tableOf(result)}\n`);
  process.stdout.write('\n');
  for (const { name, does } of contestants) process.stdout.write(`${name.padEnd(12)} ${does}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
