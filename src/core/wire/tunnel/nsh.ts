import { ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 8;
const PROTOCOLS = new Map([
  [1, ETHERTYPE_IPV4],
  [2, ETHERTYPE_IPV6],
  [3, ETHERTYPE_ETHERNET],
  [5, 0x8847],
]);

/** The Network Service Header (RFC 8300 §2). The service path becomes the tunnel's id. */
export const nsh: Tunnel = {
  code: 12,
  name: 'nsh',
  etherTypes: [0x894f],
  enter(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, view, at } = cursor;
    const length = (bytes[at + 1] & 0x3f) * 4;
    if (bytes[at] >>> 6 !== 0 || length < HEADER) return leave(Decoded.NOT_TCP);
    cursor.tunnelId = view.getUint32(at + 4) >>> 8;
    cursor.at = at + length;
    return PROTOCOLS.get(bytes[at + 3]) ?? leave(Decoded.NOT_TCP);
  },
};
