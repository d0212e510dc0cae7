import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { run } from '../../../src/node/cli/program.ts';
import { analyse } from '../../support/analyse.ts';
import { FIXTURES, fixtureCapture } from '../../support/fixtures.ts';
import { refusal } from '../../support/refusal.ts';

const BIN = fileURLToPath(new URL('../../../../bin/synoptic.js', import.meta.url));
const LEAKING = join(FIXTURES, 'leaking-server', 'capture.pcap');

describe('synoptic extract', () => {
  let folder = '';
  let temporary = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
    temporary = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
    rmSync(temporary, { recursive: true });
  });

  function synoptic(args: readonly string[], input: Uint8Array = new Uint8Array(0)): { status: number | null; out: Buffer; err: string } {
    const environment = { ...process.env, SYNOPTIC_LOG: '', TMPDIR: temporary };
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { input, cwd: folder, env: environment, maxBuffer: 1 << 28 });
    return { status, out: stdout, err: stderr.toString() };
  }

  /** Runs in this process, which is quicker. */
  async function written(args: readonly string[]): Promise<Buffer> {
    const path = join(folder, 'written.pcapng');
    expect(await run([...args, '-q', '-o', path])).to.equal(0);
    return readFileSync(path);
  }

  it('writes a file, and says what is in it', () => {
    const { status, out, err } = synoptic(['extract', '--finding', '1', '-o', 'x.pcapng', LEAKING]);
    expect([status, out.length, err]).to.deep.equal([0, 0, 'synoptic: 1,400 packets of 200 connections written\n']);
    expect(analyse([readFileSync(join(folder, 'x.pcapng'))]).report.totals.flows).to.equal(200);
  });

  it('takes lists and ranges of flows', async () => {
    expect(analyse([await written(['extract', '--flow', '1,4-6', '--flow', '9', LEAKING])]).report.totals.flows).to.equal(5);
  });

  it('keeps standard input to read it again, and leaves nothing behind', () => {
    const capture = fixtureCapture('leaking-server');
    const { status, out } = synoptic(['extract', '--finding', '1', '-'], capture);
    expect(status).to.equal(0);
    expect(analyse([out]).report.totals.flows).to.equal(200);
    expect(out.toString('latin1')).to.contain('1400 of 2200 packets from standard input');
    expect(readdirSync(temporary)).to.deep.equal([]);
  });

  it('tells damage with the name that was given, and writes what could be read', () => {
    const { status, out, err } = synoptic(['extract', '-'], fixtureCapture('leaking-server').subarray(0, 50_000));
    expect(status).to.equal(3);
    expect(err).to.match(/^synoptic: standard input: damaged at byte \d+: /);
    expect(analyse([out]).report.capture.packets.analysed).to.be.above(100);
    expect(readdirSync(temporary)).to.deep.equal([]);
  });

  it('anonymises with a key that it reads, alike each time; without one, each time otherwise', async () => {
    const key = join(folder, 'key');
    writeFileSync(key, Buffer.alloc(32, 7));
    const once = async (): Promise<Buffer> => await written(['extract', '--flow', '1-20', '--anonymise', '--key-file', key, LEAKING]);
    expect((await once()).equals(await once())).to.equal(true);
    const random = async (): Promise<Buffer> => await written(['extract', '--anonymise', LEAKING]);
    const first = await random();
    expect(first.equals(await random())).to.equal(false);
    expect(analyse([first]).report.findings.map(({ rule, count }) => [rule, count])).to.deep.equal([['close-wait-leak', 200]]);
  });

  it('refuses what it cannot do, in a line', async () => {
    expect(await refusal(['extract', '--flow', '0', LEAKING])).to.equal('--flow 0: write numbers from 1 and ranges, as in 1,4-7; synoptic flows shows them');
    expect(await refusal(['extract', '--finding', '9', '-o', join(folder, 'z.pcapng'), LEAKING])).to.match(/^--finding 9: no such finding; there is 1 /);
    expect(await refusal(['extract', '--key-file', 'key', LEAKING])).to.match(/^--key-file is for --anonymise/);
    expect(await refusal(['extract', '--anonymise', '--key-file', join(folder, 'nothing'), LEAKING])).to.match(/nothing: no such file/);
    const { status, out, err } = synoptic(['extract', '-'], new TextEncoder().encode('no capture at all'));
    expect([status, out.length]).to.deep.equal([2, 0]);
    expect(err).to.match(/^synoptic: standard input: not a capture[^\n]*\n$/);
    expect(readdirSync(folder).filter((name) => name.includes('z.pcapng'))).to.deep.equal([]);
    expect(readdirSync(temporary)).to.deep.equal([]);
  });
});

describe('synoptic live --ring', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('writes the packets of a grave finding', () => {
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'live', '-', '--ring', '4M', '--ring-file', join(folder, 'ring'), '--ring-dir', 'evidence'], {
      input: fixtureCapture('leaking-server'),
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status, stderr).to.equal(0);
    const [file, ...more] = readdirSync(join(folder, 'evidence'));
    expect(more).to.deep.equal([]);
    expect(file).to.equal('20261121T202434Z-close-wait-leak-1.pcapng');
    expect(stderr).to.contain(`synoptic: evidence: ${join('evidence', file)}, 1400 packets\n`);
    expect(analyse([readFileSync(join(folder, 'evidence', file))]).report.findings.map(({ rule, count }) => [rule, count])).to.deep.equal([['close-wait-leak', 200]]);
  });

  it('refuses sizes and options that mean nothing', async () => {
    for (const [args, message] of [
      [['--ring', '12'], '--ring 12: a size from 64K, as 512K, 64M or 2G'],
      [['--ring', 'big'], '--ring big: a size from 64K, as 512K, 64M or 2G'],
      [['--ring-dir', 'x'], '--ring-dir needs a ring: add --ring 64M'],
      [['--ring', '1M', '--ring-after', '9999'], '--ring-after 9999: a number of seconds from 0 to 3600'],
    ] as const) {
      expect(await refusal(['live', '-', ...args])).to.equal(message);
    }
    expect(await refusal(['live', '-', '--ring', '1M', '--ring-on', 'grave'])).to.match(/^--ring-on grave: no such choice/);
  });
});
