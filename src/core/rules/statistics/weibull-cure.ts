import { boundaryPValue } from './chi-square.ts';
import type { Waits } from './survival.ts';

/** A Weibull fit to right-censored waits, `never` of which (a share) never end. */
export interface WeibullFit {
  shape: number;
  scale: number;
  never: number;
  logLikelihood: number;
}

/** What the comparison of "all end" with "a share never ends" says. */
export interface CureTest {
  /** The fitted share that never ends. */
  never: number;
  /** Twice the gain in log-likelihood. */
  ratio: number;
  /** ½·P(χ²₁ > ratio): small when some never end. */
  pValue: number;
}

const MOST_ROUNDS = 500;
const MOST_STEPS = 60;

/** Maximum likelihood when all waits end. Needs at least two distinct times with an end; null otherwise. */
export function fitWeibull(waits: readonly Waits[]): WeibullFit | null {
  const weights = new Float64Array(waits.length).fill(1);
  const fit = fitWeighted(waits, weights, 1);
  return fit === null ? null : { ...fit, never: 0, logLikelihood: logLikelihood(waits, fit.shape, fit.scale, 0) };
}

/**
 * Maximum likelihood when a share never ends (mixture cure model, J. W. Boag 1949), by expectation and maximisation: each
 * running wait counts as "will end" with the probability that the last fit gives it.
 */
export function fitWeibullCure(waits: readonly Waits[]): WeibullFit | null {
  let watched = 0;
  let total = 0;
  for (const wait of waits) {
    watched += wait.watched;
    total += wait.ended + wait.watched;
  }
  if (watched === 0) return fitWeibull(waits);
  const weights = new Float64Array(waits.length).fill(0.01);
  let never = (watched * 0.99) / total;
  let fit = fitWeighted(waits, weights, 1);
  if (fit === null) return null;
  let best = logLikelihood(waits, fit.shape, fit.scale, never);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let neverSum = 0;
    for (const [index, wait] of waits.entries()) {
      const running = (1 - never) * Math.exp(-Math.exp(fit.shape * Math.log(wait.time / fit.scale)));
      const willEnd = running / (never + running || 1);
      weights[index] = willEnd;
      neverSum += wait.watched * (1 - willEnd);
    }
    const next = fitWeighted(waits, weights, fit.shape);
    if (next === null) break;
    never = neverSum / total;
    fit = next;
    const now = logLikelihood(waits, fit.shape, fit.scale, never);
    if (Math.abs(now - best) < 1e-9 * (1 + Math.abs(best))) {
      best = now;
      break;
    }
    best = now;
  }
  return { ...fit, never, logLikelihood: best };
}

/** Likelihood-ratio test of "a share never ends" against "all end". Null when there are too few distinct ends to fit. */
export function cureTest(waits: readonly Waits[]): CureTest | null {
  const all = fitWeibull(waits);
  const some = fitWeibullCure(waits);
  if (all === null || some === null) return null;
  const ratio = Math.max(0, 2 * (some.logLikelihood - all.logLikelihood));
  return { never: ratio > 0 ? some.never : 0, ratio, pValue: boundaryPValue(ratio) };
}

/** Weibull MLE where the running waits at index i count `weights[i]` each. The shape solves one monotone equation. */
function fitWeighted(waits: readonly Waits[], weights: Float64Array, start: number): { shape: number; scale: number } | null {
  let ended = 0;
  let sumLog = 0;
  let distinct = 0;
  let longest = 0;
  for (const { time, ended: count, watched } of waits) {
    if (time <= 0) continue;
    if (ended + watched > 0 && time > longest) longest = time;
    if (count === 0) continue;
    ended += count;
    sumLog += count * Math.log(time);
    distinct += 1;
  }
  if (distinct < 2) return null;
  const meanLog = sumLog / ended;
  // Work with time / longest so that no power overflows.
  const slope = (shape: number): { value: number; power: number } => {
    let power = 0;
    let powerLog = 0;
    for (const [index, wait] of waits.entries()) {
      if (wait.time <= 0) continue;
      const weight = wait.ended + wait.watched * (weights[index] ?? 0);
      if (weight === 0) continue;
      const log = Math.log(wait.time / longest);
      const term = weight * Math.exp(shape * log);
      power += term;
      powerLog += term * log;
    }
    return { value: powerLog / power - 1 / shape - (meanLog - Math.log(longest)), power };
  };
  let low = start;
  let high = start;
  while (slope(low).value > 0 && low > 1e-4) low /= 2;
  while (slope(high).value < 0 && high < 1e4) high *= 2;
  for (let step = 0; step < MOST_STEPS && high - low > 1e-10 * high; step += 1) {
    const middle = (low + high) / 2;
    if (slope(middle).value < 0) low = middle;
    else high = middle;
  }
  const shape = (low + high) / 2;
  const scale = longest * Math.exp(Math.log(slope(shape).power / ended) / shape);
  return { shape, scale };
}

function logLikelihood(waits: readonly Waits[], shape: number, scale: number, never: number): number {
  let sum = 0;
  for (const { time, ended, watched } of waits) {
    if (time <= 0) continue;
    const log = Math.log(time / scale);
    const hazard = Math.exp(shape * log);
    if (ended > 0) sum += ended * (Math.log1p(-never) + Math.log(shape / scale) + (shape - 1) * log - hazard);
    if (watched > 0) sum += watched * Math.log(never + (1 - never) * Math.exp(-hazard));
  }
  return sum;
}
