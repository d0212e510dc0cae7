import type { Record } from '../capture/record.ts';
import { Decoded } from './segment.ts';
import type { DecodedReason } from './segment.ts';

/**
 * What follows a layer, as one integer: an EtherType (0 … 0xffff), `IP_PROTOCOL + n`, `LINK + linktype` or `ANY_IP`. Below zero,
 * decoding ends, for the reason that `leave` encodes.
 */
export type Next = number;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;
/** Transparent Ethernet bridging: an Ethernet frame follows (RFC 1701 §1). */
export const ETHERTYPE_ETHERNET = 0x6558;
/** Plus an IP protocol number. */
export const IP_PROTOCOL = 0x10000;
/** Plus a LINKTYPE_ value. */
export const LINK = 0x20000;
/** IPv4 or IPv6: the version nibble tells. */
export const ANY_IP = 0x30000;

/** Whoever cuts frames keeps their headers only, so frames longer than this are taken for whole (bytes). */
const LONGEST_CUT = 512;

/** Ends decoding for this reason. */
export function leave(reason: DecodedReason): Next {
  return ~reason;
}

/** The reason in a `Next` below zero. */
export function reasonOf(next: Next): DecodedReason {
  return ~next as DecodedReason;
}

/**
 * Where decoding stands within a frame: one object, refilled for every record. Each layer checks that its header ends before `end`,
 * moves `at` behind it, lowers `limit` (and with it `end`) to what its own length field says, and returns what comes next.
 *
 * If the capture cut a header of variable length, `at` may end up beyond `end`: the check of the next layer finds that.
 */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Offset of the next header. */
  at = 0;
  /** End of the captured part of the current layer. */
  end = 0;
  /** End of the current layer on the wire: at or beyond `end`. */
  limit = 0;
  /** End of the padding behind the payload, according to the link layer; 0 if it has no length field. */
  paddedTo = 0;
  /** The length in the IP header includes that padding, so it is unknown which bytes the TCP checksum covers. */
  contradicted = false;
  /** As in Segment. */
  vlan = 0;
  tunnel = 0;
  tunnelId = 0;
  /** IP headers met so far. */
  depth = 0;
  /** Version of the innermost IP header so far, 0 before the first. */
  ipVersion = 0;
  /** Only a UDP port suggests the current tunnel: if something does not parse, it is another protocol rather than malformed. */
  guessed = false;
  /** The bytes are those of a reassembled datagram instead of the record's. */
  reassembled = false;
  /** A routing header will still change an address that the TCP checksum covers. */
  rerouted = false;
  /** The IEEE 802.11 header is padded to a multiple of four bytes. */
  padded = false;
  /** Longest frame so far; see `boundOrStretch`. */
  longest = 0;
  /** Length of the current frame on the wire. */
  length = 0;
  /** The GRE header just read had a sequence number, which tells ERSPAN type II from type I. */
  sequenced = false;

  open(record: Record): void {
    const start = record.start;
    this.bytes = record.bytes;
    this.view = record.view;
    this.at = start;
    this.end = record.end;
    const captured = record.end - start;
    const length = record.wireLength < captured ? captured : record.wireLength;
    this.limit = start + length;
    this.length = length;
    this.paddedTo = 0;
    this.contradicted = false;
    if (length > this.longest) this.longest = length;
    this.vlan = 0;
    this.tunnel = 0;
    this.tunnelId = 0;
    this.depth = 0;
    this.ipVersion = 0;
    this.guessed = false;
    this.reassembled = false;
    this.rerouted = false;
    this.padded = false;
  }

  /** A frame of `length` bytes on the wire was read without the cursor. */
  pass(length: number): void {
    this.reassembled = false;
    if (length > this.longest) this.longest = length;
  }

  /** Whether the next `length` bytes were captured. */
  has(length: number): boolean {
    return this.at + length <= this.end;
  }

  /** Why the next `length` bytes are missing: the capture cut them, or the sender never sent them. */
  short(length: number): Next {
    return ~(this.at + length > this.limit ? Decoded.BAD_LENGTH : Decoded.CUT_SHORT);
  }

  /** Limits the layer to `length` bytes from `at`; false if they reach beyond the enclosing layer. */
  bound(length: number): boolean {
    const limit = this.at + length;
    if (limit > this.limit) return false;
    this.limit = limit;
    if (this.end > limit) this.end = limit;
    return true;
  }

  /**
   * As `bound`, for an IP header. Some tools cut frames and record the cut length as the length on the wire. Such frames are all of the
   * same length, and no frame is longer: there the outer IP header is believed, and the rest counts as cut off. If the IP length
   * includes the padding of the link layer, the link layer is believed.
   */
  boundOrStretch(length: number): boolean {
    if (this.bound(length)) return true;
    if (this.depth === 1 && this.at + length <= this.paddedTo) {
      this.contradicted = true;
      return true;
    }
    if (this.depth > 1 || this.limit !== this.end || this.length < this.longest || this.length > LONGEST_CUT) return false;
    this.limit = this.at + length;
    return true;
  }

  /** As `bound`, for the length field of a link layer: what lies beyond it is padding, whatever the IP header says. */
  boundPadded(length: number): void {
    const { limit } = this;
    if (this.bound(length)) this.paddedTo = limit;
  }

  /** Notes the id of an 802.1Q tag: the outer two are kept (see `Segment.vlan`). The id 0 stands for a priority, not for a VLAN. */
  tag(id: number): void {
    if (id === 0 || this.vlan > 0xfff) return;
    this.vlan = this.vlan * 0x1000 + id;
  }
}
