import { ETHERTYPE_IPV4 } from '../cursor.ts';
import type { Tunnel } from './tunnel.ts';

const REDIRECT_HEADER = 4;

/** Web traffic that a router redirects to a cache, in GRE. WCCP version 2 has a header of its own, version 1 has none. */
export const wccp: Tunnel = {
  code: 7,
  name: 'wccp',
  etherTypes: [0x883e],
  enter(cursor) {
    if (!cursor.has(1)) return cursor.short(1);
    if (cursor.bytes[cursor.at] >>> 4 !== 4) cursor.at += REDIRECT_HEADER;
    return ETHERTYPE_IPV4;
  },
};
