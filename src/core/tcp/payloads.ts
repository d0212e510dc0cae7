import { CHECKSUM_BAD, type Segment } from '../wire/segment.ts';
import { distance } from './sequence.ts';

/** Segments remembered, and bytes of each: 1 MiB in all. Powers of two. */
const SLOTS = 1 << 12;
const SLOT_BYTES = 1 << 8;
/** Heads of the chains; ends share them by the low bits of their number. */
const HEADS = 1 << 12;
/** Segments of an end looked at when one of its segments comes again. */
const MOST_COMPARED = 32;
/** Zeros up to this many may be the padding of a minimal Ethernet frame that some device took for payload. */
const MOST_PADDING = 6;
const NONE = -1;

/**
 * The first payload bytes of recent segments, so that what an end sends again can be compared with what it sent before. A ring
 * that all connections share: a busy capture forgets sooner. Bulk data is not worth a copy, so only small segments and the
 * beginnings of connections are kept (`isKept`).
 */
export class Payloads {
  readonly #bytes = new Uint8Array(SLOTS * SLOT_BYTES);
  readonly #end = new Int32Array(SLOTS).fill(NONE);
  /** Number of the flow: its slot may have been taken over by another. */
  readonly #flow = new Uint32Array(SLOTS);
  readonly #seq = new Int32Array(SLOTS);
  readonly #length = new Uint16Array(SLOTS);
  readonly #ttl = new Uint8Array(SLOTS);
  /** How many had been kept before each, to notice a chain whose rest was overwritten. */
  readonly #serial = new Float64Array(SLOTS);
  readonly #previous = new Int32Array(SLOTS);
  readonly #heads = new Int32Array(HEADS).fill(NONE);
  #kept = 0;
  /** Of the latest conflict: bytes compared, and by how much the TTL differed. */
  compared = 0;
  ttlDifference = 0;

  /** Is a segment of `length` payload bytes worth keeping, of an end that has sent `sent` bytes by then? */
  static isKept(length: number, sent: number): boolean {
    return length <= SLOT_BYTES || sent <= 4096;
  }

  /** Remembers the payload of a segment of `end` of flow number `flow`. */
  keep(segment: Segment, end: number, flow: number): void {
    const length = Math.min(segment.payloadCaptured, SLOT_BYTES);
    if (length === 0) return;
    const slot = this.#kept & (SLOTS - 1);
    const head = end & (HEADS - 1);
    this.#end[slot] = end;
    this.#flow[slot] = flow;
    this.#seq[slot] = segment.seq;
    this.#length[slot] = length;
    this.#ttl[slot] = segment.ttl;
    this.#serial[slot] = this.#kept++;
    this.#previous[slot] = this.#heads[head]!;
    this.#heads[head] = slot;
    const to = slot * SLOT_BYTES;
    const { bytes, payloadStart: from } = segment;
    for (let at = 0; at < length; at++) this.#bytes[to + at] = bytes[from + at]!;
  }

  /** True when bytes of the segment were sent before, and were others. A segment that was damaged on its way says nothing. */
  conflicts(segment: Segment, end: number, flow: number): boolean {
    // One byte may be the garbage of a keep-alive (RFC 9293 §3.8.4).
    if (segment.payloadCaptured < 2 || segment.checksumState === CHECKSUM_BAD) return false;
    let slot = this.#heads[end & (HEADS - 1)]!;
    let serial = this.#kept;
    for (let left = MOST_COMPARED; slot !== NONE && left > 0; left--) {
      if (this.#serial[slot]! >= serial) return false;
      serial = this.#serial[slot]!;
      if (this.#end[slot] === end && this.#flow[slot] === flow && this.#differs(slot, segment)) return true;
      slot = this.#previous[slot]!;
    }
    return false;
  }

  #differs(slot: number, segment: Segment): boolean {
    const ahead = distance(segment.seq, this.#seq[slot]!);
    const first = Math.max(0, ahead);
    const last = Math.min(this.#length[slot]!, ahead + segment.payloadCaptured);
    const kept = slot * SLOT_BYTES;
    const sent = segment.payloadStart - ahead;
    if (this.#length[slot]! <= MOST_PADDING && this.#isZero(slot)) return false;
    for (let at = first; at < last; at++) {
      if (this.#bytes[kept + at] === segment.bytes[sent + at]) continue;
      this.compared = last - first;
      this.ttlDifference = segment.ttl - this.#ttl[slot]!;
      return true;
    }
    return false;
  }

  #isZero(slot: number): boolean {
    for (let at = 0; at < this.#length[slot]!; at++) if (this.#bytes[slot * SLOT_BYTES + at] !== 0) return false;
    return true;
  }
}
