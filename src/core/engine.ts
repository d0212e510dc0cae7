import { CaptureClock } from './capture/clock.ts';
import { Inputs, type ReaderFactory } from './capture/inputs.ts';
import { Moments } from './capture/moments.ts';
import { PacketCounter, type Record, type RecordSink } from './capture/record.ts';
import type { Damage } from './capture/summary.ts';
import { Connections } from './flow/connections.ts';
import { FlowMark } from './flow/columns.ts';
import type { EngineListeners, Hosts, TimelineChange } from './listeners.ts';
import type { Observation, Side } from './observations.ts';
import { type AuditOptions, describeOptions } from './options.ts';
import { Accounts, type EngineCounters } from './report/accounts.ts';
import { Collector } from './report/collect.ts';
import { flowRow } from './report/flow-row.ts';
import { FlowRows } from './report/flow-rows.ts';
import { Lifetimes } from './report/lifetimes.ts';
import { Memento } from './report/memento.ts';
import { PacketLabels } from './report/packet-labels.ts';
import { PacketRows } from './report/packet-rows.ts';
import { assembleReport } from './report/report-assembly.ts';
import type { Finding, Report, ServerRow } from './report/report.ts';
import type { FlowRow, TimelineRow } from './report/rows.ts';
import { countsOf } from './report/servers.ts';
import { timelineRow } from './report/timeline-row.ts';
import { Dispatcher } from './rules/dispatch.ts';
import { acceptRules } from './rules/extra-rules.ts';
import { RULES } from './rules/index.ts';
import type { Draft, Rule, RuleContext } from './rules/rule.ts';
import { Settings } from './rules/settings.ts';
import { TcpContext } from './tcp/context.ts';
import type { StateChange } from './tcp/estimates.ts';
import { Tracker } from './tcp/tracker.ts';
import { VERSION } from './version.ts';
import { Walk } from './walk.ts';

/**
 * An analysis: assembled from its parts here, queried while it runs, and ended. What happens to a packet is in `walk.ts`.
 *
 * `open`, `push` and `close` each input in turn, then `finish` once. Flows are given as slots, which are reused after a flow is forgotten;
 * `flowNumber` gives the number that reports use. Times are nanoseconds since the first frame; `epoch` converts them.
 */
export class Engine {
  readonly #clock = new CaptureClock();
  readonly #counter = new PacketCounter();
  readonly #inputs: Inputs;
  readonly #context: TcpContext;
  readonly #connections: Connections;
  readonly #tracker: Tracker;
  readonly #walk: Walk;
  readonly #dispatcher: Dispatcher;
  readonly #collector: Collector;
  readonly #accounts: Accounts;
  readonly #flowRows: FlowRows;
  readonly #lifetimes: Lifetimes;
  /** Both null if nobody listens for packets. */
  #labels: PacketLabels | null;
  #packets: PacketRows | null;
  readonly #settings: Settings;
  readonly #options: AuditOptions;
  #listeners: EngineListeners;
  readonly #moments: Moments;
  readonly #memento = new Memento();

