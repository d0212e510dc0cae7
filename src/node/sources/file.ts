import { closeSync, fstatSync, openSync, read, readSync, statSync } from 'node:fs';
import { InputError, openingError } from './input-error.ts';

const CHUNK = 1 << 17;
/** Chunks that are read while others are taken in: waiting for one costs as much as some hundred packets. */
const CHUNK_AHEAD = 1 << 20;

/** Memory to read up to `length` bytes into, the source's until it was pushed; null when the source is to use its own. */
export type Lend = (length: number) => Uint8Array | null;

/** Told after each chunk: bytes read so far, and the input's size in bytes, 0 where that is unknown. */
export type Progress = (read: number, size: number) => void;

/** The content of a file (or named pipe): one chunk after another as they are asked for, or all that is left, read ahead. */
export class FileChunks implements Iterable<Uint8Array> {
  readonly #path: string;
  readonly #file: number;
  readonly #size: number;
  readonly #onProgress: Progress | undefined;
  #read = 0;
  #ended = false;

  /** Throws `InputError` when the file cannot be opened. It is closed at its end, or when the iteration is left. */
  constructor(path: string, onProgress?: Progress) {
    this.#path = path;
    this.#file = open(path);
    this.#size = sizeOf(this.#file, path);
    this.#onProgress = onProgress;
  }

  /** Chunks of up to 128 KiB, in the same memory every time. Throws `InputError` when the file cannot be read. */
  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    try {
      const memory = new Uint8Array(CHUNK);
      for (;;) {
        const length = this.#fill(memory);
        if (length === 0) return;
        this.#read += length;
        yield memory.subarray(0, length);
        this.#tell();
      }
    } finally {
      this.#ended = true;
      closeSync(this.#file);
    }
  }

  /**
   * Gives the rest of the content to `push`, in chunks of up to 1 MiB. The next is read, by a thread of the platform's, while one
   * is pushed. Rejects with `InputError` when the file cannot be read, and with what `push` throws.
   */
  async pour(push: (chunk: Uint8Array) => void, lend: Lend = () => null): Promise<void> {
    if (this.#ended) return;
    const own = [new Uint8Array(CHUNK_AHEAD), new Uint8Array(CHUNK_AHEAD)];
    let turn = 0;
    this.#tell();
    const readNext = (): Promise<Uint8Array> => this.#fillAhead(lend(CHUNK_AHEAD) ?? own[turn++ & 1]!);
    let coming = readNext();
    for (let chunk = await coming; chunk.length > 0; chunk = await coming) {
      coming = readNext();
      this.#read += chunk.length;
      try {
        push(chunk);
      } catch (error) {
        // Its memory and the file must be let go of first.
        await coming.catch(() => undefined);
        throw error;
      }
      this.#tell();
    }
  }

  #fill(memory: Uint8Array): number {
    try {
      return readSync(this.#file, memory, 0, memory.length, null);
    } catch (error) {
      throw openingError(this.#path, error);
    }
  }

  #fillAhead(memory: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      read(this.#file, memory, 0, memory.length, null, (error, length) => {
        if (error === null) resolve(memory.subarray(0, length));
        else reject(openingError(this.#path, error));
      });
    });
  }

  #tell(): void {
    if (this.#read > 0) this.#onProgress?.(this.#read, this.#size);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw openingError(path, error);
  }
}

function sizeOf(file: number, path: string): number {
  const status = fstatSync(file);
  if (status.isDirectory()) {
    throw new InputError(`${path}: is a directory; name the captures in it`);
  }
  return status.isFile() ? status.size : 0;
}

/** Bytes of several files in all: regular ones, or they could not have been put in order. */
export function totalSize(paths: readonly string[]): number {
  return paths.reduce((size, path) => size + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
