import type { Side } from '../observations.ts';

/**
 * An end of a flow, as the columns are indexed by it (`flow/columns.ts`): the facts of both ends of a flow lie next to one another,
 * and four facts of an end together, so that a packet touches few lines of the processor's cache.
 */
const STRIDE = 4;

/** How many places the ends of one flow take in a column. */
export const PLACES = 2 * STRIDE;

export const SIDES: readonly Side[] = [0, 1];

export function endOf(flow: number, side: number): number {
  return flow * PLACES + side * STRIDE;
}

/** The other end. */
export function peerOf(end: number): number {
  return end ^ STRIDE;
}

export function flowOf(end: number): number {
  return end >>> 3;
}

export function sideOf(end: number): Side {
  return ((end >>> 2) & 1) as Side;
}
