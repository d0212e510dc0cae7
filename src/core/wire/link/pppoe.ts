import { leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { LinkLayer } from './link.ts';
import { locatePppProtocol } from './ppp.ts';

const HEADER = 6;
const VERSION_1_TYPE_1 = 0x11;
/** The most that Ethernet pads a frame by (IEEE 802.3 §3.2.8). */
const MOST_PADDING = 46;

/**
 * PPPoE sessions (RFC 2516 §4, §6). The length field says where padding begins; some routers include padding in the IP length when they
 * rewrite that. If there is more behind it than padding, offload has joined segments or is yet to cut one: the IP length counts then.
 */
export const pppoe: LinkLayer = {
  dlt: [51],
  etherTypes: [0x8864],
  name: 'PPP_ETHER',
  locate(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, view, at } = cursor;
    if (bytes[at] !== VERSION_1_TYPE_1 || bytes[at + 1] !== 0) return leave(Decoded.NOT_IP);
    cursor.at = at + HEADER;
    const length = view.getUint16(at + 4);
    if (cursor.limit - cursor.at - length <= MOST_PADDING) cursor.boundPadded(length);
    return locatePppProtocol(cursor);
  },
};
