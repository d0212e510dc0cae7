import { conversation } from '../rules/conversation.ts';
import type { ConversationSegment } from '../rules/conversation.ts';
import { ConversationError } from '../rules/errors.ts';
import { parseAddress } from '../wire/address.ts';
import { fold, sumWords } from '../wire/checksum.ts';

/** When every conversation begins, in seconds since the epoch: 2026-01-01T00:00:00Z. */
const EPOCH_SECONDS = 1_767_225_600;
const PCAP_NANOSECONDS = 0xa1b23c4d;
const SNAPLEN = 262_144;
const LINKTYPE_ETHERNET = 1;
const BILLION = 1e9;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_VLAN = 0x8100;
const PROTOCOL_ICMP = 1;
const PROTOCOL_TCP = 6;
const PROTOCOL_ICMPV6 = 58;
/** Most bytes of options in a TCP header, which has at most 15 words (RFC 9293 §3.1). */
const MOST_OPTIONS = 40;
const TCP_CHECKSUM = 16;
const ICMP_CHECKSUM = 2;
/** Flips these bits of a checksum to make it wrong. */
const DAMAGE = 0x5555;

/** A conversation (notation: `rules/conversation.ts`) as a nanosecond pcap of Ethernet frames. Throws `ConversationError`. */
export function conversationCapture(text: string): Uint8Array {
  const segments = conversation(text);
  const parts = [fileHeader()];
  for (const segment of segments) {
    const frame = frameOf(segment);
    parts.push(recordHeader(segment.time, frame.length), frame);
  }
  return joined(parts);
}

/** One segment, or the ICMP error that quotes it, as an Ethernet frame. Throws `ConversationError` for a malformed address. */
export function frameOf(segment: ConversationSegment): Uint8Array {
  const { source, destination, icmp, vlan } = segment;
  const packet = ipPacket(source.address, destination.address, PROTOCOL_TCP, tcpSegment(segment), segment);
  if (icmp === null) return ethernetFrame(packet, vlan);
  const isIpv6 = icmp.reporter.address.includes(':');
  const error = icmpError(icmp, packet);
  return ethernetFrame(ipPacket(icmp.reporter.address, icmp.receiver.address, isIpv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP, error, segment), vlan);
}

function fileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, PCAP_NANOSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAPLEN, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  return new Uint8Array(view.buffer);
}

function recordHeader(time: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, EPOCH_SECONDS + Math.floor(time / BILLION), true);
  view.setUint32(4, time % BILLION, true);
  view.setUint32(8, length, true);
  view.setUint32(12, length, true);
  return new Uint8Array(view.buffer);
}

function ethernetFrame(packet: Uint8Array, vlan: number): Uint8Array {
  const type = packet[0] >>> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
  // Locally administered addresses, which belong to nobody.
  const addresses = Uint8Array.of(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1);
  return joined([addresses, ...(vlan === 0 ? [] : [words16(ETHERTYPE_VLAN, vlan)]), words16(type), packet]);
}

/** An IP packet around a segment or an ICMP error, with lengths and checksums. */
function ipPacket(from: string, to: string, protocol: number, content: Uint8Array, fields: ConversationSegment): Uint8Array {
  const isIpv6 = from.includes(':');
  const header = new DataView(new ArrayBuffer(isIpv6 ? 40 : 20));
  if (isIpv6) {
    header.setUint32(0, 0x6000_0000);
    header.setUint16(4, content.length);
    header.setUint8(6, protocol);
    header.setUint8(7, fields.ttl);
    setAddress(header, 8, from, fields.line);
    setAddress(header, 24, to, fields.line);
  } else {
    header.setUint16(0, 0x4500);
    header.setUint16(2, header.byteLength + content.length);
    header.setUint16(4, fields.ipId);
    header.setUint8(8, fields.ttl);
    header.setUint8(9, protocol);
    setAddress(header, 12, from, fields.line);
    setAddress(header, 16, to, fields.line);
    header.setUint16(10, checksumOf(header, 0));
  }
  const at = protocol === PROTOCOL_TCP ? TCP_CHECKSUM : ICMP_CHECKSUM;
  // The pseudo header is addresses, length and protocol (RFC 9293 §3.1, RFC 8200 §8.1). ICMP for IPv4 has none.
  const addresses = isIpv6 ? sumWords(header, 8, 40) : sumWords(header, 12, 20);
  const pseudo = protocol === PROTOCOL_ICMP ? 0 : addresses + protocol + content.length;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const isDamaged = protocol === PROTOCOL_TCP && !fields.checksumGood;
  view.setUint16(at, checksumOf(view, pseudo) ^ (isDamaged ? DAMAGE : 0));
  return joined([new Uint8Array(header.buffer), content]);
}

