import {
  captureName,
  countsOf,
  Engine,
  type AuditOptions,
  type EngineListeners,
  type Finding,
  type FlowRow,
  type InterimSummary,
  type Ladder,
  type Report,
  type ServerRow,
  UnrecognisedCapture,
} from '../../core/index.ts';
import { InputError } from '../sources/input-error.ts';
import { FindingStream, isCertain } from './finding-stream.ts';
import type { LiveCounters, LiveDrops, LiveView } from './live-view.ts';
import type { LiveSource } from './sources/source.ts';

/** When nothing has come for this long (milliseconds), records that wait in the reorder window are analysed. */
const SILENCE_MS = 1_000;
const TICK_MS = 100;
/** Default of `flows.maximum`: some 100 MB, and a fraction of a second for a snapshot. Files may have more. */
const MOST_FLOWS = 131_072;
/** How late a packet may be stamped on delivery, unless the machine is overloaded (nanoseconds). */
const DELIVERY_ERROR = 10e6;
/** How often the source is asked for its drops (milliseconds). */
const REFRESH_MS = 2_000;
/**
 * Certain findings are worked out this often (milliseconds), but take at most this share of the time. Reports as if the capture ended now
 * may take as much again.
 */
const JUDGEMENT_MS = 1_000;
const JUDGEMENT_SHARE = 0.02;

/**
 * Whoever follows a live audit: the screen, a stream, metrics, a ring of packets. An exception here ends the audit. Everything else can be
 * asked at any time: see `LiveView`.
 */
export interface Onlooker {
  /** Bytes of the source, before they are analysed. Lent. */
  bytes?(chunk: Uint8Array): void;
  /** See `EngineListeners.frame`. */
  frame?: NonNullable<EngineListeners['frame']>;
  /** See `EngineListeners.fact`. */
  fact?: NonNullable<EngineListeners['fact']>;
  /** See `EngineListeners.over`. */
  over?: NonNullable<EngineListeners['over']>;
  /** A finding that no later packet can refute: told once, and again if it becomes more severe. See `FindingStream`. */
  finding?(finding: Finding): void;
  /**
   * A finding that would be reported if the capture ended now, but is not certain: told when it appears, and when it is gone. Checked every
   * `interval` seconds, or as often as reports may be made.
   */
  provisional?(finding: Finding, isGone: boolean): void;
  /**
   * A flow whose ends are both closed; or one that is forgotten, or open at the end of the capture. `isRevised`: replaces an earlier row of
   * the flow, which late segments, or a finding at the end of the capture, have changed.
   */
  flow?(row: FlowRow, isRevised: boolean): void;
  /**
   * Totals after every `interval` seconds of the capture, counted from its first packet. While nothing comes, our clock counts; if a packet
   * comes after several intervals that were not told yet, they are told as one.
   */
  summary?(summary: InterimSummary): void;
  /** Several times a second. */
  tick?(): void;
  /** The audit is over, or has failed (null). */
  end?(report: Report | null): void | Promise<void>;
}

/** Options of a live audit, in addition to those of the analysis. */
export interface LiveAuditOptions extends AuditOptions {
  interface: string;
  filter?: string;
  /** Seconds from one `summary` to the next; 0: never. */
  interval?: number;
}

/**
 * An audit of what a live source captures. `attach` onlookers (screen, stream, metrics, ring), `run` it, `stop` it. While it runs, it
 * answers questions as a `LiveView`.
 */
export class LiveAudit implements LiveView {
  readonly interface: string;
  readonly filter: string;
  /** Makes ladders from packets in a ring; null without a ring. */
  ladders: ((flow: number) => Ladder | null) | null = null;
  readonly #source: LiveSource;
  readonly #engine: Engine;
  readonly #listeners: EngineListeners = { flowsAtClose: true };
  readonly #onlookers: Onlooker[] = [];
  readonly #findings = new FindingStream();
  #interval: number;
  /** Time of the capture at which the next summary is due. */
  #summaryDue = Infinity;
  #provisionalSought = 0;
  #pushed = 0;
  #drained = true;
  #latestChunk = 0;
  #report: Report | null = null;
  #reportPackets = -1;
  #snapshotTaken = 0;
  #snapshotCost = 0;
  #settledFindings: readonly Finding[] = [];
  /** The settled findings of which onlookers have been told. */
  #settledTold: readonly Finding[] = this.#settledFindings;
  #settled = 0;
  #settlingCost = 0;
  #settledPackets = 0;
  #error: unknown = null;

  /** Throws `OptionError` for unknown rules and settings. */
  constructor(source: LiveSource, { interface: name, filter = '', interval = 0, ...options }: LiveAuditOptions) {
    this.interface = name;
    this.filter = filter;
    this.#interval = interval;
    this.#source = source;
    this.#engine = new Engine({ ...options, set: { 'flows.maximum': MOST_FLOWS, ...options.set } }, this.#listeners);
    if (source.clock === 'delivery') this.#engine.noteDeliveryClock(DELIVERY_ERROR);
  }

