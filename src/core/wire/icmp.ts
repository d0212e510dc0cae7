import type { Cursor } from './cursor.ts';
import { readExtensions, readFixedHeader } from './ipv6.ts';
import { IP_PROTOCOL } from './cursor.ts';
import type { FragmentTable } from './fragments.ts';
import { CHECKSUM_UNKNOWN, Decoded } from './segment.ts';
import type { DecodedReason, Segment } from './segment.ts';
import { clearOptions, readOptions } from './tcp-options.ts';

const HEADER = 8;
const TCP = IP_PROTOCOL + 6;
/** ICMP errors: destination unreachable, source quench, time exceeded, parameter problem (RFC 792). */
const UNREACHABLE = 3;
const ERRORS_V4: readonly number[] = [UNREACHABLE, 4, 11, 12];
const FRAGMENTATION_NEEDED = 4;
/** ICMPv6 errors: unreachable, packet too big, time exceeded, parameter problem (RFC 4443 §2.1). */
const PACKET_TOO_BIG = 2;
const LAST_ERROR_V6 = 4;

/** Reads an ICMP error that quotes a TCP segment. The quoted segment goes into `segment`, and so does the sender of the error (`reporter…`). */
export function readIcmp(cursor: Cursor, segment: Segment, fragments: FragmentTable): DecodedReason {
  if (!cursor.has(HEADER)) return Decoded.NOT_TCP;
  const { bytes, view, at } = cursor;
  const type = bytes[at];
  const code = bytes[at + 1];
  const ipv6 = segment.ipVersion === 6;
  if (ipv6 ? type === 0 || type > LAST_ERROR_V6 : !ERRORS_V4.includes(type)) return Decoded.NOT_TCP;
  segment.icmpType = type;
  segment.icmpCode = code;
  segment.icmpMtu = 0;
  if (ipv6 && type === PACKET_TOO_BIG) segment.icmpMtu = view.getUint32(at + 4);
  if (!ipv6 && type === UNREACHABLE && code === FRAGMENTATION_NEEDED) segment.icmpMtu = view.getUint16(at + 6);
  segment.reporter0 = segment.source0;
  segment.reporter1 = segment.source1;
  segment.reporter2 = segment.source2;
  segment.reporter3 = segment.source3;
  cursor.at = at + HEADER;
  return ipv6 ? readQuotedIpv6(cursor, segment, fragments) : readQuotedIpv4(cursor, segment);
}

/** The length field of a quoted header is that of the packet as it was sent: the quotation may be much shorter. */
function readQuotedIpv4(cursor: Cursor, segment: Segment): DecodedReason {
  if (!cursor.has(20)) return Decoded.NOT_TCP;
  const { bytes, view, at } = cursor;
  const headerLength = (bytes[at] & 0x0f) * 4;
  if (bytes[at] >>> 4 !== 4 || headerLength < 20 || bytes[at + 9] !== 6) return Decoded.NOT_TCP;
  if ((view.getUint16(at + 6) & 0x1fff) !== 0) return Decoded.NOT_TCP;
  segment.ttl = bytes[at + 8];
  segment.ipId = view.getUint16(at + 4);
  segment.source3 = view.getInt32(at + 12);
  segment.destination3 = view.getInt32(at + 16);
  const sent = view.getUint16(at + 2) - headerLength;
  cursor.at = at + headerLength;
  return readQuotedTcp(cursor, segment, sent);
}

function readQuotedIpv6(cursor: Cursor, segment: Segment, fragments: FragmentTable): DecodedReason {
  if (!cursor.has(40)) return Decoded.NOT_TCP;
  const { bytes, view, at } = cursor;
  if (bytes[at] >>> 4 !== 6) return Decoded.NOT_TCP;
  readFixedHeader(cursor, segment);
  const end = at + 40 + view.getUint16(at + 4);
  cursor.at = at + 40;
  if (readExtensions(cursor, segment, fragments, bytes[at + 6]) !== TCP || cursor.reassembled) return Decoded.NOT_TCP;
  return readQuotedTcp(cursor, segment, end - cursor.at);
}

/** At least eight bytes of a segment are quoted, often more. Fields that are not become 0. `sent`: length of the segment as it was sent. */
function readQuotedTcp(cursor: Cursor, segment: Segment, sent: number): DecodedReason {
  if (!cursor.has(4)) return Decoded.NOT_TCP;
  const { view, at, end } = cursor;
  segment.sourcePort = view.getUint16(at);
  segment.destinationPort = view.getUint16(at + 2);
  segment.seq = at + 8 <= end ? view.getInt32(at + 4) : 0;
  segment.ack = at + 12 <= end ? view.getInt32(at + 8) : 0;
  const offsetAndFlags = at + 14 <= end ? view.getUint16(at + 12) : 0;
  const headerLength = (offsetAndFlags >>> 12) * 4;
  segment.flags = offsetAndFlags & 0x0fff;
  segment.window = at + 16 <= end ? view.getUint16(at + 14) : 0;
  segment.checksum = at + 18 <= end ? view.getUint16(at + 16) : 0;
  segment.urgentPointer = at + 20 <= end ? view.getUint16(at + 18) : 0;
  segment.checksumState = CHECKSUM_UNKNOWN;
  segment.bytes = cursor.bytes;
  segment.payloadLength = headerLength >= 20 && sent > headerLength ? sent - headerLength : 0;
  segment.payloadStart = end;
  segment.payloadCaptured = 0;
  segment.vlan = cursor.vlan;
  segment.tunnel = cursor.tunnel;
  segment.tunnelId = cursor.tunnelId;
  clearOptions(segment, headerLength >= 20 ? headerLength - 20 : 0);
  if (headerLength > 20) readOptions(cursor, segment, at + 20, at + headerLength);
  else segment.optionsComplete = headerLength === 20;
  return Decoded.ICMP_ERROR;
}
