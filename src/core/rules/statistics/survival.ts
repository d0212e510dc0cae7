/**
 * Waiting times, grouped: at `time`, `ended` waits ended and `watched` waits were still running when the view of them ended
 * (right-censored). Lists are sorted by time, each time once.
 */
export interface Waits {
  time: number;
  ended: number;
  watched: number;
}

/** One step of a survival curve: from `time` on, `share` of the waits last longer. */
export interface SurvivalStep {
  time: number;
  share: number;
}

/** The product-limit estimate of the share that waits longer than t (E. L. Kaplan and P. Meier, 1958). */
export function kaplanMeier(waits: readonly Waits[]): SurvivalStep[] {
  let atRisk = 0;
  for (const { ended, watched } of waits) atRisk += ended + watched;
  const steps: SurvivalStep[] = [];
  let share = 1;
  for (const { time, ended, watched } of waits) {
    if (ended > 0) {
      share *= 1 - ended / atRisk;
      steps.push({ time, share });
    }
    atRisk -= ended + watched;
  }
  return steps;
}

/**
 * Maller and Zhou's α_n (1994): how likely it is that the view ended too early to call the curve's plateau "never". Small
 * (below 0.05) means that the last end lies so far before the longest watch that later ends would have shown. 1 without an end.
 */
export function followUpDoubt(waits: readonly Waits[]): number {
  let longest = 0;
  let longestEnded = -1;
  let total = 0;
  for (const { time, ended, watched } of waits) {
    if (ended + watched > 0) longest = time;
    if (ended > 0) longestEnded = time;
    total += ended + watched;
  }
  if (longestEnded < 0 || longest <= longestEnded) return 1;
  let near = 0;
  for (const { time, ended } of waits) {
    if (time > 2 * longestEnded - longest && time <= longest) near += ended;
  }
  return Math.exp(total * Math.log1p(-near / total));
}
