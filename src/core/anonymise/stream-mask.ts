import { BLOCK, type BlockCipher, Remembered } from './cipher.ts';

/** Payload bytes for each block of the cipher: each takes two bytes of key. */
const COVERED = BLOCK / 2;
const TAG_LENGTH = 8;
const PORTS_LENGTH = 4;
/* The use of a block, in its last byte. */
const DATA = 1;
const CHECKSUM = 2;

/**
 * Overwrites payload. The image of a byte depends on the direction of the connection, on its sequence number, and on the byte: a
 * retransmitted byte has the same image, a different byte another one. Rules that compare payloads therefore come to the same verdict.
 * Without the key, an image reveals nothing about the byte.
 */
export class StreamMask {
  /** Multiplies the error of wrong checksums: different errors stay different, and none becomes 0. */
  readonly errorFactor: number;
  readonly #cipher: BlockCipher;
  /** The addresses and ports of a direction, concatenated. */
  readonly #direction = new Uint8Array(2 * BLOCK + PORTS_LENGTH);
  readonly #tags = new Remembered();
  #tag: Uint8Array = new Uint8Array(TAG_LENGTH);

  constructor(cipher: BlockCipher) {
    this.#cipher = cipher;
    this.errorFactor = unitFrom(this.checksumPad(0));
  }

  /**
   * Sets the direction for the calls to come: source and destination address of `length` bytes each at `ip[addresses]`, and the four bytes
   * of the ports at `tcp[ports]`.
   */
  turnTo(ip: Uint8Array, addresses: number, length: number, tcp: Uint8Array, ports: number): void {
    const direction = this.#direction.subarray(0, 2 * length + PORTS_LENGTH);
    for (let at = 0; at < 2 * length; at++) direction[at] = ip[addresses + at];
    for (let at = 0; at < PORTS_LENGTH; at++) direction[2 * length + at] = tcp[ports + at];
    this.#tag = this.#tags.of(direction, 0, direction.length, () => this.#tagOf(direction));
  }

  /** A tag for a direction: the CBC-MAC of its addresses and ports. */
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
      // Multiplying by an odd number and adding another one is one to one, and all images of a byte are equally likely.
      bytes[from + at] = Math.imul(bytes[from + at], key[place] | 1) + key[place + 1];
    }
  }

  /** 16 bits to hide a checksum that cannot be recomputed. */
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
      // There are 2^32 / 8 blocks in the sequence space, which wraps.
      view.setUint32(at + TAG_LENGTH, (first + index) & 0x1fff_ffff);
      blocks[at + BLOCK - 1] = use;
    }
    return this.#cipher.encrypt(blocks);
  }
}

/** The first number from `start` on that is coprime to 0xffff = 3 · 5 · 17 · 257. */
function unitFrom(start: number): number {
  let unit = start;
  while ([3, 5, 17, 257].some((prime) => unit % prime === 0)) unit++;
  return unit;
}
