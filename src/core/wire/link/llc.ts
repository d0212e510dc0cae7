import { ETHERTYPE_IPV4, leave } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import { Decoded } from '../segment.ts';

/** Service access points of IEEE 802.2. */
const SNAP = 0xaa;
const IP = 0x06;
const UNNUMBERED_INFORMATION = 0x03;
/** SNAP organisation codes: EtherTypes (RFC 1042), and the same bridged through 802.1H tunnels. */
const ENCAPSULATED_ETHERNET = 0x000000;
const BRIDGE_TUNNEL = 0x0000f8;

/** Reads an IEEE 802.2 LLC header, with SNAP if there is one. */
export function locateLlc(cursor: Cursor): Next {
  if (!cursor.has(3)) return cursor.short(3);
  const { bytes, view, at } = cursor;
  if (bytes[at + 2] !== UNNUMBERED_INFORMATION) return leave(Decoded.NOT_IP);
  if (bytes[at] === IP && bytes[at + 1] === IP) {
    cursor.at = at + 3;
    return ETHERTYPE_IPV4;
  }
  if (bytes[at] !== SNAP || bytes[at + 1] !== SNAP) return leave(Decoded.NOT_IP);
  if (!cursor.has(8)) return cursor.short(8);
  const organisation = view.getUint32(at + 2) & 0xffffff;
  if (organisation !== ENCAPSULATED_ETHERNET && organisation !== BRIDGE_TUNNEL) return leave(Decoded.NOT_IP);
  cursor.at = at + 8;
  return view.getUint16(at + 6);
}
