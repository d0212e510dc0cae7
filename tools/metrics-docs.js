// Writes the table of docs/monitoring.md from the catalogue of metrics: node tools/metrics-docs.js (after a build). A test fails when it is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { METRICS } from '../dist/src/node/live/metrics/catalogue.js';
import { renderMetrics } from './metrics-page.js';

const page = fileURLToPath(new URL('../docs/monitoring.md', import.meta.url));
writeFileSync(page, renderMetrics(readFileSync(page, 'utf8'), METRICS));
