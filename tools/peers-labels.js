// Where the labels of `synoptic packets` and those of tshark and TCPRS differ, and who is right: a section of docs/peers.md.
//
//     node tools/peers-labels.js            the section, from docs/peers/labels.json
//     node tools/peers-labels.js CORPUS     that file, too, made anew: labels every capture that has a file in CORPUS/tshark or a verdict in
//                                           CORPUS/tcprs-events.tsv, runs tshark on it, and prints the table
//
// The captures belong to others and are not in the project, so what was seen in them is. Verdicts are in tools/labels-page.js, one for each kind
// of difference; a difference without one fails the script.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gatherLabels } from './labels-gather.js';
import { renderLabels, unexplained } from './labels-page.js';
import { withSection } from './page-section.js';
import { ensureBuilt, ensureInstalled } from './project.js';

const DATA = fileURLToPath(new URL('../docs/peers/labels.json', import.meta.url));
const PAGE = fileURLToPath(new URL('../docs/peers.md', import.meta.url));

const [corpus] = process.argv.slice(2);
if (corpus !== undefined) {
  ensureInstalled();
  ensureBuilt('program');
  writeFileSync(DATA, `${JSON.stringify(gatherLabels(corpus), null, 2)}\n`);
}
/** @type {import('./labels-gather.js').LabelComparison} */
const data = JSON.parse(readFileSync(DATA, 'utf8'));
const section = renderLabels(data);
writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), 'labels', section));
if (corpus !== undefined) process.stdout.write(section);
const open = unexplained(data);
for (const { peer, question, theirs, ours, evidence, examples } of open) {
  console.error(`${peer}, ${question}: ${theirs}, ours ${ours}, ${evidence} (${examples.join(', ')}) has no verdict in tools/labels-page.js`);
}
if (open.length > 0) process.exitCode = 1;
