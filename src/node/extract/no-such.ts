import type { Report } from '../../core/index.ts';

/** The message that no flow has this number, and where numbers are shown. */
export function noSuchFlow(number: number, { totals }: Report): string {
  return `--flow ${number}: no such flow; the capture holds ${totals.flows} (synoptic flows lists them)`;
}

/** The message that no finding has this number, and where numbers are shown. */
export function noSuchFinding(number: number, { findings: { length } }: Report): string {
  const known = length === 0 ? 'there is none' : `there ${length === 1 ? 'is 1' : `are ${length}`}`;
  return `--finding ${number}: no such finding; ${known} (synoptic audit --verbose shows them in order)`;
}
