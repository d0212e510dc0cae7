import { CaptureClock, type Instant } from './capture/clock.ts';
import { CaptureReader, type CaptureReaderOptions, type RecordReader } from './capture/reader.ts';
import { PacketCounter, type Record, type RecordSink } from './capture/record.ts';
import type { CaptureFile, Damage } from './capture/summary.ts';
import { Connections } from './flow/connections.ts';
import { Duplicates } from './flow/duplicates.ts';
import { chooseEvicted } from './flow/eviction.ts';
import { RetirementQueue } from './flow/retirement.ts';
import { FlowMark, Mark } from './flow/columns.ts';
import { Kind, type Observation, type Side } from './observations.ts';
import type { AuditOptions } from './options.ts';
import { CaptureQuality, ORDINARY_SEGMENT } from './report/capture-quality.ts';
import { Collector } from './report/collect.ts';
import { flowRow } from './report/flow-row.ts';
import { outcomeOf } from './report/outcome.ts';
import { PacketLabels } from './report/packet-labels.ts';
import { PacketRows } from './report/packet-rows.ts';
import { type FlowRow, type Finding, OUTCOMES, type PacketRow, type Report, type TimelineRow } from './report/report.ts';
import { SeriesEvent, SeriesRecorder } from './report/series.ts';
import { countsOf, ServerAccounts } from './report/servers.ts';
import { Dispatcher } from './rules/dispatch.ts';
import { RULES } from './rules/index.ts';
import type { Draft, Rule, RuleContext } from './rules/rule.ts';
import { Settings } from './rules/settings.ts';
import { TcpContext } from './tcp/context.ts';
import type { StateChange } from './tcp/estimates.ts';
import { receiveIcmpError } from './tcp/icmp.ts';
import { distance } from './tcp/sequence.ts';
import { CLOSED, namesOf, STATE_NAMES, TIME_WAIT, UNSEEN } from './tcp/state.ts';
import { Tracker } from './tcp/tracker.ts';
import { VERSION } from './version.ts';
import { Decoder } from './wire/decode.ts';
import { ACK, CHECKSUM_BAD, Decoded, FIN, REASON_NAMES, RST, Segment, SYN } from './wire/segment.ts';

/** How long a closed flow is remembered (nanoseconds of capture time): 2 MSL, for its late segments and for the reuse of its ports. */
const REMEMBERED = 240e9;

/** Less than this the order of a capture may be wrong by, beyond what was put in order; more is a clock set back (nanoseconds). */
const LEAST_CLOCK_STEP = 100e6;

/** Between two files of a capture, more than this without a frame is a gap: nothing was captured then (nanoseconds). */
const LEAST_GAP = 1e9;

/** A change of what is said of one end; refilled for the next. See `tcp/estimates.ts`. */
export type TimelineChange = StateChange;

export interface EngineListeners {
  /** Every change of an end's state, in the order in which it became known. The object is refilled; `engine.timelineRow` makes a row of it. */
  timeline?(change: TimelineChange, engine: Engine): void;
  /** A flow ended, or the capture did. */
  flow?(row: FlowRow): void;
  /** Every TCP packet, with its labels and both ends' states once it was taken in. */
  packet?(row: PacketRow): void;
  /** Number of the only flow that `packet` is told of; all when absent. */
  packetsOf?: number;
  /** Moments of the capture at which `instant` is called. */
  instants?: readonly Instant[];
  /** The next frame, if there is one, lies after a moment: what the engine can be asked is as of then. `index`: in `instants`. */
  instant?(index: number, engine: Engine): void;
  /** As soon as it is certain. */
  finding?(finding: Finding): void;
}

/** Addresses and ports of the ends of flows; `flow` is a slot, as in a change. */
export interface Hosts {
  /** Index of an end's address, from 0: the same for every end that has it. */
  hostIndex(flow: number, side: Side): number;
  nameOfHost(index: number): string;
  /** Orders two addresses (by index) as numbers. */
  compareHosts(one: number, other: number): number;
  port(flow: number, side: Side): number;
}

/** Makes what reads one input: the capture reader, or an adapter over another library. */
export type ReaderFactory = (clock: CaptureClock, counter: PacketCounter, sink: RecordSink, options: CaptureReaderOptions) => RecordReader;

