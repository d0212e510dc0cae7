import type { Waits } from './survival.ts';

/** Buckets grow by this factor, so that a quantile is within 2 % of the true value. */
const GROWTH = 1.04;
const LOG_GROWTH = Math.log(GROWTH);
/** The first bucket holds all values up to this. Durations are nanoseconds: below a microsecond nothing is told apart. */
const LEAST = 1_000;
/** Up to 1e15 ns (12 days); longer ones share the last bucket. */
const BUCKETS = Math.ceil(Math.log(1e15 / LEAST) / LOG_GROWTH) + 1;

/**
 * A histogram of durations in nanoseconds, in buckets that widen by 4 %: fixed size (2.8 kB), the same for any order of adding,
 * and mergeable.
 */
export class QuantileSketch {
  readonly counts = new Uint32Array(BUCKETS);
  total = 0;
  max = 0;

  add(duration: number): void {
    const bucket = bucketOf(duration);
    this.counts[bucket] += 1;
    this.total += 1;
    if (duration > this.max) this.max = duration;
  }

  /** How many are at least this long, to 2 %. */
  countFrom(duration: number): number {
    let count = 0;
    for (let bucket = bucketOf(duration); bucket < BUCKETS; bucket += 1) count += this.counts[bucket];
    return count;
  }

  /** The value below which `share` (0 to 1) of the durations lie, to 2 %; 0 when empty. The largest is exact. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.total));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.counts[bucket];
      if (seen >= rank) return seen === this.total && rank === this.total ? this.max : Math.min(valueOf(bucket), this.max);
    }
    return 0;
  }
}

/** Two sketches as grouped waits for the survival functions: `ended` closed ones, `watched` those still running. */
export function waitsOf(ended: QuantileSketch, watched: QuantileSketch): Waits[] {
  const waits: Waits[] = [];
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const closed = ended.counts[bucket];
    const open = watched.counts[bucket];
    if (closed + open > 0) waits.push({ time: valueOf(bucket), ended: closed, watched: open });
  }
  return waits;
}

function bucketOf(duration: number): number {
  if (!(duration > LEAST)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(duration / LEAST) / LOG_GROWTH));
}

/** The middle (geometric mean) of a bucket. */
function valueOf(bucket: number): number {
  return LEAST * Math.exp((bucket - 0.5) * LOG_GROWTH);
}
