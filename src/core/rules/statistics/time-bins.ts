const BINS = 256;
const FIRST_WIDTH = 50e6;

/** Two counts over time in at most 256 bins: when time runs on beyond them, neighbours join and bins double in width. */
export class TimeBins {
  /** Nanoseconds that one bin spans. */
  width = FIRST_WIDTH;
  private readonly start: number;
  /** Arrivals and departures of each bin, side by side. */
  private readonly counts = new Float64Array(BINS * 2);

  /** Times before `start` count in the first bin. */
  constructor(start: number) {
    this.start = start;
  }

  arrive(time: number): void {
    this.counts[this.bin(time) * 2] += 1;
  }

  depart(time: number): void {
    this.counts[this.bin(time) * 2 + 1] += 1;
  }

  /** What came and went in the bins that begin at `time` or later, and when the first of them begins. */
  since(time: number): { arrivals: number; departures: number; start: number } {
    const from = Math.max(0, Math.ceil((time - this.start) / this.width));
    let arrivals = 0;
    let departures = 0;
    for (let bin = from; bin < BINS; bin += 1) {
      arrivals += this.counts[bin * 2];
      departures += this.counts[bin * 2 + 1];
    }
    return { arrivals, departures, start: this.start + from * this.width };
  }

  private bin(time: number): number {
    const offset = Math.max(0, time - this.start);
    while (offset >= BINS * this.width) {
      this.fold();
      this.width *= 2;
    }
    return Math.floor(offset / this.width);
  }

  /** Joins each bin with the next. */
  private fold(): void {
    const { counts } = this;
    for (let at = 0; at < BINS; at += 2) {
      counts[at] = counts[at * 2] + counts[at * 2 + 2];
      counts[at + 1] = counts[at * 2 + 1] + counts[at * 2 + 3];
    }
    counts.fill(0, BINS);
  }
}
