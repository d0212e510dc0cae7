import { leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { LinkLayer } from './link.ts';
import { locateLlc } from './llc.ts';

/** Frame control, as a little-endian number (IEEE 802.11 §9.2.4.1). */
const VERSION_AND_TYPE = 0x000f;
const DATA = 0x0008;
const WITHOUT_DATA = 0x0040;
const QOS = 0x0080;
const DISTRIBUTION = 0x0300;
const MORE_FRAGMENTS = 0x0400;
const PROTECTED = 0x4000;
const ORDER = 0x8000;
const FRAGMENT_NUMBER = 0x000f;
/** In the QoS control field: the body is an aggregate of subframes. */
const AGGREGATE = 0x0080;
const SUBFRAME_HEADER = 14;

/** IEEE 802.11 data frames. Of an aggregate (A-MSDU) the first subframe is read. */
export const ieee80211: LinkLayer = {
  dlt: [105],
  name: 'IEEE802_11',
  locate(cursor) {
    if (!cursor.has(2)) return cursor.short(2);
    const { view, at } = cursor;
    const control = view.getUint16(at, true);
    if ((control & VERSION_AND_TYPE) !== DATA || (control & WITHOUT_DATA) !== 0) return leave(Decoded.NOT_IP);
    if ((control & PROTECTED) !== 0) return leave(Decoded.ENCRYPTED);
    const qos = (control & QOS) !== 0;
    // Three addresses; a fourth between two access points; then QoS control and, behind it, HT control.
    const addresses = (control & DISTRIBUTION) === DISTRIBUTION ? 30 : 24;
    const length = addresses + (qos ? 2 : 0) + (qos && (control & ORDER) !== 0 ? 4 : 0);
    if (!cursor.has(length)) return cursor.short(length);
    if ((control & MORE_FRAGMENTS) !== 0 || (view.getUint16(at + 22, true) & FRAGMENT_NUMBER) !== 0) return leave(Decoded.FRAGMENT);
    cursor.at = at + length + (cursor.padded ? -length & 3 : 0);
    if (!qos || (view.getUint16(at + addresses, true) & AGGREGATE) === 0) return locateLlc(cursor);
    if (!cursor.has(SUBFRAME_HEADER)) return cursor.short(SUBFRAME_HEADER);
    const subframe = view.getUint16(cursor.at + 12);
    cursor.at += SUBFRAME_HEADER;
    return cursor.bound(subframe) ? locateLlc(cursor) : leave(Decoded.BAD_LENGTH);
  },
};
