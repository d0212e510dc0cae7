import { leave } from './cursor.ts';
import type { Cursor, Next } from './cursor.ts';
import { Decoded } from './segment.ts';
import { enterUdpTunnel } from './tunnel/index.ts';

const HEADER = 8;

/** Reads a UDP header (RFC 768) and enters the tunnel within, if there is one. */
export function readUdp(cursor: Cursor): Next {
  if (!cursor.has(HEADER)) return leave(Decoded.NOT_TCP);
  const { view, at } = cursor;
  const sourcePort = view.getUint16(at);
  const destinationPort = view.getUint16(at + 2);
  const length = view.getUint16(at + 4);
  // 0 means a jumbogram (RFC 2675 §4).
  if (length !== 0 && (length < HEADER || !cursor.bound(length))) return leave(Decoded.NOT_TCP);
  cursor.at = at + HEADER;
  return enterUdpTunnel(cursor, sourcePort, destinationPort);
}
