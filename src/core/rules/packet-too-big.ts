import type { Observation } from '../observations.ts';

/** ICMP errors that tell a sender to send less (RFC 1191 §4, RFC 8201 §4), as `type * 256 + code`. */
const FRAGMENTATION_NEEDED = 3 * 256 + 4;
const PACKET_TOO_BIG = 2 * 256;

/** Does this ICMP_ERROR say that the packet was too big for the next link? */
export function saysTooBig({ a, b }: Observation): boolean {
  return a === FRAGMENTATION_NEEDED || (a === PACKET_TOO_BIG && b === 6);
}
