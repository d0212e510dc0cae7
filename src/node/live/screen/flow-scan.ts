import type { FlowRow } from '../../../core/index.ts';
import type { FlowTest } from './flow-filter.ts';

/** An order of flows. */
export interface FlowOrder {
  key(row: FlowRow): number | bigint | string;
  /** The key is the flow's number, which is known before its row is made. */
  isByNumber?: boolean;
  /** Whether the greatest comes first. */
  descending: boolean;
}

interface Entry {
  key: number | bigint | string;
  row: FlowRow;
}

/** True where `one` comes before `other`; of equals, the later flow. */
function precedes(one: Entry, other: Entry, { descending }: FlowOrder): boolean {
  if (one.key !== other.key) return descending ? one.key > other.key : one.key < other.key;
  return one.row.flow > other.row.flow;
}

/** The first flows in an order, from any number of flows: a bounded heap whose root is the last one kept. */
export class FirstFlows {
  readonly #order: FlowOrder;
  readonly #most: number;
  readonly #heap: Entry[] = [];

  constructor(order: FlowOrder, most: number) {
    this.#order = order;
    this.#most = most;
  }

  add(row: FlowRow): void {
    const entry: Entry = { key: this.#order.key(row), row };
    const heap = this.#heap;
    if (heap.length < this.#most) {
      heap.push(entry);
      this.#raise(heap.length - 1);
    } else if (precedes(entry, heap[0], this.#order)) {
      heap[0] = entry;
      this.#sink(0);
    }
  }

  /** Whether a flow of this number would be kept, where the order is by number. */
  keeps(number: number): boolean {
    const last = this.#heap[0];
    return last === undefined || this.#heap.length < this.#most || (this.#order.descending ? number > last.row.flow : number < last.row.flow);
  }

  /** In order. */
  rows(): FlowRow[] {
    const rows: FlowRow[] = [];
    // Between two slices of a scan a flow may move, and be met twice.
    const numbers = new Set<number>();
    for (const { row } of [...this.#heap].sort((one, other) => (precedes(one, other, this.#order) ? -1 : 1))) {
      if (numbers.has(row.flow)) continue;
      numbers.add(row.flow);
      rows.push(row);
    }
    return rows;
  }

  #raise(from: number): void {
    const heap = this.#heap;
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!precedes(heap[parent], heap[at], this.#order)) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    const heap = this.#heap;
    for (let at = from; ; ) {
      let last = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && precedes(heap[last], heap[child], this.#order)) last = child;
      }
      if (last === at) return;
      swap(heap, at, last);
      at = last;
    }
  }
}

function swap(heap: Entry[], one: number, other: number): void {
  [heap[one], heap[other]] = [heap[other], heap[one]];
}

/** Rows read between two looks at the clock. */
const BATCH = 256;

/** `LiveView.flows`, or what stands for it. */
export type FlowSource = (wanted: (flow: number) => boolean) => Iterable<FlowRow>;

/** Adds to a row what its source leaves out. */
export type Completion = (row: FlowRow) => FlowRow;

const asItIs: Completion = (row) => row;

/** One pass over all flows, in slices so as not to hold up the capture. */
export class FlowScan {
  /** Flows met, and those of them that the filter lets through. */
  seen = 0;
  matching = 0;
  readonly #flows: Iterator<FlowRow>;
  readonly #complete: Completion;
  readonly #test: FlowTest | null;
  /** Its number shows that it is not among the first: no row need be made. */
  readonly #isByNumber: boolean;
  readonly #first: FirstFlows;

  /** @param flows see `LiveView.flows` */
  constructor(flows: FlowSource, test: FlowTest | null, order: FlowOrder, most: number, complete: Completion = asItIs) {
    this.#flows = flows((number) => this.#wants(number))[Symbol.iterator]();
    this.#complete = complete;
    this.#test = test;
    this.#isByNumber = test === null && order.isByNumber === true;
    this.#first = new FirstFlows(order, most);
  }

  /** Goes on for some milliseconds. True if all flows have been met. */
  run(milliseconds: number, clock: () => number): boolean {
    const began = clock();
    let now = began;
    let isDone = false;
    while (!isDone && now - began < milliseconds) {
      isDone = this.#batch();
      now = clock();
    }
    return isDone;
  }

  rows(): FlowRow[] {
    return this.#first.rows();
  }

  #batch(): boolean {
    for (let n = 0; n < BATCH; n++) {
      const { done, value } = this.#flows.next();
      if (done === true) return true;
      const row = this.#complete(value);
      if (this.#test !== null && !this.#test(row)) continue;
      this.matching++;
      this.#first.add(row);
    }
    return false;
  }

  #wants(number: number): boolean {
    this.seen++;
    if (!this.#isByNumber || this.#first.keeps(number)) return true;
    this.matching++;
    return false;
  }
}
