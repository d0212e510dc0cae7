/**
 * Upper bounds of the buckets in seconds. Handshakes take tens of microseconds in a host, milliseconds in a site, some hundred milliseconds
 * around the world. From 1 s on, a SYN was repeated (after 1, 3, 7 s: RFC 6298 §2).
 */
export const LATENCY_BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 7] as const;

/** Counts of durations by bucket, for Prometheus. Counts and sum never fall. */
export class LatencyHistogram {
  /** Durations in each bucket, not cumulative; the last one is for those beyond all bounds. */
  readonly buckets = new Float64Array(LATENCY_BOUNDS.length + 1);
  /** Seconds. */
  sum = 0;

  /** Adds a duration in seconds. Negative ones, from a clock that was set back, count as 0. */
  add(seconds: number): void {
    const duration = Math.max(0, seconds);
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS.length && duration > LATENCY_BOUNDS[bucket]) bucket++;
    this.buckets[bucket]++;
    this.sum += duration;
  }
}
