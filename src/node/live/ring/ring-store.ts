import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { reason } from '../../error-message.ts';
import { RingError } from './error.ts';

/** How many bytes are gathered before they are written to the file. */
const BATCH = 1 << 20;

/** A store of fixed size for the bytes of a ring. */
export interface RingStore {
  readonly size: number;
  /** Stores `source[from, from + length)` at `at`, which is usually where the previous call ended. */
  write(at: number, source: Buffer, from: number, length: number): void;
  /** The bytes that were stored at `at`. Lent until the next call. */
  read(at: number, length: number): Buffer;
  close(): void;
}

/** In memory, allocated at once. */
export class MemoryStore implements RingStore {
  readonly size: number;
  readonly #bytes: Buffer;

  constructor(size: number) {
    this.size = size;
    this.#bytes = Buffer.alloc(size);
  }

  write(at: number, source: Buffer, from: number, length: number): void {
    source.copy(this.#bytes, at, from, from + length);
  }

  read(at: number, length: number): Buffer {
    return this.#bytes.subarray(at, at + length);
  }

  close(): void {
    // Memory goes with the object.
  }
}

/** In a file that vanishes with the program, since its name is removed at once. */
export class FileStore implements RingStore {
  readonly size: number;
  readonly #path: string;
  readonly #file: number;
  /** Bytes gathered but not yet written: they belong at `#at`. */
  readonly #batch: Buffer = Buffer.alloc(BATCH);
  #at = 0;
  #length = 0;
  #read: Buffer = Buffer.alloc(1 << 16);

  /** Throws `RingError` if the file cannot be made. An existing file is not overwritten. */
  constructor(path: string, size: number) {
    this.size = size;
    this.#path = path;
    try {
      this.#file = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      ftruncateSync(this.#file, size);
    } catch (error) {
      throw new RingError(`--ring-file ${path}: cannot be made: ${reason(error)}`);
    }
  }

  write(at: number, source: Buffer, from: number, length: number): void {
    if (at !== this.#at + this.#length || this.#length + length > BATCH) this.#flush();
    if (length > BATCH) {
      this.#put(at, source, from, length);
      return;
    }
    if (this.#length === 0) this.#at = at;
    source.copy(this.#batch, this.#length, from, from + length);
    this.#length += length;
  }

  read(at: number, length: number): Buffer {
    this.#flush();
    if (this.#read.length < length) this.#read = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const count = readSync(this.#file, this.#read, done, length - done, at + done);
      if (count === 0) break;
      done += count;
    }
    return this.#read.subarray(0, length);
  }

  close(): void {
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#length > 0) this.#put(this.#at, this.#batch, 0, this.#length);
    this.#length = 0;
  }

  #put(at: number, source: Buffer, from: number, length: number): void {
    try {
      for (let done = 0; done < length; ) done += writeSync(this.#file, source, from + done, length - done, at + done);
    } catch (error) {
      throw new RingError(`--ring-file ${this.#path}: cannot be written: ${reason(error)}`);
    }
  }
}
