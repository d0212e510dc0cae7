import { LINK, leave } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import { locateLlc } from './llc.ts';
import type { LinkLayer } from './link.ts';

const HEADER_V1 = 16;
const HEADER_V2 = 20;
const IEEE802_11_RADIOTAP = 127;
/** ARPHRD_ values with which the protocol field is not an EtherType (linux/if_arp.h). */
const ARPHRD_RADIOTAP = 803;
const ARPHRD_NETLINK = 824;
/** Protocol value of frames with an 802.2 LLC header. */
const LLC = 0x0004;

/** Linux "cooked" captures, as made on the interface `any`: of the link-layer header only the protocol is kept. */
export const linuxSll: LinkLayer = {
  dlt: [113],
  name: 'LINUX_SLL',
  locate(cursor) {
    if (!cursor.has(HEADER_V1)) return cursor.short(HEADER_V1);
    const { view, at } = cursor;
    cursor.at = at + HEADER_V1;
    return locateProtocol(cursor, view.getUint16(at + 2), view.getUint16(at + 14));
  },
};

/** Its second version. */
export const linuxSll2: LinkLayer = {
  dlt: [276],
  name: 'LINUX_SLL2',
  locate(cursor) {
    if (!cursor.has(HEADER_V2)) return cursor.short(HEADER_V2);
    const { view, at } = cursor;
    cursor.at = at + HEADER_V2;
    return locateProtocol(cursor, view.getUint16(at + 8), view.getUint16(at));
  },
};

function locateProtocol(cursor: Cursor, hardware: number, protocol: number): Next {
  if (hardware === ARPHRD_NETLINK) return leave(Decoded.NOT_IP);
  if (hardware === ARPHRD_RADIOTAP) return LINK + IEEE802_11_RADIOTAP;
  return protocol === LLC ? locateLlc(cursor) : protocol;
}
