import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 8;
const FORWARD = 1;
const NEXT_IPV4 = 4;
const NEXT_IPV6 = 41;

/** AYIYA, once the tunnel of the SixXS brokers (draft-massar-v6ops-ayiya §3). */
export const ayiya: Tunnel = {
  code: 17,
  name: 'ayiya',
  ports: [5072],
  enter(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, at } = cursor;
    if ((bytes[at + 2] & 0x0f) !== FORWARD) return leave(Decoded.NOT_TCP);
    const identity = 1 << (bytes[at] >>> 4);
    const signature = (bytes[at + 1] >>> 4) * 4;
    cursor.tunnelId = 0;
    cursor.at = at + HEADER + identity + signature;
    if (bytes[at + 3] === NEXT_IPV6) return ETHERTYPE_IPV6;
    return bytes[at + 3] === NEXT_IPV4 ? ETHERTYPE_IPV4 : leave(Decoded.NOT_TCP);
  },
};
