/**
 * A value that is read anew no more often than every `interval`, and so seldom that reading takes no more than a share of the time:
 * what costs more to know is older on the screen.
 */
export class Paced<T> {
  readonly #interval: number;
  readonly #share: number;
  readonly #clock: () => number;
  #value: T;
  #due = -Infinity;

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
    const began = this.#clock();
    if (began < this.#due) return false;
    this.#value = read();
    const ended = this.#clock();
    this.#due = ended + Math.max(this.#interval, (ended - began) / this.#share);
    return true;
  }
}
