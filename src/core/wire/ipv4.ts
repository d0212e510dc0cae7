import { IP_PROTOCOL, leave } from './cursor.ts';
import type { Cursor, Next } from './cursor.ts';
import type { FragmentTable } from './fragments.ts';
import { Decoded } from './segment.ts';
import type { Segment } from './segment.ts';

const HEADER = 20;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;

/** Reads an IPv4 header (RFC 791 §3.1) into `segment` and moves the cursor to its payload. */
export function readIpv4(cursor: Cursor, segment: Segment, fragments: FragmentTable): Next {
  const at = cursor.at;
  if (at + HEADER > cursor.end) return cursor.short(HEADER);
  const bytes = cursor.bytes;
  const view = cursor.view;
  const first = bytes[at];
  if (first >>> 4 !== 4) return leave(Decoded.NOT_IP);
  const headerLength = (first & 0x0f) << 2;
  if (headerLength < HEADER || at + headerLength > cursor.limit) return leave(Decoded.BAD_LENGTH);

  // With segmentation offload the length field is still 0 when the packet is captured. The frame's length counts then.
  const totalLength = view.getUint16(at + 2);
  if (totalLength !== 0) {
    if (totalLength < headerLength) return leave(Decoded.BAD_LENGTH);
    if (!cursor.boundOrStretch(totalLength)) return leave(Decoded.BAD_LENGTH);
  }

  cursor.ipVersion = 4;
  segment.ttl = bytes[at + 8];
  segment.ipId = view.getUint16(at + 4);
  mapIpv4(segment, view.getInt32(at + 12), view.getInt32(at + 16));
  cursor.rerouted = headerLength > HEADER && hasSourceRoute(cursor, at + HEADER, at + headerLength);
  cursor.at = at + headerLength;

  const protocol = bytes[at + 9];
  const fragment = view.getUint16(at + 6);
  if ((fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0) {
    const offset = (fragment & FRAGMENT_OFFSET) << 3;
    return fragments.add(cursor, segment, segment.ipId, protocol, offset, (fragment & MORE_FRAGMENTS) !== 0);
  }
  return IP_PROTOCOL + protocol;
}

/** Makes the segment one of IPv4 between these addresses. */
export function mapIpv4(segment: Segment, source: number, destination: number): void {
  segment.ipVersion = 4;
  segment.source0 = 0;
  segment.source1 = 0;
  segment.source2 = 0xffff;
  segment.source3 = source;
  segment.destination0 = 0;
  segment.destination1 = 0;
  segment.destination2 = 0xffff;
  segment.destination3 = destination;
}

/** Whether a source route has hops left: the TCP checksum then covers the address of the last hop, not the header's destination. */
function hasSourceRoute(cursor: Cursor, from: number, headerEnd: number): boolean {
  const bytes = cursor.bytes;
  const end = headerEnd < cursor.end ? headerEnd : cursor.end;
  let at = from;
  while (at < end) {
    const kind = bytes[at];
    if (kind === 0) return false;
    if (kind === 1) {
      at += 1;
      continue;
    }
    if (at + 2 >= end || bytes[at + 1] < 2) return false;
    if (kind === LOOSE_SOURCE_ROUTE || kind === STRICT_SOURCE_ROUTE) return bytes[at + 2] <= bytes[at + 1];
    at += bytes[at + 1];
  }
  return false;
}
