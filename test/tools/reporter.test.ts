import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { temporaryFolder } from '../node/sources/temporary.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SKIP = new URL('../support/skip.js', import.meta.url).href;
const SUITE = `
import { skip } from '${SKIP}';
it('passes', () => {});
it('lacks a moon', function () { skip(this, 'no moon'); });
describe('at night', () => {
  before(function () { skip(this, 'no stars'); });
  it('one', () => {});
  describe('deeper', () => { it('two', () => {}); });
});
it('fails', () => { throw new Error('cloud'); });
it('has no body');
`;

describe('the reporter', () => {
  const folder = temporaryFolder();

  it('says what was missing and how many tests that skipped, last what passed and failed', () => {
    const suite = folder.write('suite.mjs', Buffer.from(SUITE));
    const mocha = ['node_modules/mocha/bin/mocha.js', '--no-config', '--reporter', './tools/reporter.js', suite];
    const { status, stdout } = spawnSync(process.execPath, mocha, { cwd: ROOT, encoding: 'utf8' });
    expect(stdout.trimEnd().split('\n').slice(-4)).to.deep.equal([
      '1 skipped: no moon',
      '1 skipped: without a reason',
      '2 skipped: no stars',
      '1 passed, 1 failed',
    ]);
    expect(status).to.equal(1);
  });
});
