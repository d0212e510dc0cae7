import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { reason } from '../../error-message.ts';
import { RingError } from './error.ts';

/** Bytes gathered before they are written to a file. */
const BATCH = 1 << 20;

/** Memory of fixed size, in which a ring keeps its bytes. */
export interface RingStore {
  readonly size: number;
  /** Keeps `source[from, from + length)` at `at`; in most calls, where the one before ended. */
  write(at: number, source: Buffer, from: number, length: number): void;
  /** What was written at `at`. Lent until the next call. */
  read(at: number, length: number): Buffer;
  close(): void;
}

/** In memory, taken at once. */
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

/** In a file that goes when the program does: it has no name from the beginning on. */
export class FileStore implements RingStore {
  readonly size: number;
  readonly #path: string;
  readonly #file: number;
  /** What has gathered and is not yet written: it belongs at `#at`. */
  readonly #batch: Buffer = Buffer.alloc(BATCH);
  #at = 0;
  #length = 0;
  #read: Buffer = Buffer.alloc(1 << 16);

  /** Throws `RingError` when the file cannot be made; what is already there is not overwritten. */
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
