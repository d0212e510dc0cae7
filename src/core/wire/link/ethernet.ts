import { ETHERTYPE_ETHERNET } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import type { LinkLayer } from './link.ts';
import { locateLlc } from './llc.ts';

const HEADER = 14;
/** From here on the field after the addresses is an EtherType, below it a length (IEEE 802.3 §3.2.6). */
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
    const type = cursor.view.getUint16(at + 12);
    return type < SMALLEST_ETHERTYPE ? locateLength(cursor, type) : type;
  },
};

/** What an EtherType-or-length field, just read, leads to. */
export function locateTypeOrLength(cursor: Cursor, type: number): Next {
  return type < SMALLEST_ETHERTYPE ? locateLength(cursor, type) : type;
}

function locateLength(cursor: Cursor, length: number): Next {
  // Some senders state a wrong length; the frame's end is bound enough.
  cursor.bound(length);
  return locateLlc(cursor);
}
