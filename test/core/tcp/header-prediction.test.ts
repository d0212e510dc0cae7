import { expect } from 'chai';
import * as fc from 'fast-check';
import { CaptureClock } from '../../../src/core/capture/clock.ts';
import { CaptureReader } from '../../../src/core/capture/reader.ts';
import { PacketCounter } from '../../../src/core/capture/record.ts';
import { FlowMark } from '../../../src/core/flow/columns.ts';
import { endOf } from '../../../src/core/flow/end.ts';
import { TcpContext } from '../../../src/core/tcp/context.ts';
import { followPredicted } from '../../../src/core/tcp/header-prediction.ts';
import { Tracker } from '../../../src/core/tcp/tracker.ts';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { ACK, CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_UNKNOWN, CWR, Decoded, ECE, PSH, Segment, SYN, URG } from '../../../src/core/wire/segment.ts';
import { fixtureCapture, fixtureNames } from '../../support/fixtures.ts';
import { captureFile, capturePackets, converse, type Fate, plans } from '../../support/simulation/conversations.ts';
import { segmentOf } from '../flow/segments.ts';

/** All that may happen to a segment. */
const FATES: readonly Fate[] = ['lost-upstream', 'lost-downstream', 'lost-at-client', 'missed', 'twice', 'late', 'stale'];
/** Flows of which every fact is compared. */
const COMPARED = 4;

/** One tracker that predicts and one that never does see the same segments. */
class Pair {
  /** How many segments were predicted. */
  predicted = 0;
  readonly #observed: [string[], string[]] = [[], []];
  readonly #predicting = contextOf(this.#observed[0]);
  readonly #plain = contextOf(this.#observed[1]);
  readonly #one = new Tracker(this.#predicting, (flow) => this.#predicting.table.release(flow));
  readonly #other = new Tracker(this.#plain, (flow) => this.#plain.table.release(flow));