const ownReader: ReaderFactory = (clock, counter, sink, options) => new CaptureReader(clock, counter, sink, options);

/**
 * The walk of a packet: capture → wire → flow → tcp → rules → report. Every step is one call forward; what outlives a packet
 * lives in the flow columns and in the rules' own state.
 *
 * `open`, `push` and `close` each input in turn, then `finish` once.
 */
export class Engine {
  readonly #clock = new CaptureClock();
  readonly #counter = new PacketCounter();
  readonly #decoder: Decoder;
  readonly #segment = new Segment();
  readonly #context: TcpContext;
  readonly #connections: Connections;
  readonly #duplicates: Duplicates;
  readonly #tracker: Tracker;
  readonly #dispatcher: Dispatcher;
  readonly #quality = new CaptureQuality();
  readonly #collector: Collector;
  readonly #series = new SeriesRecorder();
  readonly #servers = new ServerAccounts();
  readonly #retirement = new RetirementQueue();
  /** Only where packets are listened for. */
  readonly #labels: PacketLabels | null;
  readonly #packets: PacketRows | null;
  readonly #settings: Settings;
  readonly #options: AuditOptions;
  readonly #listeners: EngineListeners;
  readonly #files: CaptureFile[] = [];
  readonly #leftOut = new Float64Array(REASON_NAMES.length);
  readonly #outcomes = new Float64Array(OUTCOMES.length);
  #reader: RecordReader | null = null;
  #fileBegins = false;
  #name = '';
  #compression: string | null = null;
  /** Nanoseconds by which the capture's clock was set back so far: added to every time, so that durations hold. */
  #clockShift = 0;
  /** Indices of the moments of `listeners.instants` that are still to come, and the first frame time that calls for a look at them. */
  #instants: number[];
  #nextInstant: number;
  readonly #stepThreshold: number;
  #now = 0;
  #analysed = 0;
  #read = 0;
  #evicted = 0;
  #oldestEvicted = 0;

