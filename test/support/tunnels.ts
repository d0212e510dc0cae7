import { mplsLabels, ppp, snap, wifi } from './links.ts';
import { bytes, concat, ETHERTYPE, ethernet, etherTypeOf, hex, ip, PROTOCOL, u16, u24, u32, udpPacket } from './packets.ts';

/** A way to carry an IP packet within an IP packet. */
export interface TunnelPacket {
  /** The tunnel's name in synoptic. */
  tunnel: string;
  name: string;
  /** What Segment.tunnelId is then. */
  id: number;
  /** Only for inner packets of this IP version. */
  inner?: 4 | 6;
  wrap(packet: Uint8Array): Uint8Array;
}

const IPV4 = { from: '198.51.100.1', to: '198.51.100.2' };
const IPV6 = { from: '2001:db8:f::1', to: '2001:db8:f::2' };

/** A UDP datagram from an ephemeral port to `port`, outside any IP version's tunnel ends. */
export function toPort(port: number, payload: Uint8Array): Uint8Array {
  return udpPacket({ from: `${IPV4.from}:50001`, to: `${IPV4.to}:${port}` }, payload);
}

/** A GRE header around a payload of EtherType `protocol`. `bits`: the first word; `fields`: the optional words. */
export function gre(protocol: number, payload: Uint8Array, bits = 0, ...fields: readonly number[]): Uint8Array {
  return concat(u16(bits), u16(protocol), ...fields.map(u32), payload);
}

export function overGre(data: Uint8Array): Uint8Array {
  return ip({ ...IPV4, protocol: PROTOCOL.gre }, data);
}

export function vxlan(id: number, frame: Uint8Array): Uint8Array {
  return concat(hex('08000000'), u24(id), bytes(0), frame);
}

export function geneve(id: number, protocol: number, payload: Uint8Array, options: Uint8Array = bytes()): Uint8Array {
  return concat(bytes(options.length / 4, 0), u16(protocol), u24(id), bytes(0), options, payload);
}

export function gtp(id: number, packet: Uint8Array, flags = 0x30, optional: Uint8Array = bytes()): Uint8Array {
  return concat(bytes(flags, 255), u16(optional.length + packet.length), u32(id), optional, packet);
}

function bridged(packet: Uint8Array): Uint8Array {
  return ethernet(packet);
}

