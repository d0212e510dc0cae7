import { leave } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

/** Bits of the first word (RFC 2661 §3.1). */
const CONTROL = 0x8000;
const LENGTH = 0x4000;
const SEQUENCE = 0x0800;
const OFFSET = 0x0200;
const VERSION = 0x000f;
const PPP = 0x880b;

/** L2TP version 2, which carries PPP. Tunnel and session id together become the tunnel's id. */
export const l2tp: Tunnel = {
  code: 19,
  name: 'l2tp',
  ports: [1701],
  enter(cursor) {
    if (!cursor.has(2)) return cursor.short(2);
    const { view, at } = cursor;
    const bits = view.getUint16(at);
    if ((bits & CONTROL) !== 0 || (bits & VERSION) !== 2) return leave(Decoded.NOT_TCP);
    const ids = at + ((bits & LENGTH) === 0 ? 2 : 4);
    let length = ids + 4 - at + ((bits & SEQUENCE) === 0 ? 0 : 4);
    if ((bits & OFFSET) !== 0) {
      if (!cursor.has(length + 2)) return cursor.short(length + 2);
      length += 2 + view.getUint16(at + length);
    }
    if (!cursor.has(length)) return cursor.short(length);
    if ((bits & LENGTH) !== 0 && !cursor.bound(view.getUint16(at + 2))) return leave(Decoded.NOT_TCP);
    cursor.tunnelId = view.getUint32(ids);
    cursor.at = at + length;
    return PPP;
  },
};
