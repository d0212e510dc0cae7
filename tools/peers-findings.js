// What peers say where synoptic finds something of medium or above, in real captures: a section of docs/peers.md.
//
//     node tools/peers-findings.js            the section, from docs/peers/findings.json
//     node tools/peers-findings.js CORPUS     that file, too, made anew: audits CORPUS/captures/*, runs tshark and tcptrace on what is
//                                             found, and reads the verdicts of others in CORPUS/*.tsv where there are any
//
// The captures belong to others and are not in the project, so what was seen in them is. Why a finding stands is written by hand in the
// JSON file (`why`) and kept; a finding without it fails the second form.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gatherFindings } from './peers-gather.js';
import { renderFindings } from './peers-page.js';
import { withSection } from './page-section.js';

const DATA = fileURLToPath(new URL('../docs/peers/findings.json', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/peers.md', import.meta.url));

const [corpus] = process.argv.slice(2);
/** @type {import('./peers-page.js').Comparison} */
let data = JSON.parse(readFileSync(DATA, 'utf8'));
if (corpus !== undefined) {
  data = await gatherFindings(corpus, data.findings);
  writeFileSync(DATA, `${JSON.stringify(data, null, 2)}\n`);
}
writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), 'findings', renderFindings(data)));
const undefended = data.findings.filter(({ why }) => why === '');
for (const { capture, rule, subject } of undefended) console.error(`${capture}: ${rule} ${subject} has no "why" in docs/peers/findings.json`);
if (undefended.length > 0) process.exitCode = 1;