/** At least one for every tunnel that synoptic looks into. */
export const TUNNEL_PACKETS: readonly TunnelPacket[] = [
  { tunnel: 'ipip', name: 'IPv4 in IPv4', id: 0, inner: 4, wrap: (packet) => ip({ ...IPV4, protocol: PROTOCOL.ipv4 }, packet) },
  { tunnel: '6in4', name: 'IPv6 in IPv4', id: 0, inner: 6, wrap: (packet) => ip({ ...IPV4, protocol: PROTOCOL.ipv6 }, packet) },
  { tunnel: '4in6', name: 'IPv4 in IPv6', id: 0, inner: 4, wrap: (packet) => ip({ ...IPV6, protocol: PROTOCOL.ipv4 }, packet) },
  { tunnel: '6in6', name: 'IPv6 in IPv6', id: 0, inner: 6, wrap: (packet) => ip({ ...IPV6, protocol: PROTOCOL.ipv6 }, packet) },
  { tunnel: 'gre', name: 'GRE', id: 0, wrap: (packet) => overGre(gre(etherTypeOf(packet), packet)) },
  { tunnel: 'gre', name: 'GRE in IPv6', id: 0, wrap: (packet) => ip({ ...IPV6, protocol: PROTOCOL.gre }, gre(etherTypeOf(packet), packet)) },
  {
    tunnel: 'gre',
    name: 'GRE with checksum, key and sequence number',
    id: 0xfedcba98,
    wrap: (packet) => overGre(gre(etherTypeOf(packet), packet, 0xb000, 0, 0xfedcba98, 7)),
  },
  { tunnel: 'gre', name: 'NVGRE', id: 0x012345_06, wrap: (packet) => overGre(gre(0x6558, bridged(packet), 0x2000, 0x01234506)) },
  {
    tunnel: 'gre',
    name: 'PPTP',
    id: 77,
    wrap: (packet) => overGre(gre(0x880b, concat(hex('ff03'), ppp(packet)), 0x3081, ((packet.length + 4) << 16) | 77, 5, 4)),
  },
  { tunnel: 'gre', name: 'MPLS in GRE', id: 0, wrap: (packet) => overGre(gre(0x8847, concat(mplsLabels(16, 17), packet))) },
  { tunnel: 'gre-in-udp', name: 'GRE in UDP', id: 0, wrap: (packet) => toPort(4754, gre(etherTypeOf(packet), packet)) },
  { tunnel: 'wccp', name: 'WCCP version 1', id: 0, inner: 4, wrap: (packet) => overGre(gre(0x883e, packet)) },
  { tunnel: 'wccp', name: 'WCCP version 2', id: 0, inner: 4, wrap: (packet) => overGre(gre(0x883e, concat(hex('00000000'), packet))) },
  { tunnel: 'erspan', name: 'ERSPAN type I', id: 0, wrap: (packet) => overGre(gre(0x88be, bridged(packet))) },
  {
    tunnel: 'erspan',
    name: 'ERSPAN type II',
    id: 0x155,
    wrap: (packet) => overGre(gre(0x88be, concat(hex('1001 1955 00000000'), bridged(packet)), 0x1000, 9)),
  },
  {
    tunnel: 'erspan-iii',
    name: 'ERSPAN type III',
    id: 0x155,
    wrap: (packet) => overGre(gre(0x22eb, concat(hex('2001 1955 00000000 0000 0000'), bridged(packet)), 0x1000, 9)),
  },
  {
    tunnel: 'erspan-iii',
    name: 'ERSPAN type III with platform header',
    id: 0x155,
    wrap: (packet) => overGre(gre(0x22eb, concat(hex('2001 1955 00000000 0000 0001'), new Uint8Array(8), bridged(packet)), 0x1000, 9)),
  },
  { tunnel: 'vxlan', name: 'VXLAN', id: 0xabcdef, wrap: (packet) => toPort(4789, vxlan(0xabcdef, bridged(packet))) },
  { tunnel: 'vxlan', name: "VXLAN on Linux' port", id: 42, wrap: (packet) => toPort(8472, vxlan(42, bridged(packet))) },
  { tunnel: 'vxlan', name: 'VXLAN around 802.1Q', id: 42, wrap: (packet) => toPort(4789, vxlan(42, ethernet(packet, { vlans: [0] }))) },
  {
    tunnel: 'vxlan-gpe',
    name: 'VXLAN-GPE with IP',
    id: 42,
    wrap: (packet) => toPort(4790, concat(hex(etherTypeOf(packet) === ETHERTYPE.ipv6 ? '0c000002' : '0c000001'), u24(42), bytes(0), packet)),
  },
  {
    tunnel: 'vxlan-gpe',
    name: 'VXLAN-GPE with Ethernet',
    id: 42,
    wrap: (packet) => toPort(4790, concat(hex('0c000003'), u24(42), bytes(0), bridged(packet))),
  },
  {
    tunnel: 'nsh',
    name: 'NSH in VXLAN-GPE',
    id: 0x000203,
    wrap: (packet) => toPort(4790, concat(hex('0c000004 00002a00'), hex('0fc60103 000203ff'), new Uint8Array(16), bridged(packet))),
  },
  { tunnel: 'geneve', name: 'Geneve', id: 42, wrap: (packet) => toPort(6081, geneve(42, 0x6558, bridged(packet))) },
  {
    tunnel: 'geneve',
    name: 'Geneve with options',
    id: 42,
    wrap: (packet) => toPort(6081, geneve(42, etherTypeOf(packet), packet, hex('0101 80 01 deadbeef 0101 02 00'))),
  },
  { tunnel: 'geneve', name: 'Geneve on another port', id: 42, wrap: (packet) => toPort(47101, geneve(42, 0x6558, bridged(packet))) },
  { tunnel: 'gtp-u', name: 'GTP-U', id: 0x89abcdef, wrap: (packet) => toPort(2152, gtp(0x89abcdef, packet)) },
  { tunnel: 'gtp-u', name: 'GTP-U with sequence number', id: 1, wrap: (packet) => toPort(2152, gtp(1, packet, 0x32, hex('00070000'))) },
  {
    tunnel: 'gtp-u',
    name: 'GTP-U with extension headers',
    id: 1,
    wrap: (packet) => toPort(2152, gtp(1, packet, 0x34, hex('00000085 01100985 02000000 00000000'))),
  },
  { tunnel: 'gtp-u', name: 'GTP-U on another port', id: 1, wrap: (packet) => toPort(40000, gtp(1, packet)) },
  { tunnel: 'teredo', name: 'Teredo', id: 0, inner: 6, wrap: (packet) => toPort(3544, packet) },
  {
    tunnel: 'teredo',
    name: 'Teredo with authentication and origin',
    id: 0,
    inner: 6,
    wrap: (packet) => toPort(3544, concat(hex('0001 0302 414243 5152 0102030405060708 00'), hex('0000 1234 0a0b0c0d'), packet)),
  },
  { tunnel: 'mpls-in-udp', name: 'MPLS in UDP', id: 0, wrap: (packet) => toPort(6635, concat(mplsLabels(16), packet)) },
  {
    tunnel: 'ayiya',
    name: 'AYIYA',
    id: 0,
    wrap: (packet) =>
      toPort(5072, concat(hex('4152 11'), bytes(etherTypeOf(packet) === ETHERTYPE.ipv6 ? 41 : 4), u32(0), new Uint8Array(16 + 20), packet)),
  },
  { tunnel: 'etherip', name: 'EtherIP', id: 0, wrap: (packet) => ip({ ...IPV4, protocol: 97 }, concat(hex('3000'), bridged(packet))) },
  { tunnel: 'l2tp', name: 'L2TP', id: 0x0001_0002, wrap: (packet) => toPort(1701, concat(hex('0002 0001 0002 ff03'), ppp(packet))) },
  {
    tunnel: 'l2tp',
    name: 'L2TP with length, sequence numbers and offset',
    id: 0x0001_0002,
    wrap: (packet) => toPort(1701, concat(hex('4a02'), u16(packet.length + 18), hex('0001 0002 0003 0004 0002 0000'), ppp(packet))),
  },
  { tunnel: 'tzsp', name: 'TZSP', id: 0, wrap: (packet) => toPort(37008, concat(hex('0100 0001 00 0a01c4 01'), bridged(packet))) },
  {
    tunnel: 'tzsp',
    name: 'TZSP with 802.11',
    id: 0,
    wrap: (packet) => toPort(37008, concat(hex('0100 0012 01'), wifi('0801', bytes(), snap(packet)))),
  },
  { tunnel: 'lisp', name: 'LISP', id: 42, wrap: (packet) => toPort(4341, concat(hex('08000000'), u24(42), bytes(0), packet)) },
];
