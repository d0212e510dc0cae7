// The table of metrics in docs/monitoring.md, from the catalogue that makes them.

const BEGIN = '<!-- metrics: written by tools/metrics-docs.js -->';
const END = '<!-- end of metrics -->';

/** @typedef {{name: string, type: string, help: string, labels: readonly string[]}} Metric */

/** @param {Metric} metric */
function row({ name, type, help, labels }) {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')} |`;
}

/**
 * The page with its table as the catalogue has it.
 * @param {string} page
 * @param {readonly Metric[]} metrics
 */
export function renderMetrics(page, metrics) {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('docs/monitoring.md has lost the lines around the table of metrics');
  const before = page.slice(0, begin + BEGIN.length);
  const after = page.slice(end);
  return `${before}\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n${metrics.map(row).join('\n')}\n\n${after}`;
}
