/** How often something is read. */
export interface Pace {
  /** Least time from one reading to the next (milliseconds). */
  interval: number;
  /** Share of the time that reading may take, 0 to 1. */
  share: number;
  /** Milliseconds of reading that are granted in advance, so that the first readings need not wait. */
  advance: number;
}

/**
 * A value that is read anew no more often than every `interval`, and so seldom that reading takes no more than a share of the time: what costs
 * more to know is older. A reading waits until the time that the last one took is saved.
 */
export class Paced<T> {
  readonly #pace: Pace;
  readonly #clock: () => number;
  #value: T;
  /** Milliseconds that may be spent on reading; negative if too much was spent. */
  #credit: number;
  #cost = 0;
  #read = -Infinity;

  /**
   * @param initial the value until the first reading
   * @param clock milliseconds
   */
  constructor(initial: T, pace: Pace, clock: () => number) {
    this.#value = initial;
    this.#pace = pace;
    this.#credit = pace.advance;
    this.#clock = clock;
  }

  get value(): T {
    return this.#value;
  }

  /** Milliseconds from one reading to the next in the long run, if the cost stays the same. */
  get period(): number {
    return Math.max(this.#pace.interval, this.#cost / this.#pace.share);
  }

  /** Milliseconds until the next reading; 0 or less when it is time. */
  get wait(): number {
    const { interval, share } = this.#pace;
    return this.#read + Math.max(interval, (this.#cost - this.#credit) / share) - this.#clock();
  }

  /** Reads again if it is time. True if it did. */
  refresh(read: () => T): boolean {
    if (this.wait > 0) return false;
    const { share, advance } = this.#pace;
    const now = this.#clock();
    const credit = Math.min(Math.max(advance, this.#cost), this.#credit + (now - this.#read) * share);
    this.#value = read();
    this.#cost = this.#clock() - now;
    this.#credit = credit - this.#cost;
    this.#read = now;
    return true;
  }
}
