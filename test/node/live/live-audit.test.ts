import { expect } from 'chai';
import { type Finding, type FlowRow, InputError, type InterimSummary, type Report } from '../../../src/node/index.ts';
import { LiveAudit, type LiveAuditOptions } from '../../../src/node/live/live-audit.ts';
import type { LiveSource, SourceCounters } from '../../../src/node/live/sources/source.ts';
import { analyse, lastRows, toJson } from '../../support/analyse.ts';
import { fixtureCapture } from '../../support/fixtures.ts';

/** A source that gives a capture in pieces, each in a turn of the event loop. */
class Replay implements LiveSource {
  readonly name = 'tcpdump';
  readonly clock: 'kernel' | 'delivery';
  readonly counters: SourceCounters = { received: null, captured: null, kernelDrops: null, interfaceDrops: null };
  failure: string | null = null;
  isKilled = false;
  isStopped = false;
  private readonly capture: Uint8Array;

  constructor(capture: Uint8Array, clock: 'kernel' | 'delivery' = 'kernel') {
    this.capture = capture;
    this.clock = clock;
  }

  async pour(take: (chunk: Uint8Array) => void): Promise<void> {
    const piece = Math.ceil(this.capture.length / 7);
    for (let at = 0; at < this.capture.length && !this.isStopped; at += piece) {
      take(this.capture.subarray(at, at + piece));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  refresh(): void {
    // Its counters are set by the test.
  }

  stop(): void {
    this.isStopped = true;
  }

  kill(): void {
    this.isKilled = true;
  }
}

const FLOWS = { 'flows.maximum': 131_072 };

function auditOf(source: Replay, options: Partial<LiveAuditOptions> = {}): LiveAudit {
  return new LiveAudit(source, { interface: 'capture', ...options });
}

async function thrownBy(act: Promise<unknown>): Promise<unknown> {
  try {
    await act;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('live: an audit', () => {
  const leaking = fixtureCapture('leaking-server');

  it('says what that of a file does, and tells each flow and finding', async () => {
    const audit = auditOf(new Replay(leaking));
    const flows: FlowRow[] = [];
    let revised = 0;
    let closedBefore = 0;
    const findings: Finding[] = [];
    let ended: Report | null = null;
    let bytes = 0;
    let frames = 0;
    audit.attach({
      flow(row, isRevised) {
        flows.push(row);
        if (isRevised) revised++;
        // The capture of 9.99 s has 2,200 packets.
        if (frames < 2200) closedBefore++;
      },
      finding: (finding) => findings.push(finding),
      bytes: (chunk) => (bytes += chunk.length),
      frame: () => frames++,
      end: (report) => void (ended = report),
    });
    const report = await audit.run();
    const offline = analyse([leaking], { set: FLOWS });
    expect(toJson(report)).to.equal(toJson(offline.report));
    // 100 connections are closed, as the fixture's README says, and 200 never.
    expect([flows.length, closedBefore, revised]).to.deep.equal([300, 100, 0]);
    expect(toJson(lastRows(flows))).to.equal(toJson(lastRows([...offline.ended, ...offline.open])));
    expect(findings.map(({ rule }) => rule)).to.deep.equal(['close-wait-leak']);
    expect(ended).to.equal(report);
    expect(bytes).to.equal(leaking.length);
    expect(frames).to.equal(2200);
  });

  it('can be asked at any time, and is none the worse for it', async () => {
    const audit = auditOf(new Replay(leaking), { filter: 'tcp' });
    expect([audit.started(), audit.now()]).to.deep.equal([null, null]);
    const seen: number[] = [];
    const certain = new Set<string>();
    audit.attach({
      bytes() {
        seen.push(audit.snapshot().totals.flows);
        audit.findings();
        for (const { rule } of audit.certain()) certain.add(rule);
      },
    });
    const report = await audit.run();
    expect(report.findings.map(({ rule }) => rule)).to.include.members([...certain]);
    expect(seen).to.have.lengthOf(7);
    expect(seen[0]).to.equal(0);
    expect(seen[6]).to.be.within(1, 300);
    expect(toJson(report)).to.equal(toJson(analyse([leaking], { set: FLOWS }).report));
    // From tcpdump -r with filters on the flags, and capinfos.
    expect(audit.counters()).to.deep.equal({
      packets: 2200, bytes: 151_500, syn: 300, synAck: 300, rst: 0, fin: 400, retransmitted: 0, drops: { kernel: null, interface: null, own: 0 },
    });
    expect(audit.started()).to.equal(report.capture.start_ns);
    expect(audit.now()).to.equal(report.capture.end_ns);
    expect([...audit.flows()]).to.have.lengthOf(300);
    expect(audit.servers(1).map(({ endpoint, flows }) => [endpoint, flows])).to.deep.equal([['10.77.11.3:8001', 200]]);
  });

  it('tells every interval of the capture what had come by then, and makes no report for it', async () => {
    const source = new Replay(leaking);
    source.counters.kernelDrops = 3;
    const audit = auditOf(source, { interval: 4 });
    const summaries: InterimSummary[] = [];
    let snapshots = 0;
    const snapshot = audit.snapshot.bind(audit);
    audit.snapshot = () => {
      snapshots++;
      return snapshot();
    };
    audit.attach({ summary: (summary) => summaries.push(summary) });
    const { capture } = await audit.run();
    // From tshark -Y 'frame.time_relative <= 4' (and 8), counting frames, streams and the latest frame.epoch_time.
    const second = 1_000_000_000n;
    expect(summaries.map(({ t_ns }) => t_ns - capture.start_ns)).to.deep.equal([4n * second, 8n * second]);
    expect(summaries.map(({ capture: { packets, quality }, totals }) => [packets.read, totals.flows, quality.kernel_drops])).to.deep.equal([[880, 120, 3], [1760, 240, 3]]);
    expect(summaries.map(({ capture: { start_ns, end_ns } }) => [start_ns, end_ns])).to.deep.equal([[capture.start_ns, 1_795_292_668_533_768_529n], [capture.start_ns, 1_795_292_672_537_800_470n]]);
    for (const { totals: { flows, states_at_end } } of summaries) {
      expect(Object.values(states_at_end).reduce((sum, ends) => sum + ends, 0)).to.equal(2 * flows);
    }
    expect(snapshots).to.equal(0);
  });

  it('tells summaries on a silent link, too, as our clock has it', async () => {
    const source = new Replay(leaking);
    const audit = auditOf(source, { interval: 10 });
    const heard = new Promise<InterimSummary>((resolve) => audit.attach({ summary: resolve }));
    const pour = source.pour.bind(source);
    source.pour = async (take) => {
      await pour(take);
      await heard;
    };
    // The capture is 9.99 s long: no packet of it shows that 10 s are over.
    const { capture } = await audit.run();
    const { t_ns, capture: { packets, end_ns } } = await heard;
    expect([t_ns - capture.start_ns, packets.read, end_ns]).to.deep.equal([10_000_000_000n, 2200, capture.end_ns]);
  });

  it('tells summaries at another interval once it is set', async () => {
    const audit = auditOf(new Replay(leaking), { interval: 4 });
    const times: number[] = [];
    audit.attach({
      summary({ t_ns }) {
        times.push(Number(t_ns - audit.started()!) / 1e9);
        if (times.length === 1) audit.setInterval(3);
        if (times.length === 2) audit.setInterval(0);
      },
    });
    await audit.run();
    expect(times).to.deep.equal([4, 6]);
  });

  it('says what was dropped, and is less sure for it', async () => {
    const source = new Replay(leaking);
    source.counters.kernelDrops = 300;
    source.counters.interfaceDrops = 100;
    const report = await auditOf(source).run();
    expect(report.capture.quality.kernel_drops).to.equal(400);
    const [leak] = report.findings;
    expect(leak).to.include({ rule: 'close-wait-leak', confidence: 'low' });
    expect(leak.doubts.at(-1)).to.equal(
      '400 packets (15.4 %) were dropped before they could be captured: what seems absent may only be uncaptured.',
    );
  });

  it('says so when packets are stamped on delivery, and doubts what rests on short times', async () => {
    const capture = fixtureCapture('reordering');
    const report = await auditOf(new Replay(capture, 'delivery')).run();
    expect(report.capture.quality.clock).to.equal('delivery');
    const offline = analyse([capture]).report;
    expect(offline.capture.quality).not.to.have.property('clock');
    for (const { rule, severity, doubts } of report.findings) {
      const isDoubted = doubts.some((doubt) => doubt.startsWith('Packets were stamped when they were delivered'));
      expect(isDoubted, rule).to.equal(severity !== 'info' && ['retransmission', 'out-of-order', 'rst-injected'].includes(rule));
    }
  });

  it('of a source that ends by itself is the report of what came, with the damage', async () => {
    const source = new Replay(leaking.subarray(0, 20_000));
    source.failure = 'tcpdump ended by itself (signal SIGKILL)';
    const { capture } = await auditOf(source).run();
    expect(capture.files[0].damage!.reason).to.equal('tcpdump ended by itself (signal SIGKILL)');
    expect(capture.files[0].complete).to.equal(false);
    expect(capture.packets.read).to.be.above(100);
  });

  it('ends when it is stopped', async () => {
    const source = new Replay(leaking);
    const audit = auditOf(source);
    audit.attach({ bytes: () => audit.stop() });
    expect((await audit.run()).capture.packets.read).to.be.within(1, 2199);
  });

  it('ends with what an onlooker throws, and says so to the others', async () => {
    const source = new Replay(leaking);
    const audit = auditOf(source);
    const ends: (Report | null)[] = [];
    audit.attach({ end: (report) => void ends.push(report) });
    audit.attach({
      frame() {
        throw new Error('no more room');
      },
    });
    expect(await thrownBy(audit.run())).to.have.property('message', 'no more room');
    expect(source.isKilled).to.equal(true);
    expect(ends).to.deep.equal([null]);
  });

  it('of what is no capture says what it is', async () => {
    const error = await thrownBy(auditOf(new Replay(new TextEncoder().encode('hello, world\n'))).run());
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).message).to.match(/^capture: not a capture but text/);
    const ofInput = await thrownBy(new LiveAudit(new Replay(new TextEncoder().encode('hello, world\n')), { interface: '-' }).run());
    expect((ofInput as InputError).message).to.match(/^standard input: not a capture but text/);
  });
});
