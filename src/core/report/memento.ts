type Fields = { [name: string]: unknown };

/** The bytes of a buffer that typed arrays show. Several arrays may share a buffer, and overlap. */
interface ByteRange {
  from: number;
  to: number;
}

/**
 * Remembers what a graph of objects holds, to restore it later. The objects stay the same, so references to them stay valid. Restored are
 * arrays, typed arrays, maps, sets, and the fields of other objects, but not what is in `#` fields or closures.
 *
 * It costs as much as a copy of everything that can be reached from the roots, except `leave` and what is reached through that only.
 */
export class Memento {
  #objects: object[] = [];
  /** For each object: the number of values that it holds, then those. One list, since a list for each burdens the garbage collector. */
  #contents: unknown[] = [];
  readonly #ranges = new Map<ArrayBufferLike, ByteRange>();
  /** The bytes of all ranges, one after the other. Kept for the next time: fresh memory costs more than copying. */
  #bytes = new Uint8Array(0);

  /** Calls `act`, then undoes its changes to everything that can be reached from `roots`, except through `leave`. */
  undone<Result>(roots: readonly unknown[], leave: readonly object[], act: () => Result): Result {
    this.take(roots, leave);
    try {
      return act();
    } finally {
      this.restore();
    }
  }

  /** Remembers what the objects hold now. Call `restore` before the next `take`. */
  take(roots: readonly unknown[], leave: readonly object[] = []): void {
    const contents = this.#contents;
    const met = new Set<unknown>(leave);
    const waiting: unknown[] = [...roots];
    while (waiting.length > 0) {
      const object = waiting.pop();
      if (typeof object !== 'object' || object === null || met.has(object)) continue;
      met.add(object);
      if (ArrayBuffer.isView(object)) {
        this.#widen(object);
        continue;
      }
      this.#objects.push(object);
      const size = contents.push(0) - 1;
      appendContent(object, contents);
      contents[size] = contents.length - size - 1;
      for (let index = size + 1; index < contents.length; index++) {
        const part = contents[index];
        if (typeof part === 'object' && part !== null) waiting.push(part);
      }
    }
    this.#copyBytes();
  }

  /** Restores everything. Once for each `take`. */
  restore(): void {
    const contents = this.#contents;
    let to = 0;
    for (const object of this.#objects) {
      const from = to + 1;
      to = from + (contents[to] as number);
      putBack(object, contents, from, to);
    }
    let at = 0;
    for (const [buffer, range] of this.#ranges) {
      const bytes = bytesOf(buffer, range);
      bytes.set(this.#bytes.subarray(at, at + bytes.length));
      at += bytes.length;
    }
    this.#objects = [];
    this.#contents = [];
    this.#ranges.clear();
  }

  #widen({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    const range = this.#ranges.get(buffer);
    if (range === undefined) {
      this.#ranges.set(buffer, { from: byteOffset, to: byteOffset + byteLength });
      return;
    }
    range.from = Math.min(range.from, byteOffset);
    range.to = Math.max(range.to, byteOffset + byteLength);
  }

  #copyBytes(): void {
    let length = 0;
    for (const { from, to } of this.#ranges.values()) length += to - from;
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(length + length / 4);
    let at = 0;
    for (const [buffer, range] of this.#ranges) {
      this.#bytes.set(bytesOf(buffer, range), at);
      at += range.to - range.from;
    }
  }
}

function bytesOf(buffer: ArrayBufferLike, { from, to }: ByteRange): Uint8Array {
  return new Uint8Array(buffer, from, to - from);
}

/** Appends the values of an array or a set, the keys and values of a map, or the names and values of an object's fields. */
function appendContent(object: object, contents: unknown[]): void {
  if (Array.isArray(object)) {
    for (const value of object) contents.push(value);
  } else if (object instanceof Map) {
    for (const [key, value] of object) contents.push(key, value);
  } else if (object instanceof Set) {
    for (const value of object) contents.push(value);
  } else {
    for (const name of Object.keys(object)) contents.push(name, (object as Fields)[name]);
  }
}

/** Restores what an object held: `contents[from, to)`. */
function putBack(object: object, contents: readonly unknown[], from: number, to: number): void {
  if (Array.isArray(object)) putBackValues(object, contents, from, to);
  else if (object instanceof Map) putBackEntries(object, contents, from, to);
  else if (object instanceof Set) putBackMembers(object, contents, from, to);
  else putBackFields(object as Fields, contents, from, to);
}

function putBackValues(array: unknown[], contents: readonly unknown[], from: number, to: number): void {
  if (array.length !== to - from) array.length = to - from;
  for (let index = from; index < to; index++) if (array[index - from] !== contents[index]) array[index - from] = contents[index];
}

/** A map that has not changed is left alone. */
function putBackEntries(map: Map<unknown, unknown>, contents: readonly unknown[], from: number, to: number): void {
  let index = from;
  for (const [key, value] of map) {
    if (index === to || key !== contents[index] || value !== contents[index + 1]) break;
    index += 2;
  }
  if (index === to && map.size * 2 === to - from) return;
  map.clear();
  for (index = from; index < to; index += 2) map.set(contents[index], contents[index + 1]);
}

function putBackMembers(set: Set<unknown>, contents: readonly unknown[], from: number, to: number): void {
  let index = from;
  for (const value of set) {
    if (index === to || value !== contents[index]) break;
    index++;
  }
  if (index === to && set.size === to - from) return;
  set.clear();
  for (index = from; index < to; index++) set.add(contents[index]);
}

/** If fields were added or deleted, all are set anew, so as to restore their order. */
function putBackFields(fields: Fields, contents: readonly unknown[], from: number, to: number): void {
  const names = Object.keys(fields);
  const isWhole = names.length * 2 === to - from && names.every((name, index) => name === contents[from + index * 2]);
  if (!isWhole) for (const name of names) delete fields[name];
  for (let index = from; index < to; index += 2) {
    const name = contents[index] as string;
    if (!isWhole || fields[name] !== contents[index + 1]) fields[name] = contents[index + 1];
  }
}
