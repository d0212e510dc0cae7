/**
 * The zero of the analysis' time: the epoch time, in nanoseconds, of the first frame read. Times after it are plain numbers of
 * nanoseconds, exact for 104 days either way; `toEpoch` gives the full 64-bit time back.
 */
export class CaptureClock {
  /** Nanoseconds since 1970-01-01T00:00:00Z, undefined until a frame has been read. */
  base: bigint | undefined;

  /** The epoch time in nanoseconds of a relative time; 0n before any frame was read. */
  toEpoch(time: number): bigint {
    return (this.base ?? 0n) + BigInt(Math.round(time));
  }
}
