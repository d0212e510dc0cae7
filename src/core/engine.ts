import { CaptureClock, type Instant } from './capture/clock.ts';
import { CaptureReader, type CaptureReaderOptions, type RecordReader } from './capture/reader.ts';
import { PacketCounter, type Record, type RecordSink } from './capture/record.ts';
import type { CaptureFile, Damage } from './capture/summary.ts';
import { Connections } from './flow/connections.ts';
import { Duplicates } from './flow/duplicates.ts';
import { FlowMark, Mark } from './flow/columns.ts';
import { endOf } from './flow/end.ts';
import { type ConnectionView, Kind, type Observation, type Side } from './observations.ts';
import { Lifetimes } from './report/lifetimes.ts';
import type { AuditOptions } from './options.ts';
import { CaptureQuality, ORDINARY_SEGMENT } from './report/capture-quality.ts';
import { Collector } from './report/collect.ts';
import { flowRow } from './report/flow-row.ts';
import { Memento } from './report/memento.ts';
import { PacketLabels, verdictOnCopy } from './report/packet-labels.ts';
import { PacketRows } from './report/packet-rows.ts';
import { type FlowRow, type Finding, OUTCOMES, type PacketRow, type Report, type ServerRow, type TimelineRow } from './report/report.ts';
import { SeriesEvent, SeriesRecorder } from './report/series.ts';
import { countsOf, ServerAccounts } from './report/servers.ts';
import { Dispatcher } from './rules/dispatch.ts';
import { acceptRules } from './rules/extra-rules.ts';
import { RULES } from './rules/index.ts';
import type { Draft, Rule, RuleContext } from './rules/rule.ts';
import { Settings } from './rules/settings.ts';
import { TcpContext } from './tcp/context.ts';
import type { StateChange } from './tcp/estimates.ts';
import { receiveIcmpError } from './tcp/icmp.ts';
import { distance } from './tcp/sequence.ts';
import { namesOf, STATE_NAMES, UNSEEN } from './tcp/state.ts';
import { Tracker } from './tcp/tracker.ts';
import { VERSION } from './version.ts';
import { Decoder } from './wire/decode.ts';
import { ACK, CHECKSUM_BAD, Decoded, FIN, REASON_NAMES, RST, Segment, SYN } from './wire/segment.ts';

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
  /**
   * Every frame, once it was taken in. `flow`: number of the flow that it belongs to or that an ICMP error in it is about, 0 for
   * none; `slot`: as in a change, -1 for none. The record is lent; see also `engine.joinedFrames`.
   */
  frame?(record: Record, flow: number, slot: number, engine: Engine): void;
  /**
   * Both ends of a flow are closed, though it is remembered for its late segments. Told again if these open it and it closes once
   * more. `outcome`: index into OUTCOMES; `flow`: as in an observation.
   */
  over?(flow: number, outcome: number, connections: ConnectionView): void;
  /** Every fact about a flow, once the rules know it. The observation is refilled; `connections` tells of its flow. */
  fact?(observation: Observation, connections: ConnectionView): void;
}

/** What has come so far. */
export interface EngineCounters {
  packets: number;
  /** Of the frames, as long as they were on the wire. */
  bytes: number;
  /** Segments of each kind: SYNs without ACK, SYN-ACKs, RSTs, FINs, and those that sent something again. */
  syn: number;
  synAck: number;
  rst: number;
  fin: number;
  retransmitted: number;
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
  readonly #lifetimes: Lifetimes;
  /** Only where packets are listened for. */
  #labels: PacketLabels | null;
  #packets: PacketRows | null;
  readonly #settings: Settings;
  readonly #options: AuditOptions;
  #listeners: EngineListeners;
  readonly #files: CaptureFile[] = [];
  readonly #leftOut = new Float64Array(REASON_NAMES.length);
  #reader: RecordReader | null = null;
  #fileBegins = false;
  #name = '';
  #compression: string | null = null;
  /** Nanoseconds by which the capture's clock was set back so far: added to every time, so that durations hold. */
  #clockShift = 0;
  /** Indices of the moments of `listeners.instants` that are still to come, and the first frame time that calls for a look at them. */
  #instants: number[];
  #nextInstant: number;
  /** See `onceAfter`. */
  #alarm = Infinity;
  #act: (time: number) => void = () => undefined;
  readonly #stepThreshold: number;
  readonly #mostFlows: number;
  #now = 0;
  #analysed = 0;
  #read = 0;
  #bytes = 0;
  #retransmitted = 0;

