import { ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER_II = 8;
const HEADER_III = 12;
const PLATFORM_HEADER = 8;
const SESSION = 0x03ff;
/** In the last two bytes of type III: whether a platform header follows, and what was mirrored (0: Ethernet, 2: IP). */
const OPTIONAL = 0x0001;
const FRAME_TYPE_SHIFT = 10;

/** Mirrored frames in GRE. Types I and II share a protocol number; type I has no GRE sequence number, and no header of its own. */
export const erspan: Tunnel = {
  code: 8,
  name: 'erspan',
  etherTypes: [0x88be],
  enter(cursor) {
    if (!cursor.sequenced) return ETHERTYPE_ETHERNET;
    if (!cursor.has(HEADER_II)) return cursor.short(HEADER_II);
    const { view, at } = cursor;
    cursor.tunnelId = view.getUint16(at + 2) & SESSION;
    cursor.at = at + HEADER_II;
    return ETHERTYPE_ETHERNET;
  },
};

export const erspan3: Tunnel = {
  code: 9,
  name: 'erspan-iii',
  etherTypes: [0x22eb],
  enter(cursor) {
    if (!cursor.has(HEADER_III)) return cursor.short(HEADER_III);
    const { view, at } = cursor;
    const bits = view.getUint16(at + 10);
    const frameType = (bits >>> FRAME_TYPE_SHIFT) & 0x1f;
    cursor.tunnelId = view.getUint16(at + 2) & SESSION;
    cursor.at = at + HEADER_III + ((bits & OPTIONAL) !== 0 ? PLATFORM_HEADER : 0);
    if (frameType === 0) return ETHERTYPE_ETHERNET;
    return frameType === 2 ? ETHERTYPE_IPV4 : leave(Decoded.NOT_TCP);
  },
};
