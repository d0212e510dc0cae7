/**
 * How far arrivals exceed departures, in standard deviations of their difference if both came at the same rate (Poisson counts):
 * (A − D) / √(A + D). A stock that levels off stays near 0; one that grows reaches 3. 0 without either.
 */
export function growthScore(arrivals: number, departures: number): number {
  const total = arrivals + departures;
  return total === 0 ? 0 : (arrivals - departures) / Math.sqrt(total);
}
