// node tools/score.js [-v] [FOLDER]: how often the engine's states agree with what the kernels said, over the folders of fixtures/ or
// of FOLDER (fixtures, or runs of the laboratory as they are). Worst first; -v adds where they differ.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, root } from './project.js';

const { values, positionals } = parseArgs({ options: { verbose: { type: 'boolean', short: 'v' } }, allowPositionals: true });
ensureInstalled();
ensureBuilt('everything');
const { analyse } = await import('../dist/test/support/analyse.js');
const { agreement, score } = await import('../dist/test/support/truth/score.js');
const { captureIn, foldersWith, readTruth } = await import('../dist/test/support/truth/truth.js');
const { readLabRun } = await import('../dist/test/support/truth/lab-run.js');

const base = positionals[0] ?? join(root, 'fixtures');
const names = new Set([...foldersWith(base, 'truth.json'), ...foldersWith(base, 'labels.json')]);
const rows = [...names].map((name) => {
  const folder = join(base, name);
  const truth = existsSync(join(folder, 'truth.json')) ? readTruth(folder) : readLabRun(folder);
  const result = score(truth, analyse([readFileSync(captureIn(folder))]).timeline);
  return { name, result, share: agreement(result) };
});
const scored = rows.filter(({ share }) => share !== null).sort((one, other) => one.share - other.share || (one.name < other.name ? -1 : 1));
const lines = scored.flatMap(({ name, result, share }) => [
  `${share.toFixed(2).padStart(7)} %  of ${String(result.compared).padStart(7)}  ${name}`,
  ...(values.verbose ? [...result.disagreements].map(([what, times]) => `${String(times).padStart(17)} x ${what}`) : []),
]);
const sum = (pick) => scored.reduce((total, { result }) => total + pick(result), 0);
const compared = sum((result) => result.compared);
const mean = scored.reduce((total, { share }) => total + share, 0) / scored.length;
lines.push(
  `${((100 * sum((result) => result.agreed)) / compared).toFixed(2)} % of ${compared} (socket, instant) pairs; ` +
    `mean over ${scored.length} scenarios ${mean.toFixed(2)} %`,
  `possible states: the kernel's is among them in ${((100 * sum(({ sets }) => sets.covered)) / sum(({ sets }) => sets.given)).toFixed(2)} %, ` +
    `mean size ${(sum(({ sets }) => sets.size) / sum(({ sets }) => sets.given)).toFixed(2)}`,
);
process.stdout.write(`${lines.join('\n')}\n`);
