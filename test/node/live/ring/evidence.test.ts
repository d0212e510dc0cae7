import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Engine, LADDER_FORMATS } from '../../../../src/core/index.ts';
import type { Finding, Report, Severity } from '../../../../src/core/index.ts';
import { Evidence } from '../../../../src/node/live/ring/evidence.ts';
import { divided, PacketRing } from '../../../../src/node/live/ring/packet-ring.ts';
import { MemoryStore } from '../../../../src/node/live/ring/ring-store.ts';
import { analyse } from '../../../support/analyse.ts';
import { captureOf } from '../../../support/conversation-frames.ts';
import { fixtureCapture } from '../../../support/fixtures.ts';
import { ladderOf } from '../../../support/ladder.ts';
import { itWithWireshark, tsharkFields } from '../../../support/wireshark.ts';

interface Run {
  evidence: Evidence;
  lines: string[];
  report: Report;
  files: string[];
}

describe('Evidence', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  interface Setting {
    severity?: Severity;
    after?: number;
    fileLimit?: number;
    totalLimit?: number;
    size?: number;
    /** Called at each packet, to have findings fire. */
    act?: (packet: number, evidence: Evidence) => void;
  }

  async function run(capture: Uint8Array, { severity = 'high', after = 10, fileLimit = 1e6, totalLimit = 1e7, size = 1 << 20, act }: Setting = {}): Promise<Run> {
    const lines: string[] = [];
    const { places, bytes } = divided(size);
    const evidence = new Evidence(new PacketRing(new MemoryStore(bytes), places), { severity, folder, after, fileLimit, totalLimit, tell: (line) => lines.push(line) });
    const engine = new Engine({}, {
      frame(record, flow, slot, by) {
        evidence.frame(record, flow, slot, by);
        act?.(record.number, evidence);
      },
    });
    engine.open('-', null);
    engine.push(capture);
    engine.close();
    const report = engine.finish();
    for (const finding of report.findings) evidence.finding(finding);
    await evidence.end();
    return { evidence, lines, report, files: readdirSync(folder).sort() };
  }

  function read(file: string): Uint8Array {
    return readFileSync(join(folder, file));
  }

  it('writes the packets that a finding rests on, out of the ring', async () => {
    const capture = fixtureCapture('leaking-server');
    const { files, lines } = await run(capture);
    // The file's name is the time of the last packet, 9.99 s after 20:24:24.54.
    expect(files).to.deep.equal(['20261121T202434Z-close-wait-leak-1.pcapng']);
    // The lab opened 200 connections to port 8001; tshark -Y tcp.port==8001 counts 1,400 packets.
    expect(lines).to.deep.equal([`evidence: ${join(folder, files[0])}, 1400 packets`]);
    const [before, after] = [analyse([capture]).report, analyse([read(files[0])]).report];
    expect(after.findings.map(({ rule, count, facts }) => ({ rule, count, facts }))).to.deep.equal(before.findings.map(({ rule, count, facts }) => ({ rule, count, facts })));
  });

  itWithWireshark('comments on the packets that prove it, for Wireshark', async () => {
    const { files, report } = await run(fixtureCapture('leaking-server'));
    const rows = tsharkFields(read(files[0]), ['frame.time_epoch', 'frame.comment'], ['-Y', 'frame.comment']);
    expect(rows).to.have.lengthOf(report.findings[0].evidence.packets.length);
    expect(rows[0][1]).to.equal('synoptic finding 1: high, close-wait-leak: Connections pile up in CLOSE_WAIT: the program never closes them (packet 7 of the capture)');
  });

  it('adds the packets that come afterwards, of its flows only and for its time only', async () => {
    const other = 'D > T SYN; T > D SYN ACK; D > T ACK';
    const capture = captureOf(`C > S SYN; S > C SYN ACK; C > S ACK; ${other}; C > S PSH ACK 10; +1 S > C ACK; D > T PSH ACK 5; +1 C > S PSH ACK 10; +1 S > C ACK`);
    const finding = { rule: 'rst-abort', severity: 'high', title: 'Title', subject: { kind: 'flow', flow: 1, client: '', server: '' }, evidence: { flows: [1], packets: [3], more: { flows: 0, packets: 0 } } } as unknown as Finding;
    let subject: Finding['subject'] | null = null;
    const flows = analyse([capture]).open;
    subject = { kind: 'flow', flow: 1, client: flows[0].client, server: flows[0].server };
    const { files } = await run(capture, {
      after: 1.5,
      act: (packet, evidence) => {
        if (packet === 7) evidence.finding({ ...finding, subject: subject });
      },
    });
    const [row, ...more] = analyse([read(files[0])]).open;
    expect(more).to.deep.equal([]);
    expect([row.client, row.server]).to.deep.equal([flows[0].client, flows[0].server]);
    // Before: SYN, SYN-ACK, ACK, data; after: the ACK a second later, and nothing of two seconds later.
    expect(row.packets).to.deep.equal([3, 2]);
  });

  it('does not write what is less severe', async () => {
    const { files } = await run(fixtureCapture('leaking-server'), { severity: 'critical' });
    expect(files).to.deep.equal([]);
  });

  it('writes one finding once, a few files a minute, and no more than its limits', async () => {
    const capture = fixtureCapture('leaking-server');
    const [leak] = analyse([capture]).report.findings;
    const flood = (packet: number, evidence: Evidence): void => {
      if (packet !== 300) return;
      for (let index = 0; index < 100; index++) {
        evidence.finding(leak);
        evidence.finding({ ...leak, subject: { kind: 'endpoint', endpoint: `192.0.2.1:${index}` } });
      }
    };
    const { files, evidence, lines } = await run(capture, { act: flood });
    expect(files).to.have.lengthOf(4);
    expect(evidence.suppressed).to.equal(97);
    expect(lines.at(-1)).to.match(/^97 more findings got no file/);
    const limited = await run(capture, { act: flood, fileLimit: 20_000, totalLimit: 30_000 });
    expect(limited.lines.filter((line) => line.includes('reached --ring-limit'))).to.have.lengthOf(1);
    expect(limited.lines.filter((line) => line.includes('cut where it reached its largest size'))).to.have.lengthOf(1);
    const total = limited.files.filter((file) => !files.includes(file)).reduce((sum, file) => sum + read(file).length, 0);
    expect(total).to.be.at.most(30_000);
  });

  it('says so when a file cannot be written, and lives on', async () => {
    const { places, bytes } = divided(1 << 20);
    const lines: string[] = [];
    const evidence = new Evidence(new PacketRing(new MemoryStore(bytes), places), { severity: 'high', folder: join(folder, 'gone'), after: 0, fileLimit: 1e6, totalLimit: 1e7, tell: (line) => lines.push(line) });
    const engine = new Engine({}, { frame: (...facts) => evidence.frame(...facts) });
    engine.open('-', null);
    engine.push(fixtureCapture('leaking-server'));
    engine.close();
    for (const finding of engine.finish().findings) evidence.finding(finding);
    await evidence.end();
    expect(lines).to.have.lengthOf(1);
    expect(lines[0]).to.match(/^evidence was not written to .*gone.*close-wait-leak-1\.pcapng: ENOENT/);
  });

  it('draws a flow as explain does, from what it holds', async () => {
    for (const [name, flow] of [['close-client', 1], ['abort-linger0', 1], ['fragments', 1]] as const) {
      const capture = fixtureCapture(name);
      const { evidence, report } = await run(capture);
      const render = { width: 100, paint: (_: string, text: string): string => text, verbose: true };
      const text = (ladder: Parameters<(typeof LADDER_FORMATS)[0]['render']>[0]): string => [...LADDER_FORMATS[0].render(ladder, render)].join('');
      const drawn = evidence.ladder(flow, report)!;
      const whole = ladderOf(capture, flow);
      // What later packets of other flows show to be over (a TIME_WAIT), the flow's own packets leave open.
      const packets = ({ steps }: typeof whole): object[] => steps.flatMap((step) => (step.kind === 'packet' ? [{ ...step, client: null, server: null }] : []));
      expect(packets(drawn), name).to.deep.equal(packets(whole));
      expect(drawn.steps[0]).to.deep.equal(whole.steps[0]);
      expect(text(drawn)).to.contain(`Flow ${flow}: `);
      expect(evidence.ladder(999, report)).to.equal(null);
    }
  });
});
