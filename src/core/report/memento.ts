type Elements = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;
type Fields = { [name: string]: unknown };

/** Copies of larger arrays are not kept for the next time (bytes). */
const MOST_SPARE = 1 << 20;

/**
 * What a graph of objects holds, to put it back later. Objects stay the same, so whoever refers to one finds it as it was. Arrays,
 * typed arrays, maps, sets and the fields of other objects are kept; what is behind `#` or in a closure cannot be seen.
 *
 * It costs what a copy would: of all that can be reached from the roots, less `leave` and what only leads on from there.
 */
export class Memento {
  /** Copies of earlier mementos, by their originals: fresh memory costs more than copying into it. */
  private static readonly spare = new WeakMap<Elements, Elements>();
  private readonly objects: object[] = [];
  /** Of each: a copy of an array, or keys and values in turn. */
  private readonly contents: (Elements | readonly unknown[])[] = [];

  constructor(roots: readonly unknown[], leave: readonly object[] = []) {
    const met = new Set<unknown>(leave);
    const waiting: unknown[] = [...roots];
    while (waiting.length > 0) {
      const object = waiting.pop();
      if (typeof object !== 'object' || object === null || met.has(object)) continue;
      met.add(object);
      this.objects.push(object);
      if (isElements(object)) {
        this.contents.push(Memento.copyOf(object));
        continue;
      }
      const content = contentOf(object);
      this.contents.push(content);
      for (const part of content) if (typeof part === 'object' && part !== null) waiting.push(part);
    }
  }

  /** Puts everything back. Call it once, before the next memento of the same objects is made. */
  restore(): void {
    this.objects.forEach((object, index) => putBack(object, this.contents[index]!));
  }

  private static copyOf(original: Elements): Elements {
    if (original.byteLength > MOST_SPARE) return original.slice();
    let copy = Memento.spare.get(original);
    if (copy === undefined) {
      copy = original.slice();
      Memento.spare.set(original, copy);
    } else copy.set(original);
    return copy;
  }
}

/** Acts, and puts back what that changed of all that can be reached from `roots`, less `leave` and what only leads on from there. */
export function undone<Result>(roots: readonly unknown[], leave: readonly object[], act: () => Result): Result {
  const memento = new Memento(roots, leave);
  try {
    return act();
  } finally {
    memento.restore();
  }
}

function contentOf(object: object): readonly unknown[] {
  if (Array.isArray(object)) return object.slice();
  if (object instanceof Map) return [...flat(object)];
  if (object instanceof Set) return [...object];
  const content: unknown[] = [];
  for (const name of Object.keys(object)) content.push(name, (object as Fields)[name]);
  return content;
}

function putBack(object: object, content: Elements | readonly unknown[]): void {
  if (ArrayBuffer.isView(content)) {
    (object as Elements).set(content);
  } else if (Array.isArray(object)) {
    object.length = content.length;
    for (let index = 0; index < content.length; index++) if (object[index] !== content[index]) object[index] = content[index];
  } else if (object instanceof Set) {
    if (isSame(object, content)) return;
    object.clear();
    for (const value of content) object.add(value);
  } else if (object instanceof Map) {
    if (isSame(flat(object), content)) return;
    object.clear();
    for (let index = 0; index < content.length; index += 2) object.set(content[index], content[index + 1]);
  } else {
    putBackFields(object as Fields, content);
  }
}

/** What served as a table may have gained fields, or lost some: it is filled again, in the former order. */
function putBackFields(fields: Fields, content: readonly unknown[]): void {
  const names = Object.keys(fields);
  const isWhole = names.length * 2 === content.length && names.every((name, index) => name === content[index * 2]);
  if (!isWhole) for (const name of names) delete fields[name];
  for (let index = 0; index < content.length; index += 2) {
    const name = content[index] as string;
    if (!isWhole || fields[name] !== content[index + 1]) fields[name] = content[index + 1];
  }
}

/** A map that nothing happened to need not be filled again. */
function isSame(values: Iterable<unknown>, content: readonly unknown[]): boolean {
  let index = 0;
  for (const value of values) if (index === content.length || value !== content[index++]) return false;
  return index === content.length;
}

function* flat(map: ReadonlyMap<unknown, unknown>): Generator<unknown, void, undefined> {
  for (const [key, value] of map) {
    yield key;
    yield value;
  }
}

function isElements(object: object): object is Elements {
  return ArrayBuffer.isView(object) && !(object instanceof DataView);
}