  get source(): string {
    return this.#source.name;
  }

  get clock(): 'kernel' | 'delivery' {
    return this.#source.clock;
  }

  /** Adds an onlooker. Only before `run`. */
  attach(onlooker: Onlooker): void {
    this.#onlookers.push(onlooker);
    // These cost something for each packet or flow, so they are set only if somebody listens.
    if (onlooker.flow !== undefined) this.#listeners.flow = (...facts) => this.#each((each) => each.flow?.(...facts));
    if (onlooker.frame !== undefined) this.#listeners.frame = (...facts) => this.#each((each) => each.frame?.(...facts));
    if (onlooker.over !== undefined) this.#listeners.over = (...facts) => this.#each((each) => each.over?.(...facts));
    if (onlooker.fact !== undefined) this.#listeners.fact = (...facts) => this.#each((each) => each.fact?.(...facts));
  }

  /**
   * Analyses what the source captures until it ends or is stopped, and returns the report. A source that failed is damage in it. Throws
   * `InputError` if what comes is not a capture.
   */
  async run(): Promise<Report> {
    let report: Report | null = null;
    this.setInterval(this.#interval);
    this.#latestChunk = performance.now();
    const timers = this.#timers();
    try {
      this.#engine.open(this.interface, null);
      await this.#source.pour((chunk) => this.#take(chunk));
      if (this.#error !== null) throw this.#error;
      const { failure } = this.#source;
      this.#engine.close(failure === null ? null : { offset: this.#pushed, reason: failure });
      this.#noteDrops();
      report = this.#engine.finish();
      this.#report = report;
      this.#reportPackets = this.#engine.packets;
      for (const finding of this.#findings.last(report.findings)) this.#each((onlooker) => onlooker.finding?.(finding));
      return report;
    } catch (error) {
      this.#source.kill();
      throw error instanceof UnrecognisedCapture ? new InputError(`${captureName(this.interface)}: ${error.message}`, { cause: error }) : error;
    } finally {
      for (const timer of timers) clearInterval(timer);
      for (const onlooker of this.#onlookers) await onlooker.end?.(report);
    }
  }

  /** Ends the capture. What has been captured is still analysed, then `run` returns. */
  stop(): void {
    this.#source.stop();
  }

  /** Ends the capture without waiting for what the source still holds. */
  kill(): void {
    this.#source.kill();
  }

  /** Sets the seconds from one `summary` to the next; 0: none. */
  setInterval(seconds: number): void {
    this.#interval = seconds;
    this.#provisionalSought = performance.now();
    this.#awaitSummary(this.#engine.now);
  }

  started(): bigint | null {
    return this.#engine.packets === 0 ? null : this.#engine.epoch(0);
  }

  now(): bigint | null {
    return this.#engine.packets === 0 ? null : this.#engine.epoch(this.#engine.now);
  }

  counters(): LiveCounters {
    return { ...this.#engine.counters(), drops: this.#drops() };
  }

  population(): readonly number[] {
    return [...this.#engine.population];
  }

  findings(): readonly Finding[] {
    return this.report().findings;
  }

  certain(): readonly Finding[] {
    this.#refreshSettled();
    return this.#settledFindings.filter(isCertain);
  }

  servers(limit: number): readonly ServerRow[] {
    return this.#engine.servers(limit);
  }

  flows(wanted?: (flow: number) => boolean): Iterable<FlowRow> {
    return this.#engine.flows(wanted);
  }

  ladder(flow: number): Ladder | null {
    return this.ladders?.(flow) ?? null;
  }

  report(): Report {
    return this.#report === null || this.#isSnapshotDue ? this.snapshot() : this.#report;
  }

  /** The report as if the capture ended now, whatever it costs: for a person who asks for it. */
  snapshot(): Report {
    if (this.#report === null || this.#reportPackets !== this.#engine.packets) {
      const before = performance.now();
      this.#noteDrops();
      this.#report = this.#engine.snapshot();
      this.#reportPackets = this.#engine.packets;
      this.#snapshotTaken = performance.now();
      this.#snapshotCost = this.#snapshotTaken - before;
    }
    return this.#report;
  }

  /** Whether `report` would return a newer one than the last one that `provisional` findings were taken from. */
  get #hasRecentReport(): boolean {
    return this.#isSnapshotDue || this.#snapshotTaken > this.#provisionalSought;
  }

  get #isSnapshotDue(): boolean {
    return performance.now() - this.#snapshotTaken >= this.#snapshotCost / JUDGEMENT_SHARE;
  }

  #drops(): LiveDrops {
    const { kernelDrops, interfaceDrops } = this.#source.counters;
    // Nothing that was read is thrown away: what cannot be analysed in time waits in the source, whose buffer then overflows.
    return { kernel: kernelDrops, interface: interfaceDrops, own: 0 };
  }

  /** All packets dropped; null if the source does not say. */
  #dropped(): number | null {
    const { kernel, interface: byInterface, own } = this.#drops();
    return kernel === null && byInterface === null ? null : (kernel ?? 0) + (byInterface ?? 0) + own;
  }

  #noteDrops(): void {
    const dropped = this.#dropped();
    if (dropped !== null) this.#engine.noteDrops(dropped);
  }

  #take(chunk: Uint8Array): void {
    this.#pushed += chunk.length;
    this.#latestChunk = performance.now();
    this.#drained = false;
    for (const onlooker of this.#onlookers) onlooker.bytes?.(chunk);
    this.#engine.push(chunk);
  }

  #timers(): NodeJS.Timeout[] {
    const every = (milliseconds: number, act: () => void): NodeJS.Timeout => setInterval(() => this.#guarded(act), milliseconds);
    return [
      every(TICK_MS, () => this.#tick()),
      every(REFRESH_MS, () => this.#source.refresh()),
      every(JUDGEMENT_MS, () => this.#settle()),
    ];
  }

  /** An exception in a timer ends the audit, like one in `#take`. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#error ??= error;
      this.#source.kill();
    }
  }

  #settle(): void {
    // A screen alone is not told of certain findings: it asks.
    if (!this.#onlookers.some((each) => each.finding !== undefined || each.summary !== undefined)) return;
    this.#refreshSettled();
    if (this.#settledFindings === this.#settledTold) return;
    this.#settledTold = this.#settledFindings;
    for (const finding of this.#findings.certain(this.#settledFindings)) this.#each((onlooker) => onlooker.finding?.(finding));
  }

  /** Works out the settled findings, if they can have changed and their share of the time allows it. */
  #refreshSettled(): void {
    const before = performance.now();
    if (this.#settledPackets === this.#engine.packets || before - this.#settled < this.#settlingCost / JUDGEMENT_SHARE) return;
    this.#settledPackets = this.#engine.packets;
    this.#noteDrops();
    this.#settledFindings = this.#engine.settledFindings();
    this.#settled = performance.now();
    this.#settlingCost = this.#settled - before;
  }

  #tick(): void {
    this.#drainIfSilent();
    if (this.#isProvisionalDue) this.#tellProvisional();
    this.#each((onlooker) => onlooker.tick?.());
  }

  get #isProvisionalDue(): boolean {
    if (this.#interval === 0 || performance.now() - this.#provisionalSought < this.#interval * 1000) return false;
    return this.#hasRecentReport && this.#onlookers.some((each) => each.provisional !== undefined);
  }

  #tellProvisional(): void {
    this.#provisionalSought = performance.now();
    const { appeared, gone } = this.#findings.provisional(this.report().findings);
    for (const finding of gone) this.#each((onlooker) => onlooker.provisional?.(finding, true));
    for (const finding of appeared) this.#each((onlooker) => onlooker.provisional?.(finding, false));
  }

  /** The next summary is due at the first multiple of the interval after `time` (nanoseconds of the capture). */
  #awaitSummary(time: number): void {
    const interval = this.#interval * 1e9;
    this.#summaryDue = interval > 0 ? (Math.floor(time / interval) + 1) * interval : Infinity;
    this.#engine.onceAfter(this.#summaryDue, (next) => this.#summarise(next));
  }

  /** Tells the summary that is due. `time`: how far the capture is (nanoseconds). */
  #summarise(time: number): void {
    const summary = this.#summary(this.#summaryDue);
    this.#awaitSummary(time);
    this.#each((onlooker) => onlooker.summary?.(summary));
  }

  #summary(time: number): InterimSummary {
    const engine = this.#engine;
    return {
      t_ns: engine.epoch(time),
      capture: {
        start_ns: engine.epoch(0),
        end_ns: engine.epoch(engine.now),
        duration: engine.now / 1e9,
        packets: { read: engine.packets },
        quality: { kernel_drops: this.#dropped() },
      },
      totals: { flows: engine.flowsSoFar, states_at_end: countsOf(engine.population) },
      findings_by_severity: this.#findings.counts(),
    };
  }

  #drainIfSilent(): void {
    const silence = performance.now() - this.#latestChunk;
    if (silence < SILENCE_MS) return;
    if (!this.#drained) this.#engine.drain();
    this.#drained = true;
    // While nothing comes, time in the capture passes as ours does.
    const time = this.#engine.now + silence * 1e6;
    if (time > this.#summaryDue && this.#engine.packets > 0) this.#summarise(time);
  }

  #each(tell: (onlooker: Onlooker) => void): void {
    for (const onlooker of this.#onlookers) tell(onlooker);
  }
}
