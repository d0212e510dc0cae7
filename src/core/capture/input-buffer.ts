/** Small enough to stay in the processor's cache, which makes reading into it cheap. It grows when records have to wait in it. */
const FIRST_CAPACITY = 1 << 18;

/**
 * The part of the input that is being read, in one reused buffer: `bytes[position, end)` is still to be parsed. Bytes before
 * `position` stay valid until `compact` drops them.
 */
export class InputBuffer {
  bytes = new Uint8Array(FIRST_CAPACITY);
  view = new DataView(this.bytes.buffer);
  /** Where parsing goes on. */
  position = 0;
  /** End of the bytes held. */
  end = 0;
  /** Bytes of the input taken in so far, including skipped ones. */
  total = 0;
  private toSkip = 0;

  /** Bytes held and not yet parsed. */
  get available(): number {
    return this.end - this.position;
  }

  /** Offset in the input of a position at or after `position`. */
  offsetOf(position: number): number {
    return this.total - (this.end - position);
  }

  /** True while a `skip` is unfinished: nothing may be parsed until more input has come. */
  get skipping(): boolean {
    return this.toSkip > 0;
  }

  /** Skips the next `length` bytes of the input. Those that have not come yet are never buffered. */
  skip(length: number): void {
    const held = Math.min(length, this.available);
    this.position += held;
    this.toSkip = length - held;
  }

  /** Free memory for the next bytes of the input. A chunk that was read into the start of it is taken without a copy. */
  room(length: number): Uint8Array {
    return this.bytes.subarray(this.end, Math.min(this.bytes.length, this.end + length));
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
      const inPlace = start === 0 && chunk.buffer === this.bytes.buffer && chunk.byteOffset === this.end;
      if (!inPlace) this.bytes.set(start === 0 && length === chunk.length ? chunk : chunk.subarray(start, start + length), this.end);
      this.end += length;
      this.total += length;
    }
    return start + length;
  }

  /**
   * Makes room by moving `bytes[keep, end)` to the front (`keep` is at most `position`). The buffer doubles if more than half of it
   * would stay occupied: otherwise there would be many moves for little room each. Returns how far positions moved down.
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
}
