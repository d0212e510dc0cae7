// Runs on `npm install` in a clone, `npm install -g .` and `npm link`: builds the program where the compiler is at hand.
// An installed package has no sources and no compiler, and needs neither.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, root } from './project.js';

const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (existsSync(compiler) && existsSync(join(root, 'src'))) ensureBuilt('program');
