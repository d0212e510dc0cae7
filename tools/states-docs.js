// Writes the tables of docs/states.md, and its diagram docs/states.svg, from the figure itself: node tools/states-docs.js (after a build). A test fails when they are stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as core from '../dist/src/core/index.js';
import { renderFigure } from './states-figure.js';
import { renderStates } from './states-page.js';

const page = fileURLToPath(new URL('../docs/states.md', import.meta.url));
writeFileSync(page, renderStates(readFileSync(page, 'utf8'), core));
writeFileSync(fileURLToPath(new URL('../docs/states.svg', import.meta.url)), renderFigure(core));
