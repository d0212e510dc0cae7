/** @typedef {import('./measure.js').Run} Run */
/** @typedef {{contestant: string, runs: Run[], note: string}} Row */
/** @typedef {{key: string, title: string, packets: number, bytes: number, rows: Row[]}} Result */

/** @param {number[]} values at least one */
export function summary(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted[sorted.length - 1] };
}

/**
 * Medians of what GNU time tells; null without it.
 * @param {Run[]} runs
 * @param {'user' | 'system' | 'memory'} which
 */
function medianOf(runs, which) {
  const values = runs.flatMap((run) => run[which] ?? []);
  return values.length === 0 ? null : summary(values).median;
}

const HEADINGS = ['', 'min s', 'median s', 'max s', 'user s', 'sys s', 'RSS MiB', 'packets/s', 'times'];

/**
 * The measurements of one capture as lines of text. `times`: median against that of the first row.
 * @param {Result} result
 */
export function tableOf(result) {
  const reference = result.rows[0].runs.length > 0 ? summary(result.rows[0].runs.map(({ wall }) => wall)).median : NaN;
  const cells = result.rows.map(({ contestant, runs, note }) => {
    if (runs.length === 0) return [contestant, note];
    const { min, median, max } = summary(runs.map(({ wall }) => wall));
    return [
      contestant,
      min.toFixed(2),
      median.toFixed(2),
      max.toFixed(2),
      number(medianOf(runs, 'user'), 2),
      number(medianOf(runs, 'system'), 2),
      number(medianOf(runs, 'memory'), 0),
      `${(result.packets / median / 1e6).toFixed(2)} M`,
      `${(median / reference).toFixed(2)} ×`,
    ];
  });
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.filter((row) => row.length > 2 || column === 0).map((row) => row[column].length)));
  const lines = [HEADINGS, ...cells].map((row) =>
    row.map((cell, column) => (column === 0 || row.length === 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  ').trimEnd());
  const megabytes = Math.round(result.bytes / 1e6);
  return [`${result.key}: ${result.title} (${result.packets.toLocaleString('en')} packets, ${megabytes} MB)`, ...lines].join('\n');
}

/**
 * @param {number | null} value
 * @param {number} digits
 */
function number(value, digits) {
  return value === null ? '?' : value.toFixed(digits);
}
