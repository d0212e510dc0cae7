import { ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 8;

/** Geneve (RFC 8926 §3.4). */
export const geneve: Tunnel = {
  code: 13,
  name: 'geneve',
  ports: [6081],
  anyPort: true,
  enter(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, view, at } = cursor;
    const length = HEADER + (bytes[at] & 0x3f) * 4;
    // Version 0; the two flags lead six reserved bits.
    if (bytes[at] >>> 6 !== 0 || (bytes[at + 1] & 0x3f) !== 0 || bytes[at + 7] !== 0) return leave(Decoded.NOT_TCP);
    const protocol = view.getUint16(at + 2);
    if (protocol !== ETHERTYPE_ETHERNET && protocol !== ETHERTYPE_IPV4 && protocol !== ETHERTYPE_IPV6) return leave(Decoded.NOT_TCP);
    cursor.tunnelId = view.getUint32(at + 4) >>> 8;
    cursor.at = at + length;
    return protocol;
  },
};
