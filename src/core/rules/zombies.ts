const MOST_SPANS = 65_536;

/**
 * Zombies: connections that one end still holds although the other is gone. A packet shows one only when it is found out, so what is
 * known is from when to when each had been one. Bounded: beyond that the numbers are at least so many.
 */
export class Zombies {
  /** By a key of the rule's own: when each began, and when it was found out or given up (nanoseconds). */
  private readonly spans = new Map<number, { from: number[]; to: number[] }>();
  private count = 0;

  note(key: number, from: number, to: number): void {
    if (this.count >= MOST_SPANS) return;
    this.count += 1;
    let spans = this.spans.get(key);
    if (spans === undefined) this.spans.set(key, (spans = { from: [], to: [] }));
    spans.from.push(from);
    spans.to.push(to);
  }

  /** The most that there were at once. */
  mostAtOnce(key: number): number {
    const spans = this.spans.get(key);
    if (spans === undefined) return 0;
    const begins = Float64Array.from(spans.from).sort();
    const ends = Float64Array.from(spans.to).sort();
    let most = 0;
    let ended = 0;
    for (const [index, begin] of begins.entries()) {
      while (ends[ended] < begin) ended += 1;
      most = Math.max(most, index + 1 - ended);
    }
    return most;
  }

  /** The longest that one stayed unnoticed, or was kept, in nanoseconds. */
  longest(key: number): number {
    const spans = this.spans.get(key);
    return spans === undefined ? 0 : spans.to.reduce((longest, to, index) => Math.max(longest, to - spans.from[index]), 0);
  }
}
