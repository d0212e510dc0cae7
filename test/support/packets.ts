import { Record } from '../../src/core/capture/record.ts';
import { parseAddress, parseEndpoint } from '../../src/core/wire/address.ts';
import type { AddressWords } from '../../src/core/wire/address.ts';

/**
 * Frames as bytes, from arguments that one can read:
 *
 *     tcpFrame({ from: '10.0.0.1:40000', to: '10.0.0.2:80', flags: 'SA', seq: 1, ack: 2, options: [mss(1460)] })
 *
 * Every layer is a function from its fields and its payload to bytes, so layers nest as they do on the wire:
 *
 *     ethernet(ip({ from: '192.0.2.1', to: '192.0.2.2', protocol: 47 }, gre(tcpPacket({ … }))))
 *
 * Lengths and checksums are right unless an argument says otherwise. Links and tunnels: `links.ts` and `tunnels.ts`.
 */

/** IP protocol numbers. */
export const PROTOCOL = { icmp: 1, ipv4: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, esp: 50, ah: 51, icmpv6: 58 } as const;
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, mpls: 0x8847, pppoe: 0x8864 } as const;
/** LINKTYPE_ETHERNET. */
export const ETHERNET = 1;

const FLAG_LETTERS = 'FSRPAUECN';

/** Bytes given as such, as text (one byte a character), or as a number of zero bytes. */
export type Payload = Uint8Array | string | number;

export interface TcpFields {
  /** "10.0.0.1:40000" or "[2001:db8::1]:40000". */
  from: string;
  to: string;
  /** Letters of FIN SYN RST PSH ACK URG ECE CWR NS (accurate ECN), in any order: "SA", "." or "" for none. Default "A". */
  flags?: string;
  seq?: number;
  ack?: number;
  window?: number;
  urgent?: number;
  payload?: Payload;
  /** Options in order, made with `mss(1460)` and its like; padded to a multiple of four. */
  options?: readonly Uint8Array[];
  /** "good" (default), "bad", "partial" (the pseudo header's sum only, as before checksum offload), or the field itself. */
  checksum?: 'good' | 'bad' | 'partial' | number;
  /** Header length in words, when it is to be wrong. */
  dataOffset?: number;
}

export interface IpFields {
  from: string;
  to: string;
  protocol: number;
  ttl?: number;
  /** IPv4 identification, or the identification of IPv6 fragments. */
  id?: number;
  /** IPv4 options or IPv6 extension headers: see `extension`. */
  extra?: Uint8Array;
  /** Length field (IPv4: of all, IPv6: of the payload), when it is to be wrong or 0. */
  length?: number;
  dontFragment?: boolean;
  /** Makes it a fragment: offset in bytes, and whether more follow. */
  fragment?: { offset: number; more: boolean };
}

export interface PacketFields extends TcpFields {
  ttl?: number;
  id?: number;
  extra?: Uint8Array;
  length?: number;
}

export interface EthernetFields {
  source?: string;
  destination?: string;
  /** EtherType; default by the payload's IP version. */
  type?: number;
  /** VLAN ids, outermost first. */
  vlans?: readonly number[];
  /** Pads to this length, as a network card does to 60. */
  pad?: number;
}

export interface RecordFields {
  link?: number;
  /** Nanoseconds since the first frame. */
  time?: number;
  number?: number;
  interface?: number;
  /** Captures no more than this many bytes. */
  snaplen?: number;
  wireLength?: number;
}

// Bytes

export function bytes(...values: readonly number[]): Uint8Array {
  return new Uint8Array(values);
}

/** Bytes from hexadecimal digits; spaces are ignored. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '');
  const made = new Uint8Array(digits.length / 2);
  for (let at = 0; at < made.length; at++) made[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  return made;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function u16(value: number): Uint8Array {
  return bytes(value >>> 8, value);
}

export function u24(value: number): Uint8Array {
  return bytes(value >>> 16, value >>> 8, value);
}

export function u32(value: number): Uint8Array {
  return bytes(value >>> 24, value >>> 16, value >>> 8, value);
}

export function toBytes(payload: Payload): Uint8Array {
  if (typeof payload === 'number') return new Uint8Array(payload);
  return typeof payload === 'string' ? Uint8Array.from(payload, (character) => character.charCodeAt(0)) : payload;
}

// TCP

export function mss(value: number): Uint8Array {
  return concat(bytes(2, 4), u16(value));
}

export function windowScale(shift: number): Uint8Array {
  return bytes(3, 3, shift);
}

export function sackPermitted(): Uint8Array {
  return bytes(4, 2);
}

/** SACK blocks as [left, right] pairs. */
export function sack(...blocks: readonly (readonly [number, number])[]): Uint8Array {
  return concat(bytes(5, 2 + blocks.length * 8), ...blocks.map(([left, right]) => concat(u32(left), u32(right))));
}

