import { STATE_COUNT, STATE_NAMES, UNSEEN } from '../tcp/state.ts';
import type { Series } from './report.ts';

/** Bins kept. When all are used, each two neighbours become one, and bins are twice as long from then on. */
const BINS = 240;
/** The shortest bins of a report. */
const LEAST_BIN_NANOSECONDS = 100_000_000;
/** Shorter at first, so that a bin ends before V8 compiles the code that each packet passes through: see `REHEARSED` in walk.ts. */
const FIRST_BIN_NANOSECONDS = LEAST_BIN_NANOSECONDS / 64;

/** Kinds of segments that are counted in each bin. */
export const SeriesEvent = { SYN: 0, SYN_ACK: 1, RST: 2, FIN: 3 } as const;
export type SeriesEvent = (typeof SeriesEvent)[keyof typeof SeriesEvent];
const KINDS = 4;

/** How many ends are in each state, and how many segments of each kind come, over time. Bins are bounded in number for captures of any length. */
export class SeriesRecorder {
  /** Ends in each state now. */
  readonly population = new Int32Array(STATE_COUNT);
  /** Segments of each kind since the start. */
  readonly totals = new Float64Array(KINDS);
  private bin = FIRST_BIN_NANOSECONDS;
  /** End of the open bin. It starts as Infinity so that V8 compiles for floating point at once, and need not do so again later. */
  private boundary = Infinity;
  /** Bins closed so far. */
  private closed = 0;
  private readonly states = new Int32Array(BINS * STATE_COUNT);
  private readonly events = new Int32Array((BINS + 1) * KINDS);

  constructor() {
    this.boundary = this.bin;
  }

  /** An end went from one state (−1: it is new) to another (−1: it is forgotten). */
  move(former: number, state: number): void {
    if (former >= 0) this.population[former]--;
    if (state >= 0) this.population[state]++;
  }

  /** Counts a segment in the open bin: call `advance` with its time first. */
  count(event: SeriesEvent): void {
    const at = Math.min(this.closed, BINS) * KINDS + event;
    this.events[at]++;
    this.totals[event]++;
  }

  /** Closes every bin that ends at or before `time`. */
  advance(time: number): void {
    while (time >= this.boundary) this.turn();
  }

  /** The series up to and including `end`, without states that never occurred. */
  series(end: number, start: bigint): Series {
    this.advance(end);
    while (this.bin < LEAST_BIN_NANOSECONDS || this.closed === BINS) this.halve();
    this.close();
    const states: { [state: string]: number[] } = {};
    for (let state = 0; state < STATE_COUNT; state++) {
      if (state === UNSEEN) continue;
      const row = Array.from({ length: this.closed }, (_, bin) => this.states[bin * STATE_COUNT + state]);
      if (row.some((value) => value !== 0)) states[STATE_NAMES[state]] = row;
    }
    const events = (event: SeriesEvent): number[] => Array.from({ length: this.closed }, (_, bin) => this.events[bin * KINDS + event]);
    return {
      bin_seconds: this.bin / 1e9,
      start_ns: start,
      states,
      events: { syn: events(SeriesEvent.SYN), synack: events(SeriesEvent.SYN_ACK), rst: events(SeriesEvent.RST), fin: events(SeriesEvent.FIN) },
    };
  }

  private turn(): void {
    if (this.closed === BINS) this.halve();
    else this.close();
  }

  private close(): void {
    this.states.set(this.population, this.closed * STATE_COUNT);
    this.closed++;
    this.boundary = (this.closed + 1) * this.bin;
  }

  /** Joins each two neighbouring bins. The open one goes on, with a closed one before it that has no other neighbour. */
  private halve(): void {
    const closed = this.closed >> 1;
    for (let bin = 0; bin < closed; bin++) {
      for (let state = 0; state < STATE_COUNT; state++) {
        this.states[bin * STATE_COUNT + state] = this.states[(2 * bin + 1) * STATE_COUNT + state];
      }
    }
    const joined = new Int32Array((closed + 1) * KINDS);
    for (let bin = 0; bin <= this.closed; bin++) {
      for (let event = 0; event < KINDS; event++) joined[(bin >> 1) * KINDS + event] += this.events[bin * KINDS + event];
    }
    this.events.fill(0);
    this.events.set(joined);
    this.closed = closed;
    this.bin *= 2;
    this.boundary = (this.closed + 1) * this.bin;
  }
}
