import { ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6, leave } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 8;
const VALID_ID = 0x08;
const NEXT_PROTOCOL = 0x04;
/** The protocol numbers of the generic extension (draft-ietf-nvo3-vxlan-gpe §3.2). */
const GPE_PROTOCOLS = new Map([
  [1, ETHERTYPE_IPV4],
  [2, ETHERTYPE_IPV6],
  [3, ETHERTYPE_ETHERNET],
  [4, 0x894f],
  [5, 0x8847],
]);

/** VXLAN (RFC 7348 §5), on its port and on the one that Linux used before that was assigned. */
export const vxlan: Tunnel = {
  code: 10,
  name: 'vxlan',
  ports: [4789, 8472],
  enter(cursor) {
    const flags = enterHeader(cursor);
    return flags < 0 ? flags : ETHERTYPE_ETHERNET;
  },
};

/** VXLAN with a protocol field. */
export const vxlanGpe: Tunnel = {
  code: 11,
  name: 'vxlan-gpe',
  ports: [4790],
  enter(cursor) {
    const protocol = cursor.has(HEADER) ? cursor.bytes[cursor.at + 3] : 0;
    const flags = enterHeader(cursor);
    if (flags < 0) return flags;
    if ((flags & NEXT_PROTOCOL) === 0) return ETHERTYPE_ETHERNET;
    return GPE_PROTOCOLS.get(protocol) ?? leave(Decoded.NOT_TCP);
  },
};

/** Reads the header and returns its flags; below zero, why it is not one. */
function enterHeader(cursor: Cursor): Next {
  if (!cursor.has(HEADER)) return cursor.short(HEADER);
  const { bytes, view, at } = cursor;
  const flags = bytes[at];
  if ((flags & VALID_ID) === 0) return leave(Decoded.NOT_TCP);
  cursor.tunnelId = view.getUint32(at + 4) >>> 8;
  cursor.at = at + HEADER;
  return flags;
}
