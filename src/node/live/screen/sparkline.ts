const LEVELS = '▁▂▃▄▅▆▇█';

/** One character for each value, the latest on the right; the highest is a full block. Zero is a space, so that rare events are visible. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width <= 0 ? [] : values.slice(-width);
  const highest = Math.max(1e-9, ...shown);
  let line = '';
  for (const value of shown) line += value > 0 ? LEVELS[Math.min(7, Math.floor((value / highest) * 8))] : ' ';
  return line.padStart(width);
}

/** The last values of something, one per second. */
export class Trail {
  /** Of those remembered. */
  highest = 0;
  readonly #values: Float64Array;
  #count = 0;
  #drawn = { width: -1, text: '' };

  constructor(seconds: number) {
    this.#values = new Float64Array(seconds);
  }

  add(value: number): void {
    this.#drawn.width = -1;
    const at = this.#count++ % this.#values.length;
    const forgotten = this.#values[at];
    this.#values[at] = value;
    if (value >= this.highest) this.highest = value;
    else if (forgotten === this.highest) this.highest = this.#values.reduce((highest, each) => Math.max(highest, each), 0);
  }

  /** The last values in `width` columns. */
  drawn(width: number): string {
    if (this.#drawn.width !== width) this.#drawn = { width, text: sparkline(this.last(width), width) };
    return this.#drawn.text;
  }

  /** The last `most` values, oldest first. */
  last(most: number): number[] {
    const length = Math.min(most, this.#count, this.#values.length);
    const values: number[] = [];
    for (let at = this.#count - length; at < this.#count; at++) values.push(this.#values[at % this.#values.length]);
    return values;
  }
}