export function timestamps(value: number, echo = 0): Uint8Array {
  return concat(bytes(8, 10), u32(value), u32(echo));
}

/** The Fast Open option; without a cookie it asks for one. */
export function fastOpen(cookie: Uint8Array = bytes()): Uint8Array {
  return concat(bytes(34, 2 + cookie.length), cookie);
}

export function nop(count = 1): Uint8Array {
  return new Uint8Array(count).fill(1);
}

export function flagBits(letters: string): number {
  let bits = 0;
  for (const letter of letters.replaceAll('.', '')) {
    const bit = FLAG_LETTERS.indexOf(letter);
    if (bit < 0) throw new Error(`no TCP flag has the letter ${letter}`);
    bits |= 1 << bit;
  }
  return bits;
}

/** A TCP segment, without IP. */
export function tcp(fields: TcpFields): Uint8Array {
  const from = endpoint(fields.from);
  const to = endpoint(fields.to);
  const options = padded(concat(...(fields.options ?? [])), 4);
  const payload = toBytes(fields.payload ?? 0);
  const offset = fields.dataOffset ?? 5 + options.length / 4;
  const segment = concat(new Uint8Array(20), options, payload);
  const view = new DataView(segment.buffer);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint32(4, fields.seq ?? 0);
  view.setUint32(8, fields.ack ?? 0);
  view.setUint16(12, (offset << 12) | flagBits(fields.flags ?? 'A'));
  view.setUint16(14, fields.window ?? 65535);
  view.setUint16(18, fields.urgent ?? 0);
  const pseudo = pseudoHeader(from.address, to.address, PROTOCOL.tcp, segment.length);
  const good = ~onesSum(concat(pseudo, segment)) & 0xffff;
  const wanted = fields.checksum ?? 'good';
  view.setUint16(16, wanted === 'good' ? good : wanted === 'bad' ? good ^ 0x1234 : wanted === 'partial' ? onesSum(pseudo) : wanted);
  return segment;
}

/** An IP packet that holds a TCP segment. */
export function tcpPacket(fields: PacketFields): Uint8Array {
  const { ttl, id, extra, length } = fields;
  const header: IpFields = { from: hostOf(fields.from), to: hostOf(fields.to), protocol: PROTOCOL.tcp };
  return ip({ ...header, ...defined({ ttl, id, extra, length }) }, tcp(fields));
}

/** An Ethernet frame that holds a TCP segment. */
export function tcpFrame(fields: PacketFields, link: EthernetFields = {}): Uint8Array {
  return ethernet(tcpPacket(fields), link);
}

// UDP, ICMP

/** A UDP datagram in an IP packet; endpoints as in `tcp`. */
export function udpPacket(fields: { from: string; to: string; length?: number }, payload: Payload): Uint8Array {
  const from = endpoint(fields.from);
  const to = endpoint(fields.to);
  const data = toBytes(payload);
  const length = fields.length ?? data.length + 8;
  const datagram = concat(u16(from.port), u16(to.port), u16(length), u16(0), data);
  const sum = ~onesSum(concat(pseudoHeader(from.address, to.address, PROTOCOL.udp, datagram.length), datagram)) & 0xffff;
  datagram.set(u16(sum === 0 ? 0xffff : sum), 6);
  return ip({ from: hostOf(fields.from), to: hostOf(fields.to), protocol: PROTOCOL.udp }, datagram);
}

