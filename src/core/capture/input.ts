/** What is copied into the buffer comes in chunks of this and less; it grows where records wait for earlier ones. */
const FIRST_CAPACITY = 1 << 18;
/** Free bytes before lent memory, for what the buffer in use still holds when that memory takes its place. */
const HEADROOM = 1 << 16;
/** Buffers kept to be lent again: one is parsed, one waits to be, one is read into. */
const MOST_SPARE = 2;

/**
 * The part of the input that is being read: `bytes[position, end)` is not yet parsed. Bytes before `position` stay until `compact`
 * is told that nobody needs them.
 *
 * Memory can be lent for the next bytes to be read into while those at hand are parsed. Pushed, it becomes the buffer, and what
 * the former one still holds moves before it; the former one is lent next.
 */
export class InputBuffer {
  bytes = new Uint8Array(FIRST_CAPACITY);
  view = new DataView(this.bytes.buffer);
  /** Where parsing goes on. */
  position = 0;
  /** End of the bytes held. */
  end = 0;
  /** Bytes of the input taken in so far, those that were skipped included. */
  total = 0;
  private toSkip = 0;
  private readonly spare: ArrayBuffer[] = [];
  private readonly lent: ArrayBuffer[] = [];

  /** Bytes held and not yet parsed. */
  get available(): number {
    return this.end - this.position;
  }

  /** Offset in the input of a position at or after `position`. */
  offsetOf(position: number): number {
    return this.total - (this.end - position);
  }

  /** True while a `skip` is not yet done: nothing may be parsed until more input comes. */
  get skipping(): boolean {
    return this.toSkip > 0;
  }

  /** Passes over the next `length` bytes of the input without ever holding those that have not come yet. */
  skip(length: number): void {
    const held = Math.min(length, this.available);
    this.position += held;
    this.toSkip = length - held;
  }

  /** Free memory for later bytes of the input: the caller's until a chunk at its beginning was taken, which costs no copy. */
  lend(length: number): Uint8Array {
    const fits = this.spare.findIndex(({ byteLength }) => byteLength >= HEADROOM + length);
    const memory = fits < 0 ? new ArrayBuffer(HEADROOM + length) : this.spare.splice(fits, 1)[0]!;
    this.lent.push(memory);
    return new Uint8Array(memory, HEADROOM, length);
  }

  /**
   * Makes lent memory with `chunk` at its beginning the buffer, where `bytes[keep, end)` finds room before it. Returns by how much
   * positions moved down, or null when the chunk must be copied.
   */
  adopt(chunk: Uint8Array, keep: number): number | null {
    if (chunk.byteOffset !== HEADROOM || this.end - keep > HEADROOM) return null;
    const memory = this.takeLent(chunk);
    if (memory === null) return null;
    const moved = this.end - HEADROOM;
    const bytes = new Uint8Array(memory);
    bytes.set(this.bytes.subarray(keep, this.end), keep - moved);
    this.keepSpare(this.bytes.buffer);
    this.bytes = bytes;
    this.view = new DataView(memory);
    const skipped = Math.min(this.toSkip, chunk.length);
    this.toSkip -= skipped;
    this.position += skipped - moved;
    this.end = HEADROOM + chunk.length;
    this.total += chunk.length;
    return moved;
  }

  /** Takes memory back that was lent for a chunk, if it was: the chunk has been copied. */
  takeBack(chunk: Uint8Array): void {
    const memory = this.takeLent(chunk);
    if (memory !== null) this.keepSpare(memory);
  }

  /** Takes what it can of `chunk[from, …)` and returns where the rest begins. */
  take(chunk: Uint8Array, from: number): number {
    let start = from;
    if (this.toSkip > 0) {
      const skipped = Math.min(this.toSkip, chunk.length - start);
      this.toSkip -= skipped;
      this.total += skipped;
      start += skipped;
    }
    const length = Math.min(chunk.length - start, this.bytes.length - this.end);
    if (length > 0) {
      this.bytes.set(start === 0 && length === chunk.length ? chunk : chunk.subarray(start, start + length), this.end);
      this.end += length;
      this.total += length;
    }
    return start + length;
  }

  /**
   * Makes room: moves `bytes[keep, end)` to the front (`keep` is at most `position`), in a buffer of twice the size when more
   * than half would stay occupied, so that small rooms never make many moves. Returns by how much positions moved down.
   */
  compact(keep: number): number {
    const kept = this.end - keep;
    if (kept > this.bytes.length >> 1) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes.subarray(keep, this.end));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    } else if (keep > 0 && kept > 0) {
      this.bytes.copyWithin(0, keep, this.end);
    }
    this.position -= keep;
    this.end = kept;
    return keep;
  }

  private takeLent(chunk: Uint8Array): ArrayBuffer | null {
    const index = this.lent.findIndex((memory) => memory === chunk.buffer);
    return index < 0 ? null : this.lent.splice(index, 1)[0]!;
  }

  private keepSpare(memory: ArrayBuffer): void {
    if (this.spare.length < MOST_SPARE) this.spare.push(memory);
  }
}
