import type { Segment } from '../wire/segment.ts';

/** Buckets of the table of recent segments, a power of two; each remembers two. What falls out early is merely not recognised. */
const BUCKETS = 1 << 12;
/* A segment's words. The table is looked at for every packet, at a place of its own, so it must not fill the processor's cache. */
const WORDS = 2;
const PRINT = 0;
const TIME = 1;
/** Unit of a remembered time in nanoseconds: 32 bits of it tell times apart within 137 s. */
const TICK_NANOSECONDS = 64;
const LONGEST_NANOSECONDS = 60e9;
/** Without an IP-ID to tell two sendings apart, only copies this close together (nanoseconds) are taken for one. */
const WITHOUT_ID_NANOSECONDS = 2_000_000;

/**
 * Recognises a packet that the capture holds twice: the `any` device, a SPAN port that mirrors both ways, a tap before and after
 * a router (TTL lower, VLAN tag more or less, other MACs). What TCP sent is then the same to the last bit (ports, numbers, flags,
 * window, timestamps, and the checksum for the payload), and so is the IP-ID, which a sender changes when it sends again.
 */
export class Duplicates {
  readonly #window: number;
  readonly #words = new Int32Array(BUCKETS * 2 * WORDS);
  /** Packets recognised as second copies. */
  count = 0;

  /** `window`: nanoseconds within which the same packet seen again is a copy, at most a minute. */
  constructor(window: number) {
    this.#window = Math.min(window, LONGEST_NANOSECONDS) / TICK_NANOSECONDS;
  }

  /** True when `segment` is another copy of a recent one; else it is remembered. `flowHash` is its flow key's hash. */
  isCopy(segment: Segment, flowHash: number): boolean {
    const control = (segment.window << 16) | segment.flags;
    const numbers = (segment.checksum << 16) | segment.ipId;
    const size = segment.payloadLength + segment.sourcePort;
    // One hash says where to look, the other what to find there: of the same numbers, but mixed otherwise, so that neither tells of the other.
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
    const window = segment.ipId === 0 ? Math.min(WITHOUT_ID_NANOSECONDS / TICK_NANOSECONDS, this.#window) : this.#window;
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
