import { BLOCK, type BlockCipher, Remembered } from './cipher.ts';

/** Payload bytes that one block of the cipher covers: two bytes of key for each. */
const COVERED = BLOCK / 2;
const TAG_LENGTH = 8;
const PORTS_LENGTH = 4;
/** What a block is for stands in its last byte. */
const DATA = 1;
const CHECKSUM = 2;

/**
 * Overwrites what a connection carried. A byte's image depends on the direction, on its place in the sequence space and on itself:
 * the same byte sent again gives the same image and another byte another, so that what is judged by comparing (data sent again,
 * data that contradict) is judged as before. Nobody without the key learns more from one byte's image than its length.
 */
export class StreamMask {
  /** By what the error of a wrong checksum is multiplied: other errors stay other errors, and none becomes right. */
  readonly errorFactor: number;
  readonly #cipher: BlockCipher;
  /** Addresses and ports of the direction, one after the other. */
  readonly #direction = new Uint8Array(2 * BLOCK + PORTS_LENGTH);
  readonly #tags = new Remembered();
  #tag: Uint8Array = new Uint8Array(TAG_LENGTH);

  constructor(cipher: BlockCipher) {
    this.#cipher = cipher;
    this.errorFactor = unitFrom(this.checksumPad(0));
  }

  /**
   * From now on it is about this direction: source and destination address, `length` bytes each, from `ip[addresses]` on, and the
   * four bytes of the ports from `tcp[ports]` on.
   */
  turnTo(ip: Uint8Array, addresses: number, length: number, tcp: Uint8Array, ports: number): void {
    const direction = this.#direction.subarray(0, 2 * length + PORTS_LENGTH);
    for (let at = 0; at < 2 * length; at++) direction[at] = ip[addresses + at];
    for (let at = 0; at < PORTS_LENGTH; at++) direction[2 * length + at] = tcp[ports + at];
    this.#tag = this.#tags.of(direction, 0, direction.length, () => this.#tagOf(direction));
  }

  /** The blocks of a direction, chained. */
  #tagOf(direction: Uint8Array): Uint8Array {
    let block: Uint8Array = new Uint8Array(BLOCK);
    block[BLOCK - 1] = direction.length;
    for (let from = 0; from < direction.length; from += BLOCK) {
      block = this.#cipher.encrypt(block);
      for (let at = from; at < Math.min(direction.length, from + BLOCK); at++) block[at - from] ^= direction[at];
    }
    return this.#cipher.encrypt(block).slice(0, TAG_LENGTH);
  }

  /** Overwrites `bytes[from, to)`, whose first byte has the sequence number `seq`. */
  overwrite(bytes: Uint8Array, from: number, to: number, seq: number): void {
    const length = to - from;
    if (length <= 0) return;
    const first = seq >>> 3;
    const skipped = seq & (COVERED - 1);
    const key = this.#keys(first, Math.ceil((skipped + length) / COVERED), DATA);
    for (let at = 0; at < length; at++) {
      const place = (skipped + at) * 2;
      // An odd factor and a summand: one to one, and for a single byte all images are equally likely.
      bytes[from + at] = Math.imul(bytes[from + at], key[place] | 1) + key[place + 1];
    }
  }

  /** 16 bits to hide a checksum with that cannot be worked out anew. */
  checksumPad(seq: number): number {
    const key = this.#keys(seq >>> 3, 1, CHECKSUM);
    const place = (seq & (COVERED - 1)) * 2;
    return (key[place] << 8) | key[place + 1];
  }

  #keys(first: number, count: number, use: number): Uint8Array {
    const blocks = new Uint8Array(count * BLOCK);
    const view = new DataView(blocks.buffer);
    for (let index = 0; index < count; index++) {
      const at = index * BLOCK;
      blocks.set(this.#tag, at);
      // The sequence space has 2^32 / 8 of them, and wraps.
      view.setUint32(at + TAG_LENGTH, (first + index) & 0x1fff_ffff);
      blocks[at + BLOCK - 1] = use;
    }
    return this.#cipher.encrypt(blocks);
  }
}

/** The first number from `start` on that has no divisor in common with 0xffff = 3 · 5 · 17 · 257. */
function unitFrom(start: number): number {
  let unit = start;
  while ([3, 5, 17, 257].some((prime) => unit % prime === 0)) unit++;
  return unit;
}
