import { type Stats, closeSync, fstatSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode, reason } from '../error-message.ts';
import { isLeftToInput, STATUS_OF_SIGNAL } from '../sources/interrupt.ts';
import { STDIN } from '../sources/stdin.ts';
import { ClosedPipe, OutputError } from './errors.ts';

const BATCH = 64 * 1024;
const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
const RETRY_MILLISECONDS = 2;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it, waiting while a pipe that does not block is full. */
function writeFully(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (errorCode(error) === 'EPIPE') throw new ClosedPipe();
      if (errorCode(error) !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, RETRY_MILLISECONDS);
    }
  }
}

/** One line to standard error; where nobody listens there, nothing can be told. */
export function writeError(line: string): void {
  try {
    writeFully(2, line);
  } catch {
    // Standard error is closed.
  }
}

/** Undefined for what cannot be looked at: whoever opens it says why. */
function statusOf(path: string): Stats | undefined {
  try {
    return path === STDIN ? fstatSync(STANDARD_INPUT) : statSync(path);
  } catch {
    return undefined;
  }
}

/** Is the output not for a file? `path`: what was given with `-o`. */
export function isStandardOutput(path: string | undefined): path is '-' | undefined {
  return path === undefined || path === '-';
}

/**
 * Refuses an output file that would take the place of one of these captures: under another name, through a link, or read as
 * standard input. Throws `OutputError`.
 */
export function refuseToReplace(captures: readonly string[], path: string | undefined): void {
  const target = isStandardOutput(path) ? undefined : statusOf(path);
  if (target?.isFile() !== true) return;
  for (const capture of captures) {
    const read = statusOf(capture);
    if (read?.ino === target.ino && read.dev === target.dev) throw new OutputError(`cannot write ${path}: it is the capture to be read; name another file`);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Where the data goes: standard output, or a file that appears complete or not at all (written beside it, then renamed).
 * Writes are synchronous and batched, so that rows never pile up behind a slow reader.
 *
 * Throws `ClosedPipe` when the reader has gone, `OutputError` when the file cannot be written.
 */
export class Output {
  readonly fd: number;
  readonly #path: string | undefined;
  readonly #temporary: string | undefined;
  #batch = '';
  #open = true;

  /** Throws what `openSync` does. */
  private constructor(path?: string, temporary?: string) {
    this.#path = path;
    this.#temporary = temporary;
    // Before the file is there. Where there is nothing to tidy up, the system's own way of ending on a signal is quicker.
    if (temporary !== undefined) for (const signal of SIGNALS) process.on(signal, this.#interrupted);
    try {
      this.fd = path === undefined ? STANDARD_OUTPUT : openSync(temporary ?? path, temporary === undefined ? 'w' : 'wx');
    } catch (error) {
      this.#forgetSignals();
      throw error;
    }
  }

  readonly #interrupted = (signal: (typeof SIGNALS)[number]): void => {
    if (isLeftToInput(signal)) return;
    this.discard();
    process.exit(STATUS_OF_SIGNAL[signal]);
  };

  #close(): void {
    this.#open = false;
    if (this.fd !== STANDARD_OUTPUT) closeSync(this.fd);
    this.#forgetSignals();
  }

  #forgetSignals(): void {
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
  }

  /** @param path a file; undefined or `-` for standard output. A device or pipe is written to as it is. */
  static open(path?: string): Output {
    if (isStandardOutput(path)) return new Output();
    try {
      const present = statSync(path, { throwIfNoEntry: false });
      if (present?.isDirectory()) throw new OutputError(`cannot write ${path}: it is a folder`);
      if (present !== undefined && !present.isFile()) return new Output(path);
      // A link stays a link: what it points to is replaced.
      const target = present === undefined ? path : realpathSync(path);
      const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.partial`);
      return new Output(target, temporary);
    } catch (error) {
      throw error instanceof OutputError ? error : new OutputError(`cannot write ${path}: ${reason(error)}`);
    }
  }

  write(text: string): void {
    this.#batch += text;
    if (this.#batch.length >= BATCH) this.flush();
  }

  /** Writes bytes, after all text so far. */
  writeBytes(bytes: Uint8Array): void {
    this.flush();
    this.#put(bytes);
  }

  flush(): void {
    const text = this.#batch;
    this.#batch = '';
    this.#put(text);
  }

  #put(data: string | Uint8Array): void {
    try {
      writeFully(this.fd, data);
    } catch (error) {
      if (error instanceof ClosedPipe) throw error;
      throw new OutputError(`cannot write ${this.#path ?? 'standard output'}: ${reason(error)}`);
    }
  }

  /** All has been written: the file takes its name. */
  finish(): void {
    this.flush();
    if (!this.#open) return;
    this.#close();
    if (this.#temporary !== undefined && this.#path !== undefined) renameSync(this.#temporary, this.#path);
  }

  /** Nothing of use was written: no file stays behind. Does nothing after `finish`. */
  discard(): void {
    if (!this.#open) return;
    this.#close();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
  }
}
