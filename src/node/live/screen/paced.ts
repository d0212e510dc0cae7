/** Milliseconds of reading that are granted in advance, so that the first readings, which are the slowest, hold up nothing. */
const ADVANCE = 200;

/**
 * A value that is read anew no more often than every `interval`, and so seldom that reading takes no more than a share of the time
 * in the long run: what costs more to know is older on the screen.
 */
export class Paced<T> {
  readonly #interval: number;
  readonly #share: number;
  readonly #clock: () => number;
  #value: T;
  /** Milliseconds that may be spent on reading; below zero what was spent too much. */
  #credit = ADVANCE;
  #read = -Infinity;

  /**
   * @param initial the value until the first reading
   * @param interval milliseconds
   * @param share of the time that reading may take, from 0 to 1
   * @param clock milliseconds
   */
  constructor(initial: T, interval: number, share: number, clock: () => number) {
    this.#value = initial;
    this.#interval = interval;
    this.#share = share;
    this.#clock = clock;
  }

  get value(): T {
    return this.#value;
  }

  /** Reads anew if it is time. True when it did. */
  refresh(read: () => T): boolean {
    const now = this.#clock();
    const since = now - this.#read;
    if (since < this.#interval || this.#credit + since * this.#share < 0) return false;
    this.#value = read();
    this.#credit = Math.min(ADVANCE, this.#credit + since * this.#share) - (this.#clock() - now);
    this.#read = now;
    return true;
  }
}
