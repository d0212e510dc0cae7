import { entropyRatio } from './statistics/entropy.ts';
import { wilson, Z_99_ONE_SIDED } from './statistics/wilson.ts';

const SECOND = 1e9;
/** Seconds kept: those that may still complete, and ten more for the long window. */
const RING = 32;
/** A second is judged when it is this old: handshakes that take longer do not count as completed. */
const SETTLE = 16;
const LONG_WINDOW = 10;
/** Baseline attempts from which on the baseline's completion counts. */
const LEAST_BASELINE = 50;
/** Baseline seconds that the CUSUM needs, its slack and its limit, in standard deviations. */
const CUSUM_SECONDS = 10;
const CUSUM_SLACK = 0.5;
const CUSUM_LIMIT = 5;
const CUSUM_LEAST = 20;
const SOURCE_BINS = 1_024;
const MOST_EVIDENCE = 100;
/** SYNs whose sources are kept as a sample of all. */
const SAMPLE = 256;

/** Counters of one second, by the second of the attempt's SYN. DISOWNED: aborted by an end that has no socket for it. */
export const Count = { ATTEMPTS: 0, COMPLETED: 1, ANSWERED: 2, RETRIED: 3, ABORTED: 4, REFUSED: 5, SYN_ACK_RETRIES: 6, DISOWNED: 7 } as const;
export type Count = (typeof Count)[keyof typeof Count];
export const COUNTS = 8;

/** What must hold for a second, or ten, to be a flood's. */
export interface FloodLimits {
  /** Attempts in the window. */
  minimum: number;
  /** Times the baseline's busiest second (99 %). */
  burst: number;
  /** Share of attempts that complete, where there is no baseline. */
  completion: number;
}

/**
 * One listener with enough attempts to be watched: counters by second in a ring, a baseline from the seconds that are no
 * flood's, and the sums of those that are. About 7 kB, whatever the length of the capture.
 */
export class FloodListener {
  readonly baseline = new Float64Array(COUNTS);
  /** Sums over the flood's seconds. */
  readonly flood = new Float64Array(COUNTS);
  floodSeconds = 0;
  peakPerSecond = 0;
  /** Attempts of one window that neither completed nor were aborted or refused: the most at one time. */
  halfOpenAtMost = 0;
  firstSecond = -1;
  lastSecond = -1;
  /** Attempts of the capture's last one to two seconds: too late to see whether they are retried. */
  recentAttempts = 0;
  /** Attempts of which the capture has only the client's side, where the client went on: the server did answer. */
  wentOnUnseen = 0;
  /** Evidence: numbers of flow and packet, in turn, of attempts in the busiest second, and in the present one. */
  private busiest: number[] = [];
  private present: number[] = [];
  private evidenceSecond = -1;
  private inSecond = 0;
  private inBusiest = 0;
  /** SYNs by source (hashed) and by TTL. */
  private readonly sources = new Uint32Array(SOURCE_BINS);
  private readonly ttls = new Uint32Array(256);
  private syns = 0;
  private synsWithoutMss = 0;
  /** Hosts of SYNs drawn evenly from all so far (reservoir sampling, J. S. Vitter 1985; the hash of the number stands for chance). */
  readonly sampledSources: number[] = [];
  /** Boyer and Moore's majority candidate among the sources. */
  private candidate = -1;
  private votes = 0;
  private readonly ring = new Int32Array(RING * COUNTS);
  private readonly marked = new Uint8Array(RING);
  /** The next second to judge, to settle, and the latest with an event. */
  private judge: number;
  private settle: number;
  private latest: number;
  private readonly rates = new Uint32Array(128);
  private ratedSeconds = 0;
  /** Running mean and squared deviations of the CUSUM's statistic over the baseline (B. P. Welford). */
  private mean = 0;
  private squares = 0;
  private cusum = 0;
  private readonly limits: FloodLimits;

  constructor(second: number, limits: FloodLimits) {
    this.judge = second;
    this.settle = second;
    this.latest = second;
    this.limits = limits;
  }

  /** Adds to a counter of the second in which the attempt's SYN came. */
  count(counter: Count, second: number): void {
    if (second > this.latest) this.advance(second);
    if (second < this.judge) return;
    const at = (second % RING) * COUNTS + counter;
    this.ring[at] += 1;
  }

  /** Takes over the counters of the second in which watching began. */
  begin(second: number, counts: Int32Array): void {
    for (let counter = 0; counter < COUNTS; counter += 1) this.ring[(second % RING) * COUNTS + counter] += counts[counter];
  }

