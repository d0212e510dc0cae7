import { ANY_IP, leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 8;
const OPTIONAL_FIELDS = 4;
/** Version 1, protocol type GTP, reserved bit 0. */
const VERSION_AND_TYPE = 0xf8;
const GTP_V1 = 0x30;
const EXTENSION = 0x04;
const OPTIONAL = 0x07;
const USER_DATA = 255;

/** GTP-U, which carries a mobile network's user data (3GPP TS 29.281 §5.1, §5.2). */
export const gtp: Tunnel = {
  code: 14,
  name: 'gtp-u',
  ports: [2152],
  anyPort: true,
  enter(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, view, at } = cursor;
    const flags = bytes[at];
    if ((flags & VERSION_AND_TYPE) !== GTP_V1 || bytes[at + 1] !== USER_DATA) return leave(Decoded.NOT_TCP);
    cursor.at = at + HEADER;
    if (!cursor.bound(view.getUint16(at + 2))) return leave(Decoded.NOT_TCP);
    cursor.tunnelId = view.getUint32(at + 4);
    if ((flags & OPTIONAL) === 0) return ANY_IP;
    if (!cursor.has(OPTIONAL_FIELDS)) return cursor.short(OPTIONAL_FIELDS);
    let extension = (flags & EXTENSION) === 0 ? 0 : bytes[at + HEADER + 3];
    cursor.at += OPTIONAL_FIELDS;
    // Each extension states its length in words and, in its last byte, the type of the next.
    while (extension !== 0) {
      if (!cursor.has(OPTIONAL_FIELDS)) return cursor.short(OPTIONAL_FIELDS);
      const length = bytes[cursor.at] * 4;
      if (length === 0) return leave(Decoded.NOT_TCP);
      if (!cursor.has(length)) return cursor.short(length);
      extension = bytes[cursor.at + length - 1];
      cursor.at += length;
    }
    return ANY_IP;
  },
};
