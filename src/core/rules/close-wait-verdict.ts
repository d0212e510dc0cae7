import type { Place } from './close-wait-ledger.ts';
import { chiSquareQuantile, meanLowerBound } from './statistics/chi-square.ts';
import { growthScore } from './statistics/growth.ts';
import { waitsOf } from './statistics/quantile-sketch.ts';
import { followUpDoubt, kaplanMeier } from './statistics/survival.ts';
import { cureTest } from './statistics/weibull-cure.ts';

const SECOND = 1e9;
/** Closes from which on the usual hold is known. */
const MANY = 20;
/** Nanoseconds: no FIN exchange across a continent is taken for a leak. */
const SETTLED_AT_LEAST = 0.1 * SECOND;

/** What the numbers of one place say. */
export type CloseWaitVerdict = 'leak' | 'suspected' | 'insufficient observation' | 'slow close' | 'none';

/** The evidence for a verdict. Times in seconds. */
export interface CloseWaitEvidence {
  verdict: CloseWaitVerdict;
  /** Lower 95 % bound of the mean hold. */
  meanHoldAtLeast: number;
  /** Arrivals over departures after the burn-in, in standard deviations. */
  growth: number;
  /** Connections that the stock gains a second, after the burn-in. */
  perSecond: number;
  /** Share that still waits at the end of the survival curve; null without an end. */
  stillWaiting: number | null;
  /** p of "a share never closes", and how doubtful the view's length makes it; null where nothing could be fitted. */
  plateau: { never: number; pValue: number; followUpDoubt: number } | null;
  /** Which of bound, growth, plateau and proofs speak for a leak. */
  speaksFor: string[];
  /** Further capture that the exposure bound needs to pass the policy, if nothing closes; 0 when it has. */
  extraSeconds: number;
}

export interface CloseWaitLimits {
  /** Connections. */
  minimum: number;
  /** Seconds. */
  policy: number;
  /** Seconds. */
  slow: number;
  /** Seconds. */
  settling: number;
}

/** False where there is nothing to tell: the statistics of such a place need not be worked out. */
export function isWorthJudging(place: Place, limits: CloseWaitLimits): boolean {
  return settledOf(place, limits) >= limits.minimum || isSlow(place, limits);
}

/**
 * Tells a leak from a slow close. Bound: the mean hold is beyond the policy. Growth: more arrive than leave, beyond chance.
 * Plateau: a share never closes, by a mixture-cure likelihood ratio, with enough follow-up to say so. Proofs: late FINs that
 * met no socket, since the peer had given up.
 */
export function judgeCloseWait(place: Place, now: number, limits: CloseWaitLimits): CloseWaitEvidence {
  const closed = place.ended.total;
  const waits = waitsOf(place.ended, place.watched);
  const bound = meanLowerBound(place.exposure, closed) / SECOND;
  const after = place.moves.since(place.first + place.ended.quantile(0.95));
  const growth = growthScore(after.arrivals, after.departures);
  const watchedFor = Math.max(0, now - after.start) / SECOND;
  const cure = closed >= 2 && place.open > 0 ? cureTest(waits) : null;
  const doubt = followUpDoubt(waits);
  const speaksFor: string[] = [];
  if (bound > limits.policy) speaksFor.push('bound');
  if (growth >= 3) speaksFor.push('growth');
  if (cure !== null && cure.pValue < 0.01 && doubt < 0.05) speaksFor.push('plateau');
  if (place.proofs >= 3) speaksFor.push('proofs');
  const curve = kaplanMeier(waits);
  return {
    verdict: verdictOf(place, speaksFor, limits),
    meanHoldAtLeast: bound,
    growth,
    perSecond: watchedFor > 0 ? (after.arrivals - after.departures) / watchedFor : 0,
    stillWaiting: curve.at(-1)?.share ?? null,
    plateau: cure === null ? null : { never: cure.never, pValue: cure.pValue, followUpDoubt: doubt },
    speaksFor,
    extraSeconds: extraSeconds(place, limits.policy),
  };
}

function verdictOf(place: Place, speaksFor: readonly string[], limits: CloseWaitLimits): CloseWaitVerdict {
  const says = (item: string): boolean => speaksFor.includes(item);
  const settled = settledOf(place, limits);
  if (settled >= limits.minimum) {
    // A plateau seen within seconds may be a second, slower kind of connection: "never" needs a watch beyond the policy.
    const plateauHolds = says('plateau') && place.openOlderThanPolicy >= limits.minimum;
    // Without a single close the bound rests on the watch alone: half of the open must have been watched long enough to settle.
    const boundHolds = says('bound') && says('growth') && place.openAges.quantile(0.5) >= limits.settling * SECOND;
    if (boundHolds || plateauHolds || says('proofs')) return 'leak';
    if (speaksFor.length > 0) return 'suspected';
    if (settled > place.ended.total / 20) return 'insufficient observation';
  }
  return isSlow(place, limits) ? 'slow close' : 'none';
}

function isSlow({ ended }: Place, { minimum, slow }: CloseWaitLimits): boolean {
  return ended.total >= minimum && ended.quantile(0.5) >= slow * SECOND;
}

/** Ends that have been open for longer than it takes to settle. */
function settledOf(place: Place, { settling }: CloseWaitLimits): number {
  return place.open === 0 ? 0 : place.openAges.countFrom(settlingOf(place, settling));
}

/** An end that closed many within far less than the option says has settled sooner: after a hundred times what 95 % take. */
function settlingOf(place: Place, settling: number): number {
  const usual = place.ended.total >= MANY ? Math.max(SETTLED_AT_LEAST, 100 * place.ended.quantile(0.95)) : Infinity;
  return Math.min(settling * SECOND, usual);
}

function extraSeconds(place: Place, policy: number): number {
  if (place.open === 0) return 0;
  const closed = place.ended.total;
  const needed = closed === 0 ? 3 * policy : (policy * chiSquareQuantile(0.95, 2 * closed + 2)) / 2;
  return Math.max(0, (needed - place.exposure / SECOND) / place.open);
}
