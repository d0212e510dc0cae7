import type { Record } from '../capture/record.ts';
import { ANY_IP, Cursor, ETHERTYPE_ETHERNET, ETHERTYPE_IPV4, ETHERTYPE_IPV6, IP_PROTOCOL, LINK, type Next, reasonOf } from '../wire/cursor.ts';
import { FragmentTable } from '../wire/fragments.ts';
import { readIpv4 } from '../wire/ipv4.ts';
import { readExtensions, readIpv6 } from '../wire/ipv6.ts';
import { findByEtherType, findLink } from '../wire/link/index.ts';
import { Decoded, Segment } from '../wire/segment.ts';
import { TCP_HEADER } from '../wire/tcp.ts';
import { enterEtherTypeTunnel, enterIpTunnel } from '../wire/tunnel/index.ts';
import { readUdp } from '../wire/udp.ts';
import { walkExtensions } from './extensions.ts';
import type { CheckedLayer, FragmentPart, IpLayer, Layer, Rest } from './layers.ts';

const ETHERNET = 1;
const COOKED = 113;
const COOKED_2 = 276;
const RAW = 101;
const ETHERNET_HEADER = 14;
const WIFI = 105;
/** With four addresses. */
const WIFI_HEADER = 30;
const MAC_LENGTH = 6;
/** Link types whose headers identify nobody: BSD loopback, raw IP, PPP, PPPoE, HDLC, MPLS. */
const NAMELESS: ReadonlySet<number> = new Set([0, 108, 12, 14, 101, 228, 229, 9, 50, 104, 204, 51, 219]);

const ICMP = IP_PROTOCOL + 1;
const TCP = IP_PROTOCOL + 6;
const UDP = IP_PROTOCOL + 17;
const GRE = IP_PROTOCOL + 47;
const AUTHENTICATION = IP_PROTOCOL + 51;
const ICMPV6 = IP_PROTOCOL + 58;
const GRE_CHECKSUM = 0x80;
const ICMP_HEADER = 8;
const DEEPEST = 8;

/** Finds everything in a frame that identifies somebody. Refilled for every frame. */
export class FrameWalk {
  /** Outermost first. */
  readonly layers: Layer[] = [];
  readonly rests: Rest[] = [];
  /** The innermost TCP segment, which may be quoted in an ICMP error. */
  tcp: CheckedLayer | null = null;
  /** Set if the frame holds a fragment. */
  part: FragmentPart | null = null;
  /** Set if this frame completes a fragmented datagram: the numbers of all its frames, and the joined datagram, in which the layers then lie. */
  joinedFrames: readonly number[] | null = null;
  joined: Uint8Array | null = null;
  /** Start and link type of the anonymised frame: a link layer header that cannot be anonymised is dropped. */
  start = 0;
  link = 0;
  readonly #cursor = new Cursor();
  readonly #segment = new Segment();
  readonly #fragments: FragmentTable;
  #ip: IpLayer | null = null;

  /** @param fragmentBytes bytes of memory for fragments that wait for the rest of their datagrams */
  constructor(fragmentBytes: number) {
    this.#fragments = new FragmentTable(fragmentBytes);
  }

  /**
   * Walks a frame down to its TCP header, to the one quoted in an ICMP error, or to a fragment, without changing anything. False if
   * something on the way cannot be anonymised.
   */
  walk(record: Record): boolean {
    const cursor = this.#cursor;
    this.layers.length = 0;
    this.rests.length = 0;
    this.tcp = null;
    this.part = null;
    this.joinedFrames = null;
    this.joined = null;
    this.#ip = null;
    this.start = -1;
    cursor.open(record);
    this.#segment.interface = record.interface;
    this.#segment.number = record.number;
    this.#segment.time = record.time;
    let next: Next = LINK + record.link;
    while (next >= 0) {
      if (next === TCP) return this.#tcp() && this.#finish(record);
      if (next === ICMP || next === ICMPV6) return this.#icmp() && this.#finish(record);
      next = this.#step(next);
    }
    return reasonOf(next) === Decoded.FRAGMENT && this.part !== null && this.joined === null && this.#finish(record);
  }

