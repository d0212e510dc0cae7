// node tools/score-labels.js FOLDER: what runs of the laboratory are labelled to show, how much of it `audit` finds, and what it finds
// falsely: an accusation of what a label says is innocent, or any of `medium` and above where nothing is wrong. A finding accuses its
// subject. Whoever takes every address that a finding names for accused counts the leak on one port of a host as a false one on
// another; how many that would be is printed beside it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled } from './project.js';

const [base] = process.argv.slice(2);
if (base === undefined) {
  process.stderr.write('score-labels: name the folder of the runs: node tools/score-labels.js FOLDER\n');
  process.exit(2);
}
ensureInstalled();
ensureBuilt('everything');
const { analyse } = await import('../dist/test/support/analyse.js');
const { accuses, alarms, isAbout, mentions, summaries } = await import('../dist/test/support/findings.js');
const { captureIn, foldersWith } = await import('../dist/test/support/truth/truth.js');
const { readLabels } = await import('../dist/test/support/truth/lab-run.js');

const lines = [];
let expected = 0;
let found = 0;
let wrong = 0;
let named = 0;
for (const name of foldersWith(base, 'labels.json')) {
  const folder = join(base, name);
  const capture = captureIn(folder);
  if (capture === null) continue;
  const labels = readLabels(folder);
  const { findings } = analyse([readFileSync(capture)]).report;
  const missed = labels.expected.filter(({ class: rule, endpoint }) => !findings.some((finding) => finding.rule === rule && isOf(finding, endpoint, mentions)));
  const isClean = labels.expected.every(({ severity }) => severity === 'info');
  const raised = isClean ? findings.filter(alarms) : [];
  /** Accusations of the innocent, each by what it accuses. @param {typeof mentions} names */
  const accusations = (names) =>
    labels.must_not_flag.flatMap(({ class: rule, endpoint }) => findings.filter((finding) => finding.rule === rule && accuses(finding) && isOf(finding, endpoint, names)));
  const mistakes = [...raised, ...accusations(isAbout)];
  expected += labels.expected.length;
  found += labels.expected.length - missed.length;
  wrong += mistakes.length;
  named += raised.length + accusations(mentions).length;
  lines.push(...missed.map(({ class: rule, endpoint = '' }) => `${name}: missed ${rule} ${endpoint}`), ...summaries(mistakes).map((text) => `${name}: false ${text}`));
}

/** Is a finding of what a label says, which may leave the endpoint open? */
function isOf(finding, endpoint, names) {
  return endpoint === undefined || names(finding, endpoint);
}

if (expected === 0) {
  process.stderr.write(`score-labels: no run with labels in ${base}\n`);
  process.exit(1);
}
lines.push(`found ${((100 * found) / expected).toFixed(1)} % (${found} of ${expected}); false ${wrong} (${named} by every address that a finding names)`);
process.stdout.write(`${lines.join('\n')}\n`);
