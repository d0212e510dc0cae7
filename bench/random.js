/** Pseudo-random numbers from a seed (xorshift32): the same captures everywhere. */
export class Random {
  #state;

  /** @param {number} seed not 0 */
  constructor(seed) {
    this.#state = seed | 0;
  }

  /** A signed 32-bit integer. */
  word() {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state;
  }

  /**
   * An integer from 0 to `limit` − 1.
   * @param {number} limit at most 2^31
   */
  below(limit) {
    return (this.word() >>> 1) % limit;
  }
}
