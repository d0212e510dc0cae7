// What the scripts of this folder share: is everything installed, is everything built?
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codePath, isBundled } from '../bin/bundle.js';
import { refuseOldNode } from '../bin/node-version.js';

refuseOldNode();

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * What may be built: the TypeScript project to name to `tsc -b`, and the folders whose files it is made from.
 * @type {{[name: string]: {project: string, folders: string[]}}}
 */
const TARGETS = {
  program: { project: 'src/node', folders: ['src'] },
  everything: { project: '.', folders: ['src', 'test'] },
};

/** The environment without what an npm that runs us (`npm install -g .`) would impose on an npm that we run. */
function ownEnvironment() {
  const imposed = /^npm_config_(global|location|prefix|local_prefix|save|package_lock)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !imposed.test(name)));
}

/**
 * Runs a program to its end, its output on ours.
 * @param {string} command
 * @param {string[]} args
 * @param {{output?: 'inherit' | 'stderr'}} [options] `stderr` keeps standard output free for data
 * @returns {number} exit status; 127 when the program could not be started
 */
export function run(command, args, { output = 'inherit' } = {}) {
  const done = spawnSync(command, args, {
    cwd: root,
    env: ownEnvironment(),
    stdio: ['inherit', output === 'stderr' ? 2 : 'inherit', 'inherit'],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (done.error) process.stderr.write(`${command}: ${done.error.message}\n`);
  return done.status ?? 127;
}

/**
 * Ends the script when a step failed; the step itself has said why.
 * @param {number} status
 */
export function mustSucceed(status) {
  if (status !== 0) process.exit(status);
}

/**
 * @param {string} path of a package-lock.json
 * @returns {{[place: string]: {version?: string, optional?: boolean}}} what is locked, by place; empty without a file
 */
function lockedPackages(path) {
  if (!existsSync(path)) return {};
  const { '': _project, ...packages } = JSON.parse(readFileSync(path, 'utf8')).packages;
  return packages;
}

/** True when `node_modules` holds what package-lock.json asks for; packages of other platforms are optional and may be absent. */
export function isInstalled() {
  const wanted = lockedPackages(join(root, 'package-lock.json'));
  const present = lockedPackages(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(([place, { version, optional }]) =>
    place in present ? present[place].version === version : optional === true);
}

/**
 * Installs the locked packages unless they are all there. Without their scripts: nothing need be compiled, cap is optional.
 *
 * package-lock.json names the platform packages of the linter that our registry does not hold by version alone, without a checksum: npm
 * leaves out of the lock what it cannot look up, and `npm ci` then refuses the lock everywhere.
 */
export function ensureInstalled() {
  if (isInstalled()) return;
  process.stderr.write('Installing packages (once) …\n');
  mustSucceed(run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { output: 'stderr' }));
}

/**
 * @param {string} folder
 * @param {(name: string) => boolean} wanted
 * @returns {string[]} paths of all files below the folder
 */
function filesBelow(folder, wanted) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Changes when any source is edited, added or deleted.
 * @param {string[]} folders
 */
function fingerprint(folders) {
  const hash = createHash('sha256');
  const sources = folders.flatMap((folder) => filesBelow(join(root, folder), (name) => /\.(ts|json)$/.test(name)));
  const settings = ['tsconfig.json', 'tsconfig.base.json', 'package-lock.json'].map((name) => join(root, name));
  for (const path of [...settings, ...sources]) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * The compiler leaves the outputs of a deleted source behind; a deleted test would go on running.
 * @param {string[]} folders
 */
function removeStaleOutputs(folders) {
  for (const folder of folders) {
    for (const output of filesBelow(join(root, 'dist', folder), (name) => /\.(js|d\.ts)(\.map)?$/.test(name))) {
      const source = relative(join(root, 'dist'), output).replace(/\.(js|d\.ts)(\.map)?$/, '.ts');
      if (!existsSync(join(root, source))) rmSync(output);
    }
  }
}

/**
 * Builds what changed since the last successful build of the target, and removes what deleted sources left behind.
 * @param {'program' | 'everything'} target
 */
export function ensureBuilt(target) {
  const { project, folders } = TARGETS[target];
  const stamp = join(root, 'dist', `.built-${target}`);
  const now = fingerprint(folders);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return;
  removeStaleOutputs(folders);
  mustSucceed(run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', project], { output: 'stderr' }));
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

/**
 * Bundles the command line again where it was built since, or for another version of Node.js. It works without, only slower to start: a
 * failure is told and borne.
 */
export function ensureBundled() {
  if (isBundled() && existsSync(codePath)) return;
  const status = run(process.execPath, [join(root, 'tools', 'bundle.js')], { output: 'stderr' });
  if (status !== 0) process.stderr.write('The command line could not be bundled; it runs from its modules.\n');
}
