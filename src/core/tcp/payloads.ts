import { CHECKSUM_BAD, type Segment } from '../wire/segment.ts';
import { distance } from './sequence.ts';

/** Segments remembered, a power of two, and the most bytes of each: 1 MiB in all. */
const SLOTS = 1 << 12;
const MOST_BYTES = 1 << 8;
/* A slot's words, side by side. */
const WORDS = 8;
const END = 0;
/** Number of the flow: its slot may have been taken over by another. */
const FLOW = 1;
const SEQ = 2;
const LENGTH = 3;
const TTL = 4;
/** Where its bytes begin. */
const START = 5;
/** How many had been kept before, to notice a chain whose rest was overwritten. */
const SERIAL = 6;
const PREVIOUS = 7;
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
  /**
   * Payloads lie end to end, from the start again whenever the slots do: small ones take little of the processor's cache. So they may overwrite
   * some of the last round before their slots are used again.
   */
  readonly #bytes = new Uint8Array(SLOTS * MOST_BYTES);
  readonly #slots = new Int32Array(SLOTS * WORDS);
  readonly #heads = new Int32Array(HEADS).fill(NONE);
  #kept = 0;
  #filled = 0;
  /** Of the latest conflict: bytes compared, and by how much the TTL differed. */
  compared = 0;
  ttlDifference = 0;

  /** Is a segment of `length` payload bytes worth keeping, of an end that has sent `sent` bytes by then? */
  static isKept(length: number, sent: number): boolean {
    return length <= MOST_BYTES || sent <= 4096;
  }

  /** Remembers the payload of a segment of `end` of flow number `flow`. */
  keep(segment: Segment, end: number, flow: number): void {
    const length = Math.min(segment.payloadCaptured, MOST_BYTES);
    if (length === 0) return;
    const slots = this.#slots;
    const turn = this.#kept & (SLOTS - 1);
    const slot = turn * WORDS;
    const head = headOf(end);
    const start = turn === 0 ? 0 : this.#filled;
    slots[slot + END] = end;
    slots[slot + FLOW] = flow;
    slots[slot + SEQ] = segment.seq;
    slots[slot + LENGTH] = length;
    slots[slot + TTL] = segment.ttl;
    slots[slot + START] = start;
    slots[slot + SERIAL] = this.#kept;
    slots[slot + PREVIOUS] = this.#heads[head];
    this.#heads[head] = slot;
    this.#kept = (this.#kept + 1) | 0;
    this.#filled = start + length;
    const { bytes, payloadStart: from } = segment;
    const kept = this.#bytes;
    for (let at = 0; at < length; at++) kept[start + at] = bytes[from + at];
  }

  /** True when bytes of the segment were sent before, and were others. A segment that was damaged on its way says nothing. */
  conflicts(segment: Segment, end: number, flow: number): boolean {
    // One byte may be the garbage of a keep-alive (RFC 9293 §3.8.4).
    if (segment.payloadCaptured < 2 || segment.checksumState === CHECKSUM_BAD) return false;
    const slots = this.#slots;
    let slot = this.#heads[headOf(end)];
    let serial = this.#kept;
    for (let left = MOST_COMPARED; slot !== NONE && left > 0; left--) {
      if (distance(slots[slot + SERIAL], serial) >= 0) return false;
      serial = slots[slot + SERIAL];
      if (slots[slot + END] === end && slots[slot + FLOW] === (flow | 0) && this.#isWhole(slot) && this.#differs(slot, segment)) return true;
      slot = slots[slot + PREVIOUS];
    }
    return false;
  }

  /** Not overwritten yet: of this round, or of the last one and behind what this one has filled. */
  #isWhole(slot: number): boolean {
    const isOfThisRound = slot < (((this.#kept - 1) & (SLOTS - 1)) + 1) * WORDS;
    return isOfThisRound || this.#slots[slot + START] >= this.#filled;
  }

  #differs(slot: number, segment: Segment): boolean {
    const ahead = distance(segment.seq, this.#slots[slot + SEQ]);
    const length = this.#slots[slot + LENGTH];
    const first = Math.max(0, ahead);
    const last = Math.min(length, ahead + segment.payloadCaptured);
    const kept = this.#slots[slot + START];
    const sent = segment.payloadStart - ahead;
    if (length <= MOST_PADDING && this.#isZero(kept, length)) return false;
    for (let at = first; at < last; at++) {
      if (this.#bytes[kept + at] === segment.bytes[sent + at]) continue;
      this.compared = last - first;
      this.ttlDifference = segment.ttl - this.#slots[slot + TTL];
      return true;
    }
    return false;
  }

  #isZero(start: number, length: number): boolean {
    for (let at = start; at < start + length; at++) if (this.#bytes[at] !== 0) return false;
    return true;
  }
}

function headOf(end: number): number {
  return (end >>> 2) & (HEADS - 1);
}
