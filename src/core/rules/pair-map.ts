const FIRST_ENTRIES = 256;
/** Integers of a place: both of the pair, and the number of its entry, and one (0: the place is free). */
const PLACE = 3;

/**
 * Values by a pair of integers of 32 bits (indices of hosts and endpoints), in the order in which they were set. A `Map` by one number for the pair
 * (`pairKey`) does the same at several times the cost: its keys lie apart from its table, and of the many pairs of a
 * large capture hardly one is in the processor's cache when it is asked for.
 */
export class PairMap<Value> {
  size = 0;
  /** Open addressing, at most half full. */
  private places = new Int32Array(FIRST_ENTRIES * 2 * PLACE);
  private mask = FIRST_ENTRIES * 2 - 1;
  /** By entry; undefined once it was deleted. */
  private values: (Value | undefined)[] = [];

  get(one: number, other: number): Value | undefined {
    const entry = this.places[this.placeOf(one, other) + 2] - 1;
    return entry < 0 ? undefined : this.values[entry];
  }

  /** A pair that has no value comes last. */
  set(one: number, other: number, value: Value): void {
    let place = this.placeOf(one, other);
    const entry = this.places[place + 2] - 1;
    if (entry >= 0 && this.values[entry] !== undefined) {
      this.values[entry] = value;
      return;
    }
    if (this.values.length * 2 > this.mask) {
      this.rebuild();
      place = this.placeOf(one, other);
    }
    this.places[place] = one;
    this.places[place + 1] = other;
    this.places[place + 2] = this.values.push(value);
    this.size += 1;
  }

  delete(one: number, other: number): void {
    const entry = this.places[this.placeOf(one, other) + 2] - 1;
    if (entry < 0 || this.values[entry] === undefined) return;
    this.values[entry] = undefined;
    this.size -= 1;
  }

  /** Visits all in order. What is visited may be deleted. */
  forEach(visit: (value: Value) => void): void {
    for (const value of this.values) if (value !== undefined) visit(value);
  }

  /** Where a pair is, or would be, in `places`. */
  private placeOf(one: number, other: number): number {
    const { places, mask } = this;
    let place = mix(one, other) & mask;
    for (;;) {
      const at = place * PLACE;
      if (places[at + 2] === 0 || (places[at] === one && places[at + 1] === other)) return at;
      place = (place + 1) & mask;
    }
  }

  /** Makes room: leaves out the entries that were deleted, and doubles the places where that does not free half. */
  private rebuild(): void {
    const { places, values } = this;
    const isFull = this.size * 2 > values.length;
    if (isFull) this.mask = this.mask * 2 + 1;
    this.places = new Int32Array((this.mask + 1) * PLACE);
    const moved = this.size < values.length ? this.compact() : null;
    for (let from = 0; from < places.length; from += PLACE) {
      const entry = places[from + 2];
      const kept = moved === null || entry === 0 ? entry : moved[entry - 1];
      if (kept === 0) continue;
      const to = this.placeOf(places[from], places[from + 1]);
      this.places[to] = places[from];
      this.places[to + 1] = places[from + 1];
      this.places[to + 2] = kept;
    }
  }

  /** Leaves out the values that were deleted. Returns the number of each entry's new place, and one; 0 where it is left out. */
  private compact(): Int32Array {
    const { values } = this;
    // Entries keep their order: each is as much further to the front as others before it were deleted.
    const moved = new Int32Array(values.length);
    let kept = 0;
    for (let entry = 0; entry < values.length; entry += 1) if (values[entry] !== undefined) moved[entry] = kept += 1;
    this.values = values.filter((value) => value !== undefined);
    return moved;
  }
}

/** 32 bits that depend on all bits of both. */
function mix(one: number, other: number): number {
  const hash = Math.imul(one, 0x9e3779b1) ^ Math.imul(other, 0x85ebca77);
  return Math.imul(hash ^ (hash >>> 15), 0xc2b2ae3d) ^ (hash >>> 13);
}
