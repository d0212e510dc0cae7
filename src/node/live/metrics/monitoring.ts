import type { ConnectionView, Observation, Report } from '../../../core/index.ts';
import { errorMessage } from '../../error-message.ts';
import type { Onlooker } from '../live-audit.ts';
import type { LiveView } from '../live-view.ts';
import type { ListenAddress } from './address.ts';
import { OWN_METRICS } from './catalogue.ts';
import { Exposition } from './exposition.ts';
import { Metrics } from './metrics.ts';
import { metricsPages } from './pages.ts';
import { PageServer } from './server.ts';
import { Textfile } from './textfile.ts';

export interface MonitoringOptions {
  /** Where to serve the pages; null: nowhere. */
  listen: ListenAddress | null;
  /** The file for node_exporter's textfile collector; null: none. */
  textfile: string | null;
  /** How many services have series of their own. */
  top: number;
}

/** Called with one line about a problem that does not end the audit. */
type Warn = (line: string) => void;

interface Export {
  file: Textfile;
  exposition: Exposition;
}

/** Serves monitoring systems while a live audit runs: with pages to fetch, and a file to read. Attach it to the audit. */
export class Monitoring implements Onlooker {
  readonly #metrics: Metrics;
  readonly #warn: Warn;
  readonly #server: PageServer | null;
  readonly #textfile: Export | null;
  #hasWarned = false;
  #isWriting = false;

  private constructor(metrics: Metrics, warn: Warn, server: PageServer | null, textfile: Export | null) {
    this.#metrics = metrics;
    this.#warn = warn;
    this.#server = server;
    this.#textfile = textfile;
  }

  /** Listens, and writes the file for the first time. Throws `MetricsError` if it cannot. */
  static async open(view: LiveView, { listen, textfile, top }: MonitoringOptions, warn: Warn): Promise<Monitoring> {
    const metrics = new Metrics(view, top);
    const exposition = await Exposition.create('prometheus', OWN_METRICS, () => metrics.moment());
    const file = textfile === null ? null : new Textfile(textfile);
    await file?.write(await exposition.text());
    const server = listen === null ? null : await PageServer.listen(listen, await metricsPages(metrics));
    return new Monitoring(metrics, warn, server, file === null ? null : { file, exposition });
  }

  /** Where the pages are ("http://127.0.0.1:9469"); null when they are not served. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  fact(observation: Observation, connections: ConnectionView): void {
    this.#metrics.fact(observation, connections);
  }

  over(flow: number, outcome: number, connections: ConnectionView): void {
    this.#metrics.over(flow, outcome, connections);
  }

  bytes(): void {
    this.#metrics.bytes();
  }

  /**
   * Writes the file again, unless it is still being written: capture time may pass faster than ours. If the disk is full, the audit goes on:
   * it may have room later.
   */
  summary(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#write()
      .catch((error: unknown) => {
        if (!this.#hasWarned) this.#warn(errorMessage(error));
        this.#hasWarned = true;
      })
      .finally(() => (this.#isWriting = false));
  }

  /** Writes the file for the last time. Throws `MetricsError` if that fails. */
  async end(report: Report | null): Promise<void> {
    this.#metrics.end(report);
    try {
      await this.#write();
    } finally {
      await this.#server?.close();
    }
  }

  async #write(): Promise<void> {
    if (this.#textfile === null) return;
    const { file, exposition } = this.#textfile;
    await file.write(await exposition.text());
    this.#hasWarned = false;
  }
}
