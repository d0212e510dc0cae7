import { ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6, LINK, leave } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { LinkLayer } from './link.ts';

const ADDRESS_AND_CONTROL = 0xff03;
/** Cisco HDLC's address bytes: unicast and multicast (RFC 1547 §4.3.1). */
const CISCO_UNICAST = 0x0f00;
const CISCO_MULTICAST = 0x8f00;
const CISCO_HDLC = 104;
const BRIDGED_ETHERNET = 0x0001;

/** PPP with or without its HDLC address and control bytes; 50 may hold Cisco HDLC instead, 204 begins with a direction byte. */
export const ppp: LinkLayer = { dlt: [9], etherTypes: [0x880b], name: 'PPP', locate: locatePpp };
export const pppHdlc: LinkLayer = {
  dlt: [50],
  name: 'PPP_HDLC',
  locate(cursor) {
    if (!cursor.has(2)) return cursor.short(2);
    const start = cursor.view.getUint16(cursor.at);
    return start === CISCO_UNICAST || start === CISCO_MULTICAST ? LINK + CISCO_HDLC : locatePpp(cursor);
  },
};
export const pppWithDirection: LinkLayer = {
  dlt: [204],
  name: 'PPP_WITH_DIR',
  locate(cursor) {
    if (!cursor.has(1)) return cursor.short(1);
    cursor.at += 1;
    return locatePpp(cursor);
  },
};

/** Reads a PPP header (RFC 1661 §2, RFC 1662 §3.1). */
function locatePpp(cursor: Cursor): Next {
  if (cursor.has(2) && cursor.view.getUint16(cursor.at) === ADDRESS_AND_CONTROL) cursor.at += 2;
  return locatePppProtocol(cursor);
}

/** Reads a PPP protocol field: two bytes, or one odd byte when compressed (RFC 1661 §6.5). */
export function locatePppProtocol(cursor: Cursor): Next {
  if (!cursor.has(1)) return cursor.short(1);
  const { bytes, view, at } = cursor;
  if ((bytes[at] & 1) === 1) {
    cursor.at = at + 1;
    return nextOfPpp(cursor, bytes[at]);
  }
  if (!cursor.has(2)) return cursor.short(2);
  cursor.at = at + 2;
  return nextOfPpp(cursor, view.getUint16(at));
}

function nextOfPpp(cursor: Cursor, protocol: number): Next {
  switch (protocol) {
    case 0x0021:
      return ETHERTYPE_IPV4;
    case 0x0057:
      return ETHERTYPE_IPV6;
    case 0x0281:
      return 0x8847;
    case 0x0283:
      return 0x8848;
    case 0x0031:
      return locateBridged(cursor);
    // Encrypted (RFC 1968), and compressed datagrams, which in practice are MPPE (RFC 3078).
    case 0x0053:
    case 0x00fd:
      return leave(Decoded.ENCRYPTED);
    default:
      return leave(Decoded.NOT_IP);
  }
}

/** Reads a bridged frame's header (RFC 3518 §4.2): flags and pad, MAC type, then the frame. */
function locateBridged(cursor: Cursor): Next {
  if (!cursor.has(2)) return cursor.short(2);
  const { bytes, at } = cursor;
  cursor.at = at + 2;
  return bytes[at + 1] === BRIDGED_ETHERNET ? ETHERTYPE_ETHERNET : leave(Decoded.NOT_IP);
}