  /** Throws `OptionError` for rules and settings that do not exist. */
  constructor(options: AuditOptions = {}, listeners: EngineListeners = {}) {
    this.#options = options;
    this.#listeners = listeners;
    this.#instants = (listeners.instants ?? []).map((_, index) => index);
    this.#nextInstant = this.#instants.length === 0 ? Infinity : -Infinity;
    this.#settings = new Settings(RULES, options);
    this.#stepThreshold = Math.max(LEAST_CLOCK_STEP, this.#settings.engine('capture.reorder-window') * 1e9);
    this.#decoder = new Decoder({ fragmentBytes: this.#settings.engine('fragments.maximum') });
    this.#duplicates = new Duplicates(this.#settings.engine('capture.duplicate-window') * 1e9);
    this.#context = new TcpContext(
      (observation) => this.#observed(observation),
      (change, former) => this.#changed(change, former),
    );
    this.#connections = new Connections(this.#context.columns, this.#clock);
    const only = listeners.packetsOf ?? null;
    const { columns } = this.#context;
    this.#labels = listeners.packet === undefined ? null : new PacketLabels(columns, only);
    this.#packets =
      this.#labels === null ? null : new PacketRows(columns, this.#connections, this.#labels, (row) => listeners.packet?.(row));
    this.#tracker = new Tracker(this.#context, (flow) => this.#retire(flow));
    this.#collector = new Collector(this.#connections, this.#quality, this.#settings.engine('report.evidence'));
    this.#dispatcher = new Dispatcher(this.#settings.rules, (rule) => this.#contextOf(rule));
  }

  /** Begins one input. `compression` is what it was compressed with, for the report. */
  open(name: string, compression: string | null, makeReader: ReaderFactory = ownReader): void {
    this.#name = name;
    this.#compression = compression;
    this.#fileBegins = true;
    this.#reader = makeReader(this.#clock, this.#counter, this.#receive, { reorderNanoseconds: this.#settings.engine('capture.reorder-window') * 1e9 });
  }

  /** Analyses the next bytes of the input. Throws `UnrecognisedCapture` when they are no capture. */
  push(chunk: Uint8Array): void {
    this.#reader?.push(chunk);
  }

  /** Memory to read up to `length` of the next bytes into, before they are pushed: it saves a copy. Null where there is none. */
  room(length: number): Uint8Array | null {
    return this.#reader?.room?.(length) ?? null;
  }

  /** Ends the input. `damage`: what its source found wrong with it. Throws `UnrecognisedCapture` when it was no capture. */
  close(damage: Damage | null = null): void {
    const reader = this.#reader;
    if (reader === null) return;
    this.#reader = null;
    reader.finish(damage);
    this.#files.push({ ...reader.file, name: this.#name, compression: this.#compression });
    this.#quality.addReader(reader);
  }

  /** Packets read so far. */
  get packets(): number {
    return this.#read;
  }

  /** Number reported as `flow` for the slot in a change. Slots are used again, numbers are not. */
  flowNumber(flow: number): number {
    return this.#connections.flowNumber(flow);
  }

  /** Time of the frame that was read last, comparable with the time of a change. */
  get now(): number {
    return this.#now;
  }

  /** Epoch nanoseconds of a time. */
  epoch(time: number): bigint {
    return this.#connections.epoch(time);
  }

  /** The addresses of ends, each numbered once, so that a program that keeps many ends need keep no names. */
  get hosts(): Hosts {
    return this.#connections;
  }

  /** Visits the slots of all flows that are kept now: open ones, and closed ones for a while. */
  forEachFlow(visit: (flow: number) => void): void {
    this.#context.table.forEach(visit);
  }

  /**
   * What an end has sent and its peer has not acknowledged, as far as the wire shows: bytes, with one each for a SYN and a FIN, as
   * Send-Q of `ss` counts them. Null where the capture has shown no acknowledgment to count from.
   *
   * @param flow slot, as in a change
   */
  unacknowledged(flow: number, side: Side): number | null {
    const { marks, nxt, una, iss } = this.#context.columns;
    const end = flow * 2 + side;
    const seen = marks[end]!;
    if ((seen & Mark.NXT) === 0 || (seen & (Mark.UNA | Mark.ISS)) === 0) return null;
    return Math.max(0, distance(nxt[end]!, (seen & Mark.UNA) !== 0 ? una[end]! : iss[end]!));
  }

  /** The contract's row for a change. */
  timelineRow(change: TimelineChange): TimelineRow {
    const { flow, side } = change;
    return {
      t_ns: this.#clock.toEpoch(change.time),
      packet: change.packet,
      flow: this.#connections.flowNumber(flow),
      local: this.#connections.endpointName(flow, side),
      remote: this.#connections.endpointName(flow, (side ^ 1) as Side),
      state: STATE_NAMES[change.state]!,
      possible: namesOf(change.possible),
    };
  }

  /** Ends the analysis. The engine is used up. */
  finish(): Report {
    const { table } = this.#context;
    const end = this.#connections.latest;
    this.#passInstants(Infinity);
    table.forEach((flow) => this.#tracker.close(flow, end));
    this.#packets?.finish();
    this.#noteQuality();
    const statesAtEnd = countsOf(this.#series.population);
    const series = this.#series.series(end, this.#clock.base ?? 0n);
    table.forEach((flow) => this.#end(flow, 1));
    this.#dispatcher.finish();
    const findings = this.#collector.findings();
    this.#reportFlows(findings);
    if (this.#listeners.finding !== undefined) for (const finding of findings) this.#listeners.finding(finding);
    const leftOut: { [reason: string]: number } = {};
    REASON_NAMES.forEach((reason, index) => {
      if (this.#leftOut[index]! > 0) leftOut[reason] = this.#leftOut[index]!;
    });
    if (this.#duplicates.count > 0) leftOut['duplicate'] = this.#duplicates.count;
    // Custom and other blocks that Wireshark numbers as packets, although they hold no frame.
    const frameless = this.#counter.packets - this.#read;
    if (frameless > 0) leftOut['no_frame'] = frameless;
    return {
      schema: 'synoptic-report/1',
      tool: { name: 'synoptic', version: VERSION, options: describeOptions(this.#options) },
      capture: {
        files: this.#files,
        start_ns: this.#clock.toEpoch(0),
        end_ns: this.#clock.toEpoch(end),
        duration: end / 1e9,
        packets: { read: this.#counter.packets, analysed: this.#analysed, left_out: leftOut },
        quality: this.#quality.summary(),
      },
      totals: {
        flows: table.numbered,
        outcomes: Object.fromEntries(OUTCOMES.map((outcome, index) => [outcome, this.#outcomes[index]!]).filter(([, count]) => count !== 0)),
        states_at_end: statesAtEnd,
        evicted: { flows: this.#evicted, oldest_age_seconds: this.#oldestEvicted / 1e9 },
      },
      findings,
      servers: this.#servers.rows((server) => this.#connections.nameOfEndpoint(server)),
      series,
    };
  }

  /** One frame, in the order of time. */
  readonly #receive: RecordSink = (record: Record): void => {
    const segment = this.#segment;
    this.#read++;
    record.time += this.#clockShift;
    if (this.#fileBegins) {
      this.#fileBegins = false;
      if (this.#files.length > 0 && record.time - this.#connections.latest > LEAST_GAP) this.#quality.noteGap(this.#connections.latest);
    }
    this.#now = record.time;
    const stepped = this.#connections.latest - record.time > this.#stepThreshold;
    const decoded = this.#decoder.decode(record, segment);
    if (decoded !== Decoded.SEGMENT) {
      this.#leftOut[decoded] = this.#leftOut[decoded]! + 1;
      if (decoded === Decoded.ICMP_ERROR) receiveIcmpError(this.#context, segment);
      return;
    }
    const { table } = this.#context;
    let flow = table.find(segment);
    if (stepped) this.#mendClock(segment, flow);
    const { time } = segment;
    if (time > this.#nextInstant) this.#passInstants(time);
    if (time > this.#connections.latest) this.#connections.latest = time;
    if (this.#duplicates.isCopy(segment, table.key.hash)) {
      if (flow >= 0 && this.#labels?.wants(flow)) this.#packets?.add(segment, flow, table.senderSide(flow), ['capture-duplicate']);
      return;
    }
    this.#labels?.begin(segment, flow < 0 ? -1 : flow * 2 + table.senderSide(flow));
    this.#analysed++;
    if ((segment.flags & (SYN | FIN | RST)) !== 0) this.#countEvent(segment.flags, time);
    else this.#series.advance(time);
    if (flow < 0 && table.live >= this.#settings.engine('flows.maximum')) this.#evict(time);
    flow = this.#tracker.segment(segment, flow);
    const { columns } = this.#context;
    if (this.#labels?.wants(flow)) this.#packets?.add(segment, flow, table.senderSide(flow), this.#labels.end());
    if (segment.payloadLength > ORDINARY_SEGMENT) this.#quality.noteLong(segment, columns.mss[flow * 2 + (table.senderSide(flow) ^ 1)]!);
    if (segment.checksumState === CHECKSUM_BAD) this.#quality.badChecksums++;
    if (isOver(columns.state[flow * 2]!) && isOver(columns.state[flow * 2 + 1]!)) this.#queue(flow, time);
    if (this.#retirement.due <= time) this.#retireDue(time);
  };

  /** Tells of the moments before `time`. */
  #passInstants(time: number): void {
    const listeners = this.#listeners;
    const at = (index: number): number => this.#clock.fromInstant(listeners.instants![index]!);
    const passed = this.#instants.filter((index) => time === Infinity || at(index) < time);
    this.#instants = this.#instants.filter((index) => !passed.includes(index));
    this.#nextInstant = Math.min(Infinity, ...this.#instants.map(at));
    for (const index of passed) listeners.instant?.(index, this);
  }

  /**
   * The capture's clock was set back. Time goes on for the analysis: by the sender's timestamps (1 ms ticks, as the common stacks
   * have them) where it had sent before, else without a gap.
   */
  #mendClock(segment: Segment, flow: number): void {
    const { columns, table } = this.#context;
    let expected = this.#connections.latest;
    if (flow >= 0 && segment.hasTimestamps) {
      const sender = flow * 2 + table.senderSide(flow);
      const ticks = distance(segment.tsval, columns.tsval[sender]!);
      const known = (columns.marks[sender]! & Mark.TIMESTAMPS) !== 0 && columns.lastSeen[sender]! >= 0;
      if (known && ticks >= 0 && ticks < 60_000) expected = Math.max(expected, columns.lastSeen[sender]! + ticks * 1e6);
    }
    this.#clockShift += expected - segment.time;
    segment.time = expected;
  }

  #countEvent(flags: number, time: number): void {
    if ((flags & RST) !== 0) this.#series.count(SeriesEvent.RST, time);
    else if ((flags & SYN) !== 0) this.#series.count((flags & ACK) !== 0 ? SeriesEvent.SYN_ACK : SeriesEvent.SYN, time);
    else this.#series.count(SeriesEvent.FIN, time);
  }

  #observed(observation: Observation): void {
    const { flow } = observation;
    const { columns } = this.#context;
    switch (observation.kind) {
      case Kind.FLOW_STARTED:
        this.#series.move(-1, UNSEEN);
        this.#series.move(-1, UNSEEN);
        columns.server[flow] = -1;
        break;
      case Kind.SYN_ACK:
        this.#connections.noteListener(flow);
        break;
      case Kind.HALF_CLOSED:
        if (observation.side !== this.#connections.client(flow)) this.#servers.enteredCloseWait(this.#serverOf(flow));
        break;
      case Kind.CLOSE_WAIT_LEFT:
        if (observation.side !== this.#connections.client(flow)) this.#servers.leftCloseWait(this.#serverOf(flow), observation.a);
        break;
      default:
        break;
    }
    this.#labels?.observe(observation);
    this.#dispatcher.dispatch(observation);
  }

  #changed(change: StateChange, former: number): void {
    if (change.state !== former) {
      this.#series.move(former, change.state);
      const server = this.#serverOf(change.flow);
      if (change.side !== this.#connections.client(change.flow)) this.#servers.move(server, former === UNSEEN ? -1 : former, change.state);
    }
    this.#listeners.timeline?.(change, this);
  }

  /** Endpoint index of a flow's server. It is fixed, and the server's account opened, the first time that it is asked for. */
  #serverOf(flow: number): number {
    const { columns } = this.#context;
    const known = columns.server[flow]!;
    if (known >= 0) return known;
    const server = this.#connections.endpointIndex(flow, (this.#connections.client(flow) ^ 1) as Side);
    columns.server[flow] = server;
    this.#servers.open(server);
    return server;
  }

  #queue(flow: number, time: number): void {
    const { flowMarks } = this.#context.columns;
    if ((flowMarks[flow]! & FlowMark.QUEUED) !== 0) return;
    flowMarks[flow] = flowMarks[flow]! | FlowMark.QUEUED;
    this.#retirement.push(flow, time + REMEMBERED);
  }

  #retireDue(time: number): void {
    const { columns } = this.#context;
    while (this.#retirement.due <= time) {
      const flow = this.#retirement.shift();
      if ((columns.flowMarks[flow]! & (FlowMark.LIVE | FlowMark.QUEUED)) !== (FlowMark.LIVE | FlowMark.QUEUED)) continue;
      columns.flowMarks[flow] = columns.flowMarks[flow]! & ~FlowMark.QUEUED;
      if (!isOver(columns.state[flow * 2]!) || !isOver(columns.state[flow * 2 + 1]!)) continue;
      const due = Math.max(columns.lastSeen[flow * 2]!, columns.lastSeen[flow * 2 + 1]!) + REMEMBERED;
      if (due > time) this.#queue(flow, due - REMEMBERED);
      else {
        this.#tracker.close(flow, time);
        this.#retire(flow);
      }
    }
  }

  /** Reports a flow that is over and gives its slot free. */
  #retire(flow: number): void {
    this.#end(flow, 0);
    this.#listeners.flow?.(flowRow(this.#context.columns, this.#connections, flow, []));
    this.#forget(flow);
  }

  #evict(time: number): void {
    const { columns, table } = this.#context;
    for (const flow of chooseEvicted(columns, table)) {
      const age = time - Math.max(columns.lastSeen[flow * 2]!, columns.lastSeen[flow * 2 + 1]!);
      this.#evicted++;
      if (age > this.#oldestEvicted) this.#oldestEvicted = age;
      this.#tracker.close(flow, time);
      this.#retire(flow);
    }
  }

  #forget(flow: number): void {
    const { columns, table } = this.#context;
    const client = this.#connections.client(flow);
    for (const side of [0, 1] as const) {
      const state = columns.state[flow * 2 + side]!;
      this.#series.move(state, -1);
      if (side !== client && state !== UNSEEN) this.#servers.move(this.#serverOf(flow), state, -1);
    }
    table.release(flow);
  }

  /** Tells rules and totals that a flow has ended. `cut` is 1 when the capture ended first. */
  #end(flow: number, cut: 0 | 1): void {
    const { columns } = this.#context;
    const server = this.#serverOf(flow);
    const outcome = OUTCOMES.indexOf(outcomeOf(columns, flow));
    this.#outcomes[outcome] = this.#outcomes[outcome]! + 1;
    this.#servers.close(
      server,
      outcome,
      columns.synAckDelay[flow]!,
      columns.bytes[flow * 2]! + columns.bytes[flow * 2 + 1]!,
      columns.retransmittedBytes[flow * 2]! + columns.retransmittedBytes[flow * 2 + 1]!,
    );
    this.#quality.noteFlow(this.#connections.oneWay(flow), this.#connections.midstream(flow));
    if ((columns.flowMarks[flow]! & FlowMark.HANDSHAKE) !== 0) {
      const client = flow * 2 + this.#connections.client(flow);
      this.#quality.noteVantage(columns.ttl[client]!, columns.ttl[client ^ 1]!, columns.synAckDelay[flow]!, columns.ackDelay[flow]!);
    }
    const end = Math.max(columns.lastSeen[flow * 2]!, columns.lastSeen[flow * 2 + 1]!);
    this.#context.observe(Kind.FLOW_ENDED, flow * 2, this.#lastSignal(flow), cut === 1 ? this.#connections.latest : end, outcome, cut);
  }

  /** The latest SYN or FIN of a flow, else the packet that shows its ends' states: what to look at. */
  #lastSignal(flow: number): number {
    const { signalPacket, proof } = this.#context.columns;
    const signal = Math.max(signalPacket[flow * 2]!, signalPacket[flow * 2 + 1]!);
    return signal > 0 ? signal : Math.max(proof[flow * 2]!, proof[flow * 2 + 1]!);
  }

  #reportFlows(findings: readonly Finding[]): void {
    const listeners = this.#listeners;
    if (listeners.flow === undefined) return;
    const rulesOf = new Map<number, string[]>();
    for (const { rule, evidence } of findings) {
      for (const flow of evidence.flows) {
        const rules = rulesOf.get(flow);
        if (rules === undefined) rulesOf.set(flow, [rule]);
        else if (!rules.includes(rule)) rules.push(rule);
      }
    }
    const { columns, table } = this.#context;
    table.forEach((flow) => listeners.flow?.(flowRow(columns, this.#connections, flow, rulesOf.get(columns.number[flow]!) ?? [])));
  }

  #noteQuality(): void {
    this.#quality.duplicateCount = this.#duplicates.count;
    this.#quality.missedSegments = this.#context.missedSegments;
    this.#quality.analysed = this.#analysed;
    this.#quality.latest = this.#connections.latest;
  }

  #contextOf(rule: Rule): RuleContext {
    return {
      connections: this.#connections,
      capture: this.#quality,
      option: (name) => this.#settings.option(rule, name),
      report: (draft: Draft) => this.#collector.add(rule, draft),
    };
  }
}

/** States after which an end has nothing more to do. */
function isOver(state: number): boolean {
  return state === CLOSED || state === TIME_WAIT;
}

function describeOptions(options: AuditOptions): Report['tool']['options'] {
  return {
    ...(options.rules !== undefined && { rules: [...options.rules] }),
    ...(options.skip !== undefined && { skip: [...options.skip] }),
    ...(options.set !== undefined && { set: { ...options.set } }),
  };
}
