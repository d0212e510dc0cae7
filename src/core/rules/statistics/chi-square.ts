import { regularisedGamma } from './gamma.ts';

/** P(χ² ≤ x) with `degrees` of freedom. */
export function chiSquareBelow(x: number, degrees: number): number {
  return regularisedGamma(degrees / 2, x / 2);
}

/** The x with P(χ² ≤ x) = `probability` (0 to 1, exclusive), to a relative 1e-10, by bisection: the CDF is monotone. */
export function chiSquareQuantile(probability: number, degrees: number): number {
  let low = 0;
  let high = Math.max(1, degrees);
  while (chiSquareBelow(high, degrees) < probability) high *= 2;
  for (let step = 0; step < 200 && high - low > 1e-10 * high; step += 1) {
    const middle = (low + high) / 2;
    if (chiSquareBelow(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Lower one-sided 95 % bound of the mean of exponential waiting times, from `events` ended in a total `exposure` (any unit; the
 * result has the same): exposure / 3 without an event (rule of three), else 2·exposure / χ²(0.95, 2·events + 2).
 */
export function meanLowerBound(exposure: number, events: number): number {
  return events === 0 ? exposure / 3 : (2 * exposure) / chiSquareQuantile(0.95, 2 * events + 2);
}

/** p-value of a likelihood ratio whose null hypothesis lies on the edge of the parameter space: ½·P(χ²₁ > ratio). */
export function boundaryPValue(ratio: number): number {
  return ratio <= 0 ? 1 : 0.5 * (1 - chiSquareBelow(ratio, 1));
}
