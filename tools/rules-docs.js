// Writes docs/rules.md from the rules themselves: node tools/rules-docs.js (after a build). A test fails when the page is stale.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RULES } from '../dist/src/core/rules/index.js';
import { renderRules } from './rules-page.js';

writeFileSync(fileURLToPath(new URL('../docs/rules.md', import.meta.url)), renderRules(RULES));
