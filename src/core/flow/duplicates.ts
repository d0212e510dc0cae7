import type { Segment } from '../wire/segment.ts';

/** Buckets of the table of recent segments, a power of two; each holds two. A copy of what was displaced is merely not recognised. */
const BUCKETS = 1 << 12;
/* Words of a segment. Every packet looks at another place of the table, so the table must not fill the processor's cache. */
const WORDS = 2;
const PRINT = 0;
const TIME = 1;
/** Unit of the times in the table, in nanoseconds: 32 bits distinguish times up to 137 s apart. */
const TICK_NANOSECONDS = 64;
const LONGEST_NANOSECONDS = 60e9;
/** Without an IP-ID to tell a repetition by, only segments this close together (nanoseconds) count as copies. */
const WITHOUT_ID_NANOSECONDS = 2_000_000;

/**
 * Recognises packets that were captured twice: by the `any` device, by a SPAN port that mirrors both directions, or on both sides of a
 * router (lower TTL, one VLAN tag more or less, other MAC addresses). TCP header and checksum of such copies are identical, and so is
 * the IP-ID, which a sender changes when it repeats a segment.
 */
export class Duplicates {
  readonly #window: number;
  readonly #windowWithoutId: number;
  readonly #words = new Int32Array(BUCKETS * 2 * WORDS);
  /** Packets recognised as second copies. */
  count = 0;

  /** `window`: how far apart copies may be, in nanoseconds; at most a minute. */
  constructor(window: number) {
    this.#window = Math.min(window, LONGEST_NANOSECONDS) / TICK_NANOSECONDS;
    this.#windowWithoutId = Math.min(WITHOUT_ID_NANOSECONDS / TICK_NANOSECONDS, this.#window);
  }

  /** Whether `segment` is a copy of a recent one; if not, it is remembered. `flowHash`: hash of its flow key. */
  isCopy(segment: Segment, flowHash: number): boolean {
    const control = (segment.window << 16) | segment.flags;
    const numbers = (segment.checksum << 16) | segment.ipId;
    const size = segment.payloadLength + segment.sourcePort;
    // One hash is the place in the table, the other is compared there. They mix the same numbers in different ways, so as to be independent.
    let place = Math.imul(segment.seq ^ flowHash, 0x9e3779b1);
    place = Math.imul((place ^ (place >>> 15)) + segment.ack, 0x85ebca77);
    place = Math.imul((place ^ (place >>> 13)) + (numbers ^ segment.tsval), 0xc2b2ae3d);
    place ^= place >>> 16;
    let print = Math.imul(segment.ack ^ segment.source3, 0x27d4eb2f);
    print = Math.imul((print ^ (print >>> 15)) + segment.seq, 0x165667b1);
    print = Math.imul((print ^ (print >>> 13)) + numbers, 0x85ebca77);
    print = Math.imul((print ^ (print >>> 16)) + control, 0x9e3779b1);
    print = Math.imul((print ^ (print >>> 15)) + (segment.tsval ^ Math.imul(segment.tsecr, 31)), 0xc2b2ae3d);
    print = Math.imul((print ^ (print >>> 13)) + size, 0x27d4eb2f) ^ flowHash;

    const words = this.#words;
    const later = (place & (BUCKETS - 1)) * 2 * WORDS;
    const earlier = later + WORDS;
    // Both are read before one is chosen: V8 would throw its code away at the first packet that chooses the other.
    const withId = this.#window;
    const withoutId = this.#windowWithoutId;
    const window = segment.ipId === 0 ? withoutId : withId;
    const ticks = (segment.time / TICK_NANOSECONDS) | 0;
    if (
      (words[later + PRINT] === print && Math.abs((ticks - words[later + TIME]) | 0) <= window) ||
      (words[earlier + PRINT] === print && Math.abs((ticks - words[earlier + TIME]) | 0) <= window)
    ) {
      this.count++;
      return true;
    }
    words[earlier + PRINT] = words[later + PRINT];
    words[earlier + TIME] = words[later + TIME];
    words[later + PRINT] = print;
    words[later + TIME] = ticks;
    return false;
  }
}
