import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { reason } from '../../error-message.ts';
import { MetricsError } from './error.ts';

/** Throws `MetricsError` for a name that the collector would not read. */
export function checkTextfilePath(path: string): string {
  if (!path.endsWith('.prom')) throw new MetricsError(`--textfile ${path}: node_exporter reads only files that end in .prom`);
  return path;
}

/**
 * A file of metrics for the textfile collector of node_exporter. Each write replaces it as a whole, since the collector may read at any time.
 * The temporary file beside it does not end in .prom, so the collector ignores it.
 */
export class Textfile {
  readonly #path: string;
  readonly #temporary: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#temporary = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
  }

  /** Replaces the file, after any write that is still going on. Throws `MetricsError` if it cannot. */
  write(text: string): Promise<void> {
    const written = this.#writing.then(() => this.#replace(text));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #replace(text: string): Promise<void> {
    try {
      // Whoever runs node_exporter must be able to read it.
      await writeFile(this.#temporary, text, { mode: 0o644 });
      await rename(this.#temporary, this.#path);
    } catch (error) {
      await rm(this.#temporary, { force: true }).catch(() => undefined);
      throw new MetricsError(`--textfile ${this.#path}: ${reason(error)}`, { cause: error });
    }
  }
}
