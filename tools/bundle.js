// Puts the compiled command line into one file, and keeps beside it what V8 compiles of it in a run: 200 modules to find, read and
// compile are most of the time that a small capture takes. The library is not bundled.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundlePath, codePath, loadBundle, modulesUrl } from '../bin/bundle.js';
import { mustSucceed, root } from './project.js';

/** Packages that every run needs. The others are loaded when they are, from where they are installed. */
const BUNDLED = ['fzstd'];

/** A run that passes through most of the code. */
const REHEARSAL = ['audit', '--config', 'none', '--output', devNull, join(root, 'fixtures', 'leaking-server', 'capture.pcap')];

/** Keeps `import.meta.url` what it is in the module, so that files beside the module and packages are found from there. */
const ownUrl = {
  name: 'own-url',
  /** @param {import('esbuild').PluginBuild} building */
  setup(building) {
    building.onLoad({ filter: /[\\/]dist[\\/]src[\\/].*\.js$/ }, ({ path }) => {
      const fromBundle = JSON.stringify(relative(dirname(bundlePath), path).replaceAll('\\', '/'));
      const url = `new URL(${fromBundle}, bundleUrl).href`;
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url) };
    });
  },
};

/** What is left of these is of packages and of rules in files of the user's. */
const DYNAMIC_IMPORT = /(?<![\w.$])import\(/g;

/** Code that V8 had compiled before cannot import on its own: whoever loads it does that for it. */
const HEAD = `var importModule = importModule ?? ((specifier) => import(specifier));
const bundleUrl = require('node:url').pathToFileURL(__filename);
`;

/** A file takes its name when it is complete. @param {string} path */
function unfinished(path) {
  return `${path}.${process.pid}`;
}

const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
rmSync(dirname(bundlePath), { recursive: true, force: true });
mkdirSync(dirname(bundlePath), { recursive: true });
const { outputFiles: [{ text }] } = await build({
  entryPoints: [fileURLToPath(modulesUrl)],
  outfile: bundlePath,
  write: false,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !BUNDLED.includes(name)),
  plugins: [ownUrl],
  logLevel: 'warning',
});
writeFileSync(unfinished(bundlePath), HEAD + text.replaceAll(DYNAMIC_IMPORT, 'importModule('));
renameSync(unfinished(bundlePath), bundlePath);

const { main, script } = loadBundle({ compiles: true });
mustSucceed(await main(REHEARSAL));
writeFileSync(unfinished(codePath), script.createCachedData());
renameSync(unfinished(codePath), codePath);
