const FIRST_BYTES = 1 << 13;

/** A set of frame numbers, with one bit for each frame of the capture. */
export class FrameSet {
  #bits = new Uint8Array(FIRST_BYTES);
  /** Frames in the set. */
  size = 0;

  add(frame: number): void {
    // Not a shift: frame numbers may exceed 2^31.
    const at = Math.floor(frame / 8);
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(this.#bits.length * 2, at + 1));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (frame % 8);
    if ((this.#bits[at] & bit) !== 0) return;
    this.#bits[at] |= bit;
    this.size++;
  }

  has(frame: number): boolean {
    return ((this.#bits[Math.floor(frame / 8)] ?? 0) & (1 << (frame % 8))) !== 0;
  }
}
