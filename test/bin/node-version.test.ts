import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

describe('an old Node.js', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-version-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs a script as that version would, as far as its number goes. */
  function run(version: string, script: string): { status: number | null; err: string } {
    const pretence = join(folder, 'pretence.cjs');
    writeFileSync(pretence, `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`);
    const { status, stderr } = spawnSync(process.execPath, ['--require', pretence, script, '--version'], { cwd: ROOT, encoding: 'utf8' });
    return { status, err: stderr };
  }

  it('is refused in a line, by the command and by npm start', () => {
    for (const script of ['bin/synoptic.js', 'tools/start.js']) {
      expect(run('18.20.8', script)).to.deep.equal({
        status: 2,
        err: `synoptic: Node.js 20.19 or later is needed; this is 18.20.8 (${process.execPath})\n`,
      });
    }
    expect(run('20.18.3', 'bin/synoptic.js').status).to.equal(2);
  });

  it('is one before what package.json asks for', () => {
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
    expect(engines.node).to.equal('>=20.19');
    for (const version of ['20.19.0', '22.0.0', '100.1.0']) expect(run(version, 'bin/synoptic.js')).to.deep.equal({ status: 0, err: '' });
  });
});
