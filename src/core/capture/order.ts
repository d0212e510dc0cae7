import { Record } from './record.ts';
import type { RecordSink } from './record.ts';

/** Few records wait mostly, and a small ring stays in the processor's nearest cache; it grows where more wait, up to `MOST_SLOTS`. */
const FIRST_SLOTS = 128;
const MOST_SLOTS = 4096;
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
  /** The record to add next: whoever adds it fills it in. */
  readonly incoming = new Record();
  /** One that had to wait. */
  private readonly outgoing = new Record();
  private readonly window: number;
  private readonly sink: RecordSink;

  /* Slots hold the waiting records in the file's order, a ring over [first, next); `sorted` is a ring of slots by time, over [head, tail). */
  private facts = new Int32Array(FIRST_SLOTS << 3);
  private times = new Float64Array(FIRST_SLOTS);
  private offsets = new Float64Array(FIRST_SLOTS);
  private sorted = new Uint16Array(FIRST_SLOTS);
  private mask = FIRST_SLOTS - 1;
  private first = 0;
  private next = 0;
  private head = 0;
  private tail = 0;
  /** The latest time so far. */
  latest = -Infinity;
  /** What is to come is known to be in order before this time. */
  private settled = -Infinity;

  constructor(window: number, sink: RecordSink) {
    this.window = window;
    this.sink = sink;
  }

  /** The buffer in which all positions lie, whenever it is another one. */
  attach(bytes: Uint8Array, view: DataView): void {
    for (const record of [this.incoming, this.outgoing]) {
      record.bytes = bytes;
      record.view = view;
    }
  }

  /**
   * Tells what the next records' times are, of those that the input holds by now: the `latest`, and the `lowest` of those before which
   * a later one stands (Infinity where they are in order). None of them, and none that may follow them, comes between records of
   * earlier times, which therefore need not wait.
   */
  foresee(latest: number, lowest: number): void {
    this.settled = Math.min(latest - this.window, lowest);
  }

  /** Accepts `incoming` as the next record of the file, which begins at `offset` in the input. */
  add(offset: number): void {
    const { incoming } = this;
    const { time } = incoming;
    if (time < this.settled) {
      if (this.head !== this.tail) this.drain();
      this.latest = time;
      this.sink(incoming);
      return;
    }
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
    while (this.next !== this.first && (this.next - this.first === MOST_SLOTS || offset - this.offsets[this.first & this.mask] > SPAN_LIMIT)) {
      this.emit();
    }
    if (this.next - this.first > this.mask) this.grow();

    const { facts, times, sorted, mask } = this;
    const slot = this.next++ & mask;
    const at = slot << 3;
    facts[at + START] = incoming.start;
    facts[at + END] = incoming.end;
    facts[at + WIRE_LENGTH] = incoming.wireLength;
    facts[at + LINK] = incoming.link;
    facts[at + INTERFACE] = incoming.interface;
    facts[at + NUMBER] = incoming.number;
    facts[at + EMITTED] = 0;
    times[slot] = time;
    this.offsets[slot] = offset;

    let place = this.tail++;
    while (place !== this.head && times[sorted[(place - 1) & mask]] > time) {
      sorted[place & mask] = sorted[(place - 1) & mask];
      place--;
    }
    sorted[place & mask] = slot;

    const ripe = this.latest - this.window;
    while (this.head !== this.tail && times[sorted[this.head & mask]] <= ripe) {
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
    return this.first === this.next ? otherwise : this.facts[((this.first & this.mask) << 3) + START];
  }

  /** Follows a move of the buffer's content towards its front. */
  moved(distance: number): void {
    for (let index = this.first; index !== this.next; index++) {
      const at = (index & this.mask) << 3;
      this.facts[at + START] -= distance;
      this.facts[at + END] -= distance;
    }
  }

  /** Twice the slots; each record goes to the slot of its place in the file. */
  private grow(): void {
    const { facts, times, offsets, sorted, mask } = this;
    const slots = (mask + 1) * 2;
    this.mask = slots - 1;
    this.facts = new Int32Array(slots << 3);
    this.times = new Float64Array(slots);
    this.offsets = new Float64Array(slots);
    this.sorted = new Uint16Array(slots);
    for (let index = this.first; index !== this.next; index++) {
      const from = index & mask;
      const to = index & this.mask;
      this.facts.set(facts.subarray(from << 3, (from + 1) << 3), to << 3);
      this.times[to] = times[from];
      this.offsets[to] = offsets[from];
    }
    for (let place = this.head; place !== this.tail; place++) {
      // A slot's place in the file: the one of [first, next) that fell on it.
      const slot = sorted[place & mask];
      this.sorted[place & this.mask] = (this.first + ((slot - this.first) & mask)) & this.mask;
    }
  }

  /** Hands on the record that is first in time. */
  private emit(): void {
    const { facts, outgoing: record } = this;
    const slot = this.sorted[this.head++ & this.mask];
    const at = slot << 3;
    record.start = facts[at + START];
    record.end = facts[at + END];
    record.wireLength = facts[at + WIRE_LENGTH] >>> 0;
    record.link = facts[at + LINK];
    record.interface = facts[at + INTERFACE];
    record.number = facts[at + NUMBER] >>> 0;
    record.time = this.times[slot];
    facts[at + EMITTED] = 1;
    while (this.first !== this.next && facts[((this.first & this.mask) << 3) + EMITTED] === 1) {
      this.first++;
    }
    this.sink(record);
  }
}
