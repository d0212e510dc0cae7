import { ETHERTYPE_IPV6, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const AUTHENTICATION = 0x0001;
const ORIGIN = 0x0000;
const ORIGIN_LENGTH = 8;
/** Length of an authentication indication without its two variable fields. */
const AUTHENTICATION_LENGTH = 13;

/** Teredo: IPv6 in UDP, behind an optional authentication and an optional origin indication (RFC 4380 §5.1.1). */
export const teredo: Tunnel = {
  code: 15,
  name: 'teredo',
  ports: [3544],
  enter(cursor) {
    const { bytes, view } = cursor;
    cursor.tunnelId = 0;
    if (cursor.has(4) && view.getUint16(cursor.at) === AUTHENTICATION) {
      cursor.at += AUTHENTICATION_LENGTH + bytes[cursor.at + 2] + bytes[cursor.at + 3];
    }
    if (cursor.has(2) && view.getUint16(cursor.at) === ORIGIN) cursor.at += ORIGIN_LENGTH;
    if (!cursor.has(1)) return cursor.short(1);
    return bytes[cursor.at] >>> 4 === 6 ? ETHERTYPE_IPV6 : leave(Decoded.NOT_TCP);
  },
};
