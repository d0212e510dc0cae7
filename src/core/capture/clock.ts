/** A moment of a capture: its end, a time after its first frame, or a time since the epoch. In nanoseconds. */
export type Instant = { kind: 'end' } | { kind: 'relative'; ns: bigint } | { kind: 'epoch'; ns: bigint };

/**
 * Time zero of an analysis: the epoch time of the first frame read. All other times are plain numbers of nanoseconds relative to it,
 * exact for 104 days either way; `toEpoch` turns them back into full 64-bit times.
 */
export class CaptureClock {
  /** Nanoseconds since 1970-01-01T00:00:00Z, undefined until a frame has been read. */
  base: bigint | undefined;

  /** The epoch time in nanoseconds of a relative time; 0n before any frame was read. */
  toEpoch(time: number): bigint {
    return (this.base ?? 0n) + BigInt(Math.round(time));
  }

  /** The relative time of a moment, Infinity for the end of the capture. Call it only after a frame has been read. */
  fromInstant(instant: Instant): number {
    if (instant.kind === 'end') return Infinity;
    return Number(instant.kind === 'relative' ? instant.ns : instant.ns - (this.base ?? 0n));
  }
}
