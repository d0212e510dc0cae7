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

/** The order window is emptied when nothing has come for this long: only what is shown depends on it (milliseconds). */
const SILENCE_MS = 1_000;
const TICK_MS = 100;
/** Flows kept at once, unless the caller says otherwise: some 100 MB, and a snapshot costs a fraction of a second; a file may have more. */
const MOST_FLOWS = 131_072;
/** How late a packet is stamped where that is done on delivery, on a machine that is not overloaded (nanoseconds). */
const DELIVERY_ERROR = 10e6;
/** How often the source is asked what it dropped. */
const REFRESH_MS = 2_000;
/**
 * What is certain is worked out this often (milliseconds), but in at most this share of the time. As much again may be taken by the
 * report as if the capture ended now, whoever reads it.
 */
const JUDGEMENT_MS = 1_000;
const JUDGEMENT_SHARE = 0.02;

/**
 * Who is told of what happens in a live audit: the screen, a stream, metrics, a ring of packets. Whatever throws here ends the audit. What
 * is not told may be asked at any time: see `LiveView`.
 */
export interface Onlooker {
  /** What the source gave, before it is analysed. Lent. */
  bytes?(chunk: Uint8Array): void;
  /** See `EngineListeners.frame`. */
  frame?: NonNullable<EngineListeners['frame']>;
  /** See `EngineListeners.fact`. */
  fact?: NonNullable<EngineListeners['fact']>;
  /** See `EngineListeners.over`. */
  over?: NonNullable<EngineListeners['over']>;
  /** A finding that no later packet can take back: told once, and again when it has become more severe. See `FindingStream`. */
  finding?(finding: Finding): void;
  /**
   * A finding that would be reported if the capture ended now, but is not certain: at its first sight, and when it is gone. Looked
   * for every `interval` seconds, or as often as reports may be made.
   */
  provisional?(finding: Finding, isGone: boolean): void;
  /**
   * Both ends of a flow are closed; of one that never gets there, when it is forgotten or the capture ends. `isRevised`: a row of the same
   * flow was told before, and late segments, or a finding at the end of the capture, have changed it.
   */
  flow?(row: FlowRow, isRevised: boolean): void;
  /**
   * Every `interval` seconds of the capture, from its first packet on: what had come by then. Where nothing comes for several
   * intervals it is told at each as our clock has it, or once when the next packet has come by then.
   */
  summary?(summary: InterimSummary): void;
  /** Several times a second. */
  tick?(): void;
  /** The audit is over, or has failed (null). */
  end?(report: Report | null): void | Promise<void>;
}

/** What a live audit is told besides the options of the analysis. */
export interface LiveAuditOptions extends AuditOptions {
  interface: string;
  filter?: string;
  /** Seconds from one `summary` to the next; 0: never. */
  interval?: number;
}

/**
 * A running audit of what a source captures. `attach` those who are told what happens (screen, stream, metrics, ring), `run` it, `stop` it;
 * meanwhile it may be asked as a `LiveView`.
 */
export class LiveAudit implements LiveView {
  readonly interface: string;
  readonly filter: string;
  /** Makes ladders from packets that are kept; null where none are. */
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
  /** Those that onlookers were told of. */
  #settledTold: readonly Finding[] = this.#settledFindings;
  #settled = 0;
  #settlingCost = 0;
  #settledPackets = 0;
  #error: unknown = null;

  /** Throws `OptionError` for rules and settings that do not exist. */
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

  /** Before `run` only. */
  attach(onlooker: Onlooker): void {
    this.#onlookers.push(onlooker);
    // Asked for each packet or flow, so only where somebody listens.
    if (onlooker.flow !== undefined) this.#listeners.flow = (...facts) => this.#each((each) => each.flow?.(...facts));
    if (onlooker.frame !== undefined) this.#listeners.frame = (...facts) => this.#each((each) => each.frame?.(...facts));
    if (onlooker.over !== undefined) this.#listeners.over = (...facts) => this.#each((each) => each.over?.(...facts));
    if (onlooker.fact !== undefined) this.#listeners.fact = (...facts) => this.#each((each) => each.fact?.(...facts));
  }

  /**
   * Analyses what the source gives until it ends or is stopped. Gives the report; a source that ended by itself is damage of the
   * capture in it. Throws `InputError` when what comes is no capture.
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

  /** Ends the capture: what has been captured is still analysed, then `run` returns. */
  stop(): void {
    this.#source.stop();
  }

  /** Ends it without waiting for what the source still holds. */
  kill(): void {
    this.#source.kill();
  }

  /** Seconds from one `summary` to the next from now on; 0: none. */
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

  /** The whole report as if the capture ended now, whatever it costs: for a person who asks. */
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

  /** `report` would give one that is younger than the last one that was looked into. */
  get #hasRecentReport(): boolean {
    return this.#isSnapshotDue || this.#snapshotTaken > this.#provisionalSought;
  }

  get #isSnapshotDue(): boolean {
    return performance.now() - this.#snapshotTaken >= this.#snapshotCost / JUDGEMENT_SHARE;
  }

  #drops(): LiveDrops {
    const { kernelDrops, interfaceDrops } = this.#source.counters;
    // What cannot be analysed in time waits in the source, whose buffer then overflows: nothing that was read is thrown away.
    return { kernel: kernelDrops, interface: interfaceDrops, own: 0 };
  }

  /** Packets lost in all; null where the source does not say. */
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

  /** What throws in a timer ends the audit, as if it had been thrown while a chunk was taken in. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#error ??= error;
      this.#source.kill();
    }
  }

  #settle(): void {
    // Under a screen alone nobody is told what is certain, or how much of it there is.
    if (!this.#onlookers.some((each) => each.finding !== undefined || each.summary !== undefined)) return;
    this.#refreshSettled();
    if (this.#settledFindings === this.#settledTold) return;
    this.#settledTold = this.#settledFindings;
    for (const finding of this.#findings.certain(this.#settledFindings)) this.#each((onlooker) => onlooker.finding?.(finding));
  }

  /** Works out what is certain, where that can have changed and may take the time. */
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

  /** The next summary is due when the capture's time is a multiple of the interval, later than `time` (nanoseconds). */
  #awaitSummary(time: number): void {
    const interval = this.#interval * 1e9;
    this.#summaryDue = interval > 0 ? (Math.floor(time / interval) + 1) * interval : Infinity;
    this.#engine.onceAfter(this.#summaryDue, (next) => this.#summarise(next));
  }

  /** Tells of what has come until the summary was due; `time`: how far the capture is. */
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
    // While nothing comes, the capture's time passes as ours does.
    const time = this.#engine.now + silence * 1e6;
    if (time > this.#summaryDue && this.#engine.packets > 0) this.#summarise(time);
  }

  #each(tell: (onlooker: Onlooker) => void): void {
    for (const onlooker of this.#onlookers) tell(onlooker);
  }
}
