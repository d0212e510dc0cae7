/** Primes of the algorithm (xxHash_spec.md 0.1.1, "XXH32"), signed 32 bits. */
const PRIME_1 = 0x9e3779b1 | 0;
const PRIME_2 = 0x85ebca77 | 0;
const PRIME_3 = 0xc2b2ae3d | 0;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
/** Bytes that are taken together, four in each accumulator. */
const STRIPE = 16;

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The checksum XXH32, seed 0, of bytes that come piece by piece. */
export class Xxh32 {
  readonly #accumulators = Int32Array.of(PRIME_1 + PRIME_2, PRIME_2, 0, -PRIME_1);
  /** Bytes of a stripe that is not complete yet. */
  readonly #rest = new Uint8Array(STRIPE);
  #kept = 0;
  #length = 0;

  update(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let at = 0;
    if (this.#kept > 0) {
      at = Math.min(bytes.length, STRIPE - this.#kept);
      this.#rest.set(bytes.subarray(0, at), this.#kept);
      this.#kept += at;
      if (this.#kept < STRIPE) return;
      this.#stripe(this.#rest, 0);
    }
    for (; at + STRIPE <= bytes.length; at += STRIPE) this.#stripe(bytes, at);
    this.#rest.set(bytes.subarray(at));
    this.#kept = bytes.length - at;
  }

  #stripe(bytes: Uint8Array, at: number): void {
    const accumulators = this.#accumulators;
    for (let lane = 0; lane < 4; lane++) {
      accumulators[lane] = Math.imul(rotated(accumulators[lane] + Math.imul(word(bytes, at + 4 * lane), PRIME_2), 13), PRIME_1);
    }
  }

  /** Of all bytes so far, unsigned. */
  digest(): number {
    const [one, two, three, four] = this.#accumulators;
    let hash = this.#length < STRIPE ? PRIME_5 : rotated(one, 1) + rotated(two, 7) + rotated(three, 12) + rotated(four, 18);
    hash = (hash + this.#length) | 0;
    let at = 0;
    for (; at + 4 <= this.#kept; at += 4) hash = Math.imul(rotated((hash + Math.imul(word(this.#rest, at), PRIME_3)) | 0, 17), PRIME_4);
    for (; at < this.#kept; at++) hash = Math.imul(rotated((hash + Math.imul(this.#rest[at], PRIME_5)) | 0, 11), PRIME_1);
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}
