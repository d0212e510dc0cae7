import type { Cursor } from './cursor.ts';

/** Fragment offsets count blocks of this many bytes (RFC 791 §3.1, RFC 8200 §4.5). */
export const BLOCK = 8;
export const LONGEST_DATAGRAM = 0xffff;
const SMALLEST_BUFFER = 2048;
/** What a waiting datagram costs besides its buffers, roughly (bytes). */
const OVERHEAD = 256;
/** Most frames of a datagram whose numbers are kept: more than these are fragments that bring nothing new. */
const MOST_FRAMES = LONGEST_DATAGRAM / BLOCK;

/* States of a block. */
const MISSING = 0;
/** It was on the wire, but the capture cut it off. */
const NOT_CAPTURED = 1;
const CAPTURED = 2;

/** An IP datagram that waits for the rest of its fragments. */
export class Datagram {
  /** When its first fragment came, and for how long it waits (nanoseconds). */
  readonly time: number;
  readonly timeout: number;
  bytes: Uint8Array = new Uint8Array(SMALLEST_BUFFER);
  /** Its protocol, by the fragment at offset 0 if that has come. */
  protocol: number;
  /** Fragments so far. */
  fragments = 0;
  /** Numbers of the frames that they came in, at most `MOST_FRAMES`. */
  readonly frames: number[] = [];
  /** Its length in bytes, -1 until the last fragment has come. */
  #length = -1;
  #blocks: Uint8Array = new Uint8Array(SMALLEST_BUFFER / BLOCK);
  /** End of the furthest fragment so far. */
  #reach = 0;
  /** Blocks that are not MISSING. */
  #received = 0;

  constructor(time: number, timeout: number, protocol: number) {
    this.time = time;
    this.timeout = timeout;
    this.protocol = protocol;
  }

  /** Its length in bytes; only if it is `complete`. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it takes, roughly. */
  get memory(): number {
    return this.bytes.length + this.#blocks.length + OVERHEAD;
  }

  get complete(): boolean {
    return this.#length >= 0 && this.#received === Math.ceil(this.#length / BLOCK);
  }

  /** How many of its first bytes were captured without a gap; only if it is `complete`. */
  get captured(): number {
    const blocks = Math.ceil(this.#length / BLOCK);
    let block = 0;
    while (block < blocks && this.#blocks[block] === CAPTURED) block += 1;
    return Math.min(block * BLOCK, this.#length);
  }

  /** Whether a fragment cannot end at `end`: by the length that the last fragment gave, or by what came beyond. */
  contradicts(end: number, more: boolean): boolean {
    if (this.#length >= 0) return more ? end > this.#length : end !== this.#length;
    return !more && end < this.#reach;
  }

  /** Copies what is new in the fragment at `[cursor.at, cursor.limit)`. Where fragments overlap, the first one counts. */
  put({ bytes, at, end, limit }: Cursor, offset: number, more: boolean): void {
    const length = limit - at;
    this.#grow(offset + length);
    this.fragments += 1;
    if (offset + length > this.#reach) this.#reach = offset + length;
    if (!more) this.#length = offset + length;
    for (let done = 0; done < length; done += BLOCK) {
      const block = (offset + done) / BLOCK;
      if (this.#blocks[block] !== MISSING) continue;
      const size = Math.min(BLOCK, length - done);
      const state = at + done + size <= end ? CAPTURED : NOT_CAPTURED;
      if (state === CAPTURED) this.bytes.set(bytes.subarray(at + done, at + done + size), offset + done);
      this.#blocks[block] = state;
      this.#received += 1;
    }
  }

  /** Notes the frames that a fragment came in: several, if it was itself in fragments of a tunnel's datagram. */
  noteFrames(numbers: readonly number[]): void {
    if (this.frames.length < MOST_FRAMES) this.frames.push(...numbers);
  }

  #grow(length: number): void {
    let size = this.bytes.length;
    if (length <= size) return;
    while (size < length) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes);
    this.bytes = bytes;
    const blocks = new Uint8Array(size / BLOCK);
    blocks.set(this.#blocks);
    this.#blocks = blocks;
  }
}
