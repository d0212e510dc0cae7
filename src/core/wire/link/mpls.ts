import { ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../cursor.ts';
import type { Cursor } from '../cursor.ts';
import type { LinkLayer } from './link.ts';

const ENTRY = 4;
const BOTTOM_OF_STACK = 0x01;
const CONTROL_WORD = 4;
const ETHERNET_HEADER = 14;
/** EtherTypes that lead to IP, as evidence of an Ethernet header: IP itself and VLAN tags. */
const TELLING_TYPES: ReadonlySet<number> = new Set([ETHERTYPE_IPV4, ETHERTYPE_IPV6, 0x8100, 0x88a8]);

/**
 * MPLS label stacks (RFC 3032 §2.1). Labels do not say what they carry. As routers do, the first nibble is looked at (RFC 4928 §2): 4 and
 * 6 are IP. Anything else is an Ethernet pseudowire, with a control word if that fits (RFC 4448 §4.6).
 */
export const mpls: LinkLayer = {
  dlt: [219],
  etherTypes: [0x8847, 0x8848],
  name: 'MPLS',
  locate(cursor) {
    const bytes = cursor.bytes;
    let bottom = false;
    while (!bottom) {
      if (!cursor.has(ENTRY)) return cursor.short(ENTRY);
      bottom = (bytes[cursor.at + 2] & BOTTOM_OF_STACK) !== 0;
      cursor.at += ENTRY;
    }
    if (!cursor.has(1)) return cursor.short(1);
    const nibble = bytes[cursor.at] >>> 4;
    if (nibble === 4) return ETHERTYPE_IPV4;
    if (nibble === 6) return ETHERTYPE_IPV6;
    if (nibble === 0 && isEthernet(cursor, CONTROL_WORD)) cursor.at += CONTROL_WORD;
    return ETHERTYPE_ETHERNET;
  },
};

function isEthernet(cursor: Cursor, skip: number): boolean {
  return cursor.has(skip + ETHERNET_HEADER) && TELLING_TYPES.has(cursor.view.getUint16(cursor.at + skip + ETHERNET_HEADER - 2));
}