/** An ICMP or ICMPv6 error in an IP packet. `quote`: the offending packet; `quoted`: how much of it is sent back. */
export function icmpError(
  fields: { from: string; to: string; type: number; code?: number; mtu?: number; quoted?: number },
  quote: Uint8Array,
): Uint8Array {
  const ipv6 = isIpv6(fields.from);
  const body = quote.subarray(0, fields.quoted ?? quote.length);
  const message = concat(bytes(fields.type, fields.code ?? 0), u16(0), u32(fields.mtu ?? 0), body);
  const protocol = ipv6 ? PROTOCOL.icmpv6 : PROTOCOL.icmp;
  const pseudo = ipv6 ? pseudoHeader(words(fields.from), words(fields.to), protocol, message.length) : bytes();
  message.set(u16(~onesSum(concat(pseudo, message)) & 0xffff), 2);
  return ip({ from: fields.from, to: fields.to, protocol }, message);
}

// IP

/** An IPv4 or IPv6 packet, as the addresses say. */
export function ip(fields: IpFields, payload: Payload): Uint8Array {
  return isIpv6(fields.from) ? ipv6(fields, toBytes(payload)) : ipv4(fields, toBytes(payload));
}

/** An IPv6 extension header of type `kind` with `body` (padded to a multiple of eight), for `IpFields.extra`. */
export function extension(kind: number, body: Uint8Array = bytes(1, 4, 0, 0, 0, 0)): { kind: number; body: Uint8Array } {
  return { kind, body };
}

/** IPv6 extension headers in order; `protocol` is what follows the last. Give the result's `first` as the packet's protocol. */
export function extensions(
  protocol: number,
  ...headers: readonly { kind: number; body: Uint8Array }[]
): { first: number; extra: Uint8Array } {
  const parts = headers.map(({ kind, body }, at) => {
    const next = headers[at + 1]?.kind ?? protocol;
    const size = Math.ceil((body.length + 2) / 8) * 8;
    // The Authentication header counts words less two, all others eights less one.
    return padded(concat(bytes(next, kind === PROTOCOL.ah ? size / 4 - 2 : size / 8 - 1), body), 8);
  });
  return { first: headers[0]?.kind ?? protocol, extra: concat(...parts) };
}

/** Cuts an IP packet into fragments whose data are of the given lengths; what remains makes the last one. */
export function fragment(packet: Uint8Array, id: number, ...lengths: readonly number[]): Uint8Array[] {
  const version6 = packet[0] >>> 4 === 6;
  const headerLength = version6 ? 40 : (packet[0] & 0x0f) * 4;
  const data = packet.subarray(headerLength);
  const fragments: Uint8Array[] = [];
  let offset = 0;
  for (const length of [...lengths, data.length - lengths.reduce((sum, each) => sum + each, 0)]) {
    const more = offset + length < data.length;
    fragments.push(fragmentOf(packet, id, offset, data.subarray(offset, offset + length), more));
    offset += length;
  }
  return fragments;
}

/** One fragment with any data at any offset, addressed as `packet` is. */
export function fragmentOf(packet: Uint8Array, id: number, offset: number, data: Uint8Array, more: boolean): Uint8Array {
  if (packet[0] >>> 4 === 6) {
    const header = packet.slice(0, 40);
    const shim = concat(bytes(header[6], 0), u16(offset | (more ? 1 : 0)), u32(id));
    header[6] = 44;
    header.set(u16(data.length + shim.length), 4);
    return concat(header, shim, data);
  }
  const header = packet.slice(0, (packet[0] & 0x0f) * 4);
  header.set(u16(header.length + data.length), 2);
  header.set(u16(id), 4);
  header.set(u16((offset >>> 3) | (more ? 0x2000 : 0)), 6);
  header.set(u16(0), 10);
  header.set(u16(~onesSum(header) & 0xffff), 10);
  return concat(header, data);
}

function ipv4(fields: IpFields, payload: Uint8Array): Uint8Array {
  const options = padded(fields.extra ?? bytes(), 4);
  const headerLength = 20 + options.length;
  const part = fields.fragment;
  const flags = (fields.dontFragment === true ? 0x4000 : 0) | (part?.more === true ? 0x2000 : 0) | ((part?.offset ?? 0) >>> 3);
  const packet = concat(new Uint8Array(20), options, payload);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x40 | (headerLength / 4));
  view.setUint16(2, fields.length ?? headerLength + payload.length);
  view.setUint16(4, fields.id ?? 0);
  view.setUint16(6, flags);
  view.setUint8(8, fields.ttl ?? 64);
  view.setUint8(9, fields.protocol);
  view.setInt32(12, words(fields.from)[3]);
  view.setInt32(16, words(fields.to)[3]);
  view.setUint16(10, ~onesSum(packet.subarray(0, headerLength)));
  return packet;
}

