import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BENCH = dirname(fileURLToPath(import.meta.url));

/**
 * A program that reads a capture.
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} does what it is asked for, for the reader of the table
 * @property {string[]} probe a command that succeeds where the program is installed
 * @property {(capture: string) => string[]} command
 * @property {{[capture: string]: string}} [unfit] captures that it is spared at full size, and why
 */

/** @param {string} capture */
function audit(capture) {
  return [process.execPath, join(BENCH, '..', 'bin', 'synoptic.js'), 'audit', capture, '--format', 'json'];
}

/** synoptic first: the others are compared with it. @type {readonly Contestant[]} */
export const CONTESTANTS = [
  {
    name: 'synoptic',
    does: 'audit: every connection, every rule, a report',
    probe: [process.execPath, '--version'],
    command: audit,
  },
  {
    name: 'tcpdump',
    does: 'copies the packets: no analysis',
    probe: ['tcpdump', '--version'],
    command: (capture) => ['tcpdump', '-r', capture, '-w', '/dev/null'],
  },
  {
    name: 'tcptrace',
    does: 'a line a connection',
    probe: ['tcptrace', '-v'],
    command: (capture) => ['tcptrace', '-n', '-b', capture],
    unfit: { c: 'left out: takes 8 kB of memory a connection, 16 GB here' },
  },
  {
    name: 'tshark',
    does: 'a line a conversation',
    probe: ['tshark', '--version'],
    command: (capture) => ['tshark', '-n', '-q', '-z', 'conv,tcp', '-r', capture],
  },
  {
    name: 'pcap-parser',
    does: 'counts the packets',
    probe: [process.execPath, '--version'],
    command: (capture) => [process.execPath, join(BENCH, 'pcap-parser.js'), capture],
  },
];

/** synoptic in other ways, to see what something costs. @type {readonly Contestant[]} */
export const VARIANTS = [
  {
    name: 'one-rule',
    does: 'audit with one rule: what is missing is the time of all others',
    probe: [process.execPath, '--version'],
    command: (capture) => [...audit(capture), '--rules', 'bad-ack'],
  },
  {
    name: 'pool-0',
    does: 'audit with NODE_OPTIONS=--v8-pool-size=0: as many compile threads as there are cores to spare',
    probe: [process.execPath, '--version'],
    command: (capture) => ['env', 'NODE_OPTIONS=--v8-pool-size=0', ...audit(capture)],
  },
];

/** @param {Contestant} contestant */
export function isInstalled({ probe: [program, ...args] }) {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
}
