import { STATE_COUNT, STATE_NAMES, UNSEEN } from '../tcp/state.ts';
import type { Series } from './report.ts';

/** Bins kept. When all are used, each two neighbours become one, and bins are twice as long from then on. */
const BINS = 240;
const FIRST_BIN_NANOSECONDS = 100_000_000;

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

  count(event: SeriesEvent, time: number): void {
    this.advance(time);
    const at = Math.min(this.closed, BINS) * KINDS + event;
    this.events[at]++;
    this.totals[event]++;
  }

  /** Closes every bin that ends at or before `time`. */
  advance(time: number): void {
    while (time >= this.boundary) {
      if (this.closed === BINS) this.halve();
      else this.close();
    }
  }

  /** The series up to and including `end`, without states that never occurred. */
  series(end: number, start: bigint): Series {
    this.advance(end);
    if (this.closed === BINS) this.halve();
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

  private close(): void {
    this.states.set(this.population, this.closed * STATE_COUNT);
    this.closed++;
    this.boundary = (this.closed + 1) * this.bin;
  }

  /** Joins each two neighbouring bins; the open bin goes on. */
  private halve(): void {
    for (let bin = 0; bin < BINS / 2; bin++) {
      for (let state = 0; state < STATE_COUNT; state++) {
        this.states[bin * STATE_COUNT + state] = this.states[(2 * bin + 1) * STATE_COUNT + state];
      }
      for (let event = 0; event < KINDS; event++) {
        this.events[bin * KINDS + event] = this.events[2 * bin * KINDS + event] + this.events[(2 * bin + 1) * KINDS + event];
      }
    }
    const open = this.events.slice(BINS * KINDS, (BINS + 1) * KINDS);
    this.events.fill(0, (BINS / 2) * KINDS);
    this.events.set(open, (BINS / 2) * KINDS);
    this.closed = BINS / 2;
    this.bin *= 2;
    this.boundary = (this.closed + 1) * this.bin;
  }
}
