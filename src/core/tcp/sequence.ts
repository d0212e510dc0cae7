/**
 * Arithmetic of sequence numbers, modulo 2^32 (RFC 9293 §3.4). Numbers are signed 32-bit integers holding the wire's bits; their
 * difference wraps with `| 0`, so that a comparison is right across the wrap for distances below 2^31.
 */

/** The largest window that an end can offer without scaling, by the 16 bits of the field (RFC 9293 §3.1), in bytes. */
export const UNSCALED_WINDOW = 65_535;

/** `a − b` as a signed distance in bytes. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}