  /** Evidence of an attempt: the flow and packet numbers of the busiest second are kept, since that is the flood's if any is. */
  attempt(second: number, packet: number, flow: number): void {
    this.count(Count.ATTEMPTS, second);
    if (second !== this.evidenceSecond) this.turnEvidence(second);
    this.inSecond += 1;
    if (this.present.length < 2 * MOST_EVIDENCE) this.present.push(flow, packet);
  }

  /** `mss`: as the SYN offers it, 0 without the option. */
  source(host: number, ttl: number, mss: number): void {
    this.syns += 1;
    if (mss === 0) this.synsWithoutMss += 1;
    const place = this.syns <= SAMPLE ? this.syns - 1 : mix(this.syns) % this.syns;
    if (place < SAMPLE) this.sampledSources[place] = host;
    this.sources[binOf(host)] += 1;
    this.ttls[ttl & 0xff] += 1;
    if (this.votes === 0) this.candidate = host;
    this.votes += host === this.candidate ? 1 : -1;
  }

  get flows(): number[] {
    return this.busiest.filter((_, index) => index % 2 === 0);
  }

  get packets(): number[] {
    return this.busiest.filter((_, index) => index % 2 === 1);
  }

  /** `now`: the capture's last second. */
  finish(now: number): void {
    this.turnEvidence(-1);
    for (let second = Math.max(this.settle, now - 1); second <= this.latest; second += 1) this.recentAttempts += this.sum(Count.ATTEMPTS, second, 1);
    this.advance(this.latest + RING);
  }

  /** 0 (one source) to 1 (another one each time). */
  sourceEntropy(): number {
    return entropyRatio(this.sources);
  }

  /** Distinct sources by linear counting; Infinity when too many to tell. */
  sourceCount(): number {
    let empty = 0;
    for (const count of this.sources) if (count === 0) empty += 1;
    return empty === 0 ? Infinity : Math.round(-SOURCE_BINS * Math.log(empty / SOURCE_BINS));
  }

  /** The host that sent more than half of the SYNs, -1 without one. */
  mainSource(): number {
    const share = this.sources[binOf(this.candidate)] / Math.max(1, this.syns);
    return this.votes > 0 && share > 0.5 ? this.candidate : -1;
  }

  /** The most frequent TTL, and its share. */
  mainTtl(): { ttl: number; share: number } {
    let ttl = 0;
    for (let index = 1; index < 256; index += 1) if (this.ttls[index] > this.ttls[ttl]) ttl = index;
    return { ttl, share: this.ttls[ttl] / Math.max(1, this.syns) };
  }

  /** Share of the SYNs without the option that every stack of today puts into its own (RFC 9293 §3.7.1). */
  shareWithoutMss(): number {
    return this.synsWithoutMss / Math.max(1, this.syns);
  }

  /** Share of the baseline's attempts that completed; null when there are too few. */
  baselineCompletion(): number | null {
    const attempts = this.baseline[Count.ATTEMPTS];
    return attempts < LEAST_BASELINE ? null : this.baseline[Count.COMPLETED] / attempts;
  }

  private turnEvidence(second: number): void {
    if (this.inSecond > this.inBusiest) {
      this.inBusiest = this.inSecond;
      this.busiest = this.present;
    }
    this.present = [];
    this.inSecond = 0;
    this.evidenceSecond = second;
  }

  private advance(second: number): void {
    while (this.judge <= second - SETTLE && this.judge <= this.latest) {
      this.judgeSecond(this.judge);
      this.judge += 1;
      while (this.settle <= this.judge - LONG_WINDOW) this.settleSecond();
    }
    // After a pause all is judged, and nothing of before shares a window with what comes.
    if (second >= this.latest + SETTLE) {
      while (this.settle < this.judge) this.settleSecond();
      this.judge = second;
      this.settle = second;
    }
    this.latest = Math.max(this.latest, second);
  }

  private judgeSecond(second: number): void {
    const attempts = this.sum(Count.ATTEMPTS, second, 1) - this.sum(Count.REFUSED, second, 1);
    const completed = this.sum(Count.COMPLETED, second, 1);
    if (this.isFlood(attempts, completed, 1, this.cusumAlarm(attempts, completed))) this.marked[second % RING] = 1;
    const from = Math.max(this.settle, second - LONG_WINDOW + 1);
    const longAttempts = this.sum(Count.ATTEMPTS, from, second - from + 1) - this.sum(Count.REFUSED, from, second - from + 1);
    const longCompleted = this.sum(Count.COMPLETED, from, second - from + 1);
    if (this.isFlood(longAttempts, longCompleted, LONG_WINDOW, false)) {
      for (let at = from; at <= second; at += 1) if (this.isLow(this.sum(Count.COMPLETED, at, 1), this.sum(Count.ATTEMPTS, at, 1))) this.marked[at % RING] = 1;
      const aborted = this.sum(Count.ABORTED, from, second - from + 1);
      this.halfOpenAtMost = Math.max(this.halfOpenAtMost, longAttempts - longCompleted - aborted);
    } else if (this.marked[second % RING] === 1) {
      this.halfOpenAtMost = Math.max(this.halfOpenAtMost, attempts - completed - this.sum(Count.ABORTED, second, 1));
    }
  }

