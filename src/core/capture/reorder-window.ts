import { Record } from './record.ts';
import type { RecordSink } from './record.ts';

/** Usually few records wait, and a small ring stays in the processor's first-level cache. It grows up to `MOST_SLOTS`. */
const FIRST_SLOTS = 128;
const MOST_SLOTS = 4096;
const SPAN_LIMIT = 1 << 20;

/* Offsets of the 32-bit facts of a slot from `slot << 3`. */
const START = 0;
const END = 1;
const WIRE_LENGTH = 2;
const LINK = 3;
const INTERFACE = 4;
const NUMBER = 5;
const EMITTED = 6;

/**
 * Puts records in order of time. In captures of several queues of a network card, or of several taps, times go back a little now and
 * then. A record waits until one that is at least `window` nanoseconds later has been read; equal times keep the order of the file.
 *
 * At most 4096 records wait, and at most 1 MiB of input; beyond that the earliest leaves. The limits count input, not buffer space:
 * the order depends on the records alone, never on how the input was cut into chunks.
 */
export class ReorderWindow {
  /** Records that came after a later one, by no more than the window. */
  misordered = 0;
  /** How often the time went back by more than the window: the clock was set back, or files were concatenated. */
  clockSteps = 0;
  /** The record to `add` next, filled in by the parser. */
  readonly incoming = new Record();
  /** Used for records that had to wait. */
  private readonly outgoing = new Record();
  private readonly window: number;
  private readonly sink: RecordSink;

  /* Slots hold the waiting records in file order, as a ring [first, next). `sorted` is a ring [head, tail) of slots in order of time. */
  private facts = new Int32Array(FIRST_SLOTS << 3);
  private times = new Float64Array(FIRST_SLOTS);
  private offsets = new Float64Array(FIRST_SLOTS);
  private sorted = new Uint16Array(FIRST_SLOTS);
  private mask = FIRST_SLOTS - 1;
  private first = 0;
  private next = 0;
  private head = 0;
  private tail = 0;
  /** The latest time since the clock was last set back. */
  latest = -Infinity;
  /** The records to come are known to be in order up to this time. */
  private settled = -Infinity;

  constructor(window: number, sink: RecordSink) {
    this.window = window;
    this.sink = sink;
  }

  /** Call it whenever the buffer that positions refer to has been replaced. */
  attach(bytes: Uint8Array, view: DataView): void {
    for (const record of [this.incoming, this.outgoing]) {
      record.bytes = bytes;
      record.view = view;
    }
  }

  /**
   * Announces the times of the records that the input holds already: the `latest` of them, and the `lowest` that stands behind a later one
   * (Infinity if they are in order). Nothing still to come can belong before records that are earlier than both, so these need not wait.
   */
  foresee(latest: number, lowest: number): void {
    this.settled = Math.min(latest - this.window, lowest);
  }

  /** Takes `incoming` as the next record of the file; it begins at `offset` in the input. */
  add(offset: number): void {
    const { time } = this.incoming;
    if (time < this.settled) {
      if (this.head !== this.tail) this.drain();
      this.latest = time;
      this.sink(this.incoming);
      return;
    }
    if (time >= this.latest) {
      this.latest = time;
    } else if (time >= this.latest - this.window) {
      this.misordered++;
    } else {
      this.clockSteps++;
      this.drain();
      this.latest = time;
    }
    while (this.next !== this.first && (this.next - this.first === MOST_SLOTS || offset - this.offsets[this.first & this.mask] > SPAN_LIMIT)) {
      this.emit();
    }
    this.wait(offset);
    const ripe = this.latest - this.window;
    while (this.head !== this.tail && this.times[this.sorted[this.head & this.mask]] <= ripe) {
      this.emit();
    }
  }

  /** Hands on everything that waits. */
  drain(): void {
    while (this.head !== this.tail) {
      this.emit();
    }
  }

  /** Position in the buffer of the first byte that is still needed; `otherwise` if nothing waits. */
  keepFrom(otherwise: number): number {
    return this.first === this.next ? otherwise : this.facts[((this.first & this.mask) << 3) + START];
  }

  /** The content of the buffer has moved towards its front by `distance`. */
  moved(distance: number): void {
    for (let index = this.first; index !== this.next; index++) {
      const at = (index & this.mask) << 3;
      this.facts[at + START] -= distance;
      this.facts[at + END] -= distance;
    }
  }

  /** Puts `incoming` into a slot, and that into its place by time. */
  private wait(offset: number): void {
    if (this.next - this.first > this.mask) this.grow();
    const { facts, times, sorted, mask, incoming } = this;
    const { time } = incoming;
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
  }

  /** Doubles the slots. A record's slot is its place in the file modulo the number of slots, so records move. */
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
      // The slot's place in the file is the one in [first, next) that is equal to it modulo the old size.
      const slot = sorted[place & mask];
      this.sorted[place & this.mask] = (this.first + ((slot - this.first) & mask)) & this.mask;
    }
  }

  /** Hands on the earliest record. */
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
