import type { Side } from '../observations.ts';

/**
 * An end of a flow is a number that indexes columns (`flow/columns.ts`). Both ends of a flow are neighbours, and so are four facts of an
 * end: a packet touches few lines of the processor's cache.
 */
const STRIDE = 4;

/** Elements that the ends of one flow take in an array of four columns. */
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
