import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastWords } from './complaints.ts';
import { Ending } from './ending.ts';
import { type LiveSource, type SourceCounters, SourceError, type SourceName } from './source.ts';

/**
 * tcpdump writes each packet separately, and reading costs more than analysing one, so reading pauses for a few milliseconds. But its socket
 * holds only some 280 writes of any length, and then it waits for us: the more came, the shorter the pause (bytes, milliseconds).
 */
const RESTS = [{ below: 2_048, rest: 4 }, { below: 8_192, rest: 1 }] as const;
/** How much of the end of standard error is kept (characters). */
const MOST_KEPT = 8_192;

/** What a source needs to know about a capture program. */
export interface CaptureProgram {
  name: SourceName;
  interface: string;
  clock: 'kernel' | 'delivery';
  command: string;
  args: readonly string[];
  /** How long a packet may wait in the kernel until the program receives it together with others (milliseconds). */
  holds: number;
  /** The signal that makes it tell its counters. */
  counterSignal?: NodeJS.Signals;
  /** Takes the counters out of whole lines of standard error. */
  readCounters(text: string, counters: SourceCounters): void;
  /** The error if the program ends before its first byte. */
  refusal(complaint: string): SourceError;
  /** The error if it cannot be started. */
  missing(error: Error): SourceError;
}

/** A source that is a separate program: pcap on its standard output, messages and counters on its standard error. */
export class ProcessSource implements LiveSource {
  readonly name: SourceName;
  readonly clock: 'kernel' | 'delivery';
  readonly counters: SourceCounters = { received: null, captured: null, kernelDrops: null, interfaceDrops: null };
  failure: string | null = null;
  readonly #program: CaptureProgram;
  readonly #child: ChildProcess;
  readonly #output: Readable;
  readonly #ended: Promise<string>;
  #complaint = '';
  #line = '';
  #stopped = false;
  #ending: Ending | null = null;

  private constructor(program: CaptureProgram) {
    this.#program = program;
    this.name = program.name;
    this.clock = program.clock;
    // In a process group of its own, so that Ctrl-C reaches only us: we wait for its last packets before we end it.
    const child = spawn(program.command, program.args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    this.#output = child.stdout;
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#heard(text));
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', (error) => reject(program.missing(error)));
      child.once('close', (code, signal) => resolve(signal === null ? `exit status ${code}` : `signal ${signal}`));
    });
  }

  /** Starts the program and waits for its first byte. Throws `SourceError`. */
  static async open(program: CaptureProgram): Promise<ProcessSource> {
    const source = new ProcessSource(program);
    const output = source.#output;
    const begun = new Promise<boolean>((resolve) => {
      output.once('readable', () => resolve(output.readableLength > 0));
    });
    if (!(await Promise.race([begun, source.#ended.then(() => false)]))) {
      const how = await source.#ended;
      throw program.refusal(source.#complaint.trim() || `${program.name} ended without a packet (${how})`);
    }
    return source;
  }

  async pour(take: (chunk: Uint8Array) => void): Promise<void> {
    const output = this.#output;
    let wake: (() => void) | null = null;
    const arrived = (): void => wake?.();
    output.on('readable', arrived).on('end', arrived).on('close', arrived);
    while (!output.readableEnded && !output.destroyed) {
      const chunk = output.read() as Uint8Array | null;
      if (chunk === null) {
        if (output.readableLength > 0 || output.readableEnded || output.destroyed) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
      } else {
        take(chunk);
        const gathering = RESTS.find(({ below }) => chunk.length < below);
        if (gathering !== undefined) await sleep(gathering.rest);
      }
    }
    const how = await this.#ended;
    this.#ending?.cancel();
    if (this.#line !== '') this.#program.readCounters(this.#line, this.counters);
    if (this.#stopped) return;
    const said = lastLine(this.#complaint);
    this.failure = `${this.name} ended by itself (${how}${said === '' ? '' : `: ${lastWords(this.#program.interface, said)}`})`;
  }

  refresh(): void {
    if (this.#program.counterSignal !== undefined) this.#child.kill(this.#program.counterSignal);
  }

  stop(): void {
    this.#stopped = true;
    this.#ending ??= new Ending(this.#program.holds, () => this.refresh(), () => this.#child.kill('SIGINT'));
  }

  kill(): void {
    this.#stopped = true;
    this.#child.kill('SIGKILL');
  }

  #heard(text: string): void {
    this.#complaint = (this.#complaint + text).slice(-MOST_KEPT);
    const lines = this.#line + text;
    const end = lines.lastIndexOf('\n') + 1;
    this.#line = lines.slice(end).slice(-MOST_KEPT);
    if (end === 0) return;
    this.#program.readCounters(lines.slice(0, end), this.counters);
    this.#ending?.heard(this.counters);
  }
}

/** The last line that is neither empty, nor a count of packets, nor a warning, which would not have ended the program. */
function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim()).reverse();
  return lines.find((line) => line !== '' && !/\bpackets? |^Packets |^File: /i.test(line) && !/listening on|^Capturing on|^Warning: /.test(line)) ?? '';
}
