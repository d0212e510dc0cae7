import { leave } from '../cursor.ts';
import type { Cursor, Next } from '../cursor.ts';
import { Decoded } from '../segment.ts';
import type { Tunnel } from './tunnel.ts';

/** Bits of the first word (RFC 1701 §1, RFC 2784 §2.1, RFC 2890 §2, RFC 2637 §4.1). */
const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGEMENT = 0x0080;
const VERSION = 0x0007;
const PPP = 0x880b;
/** Cisco's keep-alives carry protocol 0. */
const KEEP_ALIVE = 0;

/** GRE, version 0 (with NVGRE, which is GRE with a key) and 1 (PPTP). The key becomes the tunnel's id. */
export const gre: Tunnel = { code: 5, name: 'gre', protocols: [47], enter: enterGre };
/** GRE in UDP (RFC 8086 §3). */
export const greInUdp: Tunnel = {
  code: 6,
  name: 'gre-in-udp',
  ports: [4754],
  enter(cursor) {
    const next = enterGre(cursor);
    return next === PPP ? leave(Decoded.NOT_TCP) : next;
  },
};

function enterGre(cursor: Cursor): Next {
  if (!cursor.has(4)) return cursor.short(4);
  const { view, at } = cursor;
  const bits = view.getUint16(at);
  const protocol = view.getUint16(at + 2);
  const version = bits & VERSION;
  if (version > 1 || protocol === KEEP_ALIVE) return leave(Decoded.NOT_TCP);
  // Source routes (RFC 1701) were withdrawn by RFC 2784.
  if ((bits & ROUTING) !== 0) return leave(Decoded.NOT_TCP);
  let length = 4;
  if ((bits & CHECKSUM) !== 0) length += 4;
  const key = at + length;
  if ((bits & KEY) !== 0) length += 4;
  if ((bits & SEQUENCE) !== 0) length += 4;
  if (version === 1 && (bits & ACKNOWLEDGEMENT) !== 0) length += 4;
  if (!cursor.has(length)) return cursor.short(length);
  cursor.tunnelId = (bits & KEY) === 0 ? 0 : version === 1 ? view.getUint16(key + 2) : view.getUint32(key);
  cursor.sequenced = (bits & SEQUENCE) !== 0;
  cursor.at = at + length;
  // PPTP without a sequence number acknowledges only.
  if (version === 1 && (protocol !== PPP || !cursor.sequenced)) return leave(Decoded.NOT_TCP);
  return protocol;
}
