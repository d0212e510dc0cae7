import { ETHERTYPE_IPV6, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const AUTHENTICATION = 0x0001;
const ORIGIN = 0x0000;
const ORIGIN_LENGTH = 8;
/** Of an authentication indication: its fixed fields, nonce and confirmation byte included. */
const AUTHENTICATION_LENGTH = 13;

/** Teredo: IPv6 in UDP, behind an authentication and an origin indication at most (RFC 4380 §5.1.1). */
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
