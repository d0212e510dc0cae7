import type { EngineListeners, RenderOptions, Report } from '../../core/index.ts';
import { captureName, escapeControls, isAtLeast, ofUnpacked, SEVERITIES } from '../../core/index.ts';
import type { FileOptions } from '../index.ts';
import { STDIN } from '../sources/stdin.ts';
import { DAMAGED, DONE, FOUND } from './command.ts';
import { UsageError } from './errors.ts';
import { log } from './log.ts';
import type { OptionSpec, Values } from './options.ts';
import { isStandardOutput, Output, writeError } from './output.ts';
import { Progress } from './progress.ts';
import { isTerminal, paintFor, widthOf } from './terminal.ts';

/** Rows that wait for a full batch are written after this long all the same, so that a pipe from a live capture flows. */
const FLUSH_MS = 250;

interface NamedFormat {
  name: string;
  extension: string;
  summary: string;
}

/** The `--format` option of a command that has these formats. `fallback` says which it is where neither option nor file name does. */
export function formatOption(formats: readonly NamedFormat[], fallback = formats[0].name): OptionSpec {
  const listing = formats.map(({ name, summary }) => `${name}: ${summary}`).join('; ');
  const summary = `${listing}. When left out: by the ending of --output FILE, else ${fallback}`;
  return { kind: 'text', alias: 'f', value: 'NAME', summary, choices: formats.map(({ name }) => name), group: 'Output:' };
}

/** The format asked for by `--format`, else by the extension of the output file, else `fallback`. */
export function chooseFormat<Format extends NamedFormat>(formats: readonly Format[], { texts }: Values, fallback: Format): Format {
  const name = texts.get('format');
  if (name !== undefined) return formats.find((format) => format.name === name) ?? fallback;
  const extension = /\.([^./\\]+)$/.exec(texts.get('output') ?? '')?.[1];
  return formats.find((format) => format.extension === extension) ?? fallback;
}

/** True when a person sees the output as it comes. What a file holds does not depend on where it was asked for. */
export function isForTerminal({ texts }: Values): boolean {
  return isStandardOutput(texts.get('output')) && isTerminal(1);
}

/** A file name as a shell reads it back, and no program takes it for an option. */
function shellWord(name: string): string {
  const path = name.startsWith('-') ? `./${name}` : name;
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** What every command that reads captures does besides: output, progress, damage, exit status. */
export class Session {
  /** Terminal or page that the output is for. */
  readonly render: RenderOptions;
  readonly #values: Values;
  readonly #output: Output;
  readonly #progress: Progress | null;
  #flushed = 0;

  /** Throws `UsageError` or `OutputError`. @param streams rows come while the capture is still read */
  constructor(values: Values, streams: boolean) {
    const jobs = values.texts.get('jobs');
    if (jobs !== undefined && jobs !== '1') throw new UsageError(`--jobs ${jobs}: this version works in one thread; leave the option out or give 1`);
    this.#values = values;
    this.#output = Output.open(values.texts.get('output'));
    const { fd } = this.#output;
    this.render = { width: widthOf(fd), paint: paintFor(fd, !values.flags.has('no-color')), verbose: values.flags.has('verbose') };
    const silent = values.flags.has('quiet') || values.flags.has('no-progress') || !isTerminal(2) || (streams && isTerminal(fd));
    this.#progress = silent ? null : new Progress(widthOf(2));
  }

  /** As `render`, for a report on these captures: advice can name a file if there is just one. */
  renderFor(captures: readonly string[], report: Report): RenderOptions {
    const [capture, ...more] = captures;
    if (more.length > 0 || capture === STDIN) return this.render;
    const compression = report.capture.files[0]?.compression ?? null;
    return { ...this.render, capture: shellWord(capture), ...(compression !== null && { compression }) };
  }

  write(text: string): void {
    this.#output.write(text);
  }

  writeBytes(bytes: Uint8Array): void {
    this.#output.writeBytes(bytes);
  }

  /** Writes what waits: for what should be seen at once. */
  flush(): void {
    this.#output.flush();
  }

  /** Reads the captures and analyses them. Throws what `auditFile` does. */
  async analyse(captures: readonly string[], options: FileOptions, listeners: EngineListeners): Promise<Report> {
    const { auditFile } = await import('../index.ts');
    const reader = this.#values.texts.get('reader');
    const started = performance.now();
    const report = await auditFile(
      captures,
      {
        ...options,
        ...(reader !== undefined && { reader: reader === 'pcap-parser' ? 'pcap-parser' : 'synoptic' }),
        onProgress: (news) => {
          this.#progress?.update(news);
          const now = performance.now();
          if (now - this.#flushed < FLUSH_MS) return;
          this.#flushed = now;
          this.flush();
        },
      },
      listeners,
    );
    this.#progress?.erase();
    const seconds = (performance.now() - started) / 1000;
    (await log())?.info({ packets: report.capture.packets.read, flows: report.totals.flows, seconds, rss: process.memoryUsage().rss }, 'analysed');
    return report;
  }

  /**
   * Completes the output, tells of damage, and gives the exit status: a finding that was asked for goes before damage.
   *
   * @param isSilent the output itself tells of damage, and who reads it mixes standard error in
   */
  conclude(report: Report, isSilent = false): number {
    this.#output.finish();
    let status = DONE;
    for (const { name, compression, damage } of report.capture.files) {
      if (damage === null) continue;
      status = DAMAGED;
      const place = `byte ${damage.offset}${ofUnpacked({ compression })}`;
      if (!isSilent) writeError(escapeControls(`synoptic: ${captureName(name)}: damaged at ${place}: ${damage.reason}; what could be read was analysed`) + '\n');
    }
    const threshold = SEVERITIES.find((severity) => severity === this.#values.texts.get('fail-on'));
    const found = threshold !== undefined && report.findings.some(({ severity }) => isAtLeast(severity, threshold));
    return found ? FOUND : status;
  }

  /** The run failed: no half-written file stays behind. */
  discard(): void {
    this.#progress?.erase();
    this.#output.discard();
  }
}
