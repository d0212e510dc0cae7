import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const START = fileURLToPath(new URL('../../../tools/start.js', import.meta.url));

describe('npm start', () => {
  let folder = '';
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'synoptic-start-')));
    for (const name of ['tools', 'bin', 'inner']) mkdirSync(join(folder, name));
    copyFileSync(START, join(folder, 'tools', 'start.js'));
    writeFileSync(join(folder, 'package.json'), '{"type": "module", "scripts": {"start": "node tools/start.js"}}');
    writeFileSync(join(folder, 'tools', 'project.js'), `export const root = ${JSON.stringify(folder)};
export const ensureInstalled = () => undefined;
export const ensureBuilt = () => undefined;
export const ensureBundled = () => undefined;
export const run = () => 0;
`);
    writeFileSync(join(folder, 'bin', 'synoptic.js'), 'console.log(process.cwd(), ...process.argv.slice(2));');
  });
  after(() => rmSync(folder, { recursive: true }));

  function started(program: string, args: readonly string[], cwd: string): string {
    return spawnSync(program, args, { cwd, encoding: 'utf8' }).stdout;
  }

  it('takes names of files from where it was typed', () => {
    const inner = join(folder, 'inner');
    expect(started('npm', ['--silent', 'start', '--', 'audit', 'x.pcap'], inner)).to.equal(`${inner} audit x.pcap\n`);
    expect(started(process.execPath, [join(folder, 'tools', 'start.js'), 'audit', 'x.pcap'], inner)).to.equal(`${inner} audit x.pcap\n`);
  });

  it('audits the capture that comes with it, unless told otherwise', () => {
    expect(started('npm', ['--silent', 'start'], folder)).to.equal(`${folder} audit ${join(folder, 'fixtures', 'leaking-server', 'capture.pcap')}\n`);
  });
});
