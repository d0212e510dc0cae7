/** Builds pcap and pcapng files in memory. Every function returns fresh bytes; `join` puts them together. */

export interface PcapOptions {
  /** Default true. */
  littleEndian?: boolean;
  /** Default `microsecond`. `modified` has microseconds and record headers of 24 bytes. */
  variant?: 'microsecond' | 'nanosecond' | 'modified';
  /** The whole 32-bit field, upper bits included; default 1 (Ethernet). */
  link?: number;
  /** Default 262144. */
  snaplen?: number;
  /** Default 2 and 4. */
  major?: number;
  minor?: number;
}

export interface PcapPacket {
  /** Nanoseconds since the epoch; below a microsecond it is cut off unless the variant is `nanosecond`. */
  time: bigint;
  data: Uint8Array;
  /** Default: the length of `data`. */
  wireLength?: number;
  /** The length field, where it is to lie; default: the length of `data`. */
  capturedLength?: number;
}

const BILLION = 1_000_000_000n;
const MAGIC = { microsecond: 0xa1b2c3d4, nanosecond: 0xa1b23c4d, modified: 0xa1b2cd34 };

/** A classic pcap file. */
export function pcap(packets: readonly PcapPacket[], options: PcapOptions = {}): Uint8Array {
  return join(pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options)));
}

/** The file header of 24 bytes. */
export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const little = options.littleEndian ?? true;
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC[options.variant ?? 'microsecond'], little);
  view.setUint16(4, options.major ?? 2, little);
  view.setUint16(6, options.minor ?? 4, little);
  view.setUint32(16, options.snaplen ?? 262_144, little);
  view.setUint32(20, options.link ?? 1, little);
  return bytes;
}

/** One record: header and data. */
export function pcapRecord(packet: PcapPacket, options: PcapOptions = {}): Uint8Array {
  const little = options.littleEndian ?? true;
  const variant = options.variant ?? 'microsecond';
  const header = new Uint8Array(variant === 'modified' ? 24 : 16);
  const view = new DataView(header.buffer);
  const fraction = packet.time % BILLION;
  view.setUint32(0, Number(packet.time / BILLION), little);
  view.setUint32(4, Number(variant === 'nanosecond' ? fraction : fraction / 1000n), little);
  view.setUint32(8, packet.capturedLength ?? packet.data.length, little);
  view.setUint32(12, packet.wireLength ?? packet.data.length, little);
  return join(header, packet.data);
}

/** A pcapng option: its code and value. Numbers of 64 bits come from `uint64`. */
export type PcapngOption = readonly [code: number, value: Uint8Array];

export interface SectionOptions {
  littleEndian?: boolean;
  major?: number;
  minor?: number;
  /** Default -1n: not stated. */
  sectionLength?: bigint;
  options?: readonly PcapngOption[];
}

export interface InterfaceOptions {
  littleEndian?: boolean;
  link?: number;
  snaplen?: number;
  /** The if_tsresol byte. */
  resolution?: number;
  /** The if_tsoffset seconds. */
  offset?: bigint;
  /** Further options, after those two. */
  options?: readonly PcapngOption[];
}

export interface PacketOptions {
  littleEndian?: boolean;
  interface?: number;
  /** In the interface's ticks. */
  ticks: bigint;
  data: Uint8Array;
  wireLength?: number;
  /** The length field, where it is to lie. */
  capturedLength?: number;
  options?: readonly PcapngOption[];
}

export interface StatisticsOptions {
  littleEndian?: boolean;
  interface?: number;
  ticks?: bigint;
  interfaceDrops?: bigint;
  kernelDrops?: bigint;
}

export function sectionHeader(section: SectionOptions = {}): Uint8Array {
  const little = section.littleEndian ?? true;
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, 0x1a2b3c4d, little);
  view.setUint16(4, section.major ?? 1, little);
  view.setUint16(6, section.minor ?? 0, little);
  view.setBigInt64(8, section.sectionLength ?? -1n, little);
  return block(0x0a0d0d0a, join(body, options(section.options ?? [], little)), little);
}

