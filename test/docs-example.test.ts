import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

/** The project's root, from dist/test. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function runExample(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['docs/examples/audit.mjs', ...args], { cwd: ROOT, encoding: 'utf8' });
}

describe('docs/examples/audit.mjs', () => {
  it('says of the leaking server what its operator would want to know', () => {
    const { status, stdout, stderr } = runExample('fixtures/leaking-server/capture.pcap');
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
    const lines = stdout.trimEnd().split('\n');
    // capinfos counts 2,200 packets; the laboratory opened 200 connections to the leaking port and 100 to the healthy one.
    expect(lines[0]).to.equal('2200 of 2200 packets analysed, 300 connections');
    expect(lines[1]).to.match(/^high: .* \(close-wait-leak\), 200 times since 2026-\d\d-\d\dT[\d:.]+Z, packet \d+$/);
    expect(lines[2]).to.equal('10.77.11.3:8001 has 200 connections that it has not closed');
    expect(lines).to.have.lengthOf(3);
  });

  it('refuses what is no capture in one line', () => {
    const { status, stdout, stderr } = runExample('package.json');
    expect(status).to.equal(2);
    expect(stdout).to.equal('');
    expect(stderr).to.match(/^package\.json: .+\n$/);
  });

  it('stands in docs/library.md as it is', () => {
    const example = readFileSync(`${ROOT}/docs/examples/audit.mjs`, 'utf8');
    expect(readFileSync(`${ROOT}/docs/library.md`, 'utf8')).to.include(example);
  });
});

describe('docs/examples/own-rule.js', () => {
  it('has the type of a rule', () => {
    const settings = '--ignoreConfig --noEmit --allowJs --checkJs --strict --target es2022 --module nodenext --types node --skipLibCheck'.split(' ');
    const { status, stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', ...settings, 'docs/examples/own-rule.js'], { cwd: ROOT, encoding: 'utf8' });
    expect(stdout).to.equal('');
    expect(status).to.equal(0);
  });
});
