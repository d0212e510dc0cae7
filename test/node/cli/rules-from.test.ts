import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const EXAMPLE = `${ROOT}docs/examples/own-rule.js`;
const LEAKING = `${ROOT}fixtures/leaking-server/capture.pcap`;

function synoptic(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${ROOT}bin/synoptic.js`, ...args], { encoding: 'utf8', env: { ...process.env, SYNOPTIC_LOG: '' } });
  return { status, out: stdout, err: stderr };
}

describe('synoptic --rules-from', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-rules-from-'));
  });

  after(() => rmSync(folder, { recursive: true }));

  /** The documented example with a text replaced. */
  function changed(name: string, from: string, to: string): string {
    const text = readFileSync(EXAMPLE, 'utf8');
    expect(text).to.include(from);
    const path = join(folder, name);
    writeFileSync(path, text.replace(from, to));
    return path;
  }

  it('plays the examples of the documented rule', () => {
    expect(synoptic('rules', '--rules-from', EXAMPLE, '--check')).to.deep.equal({
      status: 0,
      out: [
        'ok     slow-handshake, found in: a third of a second, three times',
        'ok     slow-handshake, not found in: at once',
        'ok     slow-handshake, not found in: once',
        '3 of 3 examples pass',
        '',
      ].join('\n'),
      err: '',
    });
  });

  it('says which example fails and why, and exits 1', () => {
    const { status, out } = synoptic('rules', '--rules-from', changed('fails.mjs', '+0.35 S > C# SYN ACK', '+0.15 S > C# SYN ACK'), '--check');
    expect(status).to.equal(1);
    expect(out.split('\n')[0]).to.equal('FAILED slow-handshake, found in: a third of a second, three times: no finding of slow-handshake');
    expect(out).to.include('2 of 3 examples pass');
  });

  it('lists the rule and shows its page', () => {
    expect(synoptic('rules', '--rules-from', EXAMPLE).out).to.match(/^slow-handshake +low +Slow to answer a SYN$/m);
    expect(synoptic('rules', '--rules-from', EXAMPLE, 'connect latency').out).to.match(/^slow-handshake: Slow to answer a SYN$/m);
    expect(synoptic('rules', 'slow-handshake').status).to.equal(2);
  });

  it('judges in every command that does', () => {
    const own = ['--rules-from', EXAMPLE, '--rules', 'slow-handshake', '--set', 'slow-handshake.limit=0', '--fail-on', 'low', LEAKING];
    for (const command of ['audit', 'flows', 'states', 'timeline', 'packets']) expect(synoptic(command, ...own).status, command).to.equal(1);
    expect(synoptic('explain', '--finding', '1', ...own).err).to.match(/^synoptic: --finding 1: |^$/);
  });

  it('fails in one line where the rule does, with exit status 2', () => {
    const path = changed('throws.mjs', 'const server = ', 'const server = nothing.at.all + ');
    expect(synoptic('audit', '--rules-from', path, '--set', 'slow-handshake.limit=0', LEAKING)).to.deep.equal({
      status: 2,
      out: '',
      err: 'synoptic: rule slow-handshake failed at packet 2: ReferenceError: nothing is not defined (throws.mjs:41)\n',
    });
  });

  it('refuses what is no module of rules, with exit status 2', () => {
    expect(synoptic('audit', '--rules-from', 'none.js', LEAKING)).to.deep.equal({ status: 2, out: '', err: 'synoptic: none.js: no such file; check the name\n' });
  });

  it('takes the file from a configuration, too', () => {
    const config = join(folder, 'config.json');
    writeFileSync(config, JSON.stringify({ 'rules-from': EXAMPLE, set: { 'slow-handshake.limit': 0 } }));
    expect(synoptic('audit', '--config', config, '--rules', 'slow-handshake', LEAKING).out).to.match(/^2 problems in 300 connections/);
  });
});
