/** A moment of a capture: its end, so long after its first frame, or a time of day. Nanoseconds. */
export type Instant = { kind: 'end' } | { kind: 'relative'; ns: bigint } | { kind: 'epoch'; ns: bigint };

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

  /** The relative time of a moment, Infinity for the capture's end; of any use only once a frame has been read. */
  fromInstant(instant: Instant): number {
    if (instant.kind === 'end') return Infinity;
    return Number(instant.kind === 'relative' ? instant.ns : instant.ns - (this.base ?? 0n));
  }
}
