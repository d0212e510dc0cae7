import type { CaptureClock, Instant } from './clock.ts';

/** Moments of a capture at which somebody wants to look: each is told once, before the first frame after it is taken in. */
export class Moments {
  /** A frame later than this (nanoseconds since the first frame) has passed some moment. */
  due: number;
  private readonly clock: CaptureClock;
  private readonly instants: readonly Instant[];
  private readonly tell: (index: number) => void;
  /** Indices of the instants that are still to come. */
  private coming: number[];
  private alarm = Infinity;
  private act: (time: number) => void = () => undefined;

  /** `tell` is given the index of each of `instants` that has passed. */
  constructor(clock: CaptureClock, instants: readonly Instant[], tell: (index: number) => void) {
    this.clock = clock;
    this.instants = instants;
    this.tell = tell;
    this.coming = instants.map((_, index) => index);
    // The clock can place them from the first frame on.
    this.due = instants.length === 0 ? Infinity : -Infinity;
  }

  /** Calls `act` once, with the time of the first frame after `time`. Takes the place of what was to be called before. */
  onceAfter(time: number, act: (time: number) => void): void {
    this.alarm = time;
    this.act = act;
    this.due = Math.min(this.due, time);
  }

  /** A frame of `time` comes next; Infinity: none does, so that only instants have passed. */
  pass(time: number): void {
    const passed = this.coming.filter((index) => time === Infinity || this.timeOf(index) < time);
    this.coming = this.coming.filter((index) => !passed.includes(index));
    const isAlarmed = time > this.alarm && time !== Infinity;
    if (isAlarmed) this.alarm = Infinity;
    this.due = Math.min(this.alarm, ...this.coming.map((index) => this.timeOf(index)));
    for (const index of passed) this.tell(index);
    if (isAlarmed) this.act(time);
  }

  private timeOf(index: number): number {
    return this.clock.fromInstant(this.instants[index]);
  }
}
