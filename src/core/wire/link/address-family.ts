import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, leave } from '../cursor.ts';
import type { Next } from '../cursor.ts';
import { Decoded } from '../segment.ts';

/** What follows a header with this socket address family. AF_INET6 is 24, 28 or 30 on the BSDs and macOS, 10 on Linux. */
export function nextOfFamily(family: number): Next {
  switch (family) {
    case 2:
      return ETHERTYPE_IPV4;
    case 10:
    case 24:
    case 28:
    case 30:
      return ETHERTYPE_IPV6;
    default:
      return leave(Decoded.NOT_IP);
  }
}