  take(segment: Segment): void {
    const { table, columns } = this.#predicting;
    const flow = table.find(segment);
    expect(this.#plain.table.find(segment)).to.equal(flow);
    const mayBe = flow >= 0 && (columns.flowMarks[flow] & FlowMark.SELF) === 0;
    if (mayBe && followPredicted(this.#predicting, segment, endOf(flow, table.senderSide(flow)))) this.predicted++;
    else this.#one.follow(segment, flow);
    this.#other.follow(segment, flow);
  }

  /** All that is known and was observed is the same. */
  expectSame(at: string): void {
    expect(factsOf(this.#predicting), at).to.deep.equal(factsOf(this.#plain));
    expect(this.#observed[0], at).to.deep.equal(this.#observed[1]);
  }
}

function contextOf(observed: string[]): TcpContext {
  return new TcpContext(({ kind, flow, side, packet, time, a, b }) => observed.push([kind, flow, side, packet, time, a, b].join()), () => {});
}

/** What the columns say of the first flows. */
function factsOf({ columns }: TcpContext): { [column: string]: number[] } {
  const all: { [column: string]: number[] } = {};
  for (const [name, column] of Object.entries(columns)) if (ArrayBuffer.isView(column)) all[name] = [...(column as Int32Array).subarray(0, endOf(COMPARED, 0))];
  return all;
}

/** Reads a capture; `often`: compares after every segment. */
function takeCapture(pair: Pair, capture: Uint8Array, often: boolean): void {
  const decoder = new Decoder();
  const segment = new Segment();
  const reader = new CaptureReader(new CaptureClock(), new PacketCounter(), (record) => {
    if (decoder.decode(record, segment) !== Decoded.SEGMENT) return;
    pair.take(segment);
    if (often) pair.expectSame(`packet ${record.number}`);
  });
  reader.push(capture);
  reader.finish();
  pair.expectSame('at the end');
}

/** How a segment differs from the next one of its sender: by how much, in what. */
interface Step {
  side: 0 | 1;
  seq: number;
  ack: number;
  length: number;
  window: number;
  flags: number;
  ticks: number;
  stamped: boolean;
  checksumState: number;
  /** Nanoseconds since the segment before. */
  after: number;
  odd: Partial<Segment>;
}

/** Mostly the first. */
const mostly = <Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> => fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const STEP: fc.Arbitrary<Step> = fc.record({
  side: fc.constantFrom<0 | 1>(0, 1),
  seq: mostly(0, -1, -100, 100, 5_000_000),
  ack: mostly(0, -1, -300, 1, -5_000_000),
  length: fc.constantFrom(0, 0, 1, 100, 700, 1460),
  window: mostly(500, 0, 1, 400, 600),
  flags: mostly(ACK, ACK | PSH, ACK | ECE, ACK | CWR, ACK | URG, ACK | 0x200, PSH),
  ticks: mostly(1, 0, -1, -2, -100),
  stamped: mostly(true, false),
  checksumState: mostly(CHECKSUM_GOOD, CHECKSUM_UNKNOWN, CHECKSUM_BAD),
  after: mostly(1e6, 0, 1e9, 5e9),
  odd: mostly<Partial<Segment>>({}, { sackCount: 1, sackEdges: new Int32Array([900_000_000, 1_000_000_000]) }, { urgentPointer: 5 }, { optionsMalformed: true }),
});

/** A handshake, with or without timestamps, and with data in the SYN or without, then the steps. */
function takeSteps(pair: Pair, steps: readonly Step[], hasTimestamps: boolean, early: number): void {
  const ends = ['192.0.2.10:40000', '198.51.100.1:8080'] as const;
  const bytes = new Uint8Array(1500).map((_, at) => at);
  const nxt = [1000, 2000];
  const tsval = [50, 70];
  let time = 0;
  let number = 0;
  const send = (side: 0 | 1, fields: Partial<Segment>): void => {
    const peer = side ^ 1;
    const segment = segmentOf(ends[side], ends[peer], { seq: nxt[side], ack: nxt[peer], window: 500, ttl: 64, hasTimestamps, tsval: tsval[side], tsecr: tsval[peer], checksumState: CHECKSUM_GOOD, bytes, ...fields });
    pair.take(Object.assign(segment, { time, number: ++number, ipId: number, payloadCaptured: segment.payloadLength }));
    time += 1e6;
  };
  const syn = { mss: 1460, windowScale: 7, sackPermitted: true };
  send(0, { ...syn, flags: SYN, ack: 0, payloadLength: early, window: 64_000 });
  nxt[0] += 1 + early;
  send(1, { ...syn, windowScale: -1, sackPermitted: early > 0, flags: SYN | ACK });
  nxt[1]++;
  if (early === 0) send(0, { flags: ACK });
  steps.forEach(({ side, seq, ack, length, window, flags, ticks, stamped, checksumState, after, odd }, at) => {
    time += after;
    tsval[side] += ticks;
    send(side, {
      seq: (nxt[side] + seq) | 0,
      ack: (nxt[side ^ 1] + ack) | 0,
      payloadLength: length,
      window,
      flags,
      hasTimestamps: hasTimestamps && stamped,
      checksumState,
      ...odd,
    });
    if (seq >= 0 && seq <= 100 && checksumState !== CHECKSUM_BAD) nxt[side] += seq + length;
    pair.expectSame(`step ${at + 1}`);
  });
}

describe('tcp: header prediction', () => {
  it('does what the long way does, segment by segment, whatever network and capture do to a conversation', () => {
    let predicted = 0;
    const property = fc.property(plans(FATES), (plan) => {
      const pair = new Pair();
      takeCapture(pair, captureFile(capturePackets([converse(plan, 0)])), true);
      predicted += pair.predicted;
    });
    fc.assert(property, { numRuns: 60 });
    expect(predicted).to.be.greaterThan(100);
  });

  it('does so where one thing or several are not as expected of a segment', () => {
    let predicted = 0;
    const property = fc.property(fc.array(STEP, { minLength: 10, maxLength: 40 }), fc.boolean(), fc.constantFrom(0, 10), (steps, hasTimestamps, early) => {
      const pair = new Pair();
      takeSteps(pair, steps, hasTimestamps, early);
      predicted += pair.predicted;
    });
    fc.assert(property, { numRuns: 200 });
    expect(predicted).to.be.greaterThan(200);
  });

  it('does so on every capture of the laboratory, and predicts hundreds of segments of a long one', () => {
    const predicted = fixtureNames.map((name) => {
      const pair = new Pair();
      takeCapture(pair, fixtureCapture(name), false);
      return pair.predicted;
    });
    expect(Math.max(...predicted)).to.be.greaterThan(200);
  });
});
