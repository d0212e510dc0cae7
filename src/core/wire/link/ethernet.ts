import { ETHERTYPE_ETHERNET } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import type { LinkLayer } from './link.ts';
import { locateLlc } from './llc.ts';

const HEADER = 14;
/** The field behind the addresses is a length below this value, and an EtherType from it on (IEEE 802.3 §3.2.6). */
const SMALLEST_ETHERTYPE = 0x0600;

/** Ethernet II and IEEE 802.3. */
export const ethernet: LinkLayer = {
  dlt: [1],
  etherTypes: [ETHERTYPE_ETHERNET],
  name: 'ETHERNET',
  locate(cursor) {
    const at = cursor.at;
    if (at + HEADER > cursor.end) return cursor.short(HEADER);
    cursor.at = at + HEADER;
    return locateTypeOrLength(cursor, cursor.view.getUint16(at + 12));
  },
};

/** What follows an EtherType-or-length field. The length itself is not needed: IP has its own. */
export function locateTypeOrLength(cursor: Cursor, type: number): Next {
  return type < SMALLEST_ETHERTYPE ? locateLlc(cursor) : type;
}
