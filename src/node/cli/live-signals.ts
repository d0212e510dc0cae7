import { prettyJson, type Report } from '../../core/index.ts';
import type { LiveAudit } from '../live/live-audit.ts';
import { beginInput, endInput } from '../sources/interrupt.ts';
import { errorMessage } from '../error-message.ts';
import { Output, writeError } from './output.ts';

/**
 * Signals to a live audit. The first SIGINT or SIGTERM ends the capture, the second the program; SIGUSR1 writes a snapshot; SIGHUP
 * is for `reload`. In force from its making until `release`, so that no signal finds a capture begun and nobody to end it.
 */
export class LiveSignals {
  readonly #snapshotPath: string | undefined;
  readonly #reload: () => string;
  #audit: LiveAudit | null = null;
  #isOver = false;
  #tell = (text: string, _isGood: boolean): void => writeError(`synoptic: ${text}\n`);

  constructor(snapshotPath: string | undefined, reload: () => string) {
    this.#snapshotPath = snapshotPath;
    this.#reload = reload;
    beginInput(['SIGINT', 'SIGTERM']);
    process.on('SIGINT', this.#end).on('SIGTERM', this.#end).on('SIGUSR1', this.#snapshot).on('SIGHUP', this.#reread).on('exit', this.#kill);
  }

  /** The audit that they are for. */
  attach(audit: LiveAudit): void {
    this.#audit = audit;
    if (this.#isOver) audit.stop();
  }

  /** The terminal is drawn on: what comes of a signal is told there. */
  tellOn(tell: (text: string, isGood: boolean) => void): void {
    this.#tell = tell;
  }

  release(): void {
    process.off('SIGINT', this.#end).off('SIGTERM', this.#end).off('SIGUSR1', this.#snapshot).off('SIGHUP', this.#reread).off('exit', this.#kill);
    endInput();
  }

  readonly #end = (): void => {
    this.#isOver = true;
    this.#audit?.stop();
  };

  readonly #kill = (): void => this.#audit?.kill();

  readonly #snapshot = (): void => {
    const audit = this.#audit;
    if (audit !== null) this.#attempt(() => `wrote ${writeSnapshot(audit.snapshot(), this.#snapshotPath)}`);
  };

  readonly #reread = (): void => this.#attempt(this.#reload);

  /** What was asked for by a signal must not end the audit when it fails. */
  #attempt(act: () => string): void {
    try {
      this.#tell(act(), true);
    } catch (error) {
      this.#tell(errorMessage(error), false);
    }
  }
}

/** Writes a report to a file, JSON; gives its name. Throws `OutputError`. */
export function writeSnapshot(report: Report, path = `synoptic-snapshot-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`): string {
  const output = Output.open(path);
  try {
    output.write(`${prettyJson(report)}\n`);
    output.finish();
  } finally {
    output.discard();
  }
  return path;
}