/** Header, options and payload of a segment; its checksum field is 0. */
function tcpSegment(segment: ConversationSegment): Uint8Array {
  const options = optionsOf(segment);
  const bytes = new Uint8Array(20 + options.length + segment.payload);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, segment.source.port);
  view.setUint16(2, segment.destination.port);
  view.setUint32(4, segment.seq);
  view.setUint32(8, segment.ack);
  const words = segment.dataOffset < 0 ? (20 + options.length) / 4 : segment.dataOffset;
  view.setUint8(12, (words << 4) | (segment.reserved << 1));
  view.setUint8(13, segment.flags);
  view.setUint16(14, segment.window);
  view.setUint16(18, segment.urgentPointer);
  bytes.set(options, 20);
  // Bytes that depend on their sequence number, so that a repetition has the same ones; `fill` makes others.
  for (let at = 0; at < segment.payload; at += 1) bytes[20 + options.length + at] = segment.seq + at + segment.fill;
  return bytes;
}

/** The options, padded to whole words. Throws `ConversationError` if they do not fit. */
function optionsOf({ line, mss, sackPermitted, timestamps, windowScale, fastOpenCookie, ack, sackBlock, leadingNops }: ConversationSegment): Uint8Array {
  const bytes: number[] = Array.from({ length: leadingNops }, () => 1);
  if (mss >= 0) bytes.push(2, 4, mss >>> 8, mss & 0xff);
  if (sackPermitted) bytes.push(4, 2);
  if (timestamps !== null) bytes.push(1, 1, 8, 10, ...bytes32(timestamps.value), ...bytes32(timestamps.echo));
  if (sackBlock > 0) bytes.push(1, 1, 5, 10, ...bytes32(ack + sackBlock), ...bytes32(ack + 2 * sackBlock));
  if (windowScale >= 0) bytes.push(1, 3, 3, windowScale);
  if (fastOpenCookie >= 0) bytes.push(34, 2 + fastOpenCookie, ...new Uint8Array(fastOpenCookie).fill(0xc0));
  if (bytes.length > MOST_OPTIONS) throw new ConversationError(line, `${bytes.length} bytes of TCP options; at most ${MOST_OPTIONS} fit (with fewer nop= or cookie=, or ts=0)`);
  while (bytes.length % 4 !== 0) bytes.push(0);
  return Uint8Array.from(bytes);
}

/** An error message (RFC 792, RFC 4443) that quotes the whole packet. */
function icmpError(icmp: { type: number; code: number }, quoted: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + quoted.length);
  bytes[0] = icmp.type;
  bytes[1] = icmp.code;
  bytes.set(quoted, 8);
  return bytes;
}

function checksumOf(view: DataView, begun: number): number {
  return ~fold(begun + sumWords(view, 0, view.byteLength)) & 0xffff;
}

function setAddress(view: DataView, at: number, address: string, line: number): void {
  const words = parseAddress(address);
  if (words === null) throw new ConversationError(line, `"${address}" is no address`);
  if (address.includes(':')) words.forEach((word, index) => view.setInt32(at + 4 * index, word));
  else view.setInt32(at, words[3]);
}

function words16(...words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word >>> 8, word & 0xff]));
}

function bytes32(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
