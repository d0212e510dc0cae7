import { ETHERTYPE_ETHERNET, LINK, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 4;
const VERSION = 1;
const RECEIVED = 0;
const TRANSMIT = 1;
const ETHERNET = 1;
const IEEE802_11 = 18;
const PADDING_TAG = 0;
const END_TAG = 1;

/** TZSP: how access points and routers (MikroTik's sniffer) stream what they see. */
export const tzsp: Tunnel = {
  code: 20,
  name: 'tzsp',
  ports: [37008],
  enter(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, view, at } = cursor;
    if (bytes[at] !== VERSION || (bytes[at + 1] !== RECEIVED && bytes[at + 1] !== TRANSMIT)) return leave(Decoded.NOT_TCP);
    const encapsulated = view.getUint16(at + 2);
    cursor.tunnelId = 0;
    cursor.at = at + HEADER;
    for (;;) {
      if (!cursor.has(1)) return cursor.short(1);
      const tag = bytes[cursor.at];
      if (tag === END_TAG || tag === PADDING_TAG) cursor.at += 1;
      else if (!cursor.has(2)) return cursor.short(2);
      else cursor.at += 2 + bytes[cursor.at + 1];
      if (tag === END_TAG) break;
    }
    if (encapsulated === ETHERNET) return ETHERTYPE_ETHERNET;
    return encapsulated === IEEE802_11 ? LINK + 105 : leave(Decoded.NOT_TCP);
  },
};
