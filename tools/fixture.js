// node tools/fixture.js RUN [NAME]: makes a fixture of a run of the laboratory: its capture, what the kernels said of their sockets, and
// what its labels ask for. The least agreement asked for is what there is now, rounded down: look at it before committing.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './project.js';

const [run, name = basename(resolve(run ?? ''))] = process.argv.slice(2);
if (run === undefined) {
  process.stderr.write('usage: node tools/fixture.js RUN [NAME]\n');
  process.exit(2);
}
ensureInstalled();
ensureBuilt('everything');
const { analyse } = await import('../dist/test/support/analyse.js');
const { agreement, coverage, score } = await import('../dist/test/support/truth/score.js');
const { captureIn } = await import('../dist/test/support/truth/truth.js');
const { readLabels, readLabRun } = await import('../dist/test/support/truth/lab-run.js');

const folder = join(root, 'fixtures', name);
const capture = captureIn(run);
const truth = readLabRun(run);
const labels = readLabels(run);
const result = score(truth, analyse([readFileSync(capture)]).timeline);
const least = (share) => (share === null ? undefined : Math.floor(share));
mkdirSync(folder, { recursive: true });
copyFileSync(capture, join(folder, basename(capture)));
writeFileSync(join(folder, 'truth.json'), lines(truth));
writeFileSync(join(folder, 'README.md'), `${labels.title}.\n`);
writeFileSync(
  join(folder, 'expected.json'),
  lines({
    agreement: least(agreement(result)),
    covered: least(coverage(result)),
    found: labels.expected.map(({ class: rule, endpoint }) => ({ rule, endpoint })),
    not: labels.must_not_flag.map(({ class: rule, endpoint, why = '' }) => ({ rule, endpoint, why })),
    clean: labels.expected.every(({ severity }) => severity === 'info'),
  }),
);

/**
 * JSON with one line for each key, and one for each element of a long list: short enough to keep, long enough to compare.
 * @param {object} value
 */
function lines(value) {
  const flat = (each) => JSON.stringify(each);
  const rows = (list, indent) => (flat(list).length < 120 ? flat(list) : `[\n${list.map((each) => indent + flat(each)).join(',\n')}\n${indent.slice(1)}]`);
  const body = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => {
      if (Array.isArray(each)) return ` ${flat(key)}: ${rows(each, '  ')}`;
      if (typeof each !== 'object' || key === 'hosts') return ` ${flat(key)}: ${flat(each)}`;
      const inner = Object.entries(each).map(([host, list]) => `  ${flat(host)}: ${key === 'samples' ? flat(list) : rows(list, '   ')}`);
      return ` ${flat(key)}: {\n${inner.join(',\n')}\n }`;
    });
  return `{\n${body.join(',\n')}\n}\n`;
}
