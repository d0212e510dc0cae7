import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { analyse } from '../../support/analyse.ts';
import { FIXTURES, fixtureCapture } from '../../support/fixtures.ts';

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

  function refusal(args: readonly string[], input?: Uint8Array): string {
    const { status, out, err } = synoptic(args, input);
    expect([status, out.length]).to.deep.equal([2, 0]);
    expect(err).to.match(/^synoptic: [^\n]*\n$/);
    return err;
  }

  it('writes a file, and says what is in it', () => {
    const { status, out, err } = synoptic(['extract', '--finding', '1', '-o', 'x.pcapng', LEAKING]);
    expect([status, out.length, err]).to.deep.equal([0, 0, 'synoptic: 1,400 packets of 200 connections written\n']);
    expect(analyse([readFileSync(join(folder, 'x.pcapng'))]).report.totals.flows).to.equal(200);
    expect(synoptic(['extract', '--flow', '3', '-q', '-o', 'y.pcapng', LEAKING]).err).to.equal('');
  });

  it('takes lists and ranges of flows, and writes to a pipe', () => {
    const { status, out } = synoptic(['extract', '--flow', '1,4-6', '--flow', '9', LEAKING]);
    expect(status).to.equal(0);
    expect(analyse([out]).report.totals.flows).to.equal(5);
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
    expect(err).to.match(/^synoptic: -: damaged at byte \d+: /);
    expect(analyse([out]).report.capture.packets.analysed).to.be.above(100);
    expect(readdirSync(temporary)).to.deep.equal([]);
  });

  it('anonymises with a key that it reads, alike each time; without one, each time otherwise', () => {
    writeFileSync(join(folder, 'key'), Buffer.alloc(32, 7));
    const once = (): Buffer => synoptic(['extract', '--anonymise', '--key-file', 'key', LEAKING]).out;
    expect(once().equals(once())).to.equal(true);
    const random = (): Buffer => synoptic(['extract', '--anonymise', LEAKING]).out;
    expect(random().equals(random())).to.equal(false);
    expect(analyse([random()]).report.findings.map(({ rule, count }) => [rule, count])).to.deep.equal([['close-wait-leak', 200]]);
  });

  it('refuses what it cannot do, in a line', () => {
    expect(refusal(['extract', '--flow', '0', LEAKING])).to.contain('--flow 0: write numbers from 1 and ranges, as in 1,4-7; synoptic flows shows them');
    expect(refusal(['extract', '--finding', '9', '-o', 'z.pcapng', LEAKING])).to.contain('--finding 9: no such finding; there is 1');
    expect(refusal(['extract', '--key-file', 'key', LEAKING])).to.contain('--key-file is for --anonymise');
    expect(refusal(['extract', '--anonymise', '--key-file', 'nothing', LEAKING])).to.contain('nothing: no such file');
    expect(refusal(['extract', '-'], new TextEncoder().encode('no capture at all'))).to.match(/^synoptic: -: not a capture/);
    expect(existsSync(join(folder, 'z.pcapng'))).to.equal(false);
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).to.deep.equal([]);
    expect(readdirSync(temporary)).to.deep.equal([]);
  });
});

describe('synoptic live --ring', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function live(args: readonly string[]): { status: number | null; err: string } {
    const { status, stderr } = spawnSync(process.execPath, [BIN, 'live', '-', ...args], { input: fixtureCapture('leaking-server'), cwd: folder, encoding: 'utf8' });
    return { status, err: stderr };
  }

  it('writes the packets of a grave finding, in memory or in a file', () => {
    for (const [place, args] of [['memory', []], ['file', ['--ring-file', join(folder, 'ring')]]] as const) {
      const { status, err } = live(['--ring', '4M', '--ring-dir', place, ...args]);
      expect(status, err).to.equal(0);
      const [file, ...more] = readdirSync(join(folder, place));
      expect(more).to.deep.equal([]);
      expect(file).to.equal('20261121T202434Z-close-wait-leak-1.pcapng');
      expect(err).to.contain(`synoptic: evidence: ${join(place, file!)}, 1400 packets\n`);
      expect(analyse([readFileSync(join(folder, place, file!))]).report.findings.map(({ rule, count }) => [rule, count])).to.deep.equal([['close-wait-leak', 200]]);
    }
  });

  it('refuses sizes and options that mean nothing', () => {
    for (const [args, message] of [
      [['--ring', '12'], '--ring 12: a size from 64K, as 512K, 64M or 2G'],
      [['--ring', 'big'], '--ring big: a size from 64K'],
      [['--ring-dir', 'x'], '--ring-dir needs a ring: add --ring 64M'],
      [['--ring', '1M', '--ring-after', '9999'], '--ring-after 9999: a number of seconds from 0 to 3600'],
      [['--ring', '1M', '--ring-on', 'grave'], '--ring-on grave: no such choice'],
    ] as const) {
      const { status, err } = live(args);
      expect(status).to.equal(2);
      expect(err).to.contain(message);
    }
  });
});
