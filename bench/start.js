// node bench/start.js [ROUNDS]: what it takes to start, by the audit of a small capture, in turn: as modules, and as the bundle. Processor time, as GNU time tells it.
import { fileURLToPath } from 'node:url';
import { leavesCertificatesOut, measure } from './measure.js';

const rounds = Number(process.argv[2] ?? 40);
if (!(Number.isInteger(rounds) && rounds > 0)) {
  process.stderr.write('usage: node bench/start.js [ROUNDS]\n');
  process.exit(2);
}
const place = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const audit = [process.execPath, place('bin/synoptic.js'), 'audit', place('fixtures/leaking-server/capture.pcap')];
const COMMANDS = [
  { name: 'Node.js itself', command: [process.execPath, '-e', '0'] },
  { name: 'modules', command: ['env', 'SYNOPTIC_UNBUNDLED=1', ...audit] },
  { name: 'the bundle', command: audit },
];

/** @type {Map<string, import('./measure.js').Run[]>} */
const runs = new Map(COMMANDS.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const { name, command } of COMMANDS) {
    const run = await measure(command, 60);
    if (run === null || run.user === null || run.system === null) throw new Error(`${name} failed, or GNU time is not installed`);
    runs.get(name)?.push(run);
  }
}
/** The least and the median in milliseconds. @param {number[]} seconds */
function words(seconds) {
  const [least, median] = [0, seconds.length >> 1].map((at) => (seconds.sort((one, other) => one - other)[at] * 1000).toFixed(0));
  return `${least} (median ${median})`;
}
if (leavesCertificatesOut) console.log('NODE_EXTRA_CA_CERTS is not passed on: reading certificates is no part of what is timed');
for (const [name, measured] of runs) {
  console.log(`${name.padEnd(14)} processor ${words(measured.map(({ user, system }) => Number(user) + Number(system)))} ms, wall ${words(measured.map(({ wall }) => wall))} ms`);
}
