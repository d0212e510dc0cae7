type Fields = { [name: string]: unknown };

/** Where a buffer's bytes lie that typed arrays show: several may lie in one buffer, and show the same. */
interface Stretch {
  from: number;
  to: number;
}

/**
 * What a graph of objects holds, to put it back later. Objects stay the same, so whoever refers to one finds it as it was. Arrays,
 * typed arrays, maps, sets and the fields of other objects are kept; what is behind `#` or in a closure cannot be seen.
 *
 * It costs what a copy would: of all that can be reached from the roots, less `leave` and what only leads on from there.
 */
export class Memento {
  #objects: object[] = [];
  /** Of each object: how much it held, then that. One list for all, since the garbage collector has much more to do with one for each. */
  #contents: unknown[] = [];
  readonly #stretches = new Map<ArrayBufferLike, Stretch>();
  /** The bytes of all stretches, in turn; kept for the next time, as fresh memory costs more than copying. */
  #bytes = new Uint8Array(0);

  /** Acts, and puts back what that changed of all that can be reached from `roots`, less `leave` and what only leads on from there. */
  undone<Result>(roots: readonly unknown[], leave: readonly object[], act: () => Result): Result {
    this.take(roots, leave);
    try {
      return act();
    } finally {
      this.restore();
    }
  }

  /** Keeps what the objects hold now. One at a time: `restore` comes before the next. */
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

  /** Puts everything back. Once for each `take`. */
  restore(): void {
    const contents = this.#contents;
    let to = 0;
    for (const object of this.#objects) {
      const from = to + 1;
      to = from + (contents[to] as number);
      putBack(object, contents, from, to);
    }
    let at = 0;
    for (const [buffer, stretch] of this.#stretches) {
      const bytes = bytesOf(buffer, stretch);
      bytes.set(this.#bytes.subarray(at, at + bytes.length));
      at += bytes.length;
    }
    this.#objects = [];
    this.#contents = [];
    this.#stretches.clear();
  }

  #widen({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    const stretch = this.#stretches.get(buffer);
    if (stretch === undefined) {
      this.#stretches.set(buffer, { from: byteOffset, to: byteOffset + byteLength });
      return;
    }
    stretch.from = Math.min(stretch.from, byteOffset);
    stretch.to = Math.max(stretch.to, byteOffset + byteLength);
  }

  #copyBytes(): void {
    let length = 0;
    for (const { from, to } of this.#stretches.values()) length += to - from;
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(length + length / 4);
    let at = 0;
    for (const [buffer, stretch] of this.#stretches) {
      this.#bytes.set(bytesOf(buffer, stretch), at);
      at += stretch.to - stretch.from;
    }
  }
}

function bytesOf(buffer: ArrayBufferLike, { from, to }: Stretch): Uint8Array {
  return new Uint8Array(buffer, from, to - from);
}

/** Appends an array's or a set's values, a map's keys and values in turn, or an object's names and values in turn. */
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

/** What the object held is in `contents` from `from` up to `to`. */
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

/** A map that nothing happened to need not be filled again. */
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

/** What served as a table may have gained fields, or lost some: it is filled again, in the former order. */
function putBackFields(fields: Fields, contents: readonly unknown[], from: number, to: number): void {
  const names = Object.keys(fields);
  const isWhole = names.length * 2 === to - from && names.every((name, index) => name === contents[from + index * 2]);
  if (!isWhole) for (const name of names) delete fields[name];
  for (let index = from; index < to; index += 2) {
    const name = contents[index] as string;
    if (!isWhole || fields[name] !== contents[index + 1]) fields[name] = contents[index + 1];
  }
}
