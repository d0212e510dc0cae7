import type { CaptureClock } from './clock.ts';
import { InputBuffer } from './input.ts';
import { ReorderWindow } from './order.ts';
import type { PacketCounter } from './record.ts';
import type { CaptureCounters, Damage } from './summary.ts';

/** Captured length up to which a record is believed whatever the snaplen says: Wireshark's limit, too. */
const USUAL_RECORD_LIMIT = 262_144;
/** Captured length that no stated snaplen can raise. */
const LARGEST_RECORD_LIMIT = 16 * 1024 * 1024;

/** A file format: consumes `reading.input` and hands frames to `reading`. */
export interface FormatParser {
  /** The report's name of the format. */
  readonly format: string;
  /** Counters that the capture has stated so far. */
  readonly counters: CaptureCounters;
  /** Reads every record that the input holds whole, and stops at the first damage. */
  parse(): void;
  /** At the end of the input: what is incomplete, and where it began; null when nothing is. */
  incomplete(): Damage | null;
}

/** What one file has shown so far; the formats write here, the reader shows it. */
export class Reading {
  readonly clock: CaptureClock;
  readonly counter: PacketCounter;
  readonly window: ReorderWindow;
  readonly input = new InputBuffer();
  packets = 0;
  /** Frames that the snaplen cut. */
  truncated = 0;
  /** Largest snaplen stated, 0 when none is. */
  snaplen = 0;
  /** Link types stated, in order of appearance. */
  readonly links: number[] = [];
  damage: Damage | null = null;

  constructor(clock: CaptureClock, counter: PacketCounter, window: ReorderWindow) {
    this.clock = clock;
    this.counter = counter;
    this.window = window;
  }

  /** Notes an interface's link type and snapshot length (0: not limited). */
  describe(link: number, snaplen: number): void {
    if (!this.links.includes(link)) {
      this.links.push(link);
    }
    if (snaplen > this.snaplen) {
      this.snaplen = snaplen;
    }
  }

  /**
   * Hands on `window.incoming`, of which the format has told all but its number: `captured` bytes of a frame whose record begins at
   * `offset` in the input.
   */
  frame(captured: number, offset: number): void {
    const { incoming } = this.window;
    this.packets++;
    if (captured < incoming.wireLength) this.truncated++;
    else incoming.wireLength = captured;
    incoming.number = ++this.counter.packets;
    this.window.add(offset);
  }

  /** Reading ends here: what follows `offset` cannot be trusted. */
  stop(offset: number, reason: string): void {
    this.damage = { offset, reason };
  }
}

/** Longest captured length that is believed under a stated snaplen. */
export function recordLimit(snaplen: number): number {
  return Math.max(USUAL_RECORD_LIMIT, Math.min(snaplen, LARGEST_RECORD_LIMIT));
}
