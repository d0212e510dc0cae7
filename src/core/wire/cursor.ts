import type { Record } from '../capture/record.ts';
import { Decoded } from './segment.ts';
import type { DecodedReason } from './segment.ts';

/**
 * What a layer says comes next, as one integer: an EtherType (0 … 0xffff), `IP_PROTOCOL + n`, `LINK + linktype`, `ANY_IP`, or,
 * below zero, that decoding ends and why (`leave`).
 */
export type Next = number;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_IPV6 = 0x86dd;
/** Transparent Ethernet bridging: an Ethernet frame follows (RFC 1701 §1). */
export const ETHERTYPE_ETHERNET = 0x6558;
/** An IP protocol number stands in the low byte. */
export const IP_PROTOCOL = 0x10000;
/** A LINKTYPE_ value stands in the low 16 bits. */
export const LINK = 0x20000;
/** IPv4 or IPv6, as the version nibble says. */
export const ANY_IP = 0x30000;

/** Frames are cut to keep their headers: longer ones are whole. */
const LONGEST_CUT = 512;

/** Ends decoding for this reason. */
export function leave(reason: DecodedReason): Next {
  return ~reason;
}

/** The reason inside a `Next` below zero. */
export function reasonOf(next: Next): DecodedReason {
  return ~next as DecodedReason;
}

/**
 * Where decoding stands within a frame: one object, refilled for every record. Each layer checks that its header lies before
 * `end`, moves `at` beyond it, draws `limit` (and with it `end`) in to its own length field, and returns what comes next.
 *
 * `at` may come to stand beyond `end` when the capture cut a header with a stated length; the next layer's check finds that.
 */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Offset of the next header. */
  at = 0;
  /** End of what was captured of the current layer. */
  end = 0;
  /** End of the current layer on the wire: `end` or beyond it. */
  limit = 0;
  /** End of the padding that the link layer states behind its payload; 0 where it states none. */
  paddedTo = 0;
  /** The IP header counts that padding in: which of both lengths the checksum covers nobody knows. */
  contradicted = false;
  /** As in Segment. */
  vlan = 0;
  tunnel = 0;
  tunnelId = 0;
  /** IP headers met so far. */
  depth = 0;
  /** Version of the innermost IP header so far, 0 before the first. */
  ipVersion = 0;
  /** A UDP port alone suggested the present tunnel: what does not parse is no malformed packet but another protocol. */
  guessed = false;
  /** The bytes are those of a reassembled datagram, no longer those of the record. */
  reassembled = false;
  /** The checksum's pseudo header holds an address that a routing header has yet to bring in. */
  rerouted = false;
  /** Padding brings the body behind the IEEE 802.11 header to a multiple of four bytes. */
  padded = false;
  /** Longest frame so far; see `boundOrStretch`. */
  longest = 0;
  /** Length of the present frame. */
  length = 0;
  /** The GRE header just read had a sequence number (tells ERSPAN type II from type I). */
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

  /** A frame of `length` bytes on the wire that was read without the cursor. */
  pass(length: number): void {
    this.reassembled = false;
    if (length > this.longest) this.longest = length;
  }

  /** Whether the next `length` bytes were captured. */
  has(length: number): boolean {
    return this.at + length <= this.end;
  }

  /** Why the next `length` bytes are not there: the capture cut them, or the sender never sent them. */
  short(length: number): Next {
    return ~(this.at + length > this.limit ? Decoded.BAD_LENGTH : Decoded.CUT_SHORT);
  }

  /** Draws the layer's end in to `length` bytes from `at`; false when they reach beyond the enclosing layer. */
  bound(length: number): boolean {
    const limit = this.at + length;
    if (limit > this.limit) return false;
    this.limit = limit;
    if (this.end > limit) this.end = limit;
    return true;
  }

  /**
   * As `bound`, for the outer IP header. Some tools cut frames and state the cut length as that on the wire: such frames are all
   * equally long, and none is longer. In them the IP header is believed and the rest taken for cut off. Where the IP header counts
   * in the padding of the link layer, that layer is believed.
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

  /** As `bound`, for a link layer's length: what lies beyond it is padding, even where the IP header says otherwise. */
  boundPadded(length: number): void {
    const { limit } = this;
    if (this.bound(length)) this.paddedTo = limit;
  }

  /** Notes an 802.1Q tag; Segment.vlan keeps the outer two. The id 0 marks a priority, not a VLAN. */
  tag(id: number): void {
    if (id === 0 || this.vlan > 0xfff) return;
    this.vlan = this.vlan * 0x1000 + id;
  }
}
