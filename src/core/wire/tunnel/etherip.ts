import { ETHERTYPE_ETHERNET, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 2;
const VERSION_3 = 0x3000;

/** Ethernet within IP (RFC 3378 §3). */
export const etherip: Tunnel = {
  code: 18,
  name: 'etherip',
  protocols: [97],
  enter(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    if (cursor.view.getUint16(cursor.at) !== VERSION_3) return leave(Decoded.NOT_TCP);
    cursor.tunnelId = 0;
    cursor.at += HEADER;
    return ETHERTYPE_ETHERNET;
  },
};