  #finish(record: Record): boolean {
    const { part } = this;
    if (part !== null) this.rests.push({ bytes: record.bytes, view: record.view, at: part.end, end: record.end });
    return this.start >= 0;
  }

  /** Takes one layer and returns what follows; below zero if the walk ends here. */
  #step(next: Next): Next {
    const cursor = this.#cursor;
    const { bytes, view, at } = cursor;
    if (next >= LINK && next < ANY_IP) return this.#takeLink(next - LINK);
    if (next === ANY_IP) {
      if (!cursor.has(1)) return -1;
      const version = bytes[at] >>> 4;
      return version === 4 ? ETHERTYPE_IPV4 : version === 6 ? ETHERTYPE_IPV6 : -1;
    }
    if (next === ETHERTYPE_IPV4) return this.#takeIpv4();
    if (next === ETHERTYPE_IPV6) return this.#takeIpv6();
    if (next === UDP) return this.#takeUdp();
    if (next === AUTHENTICATION) {
      const after = readExtensions(cursor, this.#segment, this.#fragments, AUTHENTICATION - IP_PROTOCOL);
      if (after >= 0) this.layers.push({ kind: 'authentication', bytes, view, at, end: cursor.at });
      return cursor.bytes === bytes ? after : -1;
    }
    if (next >= IP_PROTOCOL) {
      if (next === GRE && cursor.has(4) && (bytes[at] & GRE_CHECKSUM) !== 0 && this.#ip !== null) {
        this.layers.push({ kind: 'gre', bytes, view, at, end: cursor.end, limit: cursor.limit, ip: this.#ip });
      }
      return this.#takeTunnel(enterIpTunnel(cursor, next - IP_PROTOCOL), at);
    }
    const shim = findByEtherType(next);
    if (shim === undefined) return this.#takeTunnel(enterEtherTypeTunnel(cursor, next), at);
    if (next === ETHERTYPE_ETHERNET) this.#noteMacs();
    return shim.locate(cursor);
  }

  /** A link layer header that cannot be anonymised is dropped, if the frame begins with it. */
  #takeLink(link: number): Next {
    const cursor = this.#cursor;
    const { bytes, view, at } = cursor;
    const layer = findLink(link);
    if (layer === undefined) return -1;
    if (this.#ip !== null && link === WIFI) return this.#noteWifi() ? layer.locate(cursor) : -1;
    const isKnown = link === ETHERNET || link === COOKED || link === COOKED_2 || NAMELESS.has(link);
    if (this.#ip !== null && !isKnown) return -1;
    if (isKnown && this.start < 0) {
      this.start = at;
      this.link = link;
    } else if (!isKnown) {
      this.start = -1;
    }
    if (link === ETHERNET) this.#noteMacs();
    if (link === COOKED && cursor.has(16)) this.layers.push({ kind: 'cooked', bytes, view, at: at + 6, length: view.getUint16(at + 4) });
    if (link === COOKED_2 && cursor.has(20)) this.layers.push({ kind: 'cooked', bytes, view, at: at + 12, length: bytes[at + 11] });
    return layer.locate(cursor);
  }

  #noteMacs(): void {
    const { bytes, view, at } = this.#cursor;
    if (this.start >= 0 && this.#cursor.has(ETHERNET_HEADER)) this.layers.push({ kind: 'macs', bytes, view, at, count: 2 });
  }

  /** A tunnelled IEEE 802.11 data frame has three addresses or four. False for aggregates, which have more. */
  #noteWifi(): boolean {
    const { bytes, view, at } = this.#cursor;
    if (!this.#cursor.has(WIFI_HEADER)) return false;
    const hasFourth = (bytes[at + 1] & 0x03) === 0x03;
    const isQos = (bytes[at] & 0x80) !== 0;
    const end = at + (hasFourth ? WIFI_HEADER : WIFI_HEADER - MAC_LENGTH);
    if (isQos && (bytes[end] & 0x80) !== 0) return false;
    this.layers.push({ kind: 'macs', bytes, view, at: at + 4, count: 3 });
    if (hasFourth) this.layers.push({ kind: 'macs', bytes, view, at: at + 24, count: 1 });
    return true;
  }

  #takeIpv4(): Next {
    const cursor = this.#cursor;
    const { bytes, view, at } = cursor;
    if (!this.#beginIp(20)) return -1;
    const headerEnd = at + (bytes[at] & 0x0f) * 4;
    const next = readIpv4(cursor, this.#segment, this.#fragments);
    this.#addIp({ kind: 'ip', bytes, view, version: 4, at, headerEnd, rerouted: cursor.rerouted });
    return this.#afterIp(next, bytes, headerEnd, (view.getUint16(at + 6) & 0x1fff) * 8, endOf(at, 0, view.getUint16(at + 2), bytes));
  }

  #takeIpv6(): Next {
    const cursor = this.#cursor;
    const { bytes, view, at } = cursor;
    if (!this.#beginIp(40)) return -1;
    const found = walkExtensions(bytes, view, at + 40, cursor.end, bytes[at + 6]);
    if (found === null) return -1;
    const next = readIpv6(cursor, this.#segment, this.#fragments);
    this.#addIp({ kind: 'ip', bytes, view, version: 6, at, headerEnd: found.at, rerouted: cursor.rerouted });
    return this.#afterIp(next, bytes, found.at, found.fragment?.offset ?? 0, endOf(at, 40, view.getUint16(at + 4), bytes));
  }

  #beginIp(length: number): boolean {
    const cursor = this.#cursor;
    cursor.depth += 1;
    if (cursor.depth > DEEPEST || !cursor.has(length)) return false;
    if (this.start < 0) {
      this.start = cursor.at;
      this.link = RAW;
    }
    return true;
  }

  #addIp(ip: IpLayer): void {
    this.layers.push(ip);
    this.#ip = ip;
  }

  /** Notes where the data of a fragment are, and the datagram that it completed. */
  #afterIp(next: Next, bytes: Uint8Array, dataAt: number, offset: number, end: number): Next {
    const cursor = this.#cursor;
    const isJoined = cursor.bytes !== bytes;
    const isWaiting = next < 0 && reasonOf(next) === Decoded.FRAGMENT;
    if (!isJoined && !isWaiting) return next;
    // Fragments in a fragmented datagram, and extension headers that only the joined datagram shows, could not be split again.
    if (this.part !== null || (isJoined && cursor.at !== 0)) return -1;
    this.part = { at: dataAt, end, offset };
    if (isJoined) {
      this.joined = cursor.bytes;
      this.joinedFrames = this.#fragments.joinedFrames;
    }
    return next;
  }

  #takeUdp(): Next {
    const cursor = this.#cursor;
    const { bytes, view, at, end, limit } = cursor;
    if (!cursor.has(8) || this.#ip === null) return -1;
    const length = view.getUint16(at + 4);
    const own = length === 0 ? limit : at + length;
    this.layers.push({ kind: 'udp', bytes, view, at, end: Math.min(end, own), limit: own, ip: this.#ip });
    return this.#takeTunnel(readUdp(cursor), at + 8);
  }

  #takeTunnel(next: Next, at: number): Next {
    const { bytes, view, at: end, tunnel } = this.#cursor;
    if (next >= 0 && end > at) this.layers.push({ kind: 'tunnel', bytes, view, code: tunnel, at, end });
    return next;
  }

  #tcp(): boolean {
    const cursor = this.#cursor;
    if (!cursor.has(TCP_HEADER) || this.#ip === null) return false;
    this.#noteTcp(cursor.at, cursor.limit, this.#ip);
    return true;
  }

  #noteTcp(at: number, limit: number, ip: IpLayer): void {
    const { bytes, view, end } = this.#cursor;
    this.tcp = { kind: 'tcp', bytes, view, at, end: Math.min(end, limit), limit, ip };
    this.layers.push(this.tcp);
    this.rests.push({ bytes, view, at: this.tcp.end, end: bytes.length });
  }

  /** An ICMP error quotes the beginning of a datagram: the checksum in it usually covers more than what is there. */
  #icmp(): boolean {
    const cursor = this.#cursor;
    const { bytes, view, at, end, limit } = cursor;
    const outer = this.#ip;
    const quoted = at + ICMP_HEADER;
    if (outer === null || quoted + 20 > end) return false;
    this.layers.push({ kind: 'icmp', bytes, view, at, end, limit, ip: outer });
    const version = bytes[quoted] >>> 4;
    if (version === 4) {
      const headerEnd = quoted + (bytes[quoted] & 0x0f) * 4;
      const isWhole = quoted + view.getUint16(quoted + 2) === limit;
      return this.#quotedTcp({ kind: 'ip', bytes, view, version, at: quoted, headerEnd, rerouted: !isWhole });
    }
    if (version !== 6 || quoted + 40 > end) return false;
    const found = walkExtensions(bytes, view, quoted + 40, end, bytes[quoted + 6]);
    if (found === null || found.fragment !== null) return false;
    const isWhole = quoted + 40 + view.getUint16(quoted + 4) === limit;
    return this.#quotedTcp({ kind: 'ip', bytes, view, version, at: quoted, headerEnd: found.at, rerouted: !isWhole });
  }

  #quotedTcp(ip: IpLayer): boolean {
    // Without ports no flow can be found.
    if (ip.headerEnd + 4 > this.#cursor.end) return false;
    this.layers.push(ip);
    this.#noteTcp(ip.headerEnd, this.#cursor.limit, ip);
    return true;
  }
}

/** End of a datagram at `at`, whose length field `stated` does not count the first `header` bytes; 0 means the whole frame. */
function endOf(at: number, header: number, stated: number, bytes: Uint8Array): number {
  return stated === 0 ? bytes.length : Math.min(bytes.length, at + header + stated);
}
