import { pairKey } from './pair-key.ts';

/** Pairs of a server and a client host whose intervals are followed. */
const MOST_PAIRS = 65_536;

/** Intervals between what one host does at one server: mean and squared deviations (B. P. Welford). */
interface Pair {
  server: number;
  latest: number;
  count: number;
  mean: number;
  squares: number;
}

/** What makes a host's intervals regular. */
export interface Regularity {
  /** Times. */
  least: number;
  /** Of the mean. */
  share: number;
  /** Nanoseconds. */
  apart: number;
}

/** Tells hosts that do something at regular intervals, as programs do, from those that do it at random. */
export class Intervals {
  private readonly pairs = new Map<number, Pair>();

  /** The host (index) did it at the server (endpoint index), at `time` (nanoseconds). */
  note(server: number, host: number, time: number): void {
    const key = pairKey(server, host);
    const pair = this.pairs.get(key);
    if (pair === undefined) {
      if (this.pairs.size < MOST_PAIRS) this.pairs.set(key, { server, latest: time, count: 0, mean: 0, squares: 0 });
      return;
    }
    const gap = time - pair.latest;
    const before = pair.mean;
    pair.latest = time;
    pair.count += 1;
    pair.mean += (gap - before) / pair.count;
    pair.squares += (gap - before) * (gap - pair.mean);
  }

  /**
   * How often the hosts did it at the server whose standard deviation is at most `share` of their mean interval, which is `apart` nanoseconds or
   * more, with `least` times each; how many hosts they are, and the mean interval (nanoseconds) of the most frequent.
   */
  regular(server: number, { least, share, apart }: Regularity): { count: number; hosts: number; interval: number } {
    const found = { count: 0, hosts: 0, interval: Infinity };
    for (const pair of this.pairs.values()) {
      if (pair.server !== server || pair.count + 1 < least || pair.mean < apart || Math.sqrt(pair.squares / pair.count) > share * pair.mean) continue;
      found.count += pair.count + 1;
      found.hosts += 1;
      found.interval = Math.min(found.interval, pair.mean);
    }
    return found;
  }
}
