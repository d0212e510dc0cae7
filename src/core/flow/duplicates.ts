import type { Segment } from '../wire/segment.ts';

/** Slots of the table of recent segments: a power of two; what falls out of it early is merely not recognised. */
const SLOTS = 1 << 16;
/* A slot's words, side by side so that a segment touches one line of memory. The time is in nanoseconds. */
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
  readonly #slots = new Int32Array(SLOTS * WORDS);
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
    const at = (print & (SLOTS - 1)) * WORDS;
    const slots = this.#slots;
    const high = Math.floor(segment.time / LOW);
    const low = segment.time | 0;
    if (slots[at + PRINT] === print && slots[at + SECOND_PRINT] === second) {
      const elapsed = Math.abs((high - slots[at + TIME_HIGH]!) * LOW + (low >>> 0) - (slots[at + TIME_LOW]! >>> 0));
      if (elapsed <= (segment.ipId === 0 ? Math.min(WITHOUT_ID_NANOSECONDS, this.#window) : this.#window)) {
        this.count++;
        return true;
      }
    }
    slots[at + PRINT] = print;
    slots[at + SECOND_PRINT] = second;
    slots[at + TIME_HIGH] = high;
    slots[at + TIME_LOW] = low;
    return false;
  }
}
