/** Wilson's score interval of a share (E. B. Wilson, 1927): honest for few trials and for shares near 0 or 1. */
export interface Interval {
  lower: number;
  upper: number;
}

/** Standard normal quantiles in use: two-sided 95 % and one-sided 99 %. */
export const Z_95_TWO_SIDED = 1.959963984540054;
export const Z_99_ONE_SIDED = 2.3263478740408408;

/** The interval of `successes / trials` at normal quantile `z`; [0, 1] without trials. */
export function wilson(successes: number, trials: number, z: number): Interval {
  if (trials <= 0) return { lower: 0, upper: 1 };
  const share = successes / trials;
  const zz = (z * z) / trials;
  const centre = share + zz / 2;
  const spread = z * Math.sqrt((share * (1 - share)) / trials + zz / (4 * trials));
  return {
    lower: Math.max(0, (centre - spread) / (1 + zz)),
    upper: Math.min(1, (centre + spread) / (1 + zz)),
  };
}
