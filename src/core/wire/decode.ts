import type { Record } from '../capture/record.ts';
import { BadHeaders } from './bad-headers.ts';
import { ANY_IP, Cursor, ETHERTYPE_IPV4, ETHERTYPE_IPV6, IP_PROTOCOL, leave, LINK, reasonOf } from './cursor.ts';
import type { Next } from './cursor.ts';
import { FragmentTable } from './fragments.ts';
import { readIcmp } from './icmp.ts';
import { readIpv4 } from './ipv4.ts';
import { readExtensions, readIpv6 } from './ipv6.ts';
import { findLink, findByEtherType } from './link/index.ts';
import { readPlain } from './plain.ts';
import { Decoded } from './segment.ts';
import type { DecodedReason, Segment } from './segment.ts';
import { readTcp } from './tcp.ts';
import { enterEtherTypeTunnel, enterIpTunnel } from './tunnel/index.ts';
import { readUdp } from './udp.ts';

export interface DecoderOptions {
  /** Bytes of memory for fragments that wait for the rest of their datagrams; 16 MiB by default. */
  fragmentBytes?: number;
  /** Whether TCP checksums are verified; true by default. */
  verifyChecksums?: boolean;
}

const DEFAULT_FRAGMENT_BYTES = 16 * 1024 * 1024;
const ALONE: readonly number[] = [];
/** Most nested IP headers; frames with more are TOO_DEEP. */
const DEEPEST = 8;

const ICMP = IP_PROTOCOL + 1;
const TCP = IP_PROTOCOL + 6;
const UDP = IP_PROTOCOL + 17;
const ENCAPSULATING_SECURITY = IP_PROTOCOL + 50;
const AUTHENTICATION = IP_PROTOCOL + 51;
const ICMPV6 = IP_PROTOCOL + 58;

/**
 * Decodes frames down to the innermost TCP segment: link layer, shims such as VLAN and MPLS, IP, tunnels, TCP.
 *
 * It takes any bytes: `decode` never throws, takes time linear in the frame and, fragments apart, allocates nothing.
 */
export class Decoder {
  /** The TCP headers so far that could not be read. */
  readonly badHeaders = new BadHeaders();
  private readonly cursor = new Cursor();
  private readonly fragments: FragmentTable;
  private readonly verifyChecksums: boolean;

  constructor(options: DecoderOptions = {}) {
    this.fragments = new FragmentTable(options.fragmentBytes ?? DEFAULT_FRAGMENT_BYTES);
    this.verifyChecksums = options.verifyChecksums ?? true;
  }

  /** Fragments given up so far, because the rest of their datagram came too late or memory ran short. */
  get evictedFragments(): number {
    return this.fragments.evicted;
  }

  /** Numbers of all frames whose fragments made up the packet decoded last; empty if it was not fragmented. */
  get joinedFrames(): readonly number[] {
    return this.cursor.reassembled ? this.fragments.joinedFrames : ALONE;
  }

  /**
   * Decodes `record` into `segment`, whose `bytes` are lent for as long as the record's are. Unless SEGMENT or ICMP_ERROR is returned,
   * the contents of the segment are meaningless.
   */
  decode(record: Record, segment: Segment): DecodedReason {
    const cursor = this.cursor;
    if (readPlain(record, segment, this.verifyChecksums)) {
      cursor.pass(record.wireLength);
      return Decoded.SEGMENT;
    }
    cursor.open(record);
    segment.interface = record.interface;
    segment.number = record.number;
    segment.time = record.time;
    const link = findLink(record.link);
    if (link === undefined) return Decoded.UNKNOWN_LINK;
    let next = link.locate(cursor);
    for (;;) {
      if (next === ETHERTYPE_IPV4 || next === ETHERTYPE_IPV6) {
        cursor.depth += 1;
        if (cursor.depth > DEEPEST) return Decoded.TOO_DEEP;
        next = next === ETHERTYPE_IPV4 ? readIpv4(cursor, segment, this.fragments) : readIpv6(cursor, segment, this.fragments);
      }
      if (next === TCP) return readTcp(cursor, segment, this.verifyChecksums, this.badHeaders);
      if (next < 0) return this.judge(reasonOf(next));
      if (next === ICMP || next === ICMPV6) return readIcmp(cursor, segment, this.fragments);
      next = this.step(next, segment);
    }
  }

  /** Takes one layer that is neither IP nor TCP. */
  private step(next: Next, segment: Segment): Next {
    const cursor = this.cursor;
    if (next === UDP) return readUdp(cursor);
    if (next === ENCAPSULATING_SECURITY) return leave(Decoded.ENCRYPTED);
    if (next === AUTHENTICATION) return readExtensions(cursor, segment, this.fragments, AUTHENTICATION - IP_PROTOCOL);
    if (next === ANY_IP) return versionOf(cursor);
    if (next >= LINK) {
      const link = findLink(next - LINK);
      return link === undefined ? leave(Decoded.UNKNOWN_LINK) : link.locate(cursor);
    }
    if (next >= IP_PROTOCOL) return enterIpTunnel(cursor, next - IP_PROTOCOL);
    const shim = findByEtherType(next);
    return shim === undefined ? enterEtherTypeTunnel(cursor, next) : shim.locate(cursor);
  }

  /** What is inside IP cannot be NOT_IP. What does not parse, and was taken for a tunnel only because of a UDP port, is not malformed. */
  private judge(reason: DecodedReason): DecodedReason {
    const cursor = this.cursor;
    if (reason === Decoded.NOT_IP && cursor.ipVersion !== 0) return Decoded.NOT_TCP;
    if (reason === Decoded.BAD_LENGTH && cursor.guessed) return Decoded.NOT_TCP;
    return reason;
  }
}

function versionOf(cursor: Cursor): Next {
  if (!cursor.has(1)) return cursor.short(1);
  const version = cursor.bytes[cursor.at] >>> 4;
  if (version === 4) return ETHERTYPE_IPV4;
  return version === 6 ? ETHERTYPE_IPV6 : leave(Decoded.NOT_IP);
}
