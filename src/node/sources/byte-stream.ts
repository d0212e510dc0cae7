/** The input ended early. */
export class EndOfBytes extends Error {
  override readonly name = 'EndOfBytes';
}

/** Reads chunks as a stream of bytes. A chunk may be lent until the next one: what is kept of it is copied. */
export class ByteStream {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]();
  }

  /** The next `length` bytes without consuming them; fewer at the end of the input. Lent until the next call. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#held.length < length) {
      const kept = this.#held.slice();
      const next = await this.#chunks.next();
      if (next.done === true) {
        this.#held = kept;
        break;
      }
      this.#held = kept.length === 0 ? next.value : joined(kept, next.value);
    }
    return this.#held.subarray(0, length);
  }

  /** The next `length` bytes. Lent until the next call. Throws `EndOfBytes` if there are fewer. */
  async read(length: number): Promise<Uint8Array> {
    const bytes = await this.peek(length);
    if (bytes.length < length) {
      throw new EndOfBytes();
    }
    this.#held = this.#held.subarray(length);
    return bytes;
  }

  /** The next bytes, at most `most` of them; empty at the end of the input. Lent until the next call. */
  async readSome(most: number): Promise<Uint8Array> {
    await this.peek(1);
    const bytes = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(bytes.length);
    return bytes;
  }

  /** Skips `length` bytes. Throws `EndOfBytes` if there are fewer. */
  async skip(length: number): Promise<void> {
    for (let left = length; left > 0; ) {
      const passed = await this.readSome(left);
      if (passed.length === 0) {
        throw new EndOfBytes();
      }
      left -= passed.length;
    }
  }

  /** Consumes what has come but has not been read. */
  takeHeld(): Uint8Array {
    const bytes = this.#held;
    this.#held = new Uint8Array(0);
    return bytes;
  }

  /** Ends the reading: the source of the chunks releases what it holds. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
