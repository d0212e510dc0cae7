/**
 * Shannon entropy of counts, as a share of the most that `total` draws could have (log₂ of the smaller of total and number of
 * bins): 1 when every draw is another value, 0 when all are one.
 */
export function entropyRatio(counts: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < counts.length; index += 1) total += counts[index] ?? 0;
  const most = Math.log2(Math.min(total, counts.length));
  if (!(most > 0)) return 0;
  let entropy = 0;
  for (let index = 0; index < counts.length; index += 1) {
    const share = (counts[index] ?? 0) / total;
    if (share > 0) entropy -= share * Math.log2(share);
  }
  return entropy / most;
}
