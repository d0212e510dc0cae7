import type { Record } from '../capture/record.ts';
import { mapIpv4 } from './ipv4.ts';
import type { Segment } from './segment.ts';
import { checksumStateOf, TCP_HEADER } from './tcp.ts';
import { ALIGNED_TIMESTAMPS, ALIGNED_TIMESTAMPS_LENGTH, clearOptions } from './tcp-options.ts';

/** LINKTYPE_ETHERNET. */
const ETHERNET = 1;
const ETHERNET_HEADER = 14;
const IPV4_HEADER = 20;
/** EtherType of IPv4, then version 4 and a header of five words: three adjacent bytes. */
const IPV4_WITHOUT_OPTIONS = 0x080045;
/** Mask of more-fragments flag, fragment offset and protocol in the 32 bits at offset 6 of an IPv4 header. */
const FRAGMENT_AND_PROTOCOL = 0x3fff00ff;
const TCP = 6;
const WITH_TIMESTAMPS = TCP_HEADER + ALIGNED_TIMESTAMPS_LENGTH;

/**
 * A fast path for the frames that most captures consist of: Ethernet, IPv4 without options or fragmentation, TCP with no options but
 * timestamps, all of it captured. Each word is read once. False for every other frame: its layers have to be walked one by one. That
 * walk (`Decoder.decode`) gives the same segment for the frames read here.
 */
export function readPlain(record: Record, segment: Segment, verifyChecksums: boolean): boolean {
  const { view, start, end } = record;
  const ip = start + ETHERNET_HEADER;
  const tcp = ip + IPV4_HEADER;
  if (record.link !== ETHERNET || tcp + TCP_HEADER > end) return false;
  const lengthAndId = view.getInt32(ip + 2);
  const ttlAndProtocol = view.getInt32(ip + 6);
  const limit = ip + (lengthAndId >>> 16);
  if (view.getInt32(ip - 2) >>> 8 !== IPV4_WITHOUT_OPTIONS || (ttlAndProtocol & FRAGMENT_AND_PROTOCOL) !== TCP || limit > end) return false;
  const flagsAndWindow = view.getInt32(tcp + 12);
  const headerLength = (flagsAndWindow >>> 28) << 2;
  const payload = tcp + headerLength;
  const isStamped = headerLength === WITH_TIMESTAMPS;
  if (payload > limit || !(isStamped ? view.getInt32(tcp + TCP_HEADER) === ALIGNED_TIMESTAMPS : headerLength === TCP_HEADER)) return false;

  segment.interface = record.interface;
  segment.number = record.number;
  segment.time = record.time;
  segment.vlan = 0;
  segment.tunnel = 0;
  segment.tunnelId = 0;

  segment.ipId = lengthAndId & 0xffff;
  segment.ttl = (ttlAndProtocol >>> 8) & 0xff;
  mapIpv4(segment, view.getInt32(ip + 12), view.getInt32(ip + 16));

  const ports = view.getInt32(tcp);
  segment.sourcePort = ports >>> 16;
  segment.destinationPort = ports & 0xffff;
  segment.seq = view.getInt32(tcp + 4);
  segment.ack = view.getInt32(tcp + 8);
  segment.flags = (flagsAndWindow >>> 16) & 0x0fff;
  segment.window = flagsAndWindow & 0xffff;
  const checksumAndUrgent = view.getInt32(tcp + 16);
  segment.checksum = checksumAndUrgent >>> 16;
  segment.urgentPointer = checksumAndUrgent & 0xffff;

  clearOptions(segment, headerLength - TCP_HEADER);
  if (isStamped) {
    segment.hasTimestamps = true;
    segment.tsval = view.getInt32(tcp + TCP_HEADER + 4);
    segment.tsecr = view.getInt32(tcp + TCP_HEADER + 8);
  }

  segment.bytes = record.bytes;
  segment.payloadStart = payload;
  segment.payloadLength = limit - payload;
  segment.payloadCaptured = limit - payload;
  segment.checksumState = checksumStateOf(segment, view, tcp, limit, verifyChecksums);
  return true;
}
