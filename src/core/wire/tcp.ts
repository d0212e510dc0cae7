import type { BadHeaders } from './bad-headers.ts';
import { fold, halves, LONGEST_SUM, sumWords } from './checksum.ts';
import type { Cursor } from './cursor.ts';
import { CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_UNKNOWN, Decoded, FIN, RST, SYN } from './segment.ts';
import type { DecodedReason, Segment } from './segment.ts';
import { clearOptions, readOptions } from './tcp-options.ts';

/** Length of the fixed TCP header (RFC 9293 §3.1). */
export const TCP_HEADER = 20;
const TCP = 6;
/**
 * Segments with at most this much payload (bytes) are all verified. Summing every byte of bulk data would cost more than the rest of
 * its analysis, and a damaged segment of it is sent again anyway, which shows.
 */
const SHORT_PAYLOAD = 512;
/** Of segments with more payload, one in so many is verified. */
const SAMPLE = 8;

/** Reads a TCP header with its options into `segment`, whose addresses are set already. An impossible length is noted in `badHeaders`. */
export function readTcp(cursor: Cursor, segment: Segment, verifyChecksums: boolean, badHeaders: BadHeaders): DecodedReason {
  const at = cursor.at;
  const end = cursor.end;
  const limit = cursor.limit;
  if (at + TCP_HEADER > end) return at + TCP_HEADER > limit ? refuse(cursor, segment, badHeaders) : Decoded.CUT_SHORT;
  const view = cursor.view;
  const offsetAndFlags = view.getUint16(at + 12);
  const headerLength = (offsetAndFlags >>> 12) << 2;
  const payloadStart = at + headerLength;
  if (headerLength < TCP_HEADER || payloadStart > limit) return refuse(cursor, segment, badHeaders);

  segment.sourcePort = view.getUint16(at);
  segment.destinationPort = view.getUint16(at + 2);
  segment.seq = view.getInt32(at + 4);
  segment.ack = view.getInt32(at + 8);
  segment.flags = offsetAndFlags & 0x0fff;
  segment.window = view.getUint16(at + 14);
  segment.checksum = view.getUint16(at + 16);
  segment.urgentPointer = view.getUint16(at + 18);
  segment.bytes = cursor.bytes;
  segment.payloadLength = limit - payloadStart;
  segment.payloadStart = payloadStart < end ? payloadStart : end;
  segment.payloadCaptured = payloadStart < end ? end - payloadStart : 0;
  segment.vlan = cursor.vlan;
  segment.tunnel = cursor.tunnel;
  segment.tunnelId = cursor.tunnelId;

  clearOptions(segment, headerLength - TCP_HEADER);
  if (headerLength > TCP_HEADER) readOptions(cursor, segment, at + TCP_HEADER, payloadStart);
  const verifiable = verifyChecksums && end === limit && !(cursor.reassembled || cursor.rerouted || cursor.contradicted);
  segment.checksumState = checksumStateOf(segment, view, at, end, verifiable);
  return Decoded.SEGMENT;
}

/** Notes an unreadable header, unless it is inside what may not be a tunnel at all. */
function refuse({ at, end, limit, view, guessed }: Cursor, segment: Segment, badHeaders: BadHeaders): DecodedReason {
  if (guessed) return Decoded.BAD_LENGTH;
  segment.sourcePort = at + 2 <= end ? view.getUint16(at) : 0;
  segment.destinationPort = at + 4 <= end ? view.getUint16(at + 2) : 0;
  const isShort = at + TCP_HEADER > limit;
  badHeaders.note(segment, isShort ? 'shorter_than_20_bytes' : view.getUint8(at + 12) >>> 4 < 5 ? 'offset_below_5' : 'offset_beyond_segment');
  return Decoded.BAD_LENGTH;
}

/** By frame number; segments that steer the connection are all verified. */
function isSampled(segment: Segment): boolean {
  return (segment.flags & (SYN | FIN | RST)) !== 0 || segment.number % SAMPLE === 0;
}

/**
 * Verifies the checksum of the segment `view[from, to)` (RFC 9293 §3.1), all other fields of which are in `segment`. UNKNOWN if it is
 * not `verifiable` (not captured whole, or under other addresses than the sum covers), or long and not in the sample.
 */
export function checksumStateOf(segment: Segment, view: DataView, from: number, to: number, verifiable: boolean): number {
  const length = to - from;
  if (!verifiable || length > LONGEST_SUM || (segment.payloadLength > SHORT_PAYLOAD && !isSampled(segment))) return CHECKSUM_UNKNOWN;
  const addresses = sumAddresses(segment);
  if (fold(addresses + TCP + length + sumWords(view, from, to)) === 0xffff) return CHECKSUM_GOOD;
  // With checksum offload the field holds the sum of the pseudo header when the packet is captured; some drivers leave out the length.
  const field = segment.checksum;
  if (field === fold(addresses + TCP + length) || field === fold(addresses + TCP)) return CHECKSUM_UNKNOWN;
  return CHECKSUM_BAD;
}

function sumAddresses(segment: Segment): number {
  const last = halves(segment.source3) + halves(segment.destination3);
  return segment.ipVersion === 4 ? last : last + sumPrefixes(segment);
}

/** Sum of all words of the two IPv6 addresses but the last. */
function sumPrefixes(segment: Segment): number {
  return (
    halves(segment.source0) +
    halves(segment.source1) +
    halves(segment.source2) +
    halves(segment.destination0) +
    halves(segment.destination1) +
    halves(segment.destination2)
  );
}
