#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/src/node/cli/main.js', import.meta.url);
if (existsSync(program)) {
  const { main } = await import(program.href);
  process.exit(await main(process.argv.slice(2)));
} else {
  process.stderr.write('synoptic: not built yet: run `npm start` or `npm run build` in the folder of this package\n');
  process.exitCode = 2;
}
