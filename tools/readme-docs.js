// Writes the output that README.md shows from the program itself: node tools/readme-docs.js (after a build). A test fails when it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import * as library from '../dist/src/node/index.js';
import { root } from './project.js';
import { renderReadme } from './readme-page.js';

process.chdir(root);
writeFileSync('README.md', await renderReadme(readFileSync('README.md', 'utf8'), library));
