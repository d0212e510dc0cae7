import { LINK, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { LinkLayer } from './link.ts';

/* Headers that each state the link type of the frame behind them. */

const PPI_HEADER = 8;
const PKTAP_HEADER = 12;

/** Per-Packet Information: version, flags, length, link type, little-endian. */
export const ppi: LinkLayer = {
  dlt: [192],
  name: 'PPI',
  locate(cursor) {
    if (!cursor.has(PPI_HEADER)) return cursor.short(PPI_HEADER);
    const { view, at } = cursor;
    const length = view.getUint16(at + 2, true);
    if (length < PPI_HEADER) return leave(Decoded.NOT_IP);
    cursor.at = at + length;
    return LINK + (view.getUint32(at + 4, true) & 0xffff);
  },
};

/** What `tcpdump -i pktap` writes on macOS: length, record type, link type, and more that is not needed here. */
export const pktap: LinkLayer = {
  dlt: [258],
  name: 'PKTAP',
  locate(cursor) {
    if (!cursor.has(PKTAP_HEADER)) return cursor.short(PKTAP_HEADER);
    const { view, at } = cursor;
    const length = view.getUint32(at, true);
    if (length < PKTAP_HEADER) return leave(Decoded.NOT_IP);
    if (at + length > cursor.limit) return leave(Decoded.BAD_LENGTH);
    cursor.at = at + length;
    return LINK + (view.getUint32(at + 8, true) & 0xffff);
  },
};
