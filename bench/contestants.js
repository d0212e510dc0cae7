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

/** synoptic first: the others are compared with it. @type {readonly Contestant[]} */
export const CONTESTANTS = [
  {
    name: 'synoptic',
    does: 'audit: every connection, every rule, a report',
    probe: [process.execPath, '--version'],
    command: (capture) => [process.execPath, join(BENCH, '..', 'bin', 'synoptic.js'), 'audit', capture, '--format', 'json'],
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

/** @param {Contestant} contestant */
export function isInstalled({ probe: [program, ...args] }) {
  return spawnSync(program, args, { stdio: 'ignore' }).error === undefined;
}
