/** Host and endpoint indices stay below this. */
const BASE = 0x4000000;

/** Two non-negative integers below 2^26 (a host's index, an endpoint's, a port) as one exact number: the key of a pair. */
export function pairKey(one: number, other: number): number {
  return one * BASE + other;
}

/** The first of the pair. */
export function firstOf(key: number): number {
  return Math.floor(key / BASE);
}

/** The second of the pair. */
export function secondOf(key: number): number {
  return key % BASE;
}
