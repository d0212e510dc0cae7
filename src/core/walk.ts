import type { Inputs } from './capture/inputs.ts';
import type { Moments } from './capture/moments.ts';
import type { Record } from './capture/record.ts';
import { Duplicates } from './flow/duplicates.ts';
import { endOf } from './flow/end.ts';
import type { Connections } from './flow/connections.ts';
import type { EngineListeners } from './listeners.ts';
import type { Accounts } from './report/accounts.ts';
import { ORDINARY_SEGMENT } from './report/capture-quality.ts';
import type { Lifetimes } from './report/lifetimes.ts';
import { type PacketLabels, verdictOnCopy } from './report/packet-labels.ts';
import type { PacketRows } from './report/packet-rows.ts';
import type { Settings } from './rules/settings.ts';
import { timeAfterStep } from './tcp/clock-step.ts';
import type { TcpContext } from './tcp/context.ts';
import { receiveIcmpError } from './tcp/icmp.ts';
import type { Tracker } from './tcp/tracker.ts';
import { Decoder } from './wire/decode.ts';
import { CHECKSUM_BAD, Decoded, Segment } from './wire/segment.ts';

/** If the time goes back by more than this (nanoseconds), the clock was set back. Less may be misorder that the reorder window left. */
const LEAST_CLOCK_STEP = 100e6;

/** More than this (nanoseconds) between the last frame of one file and the first of the next is a gap in which nothing was captured. */
const LEAST_GAP = 1e9;

/** So many packets pass by what later ones seldom need: V8 throws compiled code away when it comes to a call that it has never seen. */
const REHEARSED = 1_000;

/** The parts of the engine that a packet passes through. */
export interface Stations {
  readonly inputs: Inputs;
  readonly moments: Moments;
  readonly context: TcpContext;
  readonly connections: Connections;
  readonly tracker: Tracker;
  readonly lifetimes: Lifetimes;
  readonly accounts: Accounts;
  /** Both null if nobody listens for packets. */
  readonly labels: PacketLabels | null;
  readonly packets: PacketRows | null;
}

/**
 * The walk of a packet: capture → wire → flow → tcp → rules → report. Each step is one call forward. What outlives the packet is in the
 * flow columns and in the state of the rules.
 */
export class Walk {
  /** Time of the latest frame. */
  now = 0;
  readonly decoder: Decoder;
  readonly duplicates: Duplicates;
  readonly #segment = new Segment();
  readonly #inputs: Inputs;
  readonly #moments: Moments;
  readonly #context: TcpContext;
  readonly #connections: Connections;
  readonly #tracker: Tracker;
  readonly #lifetimes: Lifetimes;
  readonly #accounts: Accounts;
  readonly #labels: PacketLabels | null;
  readonly #packets: PacketRows | null;
  readonly #listeners: EngineListeners;
  /** Nanoseconds that the capture's clock was set back so far: added to every time, so that durations stay right. */
  #clockShift = 0;
  readonly #stepThreshold: number;
  readonly #mostFlows: number;

  constructor({ inputs, moments, context, connections, tracker, lifetimes, accounts, labels, packets }: Stations, settings: Settings, listeners: EngineListeners) {
    this.#inputs = inputs;
    this.#moments = moments;
    this.#context = context;
    this.#connections = connections;
    this.#tracker = tracker;
    this.#lifetimes = lifetimes;
    this.#accounts = accounts;
    this.#labels = labels;
    this.#packets = packets;
    this.#listeners = listeners;
    this.decoder = new Decoder({ fragmentBytes: settings.engine('fragments.maximum') });
    this.duplicates = new Duplicates(settings.engine('capture.duplicate-window') * 1e9);
    this.#stepThreshold = Math.max(LEAST_CLOCK_STEP, settings.engine('capture.reorder-window') * 1e9);
    this.#mostFlows = settings.engine('flows.maximum');
  }

  /** Takes a frame in. Returns the slot of its flow, -1 if it belongs to none. */
  take(record: Record): number {
    const segment = this.#segment;
    const { table } = this.#context;
    record.time += this.#clockShift;
    const decoded = this.decoder.decode(record, segment);
    let flow = decoded === Decoded.SEGMENT || decoded === Decoded.ICMP_ERROR ? table.find(segment) : -1;
    if (decoded === Decoded.SEGMENT && this.#connections.latest - record.time > this.#stepThreshold) {
      record.time = timeAfterStep(this.#context, segment, flow, this.#connections.latest);
      this.#clockShift += record.time - segment.time;
      if (this.#inputs.isFresh) this.#accounts.quality.noteOverlap();
      segment.time = record.time;
    }
    const { time } = record;
    // Rarely called functions get the record, not `time`: V8 would allocate a heap number for every packet, just in case.
    if (time > this.#moments.due) this.#passMoments(record);
    const accounts = this.#accounts;
    accounts.read++;
    accounts.bytes += record.wireLength;
    if (this.#inputs.isFresh) this.#beginFile(record);
    this.now = time;
    if (decoded !== Decoded.SEGMENT) {
      accounts.leftOut[decoded] += 1;
      if (decoded === Decoded.ICMP_ERROR) receiveIcmpError(this.#context, segment);
      if (flow >= 0 && this.#lifetimes.isOver(flow)) this.#noteOver(flow, record);
      return flow;
    }
    if (time > this.#connections.latest) this.#connections.latest = time;
    if (this.duplicates.isCopy(segment, table.key.hash)) {
      if (flow >= 0 && this.#labels?.wants(flow)) this.#packets?.add(segment, flow, table.senderSide(flow), verdictOnCopy());
      return flow;
    }
    this.#labels?.begin(segment, flow < 0 ? -1 : endOf(flow, table.senderSide(flow)));
    accounts.segment(segment);
    if (flow < 0 && table.live >= this.#mostFlows) this.#lifetimes.evict(record);
    flow = this.#tracker.segment(segment, flow);
    const { columns } = this.#context;
    if (this.#labels?.wants(flow)) this.#packets?.add(segment, flow, table.senderSide(flow), this.#labels.end());
    if (segment.payloadLength > ORDINARY_SEGMENT) accounts.quality.noteLong(segment, columns.mss[endOf(flow, table.senderSide(flow) ^ 1)]);
    if (segment.checksumState === CHECKSUM_BAD) accounts.quality.badChecksums++;
    if (this.#lifetimes.isOver(flow) || accounts.read < REHEARSED) this.#noteOver(flow, record);
    if (this.#lifetimes.due <= time) this.#lifetimes.forget(record);
    return flow;
  }

  #passMoments({ time }: Record): void {
    this.#moments.pass(time);
  }

  #noteOver(flow: number, record: Record): void {
    if (this.#lifetimes.isOver(flow) && this.#lifetimes.noteOver(flow, record)) this.#listeners.over?.(flow, this.#lifetimes.outcome(flow), this.#connections);
  }

  /** `record` is the first frame of a file. */
  #beginFile({ time }: Record): void {
    this.#inputs.isFresh = false;
    if (this.#accounts.read > 1 && time - this.#connections.latest > LEAST_GAP) this.#accounts.quality.noteGap(this.#connections.latest);
  }
}
