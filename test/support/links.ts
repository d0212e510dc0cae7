import { bytes, concat, ETHERTYPE, ethernet, etherTypeOf, hex, u16, u24, u32 } from './packets.ts';

/** A way to put an IP packet into a frame. */
export interface LinkFrame {
  /** LINKTYPE_ value of the capture. */
  link: number;
  name: string;
  /** EtherTypes of the shims in it. */
  etherTypes?: readonly number[];
  /** What Segment.vlan is then. */
  vlan?: number;
  frame(packet: Uint8Array): Uint8Array;
}

const MAC = hex('020000000003');
const SNAP = hex('aaaa03000000');

/** A little-endian number of `size` bytes. */
export function little(value: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => value / 2 ** (8 * at));
}

/** An LLC/SNAP header and an IP packet. */
export function snap(packet: Uint8Array): Uint8Array {
  return concat(SNAP, u16(etherTypeOf(packet)), packet);
}

/** IEEE 802.3: a length where Ethernet II has the EtherType. */
export function ieee8023(llc: Uint8Array): Uint8Array {
  return ethernet(llc, { type: llc.length });
}

export function mplsLabels(...labels: readonly number[]): Uint8Array {
  return concat(...labels.map((label, at) => concat(u24((label << 4) | (at === labels.length - 1 ? 1 : 0)), bytes(64))));
}

/** A PPP protocol field and an IP packet. */
export function ppp(packet: Uint8Array): Uint8Array {
  return concat(hex(etherTypeOf(packet) === ETHERTYPE.ipv6 ? '0057' : '0021'), packet);
}

export function pppoe(payload: Uint8Array): Uint8Array {
  return concat(hex('1100 0007'), u16(payload.length), payload);
}

/** An IEEE 802.11 data frame; `control` in the order of the wire, `after` what follows the three addresses. */
export function wifi(control: string, after: Uint8Array, body: Uint8Array): Uint8Array {
  return concat(hex(control), u16(0), MAC, MAC, MAC, u16(0x1000), after, body);
}

/** Radiotap with a time stamp, flags and a rate. */
export function radiotap(flags: number, frame: Uint8Array): Uint8Array {
  return concat(hex('0000 1200 07000000'), new Uint8Array(8), bytes(flags, 2), frame);
}

function isIpv6(packet: Uint8Array): boolean {
  return etherTypeOf(packet) === ETHERTYPE.ipv6;
}

/** BSD's number of the packet's address family. */
function family(packet: Uint8Array, ipv6 = 30): number {
  return isIpv6(packet) ? ipv6 : 2;
}

function nflogAttribute(type: number, value: Uint8Array): Uint8Array {
  const length = 4 + value.length;
  return concat(little(length, 2), little(type, 2), value, new Uint8Array(-length & 3));
}

function tagged(type: number, id: number, rest: Uint8Array): Uint8Array {
  return concat(u16(type), u16(id), rest);
}

function addressed(rest: Uint8Array): Uint8Array {
  return concat(MAC, MAC, rest);
}

function typed(packet: Uint8Array): Uint8Array {
  return concat(u16(etherTypeOf(packet)), packet);
}

function sll2(packet: Uint8Array): Uint8Array {
  return concat(u16(etherTypeOf(packet)), u16(0), u32(2), u16(1), bytes(0, 6), MAC, u16(0), packet);
}

/** A Linux cooked header, up to its protocol field. */
function cooked(rest: Uint8Array): Uint8Array {
  return concat(u16(0), u16(1), u16(6), MAC, u16(0), rest);
}

function subframe(packet: Uint8Array): Uint8Array {
  const body = snap(packet);
  return concat(MAC, MAC, u16(body.length), body, new Uint8Array(-body.length & 3));
}