function ipv6(fields: IpFields, payload: Uint8Array): Uint8Array {
  const extra = fields.extra ?? bytes();
  const header = concat(
    hex('60000000'),
    u16(fields.length ?? extra.length + payload.length),
    bytes(fields.protocol, fields.ttl ?? 64),
    addressBytes(fields.from),
    addressBytes(fields.to),
  );
  const packet = concat(header, extra, payload);
  const part = fields.fragment;
  return part === undefined ? packet : fragmentOf(packet, fields.id ?? 0, part.offset, concat(extra, payload), part.more);
}

// Ethernet, records

/** An Ethernet II frame around an IP packet (or, with `type`, around anything). */
export function ethernet(payload: Uint8Array, fields: EthernetFields = {}): Uint8Array {
  const tags = (fields.vlans ?? []).map((id) => concat(u16(ETHERTYPE.vlan), u16(id)));
  const type = fields.type ?? etherTypeOf(payload);
  const frame = concat(mac(fields.destination ?? '02:00:00:00:00:02'), mac(fields.source ?? '02:00:00:00:00:01'), ...tags, u16(type), payload);
  return frame.length < (fields.pad ?? 0) ? concat(frame, new Uint8Array((fields.pad ?? 0) - frame.length)) : frame;
}

/** The EtherType of an IP packet. */
export function etherTypeOf(packet: Uint8Array): number {
  return packet[0] >>> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4;
}

export function mac(text: string): Uint8Array {
  return hardware(text).slice();
}

/** A record as the capture reader hands it on; the frame stands at an odd offset in its buffer, to find forgotten ones. */
export function record(frame: Uint8Array, fields: RecordFields = {}): Record {
  const before = 7;
  const captured = Math.min(frame.length, fields.snaplen ?? frame.length);
  const made = new Record();
  made.bytes = concat(new Uint8Array(before).fill(0xee), frame.subarray(0, captured), new Uint8Array(9).fill(0xee));
  made.view = new DataView(made.bytes.buffer);
  made.start = before;
  made.end = before + captured;
  made.wireLength = fields.wireLength ?? frame.length;
  made.link = fields.link ?? ETHERNET;
  made.interface = fields.interface ?? 0;
  made.number = fields.number ?? 1;
  made.time = fields.time ?? 0;
  return made;
}

// Sums and addresses

/** The one's complement sum of RFC 1071, written plainly: an oracle for `wire/checksum.ts`. */
export function onesSum(data: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) {
    sum += data[at] * 256 + (at + 1 < data.length ? data[at + 1] : 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

/** The address' 16 or 4 bytes. */
export function addressBytes(address: string): Uint8Array {
  const all = words(address);
  return isIpv6(address) ? concat(...all.map(u32)) : u32(all[3]);
}

function pseudoHeader(from: AddressWords, to: AddressWords, protocol: number, length: number): Uint8Array {
  // A mapped IPv4 address adds 0xffff twice, which a one's complement sum does not notice.
  const view = new DataView(new ArrayBuffer(40));
  [...from, ...to, length, protocol].forEach((word, at) => view.setInt32(at * 4, word));
  return new Uint8Array(view.buffer);
}

const endpoint = remembered('endpoint', parseEndpoint);
const words = remembered('address', parseAddress);
const hardware = remembered('address', (text) => hex(text.replaceAll(':', '')));

/** Parses each text once: simulations send hundreds of thousands of packets between the same ends. */
function remembered<Value>(what: string, parse: (text: string) => Value | null): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const value = known.get(text) ?? parse(text);
    if (value === null) throw new Error(`not an ${what}: ${text}`);
    known.set(text, value);
    return value;
  };
}

/** "[2001:db8::1]:80" → "2001:db8::1". */
function hostOf(text: string): string {
  return text.slice(0, text.lastIndexOf(':')).replaceAll(/[[\]]/g, '');
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function padded(data: Uint8Array, multiple: number): Uint8Array {
  const rest = data.length % multiple;
  return rest === 0 ? data : concat(data, new Uint8Array(multiple - rest));
}

/** The object without its undefined values, as exactOptionalPropertyTypes wants it. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
