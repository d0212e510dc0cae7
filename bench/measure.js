import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What one run took. The last three are null where no GNU time is installed to tell.
 * @typedef {object} Run
 * @property {number} wall seconds, as the next two
 * @property {number | null} user
 * @property {number | null} system
 * @property {number | null} memory largest resident set in MiB
 */

const TIME = '/usr/bin/time';
const hasTime = spawnSync(TIME, ['-f', '%e', 'true'], { stdio: 'ignore' }).status === 0;

/** Node.js reads these certificates at every start, a tenth of a second for a system's usual store: not the programs' work. */
const { NODE_EXTRA_CA_CERTS: certificates, ...environment } = process.env;

/** True where the programs are not run in the very environment of the benchmark. */
export const leavesCertificatesOut = certificates !== undefined;

/**
 * Runs a command, its output thrown away. Null when it failed, or took longer than `limit` seconds and was stopped.
 * @param {string[]} command
 * @param {number} limit
 * @returns {Promise<Run | null>}
 */
export async function measure(command, limit) {
  const folder = mkdtempSync(join(tmpdir(), 'synoptic-bench-'));
  try {
    const times = join(folder, 'times');
    const [program, ...args] = hasTime ? [TIME, '-f', '%U %S %M', '-o', times, ...command] : command;
    const started = performance.now();
    const succeeded = await run(program, args, limit);
    const wall = (performance.now() - started) / 1000;
    if (!succeeded) return null;
    if (!hasTime) return { wall, user: null, system: null, memory: null };
    const [user, system, kibibytes] = readFileSync(times, 'utf8').trim().split(' ').map(Number);
    return { wall, user, system, memory: kibibytes / 1024 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {number} limit
 * @returns {Promise<boolean>}
 */
function run(program, args, limit) {
  return new Promise((resolve) => {
    // A group of its own, so that what `time` started is stopped with it.
    const child = spawn(program, args, { stdio: 'ignore', detached: true, env: environment });
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), limit * 1000);
    child.on('error', () => resolve(false));
    child.on('exit', (status) => {
      clearTimeout(timer);
      resolve(status === 0);
    });
  });
}

/**
 * Brings a file into the page cache.
 * @param {string} path
 */
export function warm(path) {
  const chunk = Buffer.alloc(4 << 20);
  const file = openSync(path, 'r');
  while (readSync(file, chunk) > 0);
  closeSync(file);
}