  private isFlood(attempts: number, completed: number, window: number, alarm: boolean): boolean {
    const { minimum, burst } = this.limits;
    const usual = this.ratedSeconds > 0 ? this.usualRate() * window * burst : 0;
    if (attempts < Math.max(minimum, usual) && !(alarm && attempts >= CUSUM_LEAST)) return false;
    return wilson(Math.min(completed, attempts), attempts, Z_99_ONE_SIDED).upper < this.limit();
  }

  /** Is this second's own share of completions a flood's? The long window reaches into the seconds before and after, too. */
  private isLow(completed: number, attempts: number): boolean {
    return attempts > 0 && completed / attempts < this.limit();
  }

  /** The share completed below which attempts are a flood's. */
  private limit(): number {
    const expected = this.baselineCompletion();
    return expected === null ? this.limits.completion : 0.5 * expected;
  }

  /** Sums unusual failures of the seconds; true when they are beyond chance (E. S. Page, 1954). */
  private cusumAlarm(attempts: number, completed: number): boolean {
    if (this.ratedSeconds < CUSUM_SECONDS) return false;
    const deviation = Math.max(0.1, Math.sqrt(this.squares / this.ratedSeconds));
    this.cusum = Math.max(0, this.cusum + (this.failure(attempts, completed) - this.mean) / deviation - CUSUM_SLACK);
    return this.cusum > CUSUM_LIMIT;
  }

  /** Failed attempts as a multiple of what usually completes in a second. */
  private failure(attempts: number, completed: number): number {
    const usual = this.ratedSeconds > 0 ? this.baseline[Count.COMPLETED] / this.ratedSeconds : 0;
    return (attempts - completed) / Math.max(1, usual);
  }

  /** A second has left the long window: it is the flood's or the baseline's. */
  private settleSecond(): void {
    const second = this.settle;
    this.settle += 1;
    const at = (second % RING) * COUNTS;
    const attempts = this.ring[at + Count.ATTEMPTS];
    // What follows the flood's last SYNs in a second without any belongs to them.
    const isFlood = this.marked[second % RING] === 1 || (attempts === 0 && this.lastSecond >= 0 && second === this.lastSecond + 1);
    const sums = isFlood ? this.flood : this.baseline;
    for (let counter = 0; counter < COUNTS; counter += 1) sums[counter] += this.ring[at + counter];
    if (isFlood && attempts > 0) {
      this.floodSeconds += 1;
      this.peakPerSecond = Math.max(this.peakPerSecond, attempts);
      if (this.firstSecond < 0) this.firstSecond = second;
      this.lastSecond = second;
    } else if (attempts > 0) {
      this.learn(attempts, this.ring[at + Count.COMPLETED]);
    }
    this.ring.fill(0, at, at + COUNTS);
    this.marked[second % RING] = 0;
  }

  private learn(attempts: number, completed: number): void {
    const value = this.failure(attempts, completed);
    this.ratedSeconds += 1;
    const before = this.mean;
    this.mean += (value - before) / this.ratedSeconds;
    this.squares += (value - before) * (value - this.mean);
    this.rates[Math.min(127, Math.ceil(4 * Math.log2(attempts + 1)))] += 1;
  }

  /** Attempts a second that 99 % of the baseline's seconds stay below, to 19 %. */
  private usualRate(): number {
    let above = this.ratedSeconds * 0.01;
    for (let bucket = 127; bucket > 0; bucket -= 1) {
      above -= this.rates[bucket];
      if (above < 0) return Math.expm1((bucket / 4) * Math.LN2);
    }
    return 0;
  }

  private sum(counter: Count, from: number, seconds: number): number {
    let sum = 0;
    for (let second = from; second < from + seconds; second += 1) sum += this.ring[(second % RING) * COUNTS + counter];
    return sum;
  }
}

/** The second of a time. Negative times (a clock set back) count as the first second. */
export function secondOf(time: number): number {
  return Math.max(0, Math.floor(time / SECOND));
}

/** Spreads host numbers, which come in order, as if they were drawn at random: linear counting assumes so. */
function binOf(host: number): number {
  return mix(host) >>> 22;
}

/** 32 bits that depend on all bits of the number. */
function mix(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
