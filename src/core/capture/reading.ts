import type { CaptureClock } from './clock.ts';
import { InputBuffer } from './input-buffer.ts';
import { ReorderWindow } from './reorder-window.ts';
import type { PacketCounter } from './record.ts';
import type { CaptureCounters, Damage } from './summary.ts';

/** Captured lengths up to this are believed whatever the snapshot length says. Wireshark has the same limit. */
const USUAL_RECORD_LIMIT = 262_144;
/** Captured lengths above this are never believed. */
const LARGEST_RECORD_LIMIT = 16 * 1024 * 1024;

/** The parser of a file format: consumes `reading.input` and hands frames to `reading`. */
export interface FormatParser {
  /** Name of the format in the report. */
  readonly format: string;
  /** What the capture has said about its losses so far. */
  readonly counters: CaptureCounters;
  /** Reads every complete record in the input; stops at the first damage. */
  parse(): void;
  /** At the end of the input: the record that is incomplete, or null. */
  incomplete(): Damage | null;
}

/** What is known of the file being read. Parsers write it, `CaptureReader` publishes it. */
export class Reading {
  readonly clock: CaptureClock;
  readonly counter: PacketCounter;
  readonly window: ReorderWindow;
  readonly input = new InputBuffer();
  packets = 0;
  /** Frames that the snaplen cut. */
  truncated = 0;
  /** Largest snapshot length stated; 0 if there is none. */
  snaplen = 0;
  /** Link types, in order of appearance. */
  readonly links: number[] = [];
  damage: Damage | null = null;

  constructor(clock: CaptureClock, counter: PacketCounter, window: ReorderWindow) {
    this.clock = clock;
    this.counter = counter;
    this.window = window;
  }

  /** Notes the link type and snapshot length (0: unlimited) of an interface. */
  describe(link: number, snaplen: number): void {
    if (!this.links.includes(link)) {
      this.links.push(link);
    }
    if (snaplen > this.snaplen) {
      this.snaplen = snaplen;
    }
  }

  /**
   * Hands on `window.incoming`, in which the parser has filled all but the number. `captured`: bytes captured of the frame; `offset`:
   * where its record begins in the input.
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

/** Largest captured length that is believed, given the stated snapshot length. */
export function recordLimit(snaplen: number): number {
  return Math.max(USUAL_RECORD_LIMIT, Math.min(snaplen, LARGEST_RECORD_LIMIT));
}
