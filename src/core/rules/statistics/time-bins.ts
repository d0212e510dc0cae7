const BINS = 256;
const FIRST_WIDTH = 50e6;

/** Two counts over time in at most 256 bins: when time runs on beyond them, neighbours join and bins double in width. */
export class TimeBins {
  /** Nanoseconds that one bin spans. */
  width = FIRST_WIDTH;
  private readonly start: number;
  private readonly arrivals = new Float64Array(BINS);
  private readonly departures = new Float64Array(BINS);

  /** Times before `start` count in the first bin. */
  constructor(start: number) {
    this.start = start;
  }

  arrive(time: number): void {
    const bin = this.bin(time);
    this.arrivals[bin] = this.arrivals[bin] + 1;
  }

  depart(time: number): void {
    const bin = this.bin(time);
    this.departures[bin] = this.departures[bin] + 1;
  }

  /** What came and went in the bins that begin at `time` or later, and when the first of them begins. */
  since(time: number): { arrivals: number; departures: number; start: number } {
    const from = Math.max(0, Math.ceil((time - this.start) / this.width));
    let arrivals = 0;
    let departures = 0;
    for (let bin = from; bin < BINS; bin += 1) {
      arrivals += this.arrivals[bin];
      departures += this.departures[bin];
    }
    return { arrivals, departures, start: this.start + from * this.width };
  }

  private bin(time: number): number {
    const offset = Math.max(0, time - this.start);
    while (offset >= BINS * this.width) {
      this.fold(this.arrivals);
      this.fold(this.departures);
      this.width *= 2;
    }
    return Math.floor(offset / this.width);
  }

  private fold(counts: Float64Array): void {
    for (let bin = 0; bin < BINS / 2; bin += 1) counts[bin] = (counts[2 * bin] ?? 0) + (counts[2 * bin + 1] ?? 0);
    counts.fill(0, BINS / 2);
  }
}