  /** Throws `OptionError` for rules and settings that do not exist, `RuleError` for rules of the caller's own that are none. */
  constructor(options: AuditOptions = {}, listeners: EngineListeners = {}) {
    this.#options = options;
    this.#listeners = listeners;
    this.#instants = (listeners.instants ?? []).map((_, index) => index);
    this.#nextInstant = this.#instants.length === 0 ? Infinity : -Infinity;
    this.#settings = new Settings([...RULES, ...acceptRules(options.extraRules ?? [], RULES)], options);
    this.#mostFlows = this.#settings.engine('flows.maximum');
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
    this.#labels = listeners.packet === undefined ? null : new PacketLabels(columns, this.#context.holes, only);
    this.#packets =
      this.#labels === null ? null : new PacketRows(columns, this.#connections, this.#labels, (row) => listeners.packet?.(row));
    const accounts = { connections: this.#connections, series: this.#series, servers: this.#servers, quality: this.#quality };
    this.#lifetimes = new Lifetimes(this.#context, accounts, listeners.flow === undefined ? null : (row) => listeners.flow?.(row));
    this.#tracker = new Tracker(this.#context, (flow) => this.#lifetimes.retire(flow));
    this.#lifetimes.attach(this.#tracker);
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

  /** Memory to read later bytes into while others are pushed: it saves a copy. The caller's until it is pushed; null where there is none. */
  lend(length: number): Uint8Array | null {
    return this.#reader?.lend?.(length) ?? null;
  }

  /** A live source has lost so many packets since its start, before they could be read. */
  noteDrops(count: number): void {
    this.#quality.noteDrops(count);
  }

  /** Packets are stamped when they are delivered, up to `error` nanoseconds after they came. To be told before the first. */
  noteDeliveryClock(error: number): void {
    this.#quality.noteDeliveryClock();
    this.#context.clockError = error;
  }

  /** Hands on the records that wait for others with an earlier time: for a live input that has fallen silent. */
  drain(): void {
    this.#reader?.drain?.();
  }

  /** Ends the input. `damage`: what its source found wrong with it. Throws `UnrecognisedCapture` when it was no capture. */
  close(damage: Damage | null = null): void {
    const reader = this.#reader;
    if (reader === null) return;
    this.#reader = null;
    reader.finish(damage);
    this.#files.push(this.#fileOf(reader));
    this.#quality.addReader(reader);
  }

  /** Numbers of the frames whose fragments made up the packet of the current frame, its own among them; empty where it came in one. */
  get joinedFrames(): readonly number[] {
    return this.#decoder.joinedFrames;
  }

  /** Packets read so far. */
  get packets(): number {
    return this.#read;
  }

  /** Flows so far, those that are forgotten by now among them. */
  get flowsSoFar(): number {
    return this.#context.table.numbered;
  }

  /**
   * Calls `act` once, when the next frame, if there is one, lies after `time` (as `now`), with the time of that frame: whatever the
   * engine can be asked, a snapshot too, is as of before it. Takes the place of what was to be called before.
   */
  onceAfter(time: number, act: (time: number) => void): void {
    this.#alarm = time;
    this.#act = act;
  }

  /** What has come so far. Makes an object: not for every packet. */
  counters(): EngineCounters {
    const [syn, synAck, rst, fin] = this.#series.totals;
    return { packets: this.#read, bytes: this.#bytes, syn: syn!, synAck: synAck!, rst: rst!, fin: fin!, retransmitted: this.#retransmitted };
  }

  /** Ends in each state now, by state number. Lent. */
  get population(): Readonly<Int32Array> {
    return this.#series.population;
  }

  /** Rows of the flows that are kept now: open ones, and closed ones for a while. Their `findings` are left empty. */
  *flows(): Generator<FlowRow, void, undefined> {
    const { columns, table } = this.#context;
    for (let flow = 0; flow < table.limit; flow++) {
      if ((columns.flowMarks[flow]! & FlowMark.LIVE) !== 0) yield flowRow(columns, this.#connections, flow, []);
    }
  }

  /** The servers with the most flows, at most `limit` of them. */
  servers(limit: number): ServerRow[] {
    return this.#servers.rows((server) => this.#connections.nameOfEndpoint(server), limit);
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

  /** "192.0.2.1:443", "[2001:db8::1]:443": an end of a flow, by its slot. */
  endpointName(flow: number, side: Side): string {
    return this.#connections.endpointName(flow, side);
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
    const end = endOf(flow, side);
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
    this.#passInstants(Infinity);
    const report = this.#conclude();
    this.#lifetimes.report(report.findings);
    if (this.#listeners.finding !== undefined) for (const finding of report.findings) this.#listeners.finding(finding);
    return report;
  }

  /** What `finish` would give if the input ended now. The analysis goes on as if this had never been asked. */
  snapshot(): Report {
    const listeners = this.#listeners;
    const labels = this.#labels;
    const packets = this.#packets;
    this.#listeners = {};
    this.#labels = null;
    this.#packets = null;
    try {
      const changed = [this.#context, this.#connections, this.#lifetimes, this.#series, this.#servers, this.#quality];
      // Payloads are only compared as they come.
      return this.#undone(changed, [this.#context.payloads], () => {
        if (this.#reader !== null) this.#quality.addReader(this.#reader);
        return this.#conclude();
      });
    } finally {
      this.#listeners = listeners;
      this.#labels = labels;
      this.#packets = packets;
    }
  }

  /** What the rules make of what is over: the packets that came and the flows that ended, whatever becomes of the others. */
  settledFindings(): Finding[] {
    return this.#undone([], [this.#connections, this.#quality], () => {
      this.#noteQuality();
      this.#dispatcher.finish();
      return this.#collector.findings();
    });
  }

  /** Acts, and puts back what that changed of `objects`, the rules and their findings; nothing of `left`, nor of what only leads on from there. */
  #undone<Result>(objects: readonly object[], left: readonly object[], act: () => Result): Result {
    const { numbering } = this.#connections;
    const numbered = numbering.map(({ size }) => size);
    const admitAll = this.#dispatcher.restrictToRemembered();
    const memento = new Memento([this.#collector, ...objects, ...this.#dispatcher.states()], [...this.#settings.rules, ...numbering, ...left]);
    try {
      return act();
    } finally {
      memento.restore();
      numbering.forEach((index, which) => index.truncate(numbered[which]!));
      admitAll();
    }
  }

  #conclude(): Report {
    const { table } = this.#context;
    const end = this.#connections.latest;
    table.forEach((flow) => this.#tracker.close(flow, end));
    this.#packets?.finish();
    this.#noteQuality();
    const statesAtEnd = countsOf(this.#series.population);
    table.forEach((flow) => this.#lifetimes.end(flow, 1));
    this.#dispatcher.finish();
    return this.#report(this.#collector.findings(), statesAtEnd);
  }

  #report(findings: Finding[], statesAtEnd: Report['totals']['states_at_end']): Report {
    const { table } = this.#context;
    const end = this.#connections.latest;
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
        files: this.#reader === null ? [...this.#files] : [...this.#files, this.#fileOf(this.#reader)],
        start_ns: this.#clock.toEpoch(0),
        end_ns: this.#clock.toEpoch(end),
        duration: end / 1e9,
        packets: { read: this.#counter.packets, analysed: this.#analysed, left_out: leftOut },
        quality: this.#quality.summary(),
      },
      totals: {
        flows: table.numbered,
        outcomes: Object.fromEntries(OUTCOMES.map((outcome, index) => [outcome, this.#lifetimes.outcomes[index]!]).filter(([, count]) => count !== 0)),
        states_at_end: statesAtEnd,
        evicted: { flows: this.#lifetimes.evicted, oldest_age_seconds: this.#lifetimes.oldestEvicted / 1e9 },
      },
      findings,
      servers: this.#servers.rows((server) => this.#connections.nameOfEndpoint(server)),
      series: this.#series.series(end, this.#clock.base ?? 0n),
    };
  }

  #fileOf(reader: RecordReader): CaptureFile {
    return { ...reader.file, name: this.#name, compression: this.#compression };
  }

  /** One frame, in the order of time. */
  readonly #receive: RecordSink = (record: Record): void => {
    const flow = this.#take(record);
    this.#listeners.frame?.(record, flow < 0 ? 0 : this.#context.columns.number[flow]!, flow, this);
  };

  /** Takes a frame in. Returns the slot of its flow, -1 when it belongs to none. */
  #take(record: Record): number {
    const segment = this.#segment;
    record.time += this.#clockShift;
    if (record.time > this.#alarm) {
      this.#alarm = Infinity;
      this.#act(record.time);
    }
    this.#read++;
    this.#bytes += record.wireLength;
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
      return decoded === Decoded.ICMP_ERROR ? this.#context.table.find(segment) : -1;
    }
    const { table } = this.#context;
    let flow = table.find(segment);
    if (stepped) this.#mendClock(segment, flow);
    const { time } = segment;
    if (time > this.#nextInstant) this.#passInstants(time);
    if (time > this.#connections.latest) this.#connections.latest = time;
    if (this.#duplicates.isCopy(segment, table.key.hash)) {
      if (flow >= 0 && this.#labels?.wants(flow)) this.#packets?.add(segment, flow, table.senderSide(flow), verdictOnCopy());
      return flow;
    }
    this.#labels?.begin(segment, flow < 0 ? -1 : endOf(flow, table.senderSide(flow)));
    this.#analysed++;
    if ((segment.flags & (SYN | FIN | RST)) !== 0) this.#countEvent(segment.flags, time);
    else this.#series.advance(time);
    if (flow < 0 && table.live >= this.#mostFlows) this.#lifetimes.evict(time);
    flow = this.#tracker.segment(segment, flow);
    const { columns } = this.#context;
    if (this.#labels?.wants(flow)) this.#packets?.add(segment, flow, table.senderSide(flow), this.#labels.end());
    if (segment.payloadLength > ORDINARY_SEGMENT) this.#quality.noteLong(segment, columns.mss[endOf(flow, table.senderSide(flow) ^ 1)]!);
    if (segment.checksumState === CHECKSUM_BAD) this.#quality.badChecksums++;
    if (this.#lifetimes.passed(flow, time)) this.#listeners.over?.(flow, this.#lifetimes.outcome(flow), this.#connections);
    return flow;
  }

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
      const sender = endOf(flow, table.senderSide(flow));
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
        // Of both SYN-ACKs of a simultaneous open the first counts.
        if (observation.b >= 0 && columns.synAckDelay[flow] === observation.b) this.#servers.answered(this.#lifetimes.serverOf(flow), observation.b);
        break;
      case Kind.HALF_CLOSED:
        if (observation.side !== this.#connections.client(flow)) this.#servers.enteredCloseWait(this.#lifetimes.serverOf(flow));
        break;
      case Kind.RETRANSMITTED:
        this.#retransmitted++;
        break;
      case Kind.CLOSE_WAIT_LEFT:
        if (observation.side !== this.#connections.client(flow)) this.#servers.leftCloseWait(this.#lifetimes.serverOf(flow), observation.a);
        break;
      default:
        break;
    }
    this.#labels?.observe(observation);
    this.#dispatcher.dispatch(observation);
    this.#listeners.fact?.(observation, this.#connections);
  }

  #changed(change: StateChange, former: number): void {
    if (change.state !== former) {
      this.#series.move(former, change.state);
      const server = this.#lifetimes.serverOf(change.flow);
      if (change.side !== this.#connections.client(change.flow)) this.#servers.move(server, former === UNSEEN ? -1 : former, change.state);
    }
    this.#listeners.timeline?.(change, this);
  }

  #noteQuality(): void {
    this.#quality.duplicateCount = this.#duplicates.count;
    this.#quality.missedSegments = this.#context.missedSegments;
    this.#quality.analysed = this.#analysed;
    this.#quality.unreadable = this.#decoder.badHeaders;
    this.#quality.latest = this.#connections.latest;
  }

  #contextOf(rule: Rule): RuleContext {
    return {
      connections: this.#connections,
      capture: this.#quality,
      option: this.#settings.optionsOf(rule),
      server: (endpoint) => this.#servers.figures(endpoint),
      report: (draft: Draft) => this.#collector.add(rule, draft),
    };
  }
}

function describeOptions(options: AuditOptions): Report['tool']['options'] {
  return {
    ...(options.rules !== undefined && { rules: [...options.rules] }),
    ...(options.skip !== undefined && { skip: [...options.skip] }),
    ...(options.set !== undefined && { set: { ...options.set } }),
    ...(options.extraRules !== undefined && { extra_rules: options.extraRules.map(({ id }) => id) }),
  };
}