  /** Throws `OptionError` for unknown rules and settings, `RuleError` for rules of the caller's own that are malformed. */
  constructor(options: AuditOptions = {}, listeners: EngineListeners = {}) {
    this.#options = options;
    this.#listeners = listeners;
    this.#moments = new Moments(this.#clock, listeners.instants ?? [], (index) => listeners.instant?.(index, this));
    this.#settings = new Settings([...RULES, ...acceptRules(options.extraRules ?? [], RULES)], options);
    this.#inputs = new Inputs(this.#clock, this.#counter, this.#receive, { reorderNanoseconds: this.#settings.engine('capture.reorder-window') * 1e9 });
    this.#context = new TcpContext(
      (observation) => this.#observed(observation),
      (change, former) => this.#changed(change, former),
    );
    const { columns } = this.#context;
    this.#connections = new Connections(columns, this.#clock);
    this.#accounts = new Accounts(columns, this.#connections);
    const only = listeners.packetsOf ?? null;
    this.#labels = listeners.packet === undefined ? null : new PacketLabels(columns, this.#context.holes, only);
    this.#packets =
      this.#labels === null ? null : new PacketRows(columns, this.#connections, this.#labels, (row) => listeners.packet?.(row));
    this.#flowRows = new FlowRows(columns, this.#context.table, this.#connections, listeners);
    this.#lifetimes = new Lifetimes(this.#context, this.#connections, this.#accounts, this.#flowRows);
    this.#tracker = new Tracker(this.#context, (flow) => this.#lifetimes.retire(flow));
    this.#lifetimes.attach(this.#tracker);
    this.#walk = new Walk(
      {
        inputs: this.#inputs,
        moments: this.#moments,
        context: this.#context,
        connections: this.#connections,
        tracker: this.#tracker,
        lifetimes: this.#lifetimes,
        accounts: this.#accounts,
        labels: this.#labels,
        packets: this.#packets,
      },
      this.#settings,
      listeners,
    );
    this.#collector = new Collector(this.#connections, this.#accounts.quality, this.#settings.engine('report.evidence'));
    this.#dispatcher = new Dispatcher(this.#settings.rules, (rule) => this.#contextOf(rule));
  }

  /** Begins an input. `compression`: what it was compressed with, for the report. */
  open(name: string, compression: string | null, makeReader?: ReaderFactory): void {
    this.#inputs.open(name, compression, makeReader);
  }

  /** Analyses the next bytes of the input. Throws `UnrecognisedCapture` if they are not a capture. */
  push(chunk: Uint8Array): void {
    this.#inputs.current?.push(chunk);
  }

  /** Memory to read the next chunk into, at most `length` bytes, before it is pushed: saves a copy. Null if the reader has none to give. */
  room(length: number): Uint8Array | null {
    return this.#inputs.current?.room?.(length) ?? null;
  }

  /** A live source has dropped `count` packets since its start. */
  noteDrops(count: number): void {
    this.#accounts.quality.noteDrops(count);
  }

  /** Packets are stamped on delivery, up to `error` nanoseconds after they arrived. Call it before the first one. */
  noteDeliveryClock(error: number): void {
    this.#accounts.quality.noteDeliveryClock();
    this.#context.clockError = error;
  }

  /** Analyses the records that wait for earlier ones. For live inputs that have fallen silent. */
  drain(): void {
    this.#inputs.current?.drain?.();
  }

  /** Ends the input. `damage`: what its source found wrong with it. Throws `UnrecognisedCapture` if it was not a capture. */
  close(damage: Damage | null = null): void {
    const reader = this.#inputs.close(damage);
    if (reader !== null) this.#accounts.quality.addReader(reader);
  }

  /** Numbers of all frames whose fragments made up the current packet; empty if it was not fragmented. */
  get joinedFrames(): readonly number[] {
    return this.#walk.decoder.joinedFrames;
  }

  /** Packets read so far. */
  get packets(): number {
    return this.#accounts.read;
  }

  /** Flows so far, including those that are forgotten. */
  get flowsSoFar(): number {
    return this.#context.table.numbered;
  }

  /**
   * Calls `act` once, just before the first frame after `time` is taken in, with the time of that frame: whatever the engine is asked
   * then, even a snapshot, is as of before it. There is one such call at a time: a new one replaces the last.
   */
  onceAfter(time: number, act: (time: number) => void): void {
    this.#moments.onceAfter(time, act);
  }

  /** Totals so far. Makes an object: not for every packet. */
  counters(): EngineCounters {
    return this.#accounts.counters();
  }

  /** How many ends are in each state now, by state number. Lent. */
  get population(): Readonly<Int32Array> {
    return this.#accounts.series.population;
  }

  /**
   * Rows of the flows that are remembered now: open ones and, for a while, closed ones. Roughly the latest first. `findings` are left empty.
   *
   * @param wanted called with the number of each flow: making a row costs more than asking
   */
  *flows(wanted: (flow: number) => boolean = () => true): Generator<FlowRow, void, undefined> {
    const { columns, table } = this.#context;
    for (let flow = table.limit - 1; flow >= 0; flow--) {
      if ((columns.flowMarks[flow] & FlowMark.LIVE) !== 0 && wanted(columns.number[flow])) yield flowRow(columns, this.#connections, flow, []);
    }
  }

  /** The servers with the most flows, at most `limit` of them. */
  servers(limit: number): ServerRow[] {
    return this.#accounts.servers.rows((server) => this.#connections.nameOfEndpoint(server), limit);
  }

  /** Number of a flow in reports, by its slot. Slots are reused, numbers are not. */
  flowNumber(flow: number): number {
    return this.#connections.flowNumber(flow);
  }

  /** Time of the latest frame. */
  get now(): number {
    return this.#walk.now;
  }

  /** A time as nanoseconds since the epoch. */
  epoch(time: number): bigint {
    return this.#connections.epoch(time);
  }

  /** An end of a flow, by its slot: "192.0.2.1:443", "[2001:db8::1]:443". */
  endpointName(flow: number, side: Side): string {
    return this.#connections.endpointName(flow, side);
  }

  /** Addresses of ends by number: a program that remembers many ends need not keep names. */
  get hosts(): Hosts {
    return this.#connections;
  }

  /** Visits the slots of all flows that are remembered now: open ones and, for a while, closed ones. */
  forEachFlow(visit: (flow: number) => void): void {
    this.#context.table.forEach(visit);
  }

  /** What an end has sent and its peer has not acknowledged, in bytes: see `Connections.unacknowledged`. `flow`: a slot. */
  unacknowledged(flow: number, side: Side): number | null {
    return this.#connections.unacknowledged(flow, side);
  }

  /** A change as a row of `synoptic timeline`. */
  timelineRow(change: TimelineChange): TimelineRow {
    return timelineRow(change, this.#connections);
  }

  /** Ends the analysis. The engine cannot be used afterwards. */
  finish(): Report {
    this.#reachEnd();
    this.#moments.pass(Infinity);
    const report = this.#conclude();
    this.#flowRows.last(report.findings);
    if (this.#listeners.finding !== undefined) for (const finding of report.findings) this.#listeners.finding(finding);
    return report;
  }

  /** What `finish` would return if the input ended now. The analysis goes on as if it had not been called. */
  snapshot(): Report {
    const listeners = this.#listeners;
    const labels = this.#labels;
    const packets = this.#packets;
    this.#listeners = {};
    this.#labels = null;
    this.#packets = null;
    try {
      const changed = [this.#context, this.#connections, this.#lifetimes, this.#accounts];
      // Payloads are left: only packets change them.
      return this.#undone(changed, [this.#context.payloads], () => {
        if (this.#inputs.current !== null) this.#accounts.quality.addReader(this.#inputs.current);
        this.#reachEnd();
        return this.#conclude();
      });
    } finally {
      this.#listeners = listeners;
      this.#labels = labels;
      this.#packets = packets;
    }
  }

  /** What the rules find in the packets and the ended flows so far, leaving aside how open flows will end. */
  settledFindings(): Finding[] {
    return this.#undone([], [this.#connections, this.#accounts.quality], () => {
      this.#noteQuality();
      this.#dispatcher.finish();
      return this.#collector.findings();
    });
  }

  /** Calls `act`, then undoes its changes to `objects`, to the rules and to their findings; not to `left`, nor to what is reached through it only. */
  #undone<Result>(objects: readonly object[], left: readonly object[], act: () => Result): Result {
    const roots = [this.#collector, ...objects, ...this.#dispatcher.states()];
    const leave = [...this.#settings.rules, ...this.#connections.numbering, ...left];
    return this.#dispatcher.withRemembered(() => this.#connections.unnumbered(() => this.#memento.undone(roots, leave, act)));
  }

  /** Frames of other protocols count, too: they show that the capture went on, and the connections were silent, after the last segment. */
  #reachEnd(): void {
    this.#connections.latest = Math.max(this.#connections.latest, this.#walk.now);
  }

  #conclude(): Report {
    const { table } = this.#context;
    const { latest } = this.#connections;
    table.forEach((flow) => this.#tracker.close(flow, latest));
    this.#packets?.finish();
    this.#noteQuality();
    const statesAtEnd = countsOf(this.#accounts.series.population);
    table.forEach((flow) => this.#lifetimes.end(flow, 1));
    this.#dispatcher.finish();
    return assembleReport({
      tool: { name: 'synoptic', version: VERSION, options: describeOptions(this.#options) },
      files: this.#inputs.files,
      clock: this.#clock,
      connections: this.#connections,
      accounts: this.#accounts,
      lifetimes: this.#lifetimes,
      packets: this.#counter.packets,
      duplicates: this.#walk.duplicates.count,
      flows: table.numbered,
      statesAtEnd,
      findings: this.#collector.findings(),
    });
  }

  /** Receives every frame, in order of time. */
  readonly #receive: RecordSink = (record: Record): void => {
    const flow = this.#walk.take(record);
    this.#listeners.frame?.(record, flow < 0 ? 0 : this.#context.columns.number[flow], flow, this);
  };

  #observed(observation: Observation): void {
    this.#accounts.observe(observation);
    this.#labels?.observe(observation);
    this.#dispatcher.dispatch(observation);
    this.#listeners.fact?.(observation, this.#connections);
  }

  #changed(change: StateChange, former: number): void {
    if (change.state !== former) this.#accounts.changed(change, former);
    this.#listeners.timeline?.(change, this);
  }

  #noteQuality(): void {
    this.#accounts.noteQuality(this.#walk.duplicates.count, this.#context.missedSegments, this.#walk.decoder.badHeaders);
  }

  #contextOf(rule: Rule): RuleContext {
    return {
      connections: this.#connections,
      capture: this.#accounts.quality,
      option: this.#settings.optionsOf(rule),
      server: (endpoint) => this.#accounts.serverFigures(endpoint),
      host: (index) => this.#accounts.hostFigures(index),
      report: (draft: Draft) => this.#collector.add(rule, draft),
    };
  }
}
