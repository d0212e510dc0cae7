import { ANY_IP } from '../cursor.ts';
import type { Tunnel } from './tunnel.ts';

const HEADER = 8;
const INSTANCE = 0x08;

/** LISP data packets (RFC 9300 §5.3). */
export const lisp: Tunnel = {
  code: 21,
  name: 'lisp',
  ports: [4341],
  enter(cursor) {
    if (!cursor.has(HEADER)) return cursor.short(HEADER);
    const { bytes, view, at } = cursor;
    cursor.tunnelId = (bytes[at] & INSTANCE) === 0 ? 0 : view.getUint32(at + 4) >>> 8;
    cursor.at = at + HEADER;
    return ANY_IP;
  },
};
