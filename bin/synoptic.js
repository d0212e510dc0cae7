#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { isBundled, loadBundle, modulesUrl } from './bundle.js';
import { refuseOldNode } from './node-version.js';

refuseOldNode();
if (existsSync(modulesUrl)) {
  const { main } = isBundled() ? loadBundle() : await import(modulesUrl.href);
  process.exit(await main(process.argv.slice(2)));
} else {
  process.stderr.write('synoptic: not built yet: run `npm start` or `npm run build` in the folder of this package\n');
  process.exitCode = 2;
}
