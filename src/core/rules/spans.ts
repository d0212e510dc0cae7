const MOST_SPANS = 65_536;

/**
 * Times from when to when something was so, by a key of the rule's own, and how many were so at once: connections that one end holds in vain
 * (zombies), or that a client lets stand. Bounded: beyond that the numbers are at least so many.
 */
export class Spans {
  /** When each began and ended (nanoseconds). */
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

  /** The longest of them, in nanoseconds. */
  longest(key: number): number {
    const spans = this.spans.get(key);
    return spans === undefined ? 0 : spans.to.reduce((longest, to, index) => Math.max(longest, to - spans.from[index]), 0);
  }
}
