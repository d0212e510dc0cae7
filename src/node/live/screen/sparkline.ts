const LEVELS = '▁▂▃▄▅▆▇█';

/** One character a value, the latest at the right; the highest is a full block. Zero is a space, so that a rare event shows. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = width <= 0 ? [] : values.slice(-width);
  const highest = Math.max(1e-9, ...shown);
  return shown.map((value) => (value > 0 ? LEVELS[Math.min(7, Math.floor((value / highest) * 8))] : ' ')).join('').padStart(width);
}

/** The last values of something, one a second. */
export class Trail {
  /** Of those remembered. */
  highest = 0;
  readonly #values: Float64Array;
  #count = 0;

  constructor(seconds: number) {
    this.#values = new Float64Array(seconds);
  }

  add(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value;
    this.highest = this.#values.reduce((highest, each) => Math.max(highest, each), 0);
  }

  /** The last `most` values, oldest first. */
  last(most: number): number[] {
    const length = Math.min(most, this.#count, this.#values.length);
    return Array.from({ length }, (_, i) => this.#values[(this.#count - length + i) % this.#values.length]!);
  }
}
