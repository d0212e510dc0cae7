// The bundle: the command line in one file, with the code that V8 made of it. `tools/bundle.js` makes it from `dist`.
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const dist = new URL('../dist/', import.meta.url);

/** The program in one CommonJS file. */
export const bundlePath = fileURLToPath(new URL('bundle/synoptic.cjs', dist));

/** Compiled code fits one version of V8, on one kind of processor. */
export const codePath = `${bundlePath}.${process.versions.v8}-${process.arch}`;

/** The program in its own modules, as compiled. */
export const modulesUrl = new URL('src/node/cli/main.js', dist);

/** @param {string | URL} path */
function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * True for a bundle that is there and was made after the last compilation; an installed package has no record of any.
 * SYNOPTIC_UNBUNDLED in the environment does without, for tests and for line numbers of the modules.
 */
export function isBundled() {
  if (process.env['SYNOPTIC_UNBUNDLED']) return false;
  const made = modified(bundlePath);
  return made > 0 && ['core.tsbuildinfo', 'node.tsbuildinfo'].every((name) => modified(new URL(name, dist)) <= made);
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Loads the bundle. Where there is no compiled code for this Node.js, it is a module like any other. The cache of Node.js 22 would
 * hardly be quicker, and lies in a folder that everybody may write to: no place for code that root is to run.
 *
 * @returns {{main: (args: readonly string[]) => Promise<number>, script?: Script}} `script` when compiled code was asked for or used
 */
export function loadBundle({ compiles = false } = {}) {
  const require = createRequire(bundlePath);
  const cachedData = compiles ? undefined : readIfThere(codePath);
  if (cachedData === undefined && !compiles) return require(bundlePath);
  // Twice as quick to take in as UTF-8. esbuild leaves nothing but ASCII outside comments.
  const source = readFileSync(bundlePath, 'latin1');
  const script = new Script(`(function (module, require, __filename, importModule) { ${source}\n})`, { filename: bundlePath, cachedData });
  const own = { exports: {} };
  script.runInThisContext()(own, require, bundlePath, (specifier) => import(specifier));
  return { ...own.exports, script };
}
