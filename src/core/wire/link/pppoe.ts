import { leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { LinkLayer } from './link.ts';
import { locatePppProtocol } from './ppp.ts';

const HEADER = 6;
const VERSION_1_TYPE_1 = 0x11;

/** PPPoE sessions (RFC 2516 §4, §6). Their length field is left alone: where it contradicts IP's, IP's is right. */
export const pppoe: LinkLayer = {
  dlt: [51],
  etherTypes: [0x8864],
  name: 'PPP_ETHER',
  locate(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, at } = cursor;
    if (bytes[at] !== VERSION_1_TYPE_1 || bytes[at + 1] !== 0) return leave(Decoded.NOT_IP);
    cursor.at = at + HEADER;
    return locatePppProtocol(cursor);
  },
};