export function interfaceDescription(described: InterfaceOptions = {}): Uint8Array {
  const little = described.littleEndian ?? true;
  const body = new Uint8Array(8);
  const view = new DataView(body.buffer);
  view.setUint16(0, described.link ?? 1, little);
  view.setUint32(4, described.snaplen ?? 0, little);
  const list: PcapngOption[] = [];
  if (described.resolution !== undefined) {
    list.push([9, Uint8Array.of(described.resolution)]);
  }
  if (described.offset !== undefined) {
    list.push([14, uint64(described.offset, little)]);
  }
  return block(1, join(body, options([...list, ...(described.options ?? [])], little)), little);
}

export function enhancedPacket(packet: PacketOptions): Uint8Array {
  const little = packet.littleEndian ?? true;
  const body = new Uint8Array(20);
  new DataView(body.buffer).setUint32(0, packet.interface ?? 0, little);
  return block(6, packetBody(body, packet, little), little);
}

/** The obsolete packet block, with a drop count of 0xffff: not stated. */
export function obsoletePacket(packet: PacketOptions): Uint8Array {
  const little = packet.littleEndian ?? true;
  const body = new Uint8Array(20);
  const view = new DataView(body.buffer);
  view.setUint16(0, packet.interface ?? 0, little);
  view.setUint16(2, 0xffff, little);
  return block(2, packetBody(body, packet, little), little);
}

export function simplePacket(data: Uint8Array, wireLength = data.length, littleEndian = true): Uint8Array {
  const body = new Uint8Array(4);
  new DataView(body.buffer).setUint32(0, wireLength, littleEndian);
  return block(3, join(body, padded(data)), littleEndian);
}

export function interfaceStatistics(statistics: StatisticsOptions = {}): Uint8Array {
  const little = statistics.littleEndian ?? true;
  const body = new Uint8Array(12);
  const view = new DataView(body.buffer);
  view.setUint32(0, statistics.interface ?? 0, little);
  setTicks(view, 4, statistics.ticks ?? 0n, little);
  const list: PcapngOption[] = [];
  if (statistics.interfaceDrops !== undefined) {
    list.push([5, uint64(statistics.interfaceDrops, little)]);
  }
  if (statistics.kernelDrops !== undefined) {
    list.push([7, uint64(statistics.kernelDrops, little)]);
  }
  return block(5, join(body, options(list, little)), little);
}

/** Any block: its type, its body padded to four bytes, its length at both ends. */
export function block(type: number, body: Uint8Array, littleEndian = true): Uint8Array {
  const content = padded(body);
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, littleEndian);
  view.setUint32(4, bytes.length, littleEndian);
  bytes.set(content, 8);
  view.setUint32(bytes.length - 4, bytes.length, littleEndian);
  return bytes;
}

export function uint64(value: bigint, littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), littleEndian);
  return bytes;
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    bytes.set(part, position);
    position += part.length;
  }
  return bytes;
}

/** `length` bytes that differ from frame to frame: a simple sequence from `seed`. */
export function filler(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + seed * 31) & 0xff);
}

function packetBody(body: Uint8Array, packet: PacketOptions, little: boolean): Uint8Array {
  const view = new DataView(body.buffer);
  setTicks(view, 4, packet.ticks, little);
  view.setUint32(12, packet.capturedLength ?? packet.data.length, little);
  view.setUint32(16, packet.wireLength ?? packet.data.length, little);
  return join(body, padded(packet.data), options(packet.options ?? [], little));
}

function setTicks(view: DataView, position: number, ticks: bigint, little: boolean): void {
  view.setUint32(position, Number((ticks >> 32n) & 0xffff_ffffn), little);
  view.setUint32(position + 4, Number(ticks & 0xffff_ffffn), little);
}

function options(list: readonly PcapngOption[], little: boolean): Uint8Array {
  if (list.length === 0) {
    return new Uint8Array(0);
  }
  const parts = list.map(([code, value]) => {
    const head = new Uint8Array(4);
    const view = new DataView(head.buffer);
    view.setUint16(0, code, little);
    view.setUint16(2, value.length, little);
    return join(head, padded(value));
  });
  return join(...parts, new Uint8Array(4));
}

function padded(bytes: Uint8Array): Uint8Array {
  return join(bytes, new Uint8Array(-bytes.length & 3));
}
