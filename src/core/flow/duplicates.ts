import type { Segment } from '../wire/segment.ts';

/** Buckets of the table of recent segments, a power of two; each remembers two. What falls out early is merely not recognised. */
const BUCKETS = 1 << 13;
/* A segment's words; those of a bucket lie side by side, for the sake of the processor's cache. The time is in nanoseconds. */
const WORDS = 4;
const PRINT = 0;
const SECOND_PRINT = 1;
const TIME_HIGH = 2;
const TIME_LOW = 3;
const LOW = 0x1_0000_0000;
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

  /** `window`: nanoseconds within which the same packet seen again is a copy. */
  constructor(window: number) {
    this.#window = window;
  }

  /** True when `segment` is another copy of a recent one; else it is remembered. `flowHash` is its flow key's hash. */
  isCopy(segment: Segment, flowHash: number): boolean {
    let print = Math.imul(segment.seq ^ flowHash, 0x9e3779b1);
    print = Math.imul((print ^ (print >>> 15)) + segment.ack, 0x85ebca77);
    print = Math.imul((print ^ (print >>> 13)) + ((segment.window << 16) | segment.flags), 0xc2b2ae3d);
    print = Math.imul((print ^ (print >>> 16)) + ((segment.checksum << 16) | segment.ipId), 0x27d4eb2f);
    print = Math.imul((print ^ (print >>> 15)) + segment.payloadLength + segment.sourcePort, 0x9e3779b1);
    print ^= print >>> 16;
    const second = Math.imul(segment.tsval ^ Math.imul(segment.tsecr, 31) ^ segment.source3 ^ print, 0x85ebca77);
    const words = this.#words;
    const first = (print & (BUCKETS - 1)) * 2 * WORDS;
    const window = segment.ipId === 0 ? Math.min(WITHOUT_ID_NANOSECONDS, this.#window) : this.#window;
    const { time } = segment;
    if (this.#holds(first, print, second, time, window) || this.#holds(first + WORDS, print, second, time, window)) {
      this.count++;
      return true;
    }
    // The later of the two moves over the earlier.
    for (let word = first; word < first + WORDS; word++) words[word + WORDS] = words[word]!;
    words[first + PRINT] = print;
    words[first + SECOND_PRINT] = second;
    words[first + TIME_HIGH] = Math.floor(time / LOW);
    words[first + TIME_LOW] = time | 0;
    return false;
  }

  /** Is the segment remembered at `at` the same, no further than `window` away from `time`? */
  #holds(at: number, print: number, second: number, time: number, window: number): boolean {
    const words = this.#words;
    if (words[at + PRINT] !== print || words[at + SECOND_PRINT] !== second) return false;
    return Math.abs(time - words[at + TIME_HIGH]! * LOW - (words[at + TIME_LOW]! >>> 0)) <= window;
  }
}
