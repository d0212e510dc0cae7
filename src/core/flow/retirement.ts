const FIRST_PLACES = 64;

/** A queue of closed flows, oldest first: each waits until no more of its segments can come. A ring of slots and times. */
export class RetirementQueue {
  #flows = new Int32Array(FIRST_PLACES);
  #due = new Float64Array(FIRST_PLACES);
  #head = 0;
  length = 0;
  /** When the oldest entry is due; Infinity if there is none. Assigned twice at first: V8 compiles fields that never changed as constants. */
  due = 0;

  constructor() {
    this.due = Number.POSITIVE_INFINITY;
  }

  push(flow: number, due: number): void {
    if (this.length === this.#flows.length) this.#grow();
    const at = (this.#head + this.length) & (this.#flows.length - 1);
    this.#flows[at] = flow;
    this.#due[at] = due;
    if (this.length === 0) this.due = due;
    this.length++;
  }

  /** Removes the oldest entry and returns its flow. Only if `length` is not 0. */
  shift(): number {
    const flow = this.#flows[this.#head];
    this.#head = (this.#head + 1) & (this.#flows.length - 1);
    this.length--;
    this.due = this.length === 0 ? Number.POSITIVE_INFINITY : this.#due[this.#head];
    return flow;
  }

  #grow(): void {
    const size = this.#flows.length;
    const flows = new Int32Array(size * 2);
    const due = new Float64Array(size * 2);
    for (let index = 0; index < size; index++) {
      flows[index] = this.#flows[(this.#head + index) & (size - 1)];
      due[index] = this.#due[(this.#head + index) & (size - 1)];
    }
    this.#flows = flows;
    this.#due = due;
    this.#head = 0;
  }
}
