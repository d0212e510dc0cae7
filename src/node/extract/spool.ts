import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureName } from '../../core/index.ts';
import { errorMessage } from '../error-message.ts';
import { InputError } from '../sources/input-error.ts';
import { readFileChunks } from '../sources/file.ts';
import { isLeftToInput, STATUS_OF_SIGNAL } from '../sources/interrupt.ts';
import { readStdinChunks, STDIN } from '../sources/stdin.ts';

/** Signals that end the program. They need listeners, or the temporary file would stay. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Keeps an input that can be read only once (standard input, a pipe) in a temporary file, so that it can be read again. Only the owner can
 * read that file. Regular files are used as they are.
 */
export class Spool {
  /** The files to read instead of the inputs that were named. */
  readonly paths: readonly string[];
  readonly #names: ReadonlyMap<string, string>;
  readonly #folder: string | null;

  private constructor(paths: readonly string[], names: ReadonlyMap<string, string>, folder: string | null) {
    this.paths = paths;
    this.#names = names;
    this.#folder = folder;
    if (folder === null) return;
    process.on('exit', this.#remove);
    for (const signal of ENDINGS) process.on(signal, this.#ended);
  }

  /** Throws `InputError` if the input cannot be read, or the temporary file cannot be written. */
  static async of(names: readonly string[]): Promise<Spool> {
    const [name] = names;
    // Several captures are ordered by first packet later, which refuses anything but regular files.
    if (name === undefined || names.length > 1 || !isReadOnce(name)) return new Spool(names, new Map(), null);
    const folder = mkdtempSync(join(tmpdir(), 'synoptic-'));
    const path = join(folder, 'capture');
    const spool = new Spool([path], new Map([[path, name]]), folder);
    try {
      await keep(name, path);
    } catch (error) {
      spool.remove();
      throw error;
    }
    return spool;
  }

  /** The name of the input for which a path is read. */
  readonly nameOf = (path: string): string => this.#names.get(path) ?? path;

  /** A message with the names of the inputs instead of the paths that are read. */
  restore(message: string): string {
    return [...this.#names].reduce((text, [path, name]) => text.replaceAll(path, captureName(name)), message);
  }

  /** Removes the temporary file. */
  remove(): void {
    this.#remove();
    process.off('exit', this.#remove);
    for (const signal of ENDINGS) process.off(signal, this.#ended);
  }

  readonly #remove = (): void => {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
  };

  readonly #ended = (signal: (typeof ENDINGS)[number]): void => {
    if (!isLeftToInput(signal)) process.exit(STATUS_OF_SIGNAL[signal]);
  };
}

function isReadOnce(name: string): boolean {
  if (name === STDIN) return true;
  const status = statSync(name, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

async function keep(name: string, path: string): Promise<void> {
  const file = openSync(path, 'wx', 0o600);
  try {
    for await (const chunk of name === STDIN ? readStdinChunks() : readFileChunks(name)) {
      try {
        for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written);
      } catch (error) {
        const reason = errorMessage(error);
        throw new InputError(`${captureName(name)}: cannot be kept in ${path} to be read again (${reason}); save it to a file, or set TMPDIR to a folder with room`, { cause: error });
      }
    }
  } finally {
    closeSync(file);
  }
}
