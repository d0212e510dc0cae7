import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { InputError, openingError } from './input-error.ts';

const CHUNK = 1 << 17;

/** Gives memory to read up to `length` bytes into; null if the source is to use its own. */
export type Room = (length: number) => Uint8Array | null;

/** Called after each chunk. `read`: bytes so far; `size`: bytes of the input, 0 if unknown. */
export type OnProgress = (read: number, size: number) => void;

/**
 * The content of a file or pipe in chunks of up to 128 KiB, in memory from `room` or in one reused buffer: a chunk is lent until the next
 * one. Throws `InputError` if the file cannot be opened or read.
 */
export function* readFileChunks(path: string, onProgress?: OnProgress, room: Room = () => null): Generator<Uint8Array, void, undefined> {
  const file = open(path);
  try {
    const size = sizeOf(file, path);
    const own = new Uint8Array(CHUNK);
    let read = 0;
    for (;;) {
      const buffer = room(CHUNK) ?? own;
      const length = fill(file, buffer, path);
      if (length === 0) return;
      read += length;
      yield buffer.subarray(0, length);
      onProgress?.(read, size);
    }
  } finally {
    closeSync(file);
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

function fill(file: number, buffer: Uint8Array, path: string): number {
  try {
    return readSync(file, buffer, 0, buffer.length, null);
  } catch (error) {
    throw openingError(path, error);
  }
}

/** Total size of several regular files in bytes. */
export function totalSize(paths: readonly string[]): number {
  return paths.reduce((size, path) => size + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
