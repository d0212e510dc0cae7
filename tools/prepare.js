// Runs on `npm install` in a clone, `npm install -g .` and `npm link`: makes the command work, whatever was there before.
// An installed package has no sources, is built already, and needs nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureBundled, ensureInstalled, root } from './project.js';

const withoutCompiler = /\bdev\b/.test(process.env['npm_config_omit'] ?? '') || process.env['NODE_ENV'] === 'production';
if (existsSync(join(root, 'src')) && !withoutCompiler) {
  ensureInstalled();
  ensureBuilt('program');
  ensureBundled();
}
