import { Record } from './record.ts';
import type { RecordSink } from './record.ts';

const SLOTS = 4096;
const SLOT_MASK = SLOTS - 1;
const SPAN_LIMIT = 1 << 20;

/* The 32-bit facts of a slot, at `(slot << 3) + …`. */
const START = 0;
const END = 1;
const WIRE_LENGTH = 2;
const LINK = 3;
const INTERFACE = 4;
const NUMBER = 5;
const EMITTED = 6;

/**
 * Mends local misorder: a capture of several queues or merged taps has times that go back a little. Records wait until one that
 * is at least `window` nanoseconds later has been read, and leave sorted by time, equal times in the file's order.
 *
 * The records waiting span at most 4096 records and 1 MiB of input; beyond that the earliest in time leave first. These limits
 * count input, not buffer space, so the order depends on the records alone and never on how the input was cut into chunks.
 */
export class ReorderWindow {
  /** Records whose time is before that of a predecessor, by no more than the window. */
  misordered = 0;
  /** How often the time went back by more than the window: the clock was set, or files were joined. */
  clockSteps = 0;
  private readonly record = new Record();
  private readonly window: number;
  private readonly sink: RecordSink;

  /* Slots hold the waiting records in the file's order, a ring over [first, next); `sorted` is a ring of slots by time. */
  private readonly facts = new Int32Array(SLOTS << 3);
  private readonly times = new Float64Array(SLOTS);
  private readonly offsets = new Float64Array(SLOTS);
  private readonly sorted = new Uint16Array(SLOTS);
  private first = 0;
  private next = 0;
  private head = 0;
  private tail = 0;
  private latest = -Infinity;

  constructor(window: number, sink: RecordSink) {
    this.window = window;
    this.sink = sink;
  }

  /** The buffer in which all positions lie, whenever it is another one. */
  attach(bytes: Uint8Array, view: DataView): void {
    this.record.bytes = bytes;
    this.record.view = view;
  }

  /** Accepts the next record of the file: `bytes[start, end)`, which begins at `offset` in the input. */
  add(
    start: number, end: number, wireLength: number, link: number, interfaceIndex: number, number: number, time: number, offset: number,
  ): void {
    if (time < this.latest) {
      if (time < this.latest - this.window) {
        this.clockSteps++;
        this.drain();
        this.latest = time;
      } else {
        this.misordered++;
      }
    } else {
      this.latest = time;
    }
    while (this.next !== this.first && (this.next - this.first === SLOTS || offset - this.offsets[this.first & SLOT_MASK] > SPAN_LIMIT)) {
      this.emit();
    }

    const slot = this.next++ & SLOT_MASK;
    const at = slot << 3;
    const { facts, times, sorted } = this;
    facts[at + START] = start;
    facts[at + END] = end;
    facts[at + WIRE_LENGTH] = wireLength;
    facts[at + LINK] = link;
    facts[at + INTERFACE] = interfaceIndex;
    facts[at + NUMBER] = number;
    facts[at + EMITTED] = 0;
    times[slot] = time;
    this.offsets[slot] = offset;

    let place = this.tail++;
    while (place !== this.head && times[sorted[(place - 1) & SLOT_MASK]] > time) {
      sorted[place & SLOT_MASK] = sorted[(place - 1) & SLOT_MASK];
      place--;
    }
    sorted[place & SLOT_MASK] = slot;

    const ripe = this.latest - this.window;
    while (this.head !== this.tail && times[sorted[this.head & SLOT_MASK]] <= ripe) {
      this.emit();
    }
  }

  /** Hands on everything that waits. */
  drain(): void {
    while (this.head !== this.tail) {
      this.emit();
    }
  }

  /** Buffer position from which on bytes are still needed; `otherwise` when none are. */
  keepFrom(otherwise: number): number {
    return this.first === this.next ? otherwise : this.facts[((this.first & SLOT_MASK) << 3) + START];
  }

  /** Follows a move of the buffer's content towards its front. */
  moved(distance: number): void {
    for (let index = this.first; index !== this.next; index++) {
      const at = (index & SLOT_MASK) << 3;
      this.facts[at + START] -= distance;
      this.facts[at + END] -= distance;
    }
  }

  /** Hands on the record that is first in time. */
  private emit(): void {
    const { facts, record } = this;
    const slot = this.sorted[this.head++ & SLOT_MASK];
    const at = slot << 3;
    record.start = facts[at + START];
    record.end = facts[at + END];
    record.wireLength = facts[at + WIRE_LENGTH] >>> 0;
    record.link = facts[at + LINK];
    record.interface = facts[at + INTERFACE];
    record.number = facts[at + NUMBER] >>> 0;
    record.time = this.times[slot];
    facts[at + EMITTED] = 1;
    while (this.first !== this.next && facts[((this.first & SLOT_MASK) << 3) + EMITTED] === 1) {
      this.first++;
    }
    this.sink(record);
  }
}
