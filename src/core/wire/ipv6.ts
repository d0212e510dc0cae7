import { IP_PROTOCOL, leave } from './cursor.ts';
import type { Cursor, Next } from './cursor.ts';
import type { FragmentTable } from './fragments.ts';
import { Decoded } from './segment.ts';
import type { Segment } from './segment.ts';

const HEADER = 40;
/** The least length of an extension header, and the length of a fragment header. */
export const EXTENSION = 8;
/* Extension headers (the registry of IPv6 extension header types). */
export const HOP_BY_HOP = 0;
const ROUTING = 43;
export const FRAGMENT = 44;
export const AUTHENTICATION = 51;
export const DESTINATION_OPTIONS = 60;
const MOBILITY = 135;
const HOST_IDENTITY = 139;
const SHIM6 = 140;
/** Destination option with the address that the checksum covers instead of the source (RFC 6275 §6.3). */
const HOME_ADDRESS = 201;

/** Whether a protocol number is that of an extension header. */
export function isExtension(protocol: number): boolean {
  switch (protocol) {
    case HOP_BY_HOP:
    case ROUTING:
    case DESTINATION_OPTIONS:
    case MOBILITY:
    case HOST_IDENTITY:
    case SHIM6:
    case AUTHENTICATION:
    case FRAGMENT:
      return true;
    default:
      return false;
  }
}

/** Length in bytes of the extension header at `at`. Not for FRAGMENT, which has no length field. */
export function extensionLength(bytes: Uint8Array, at: number, protocol: number): number {
  return protocol === AUTHENTICATION ? (bytes[at + 1] + 2) * 4 : (bytes[at + 1] + 1) * 8;
}

/** Reads hop limit and addresses of the IPv6 header at the cursor, which must have been captured whole. IPv6 has no IP-ID. */
export function readFixedHeader({ bytes, view, at }: Cursor, segment: Segment): void {
  segment.ttl = bytes[at + 7];
  segment.ipId = 0;
  segment.source0 = view.getInt32(at + 8);
  segment.source1 = view.getInt32(at + 12);
  segment.source2 = view.getInt32(at + 16);
  segment.source3 = view.getInt32(at + 20);
  segment.destination0 = view.getInt32(at + 24);
  segment.destination1 = view.getInt32(at + 28);
  segment.destination2 = view.getInt32(at + 32);
  segment.destination3 = view.getInt32(at + 36);
}

/** Reads an IPv6 header and its extension headers (RFC 8200 §3, §4) into `segment` and moves the cursor to the payload. */
export function readIpv6(cursor: Cursor, segment: Segment, fragments: FragmentTable): Next {
  const at = cursor.at;
  if (at + HEADER > cursor.end) return cursor.short(HEADER);
  const bytes = cursor.bytes;
  const view = cursor.view;
  if (bytes[at] >>> 4 !== 6) return leave(Decoded.NOT_IP);
  segment.ipVersion = cursor.ipVersion = 6;
  readFixedHeader(cursor, segment);
  cursor.rerouted = false;
  cursor.at = at + HEADER;
  // 0 means a jumbogram (RFC 2675) or segmentation offload. The frame's length counts then.
  const payloadLength = view.getUint16(at + 4);
  if (payloadLength !== 0 && !cursor.boundOrStretch(payloadLength)) return leave(Decoded.BAD_LENGTH);
  return readExtensions(cursor, segment, fragments, bytes[at + 6]);
}

/** Walks the extension headers from `cursor.at` on. Each has at least eight bytes, so the length of the frame bounds the walk. */
export function readExtensions(cursor: Cursor, segment: Segment, fragments: FragmentTable, first: number): Next {
  let protocol = first;
  for (;;) {
    if (!isExtension(protocol)) return IP_PROTOCOL + protocol;
    if (!cursor.has(EXTENSION)) return cursor.short(EXTENSION);
    const { bytes, view, at } = cursor;
    const next = bytes[at];
    if (protocol === FRAGMENT) {
      cursor.at = at + EXTENSION;
      const field = view.getUint16(at + 2);
      const offset = field & 0xfff8;
      const more = (field & 1) !== 0;
      // An "atomic" fragment is a whole datagram (RFC 6946).
      if (offset === 0 && !more) {
        protocol = next;
        continue;
      }
      const joined = fragments.add(cursor, segment, view.getInt32(at + 4), next, offset, more);
      if (joined < 0) return joined;
      protocol = joined - IP_PROTOCOL;
      continue;
    }
    const length = extensionLength(bytes, at, protocol);
    if (at + length > cursor.limit) return leave(Decoded.BAD_LENGTH);
    if (protocol === ROUTING && bytes[at + 3] !== 0) cursor.rerouted = true;
    if (protocol === DESTINATION_OPTIONS && hasHomeAddress(cursor, at + 2, at + length)) cursor.rerouted = true;
    cursor.at = at + length;
    protocol = next;
  }
}

function hasHomeAddress(cursor: Cursor, from: number, headerEnd: number): boolean {
  const bytes = cursor.bytes;
  const end = headerEnd < cursor.end ? headerEnd : cursor.end;
  let at = from;
  while (at + 1 < end) {
    if (bytes[at] === HOME_ADDRESS) return true;
    at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1];
  }
  return false;
}