/** At least one for every link type and every shim that synoptic reads. */
export const LINK_FRAMES: readonly LinkFrame[] = [
  { link: 1, name: 'Ethernet II', frame: (packet) => ethernet(packet) },
  { link: 1, name: 'Ethernet II, padded', frame: (packet) => ethernet(packet, { pad: packet.length + 30 }) },
  { link: 1, name: '802.3 with SNAP', frame: (packet) => ieee8023(snap(packet)) },
  { link: 1, name: '802.1Q', etherTypes: [0x8100], vlan: 10, frame: (packet) => ethernet(packet, { vlans: [10] }) },
  { link: 1, name: '802.1Q, twice', vlan: 10 * 4096 + 20, frame: (packet) => ethernet(packet, { vlans: [10, 20] }) },
  { link: 1, name: '802.1Q, thrice', vlan: 10 * 4096 + 20, frame: (packet) => ethernet(packet, { vlans: [10, 20, 30] }) },
  { link: 1, name: '802.1p priority tag', vlan: 0, frame: (packet) => ethernet(packet, { vlans: [0] }) },
  {
    link: 1,
    name: '802.1ad',
    etherTypes: [0x88a8],
    vlan: 5 * 4096 + 6,
    frame: (packet) => addressed(tagged(0x88a8, 5, tagged(0x8100, 0xe006, typed(packet)))),
  },
  { link: 1, name: 'tag 0x9100', etherTypes: [0x9100], vlan: 7, frame: (packet) => addressed(tagged(0x9100, 7, typed(packet))) },
  { link: 1, name: 'tag 0x9200', etherTypes: [0x9200], vlan: 8, frame: (packet) => addressed(tagged(0x9200, 8, typed(packet))) },
  {
    link: 1,
    name: '802.1Q around 802.3 with SNAP',
    vlan: 9,
    frame: (packet) => addressed(tagged(0x8100, 9, concat(u16(packet.length + 8), snap(packet)))),
  },
  {
    link: 1,
    name: '802.1ah',
    etherTypes: [0x88e7],
    vlan: 3,
    frame: (packet) => addressed(tagged(0x88a8, 3, concat(hex('88e7 00000064'), ethernet(packet)))),
  },
  {
    link: 1,
    name: 'MPLS',
    etherTypes: [0x8847],
    frame: (packet) => ethernet(concat(mplsLabels(16, 17, 18), packet), { type: 0x8847 }),
  },
  {
    link: 1,
    name: 'MPLS multicast',
    etherTypes: [0x8848],
    frame: (packet) => ethernet(concat(mplsLabels(2), packet), { type: 0x8848 }),
  },
  {
    link: 1,
    name: 'Ethernet over MPLS with control word',
    frame: (packet) => ethernet(concat(mplsLabels(16), u32(0), ethernet(packet)), { type: 0x8847 }),
  },
  {
    link: 1,
    name: 'Ethernet over MPLS without control word',
    frame: (packet) => ethernet(concat(mplsLabels(16), ethernet(packet)), { type: 0x8847 }),
  },
  {
    link: 1,
    name: 'PPPoE',
    etherTypes: [0x8864],
    frame: (packet) => ethernet(pppoe(ppp(packet)), { type: 0x8864 }),
  },
  { link: 1, name: 'PPPoE in 802.1Q', vlan: 4, frame: (packet) => ethernet(pppoe(ppp(packet)), { type: 0x8864, vlans: [4] }) },
  { link: 1, name: 'PPP by EtherType', etherTypes: [0x880b], frame: (packet) => ethernet(ppp(packet), { type: 0x880b }) },
  {
    link: 1,
    name: 'Ethernet by EtherType',
    etherTypes: [0x6558],
    frame: (packet) => ethernet(ethernet(packet), { type: 0x6558 }),
  },
  { link: 219, name: 'MPLS', frame: (packet) => concat(mplsLabels(16), packet) },
  { link: 113, name: 'Linux cooked', frame: (packet) => cooked(typed(packet)) },
  { link: 113, name: 'Linux cooked, 802.1Q', vlan: 12, frame: (packet) => cooked(tagged(0x8100, 12, typed(packet))) },
  { link: 276, name: 'Linux cooked v2', frame: sll2 },
  { link: 0, name: 'loopback, little-endian', frame: (packet) => concat(little(family(packet), 4), packet) },
  { link: 0, name: 'loopback, big-endian', frame: (packet) => concat(u32(family(packet, 28)), packet) },
  { link: 0, name: 'loopback of FreeBSD and NetBSD', frame: (packet) => concat(little(family(packet, 24), 4), packet) },
  { link: 0, name: 'loopback of Linux', frame: (packet) => concat(little(family(packet, 10), 4), packet) },
  { link: 108, name: 'OpenBSD loopback', frame: (packet) => concat(u32(family(packet, 24)), packet) },
  { link: 12, name: 'raw IP (12)', frame: (packet) => packet },
  { link: 14, name: 'raw IP (14)', frame: (packet) => packet },
  { link: 101, name: 'raw IP', frame: (packet) => packet },
  { link: 228, name: 'raw IPv4', frame: (packet) => packet },
  { link: 229, name: 'raw IPv6', frame: (packet) => packet },
  { link: 9, name: 'PPP', frame: (packet) => concat(hex('ff03'), ppp(packet)) },
  { link: 9, name: 'PPP without address and control', frame: ppp },
  { link: 9, name: 'PPP, protocol compressed', frame: (packet) => ppp(packet).subarray(1) },
  { link: 9, name: 'PPP with MPLS', frame: (packet) => concat(hex('ff03 0281'), mplsLabels(16), packet) },
  { link: 9, name: 'PPP, bridged Ethernet', frame: (packet) => concat(hex('ff03 0031 0001'), ethernet(packet)) },
  { link: 50, name: 'PPP in HDLC', frame: (packet) => concat(hex('ff03'), ppp(packet)) },
  { link: 50, name: 'PPP in HDLC that is Cisco HDLC', frame: (packet) => concat(hex('0f00'), typed(packet)) },
  { link: 204, name: 'PPP with direction', frame: (packet) => concat(hex('01 ff03'), ppp(packet)) },
  { link: 51, name: 'PPPoE without Ethernet', frame: (packet) => pppoe(ppp(packet)) },
  { link: 104, name: 'Cisco HDLC', frame: (packet) => concat(hex('8f00'), typed(packet)) },
  { link: 105, name: '802.11', frame: (packet) => wifi('0801', bytes(), snap(packet)) },
  { link: 105, name: '802.11 with QoS', frame: (packet) => wifi('8802', hex('0000'), snap(packet)) },
  { link: 105, name: '802.11 between access points', frame: (packet) => wifi('0803', MAC, snap(packet)) },
  { link: 105, name: '802.11 with QoS and HT control', frame: (packet) => wifi('8881', hex('0000 00000000'), snap(packet)) },
  { link: 105, name: '802.11 aggregate', frame: (packet) => wifi('8802', hex('8000'), concat(subframe(packet), subframe(packet))) },
  { link: 127, name: 'radiotap', frame: (packet) => radiotap(0, wifi('8801', hex('0000'), snap(packet))) },
  { link: 127, name: 'radiotap, body padded', frame: (packet) => radiotap(0x20, wifi('8801', hex('0000 0000'), snap(packet))) },
  {
    link: 127,
    name: 'radiotap of two words',
    frame: (packet) => concat(hex('0000 0d00 02000080 00000000 00'), wifi('0801', bytes(), snap(packet))),
  },
  { link: 119, name: 'Prism', frame: (packet) => concat(hex('44000000 90000000'), new Uint8Array(136), wifi('0801', bytes(), snap(packet))) },
  { link: 119, name: 'Prism that is AVS', frame: (packet) => concat(hex('80211001 00000040'), new Uint8Array(56), wifi('0801', bytes(), snap(packet))) },
  { link: 163, name: 'AVS', frame: (packet) => concat(hex('80211001 00000040'), new Uint8Array(56), wifi('0801', bytes(), snap(packet))) },
  { link: 117, name: 'pf log', frame: (packet) => concat(bytes(61, family(packet, 24), 0, 0), new Uint8Array(60), packet) },
  { link: 109, name: 'enc', frame: (packet) => concat(little(family(packet, 24), 4), u32(0x1234), u32(0), packet) },
  {
    link: 239,
    name: 'netfilter log',
    frame: (packet) => concat(bytes(family(packet, 10), 0, 0, 5), nflogAttribute(10, hex('414200')), nflogAttribute(9, packet)),
  },
  { link: 192, name: 'PPI', frame: (packet) => concat(bytes(0, 0), little(8, 2), little(1, 4), ethernet(packet)) },
  { link: 258, name: 'PKTAP', frame: (packet) => concat(little(108, 4), little(1, 4), little(1, 4), new Uint8Array(96), ethernet(packet)) },
];
