import type { CaptureClock, Instant } from './clock.ts';

/** Moments of a capture at which somebody wants to look. Each is told once: just before the first frame after it is taken in. */
export class Moments {
  /** The earliest moment to come (nanoseconds since the first frame): call `pass` for a frame later than this. */
  due: number;
  private readonly clock: CaptureClock;
  private readonly instants: readonly Instant[];
  private readonly tell: (index: number) => void;
  /** Indices of the instants that are still to come. */
  private coming: number[];
  private alarm = Infinity;
  private act: (time: number) => void = () => undefined;

  /** `tell` is called with the index in `instants` of each moment that has passed. */
  constructor(clock: CaptureClock, instants: readonly Instant[], tell: (index: number) => void) {
    this.clock = clock;
    this.instants = instants;
    this.tell = tell;
    this.coming = instants.map((_, index) => index);
    // The clock cannot place them before the first frame, so that one passes through `pass` in any case.
    this.due = instants.length === 0 ? Infinity : -Infinity;
  }

  /** Calls `act` once, with the time of the first frame after `time`. There is one such call at a time: a new one replaces the last. */
  onceAfter(time: number, act: (time: number) => void): void {
    this.alarm = time;
    this.act = act;
    this.due = Math.min(this.due, time);
  }

  /** The next frame is of this `time`. Infinity means the end of the capture: all instants have passed, but `onceAfter` is not called. */
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
