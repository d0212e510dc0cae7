import { stdin } from 'node:process';
import { errorCode } from '../../error-message.ts';
import { InputError, openingError } from '../../sources/input-error.ts';
import type { LiveSource, SourceCounters } from './source.ts';

/** For how long the pipe is still read when the audit is to end (milliseconds), even if the writer goes on. */
const LAST_MS = 250;

/** A pcap stream on standard input: `ssh host tcpdump -U -w - | synoptic live -`. */
export function openStdin(): LiveSource {
  if (stdin.isTTY) throw new InputError('standard input is a terminal; pipe a capture into it: ssh host tcpdump -U -w - | synoptic live -');
  return new StdinSource();
}

class StdinSource implements LiveSource {
  readonly name = 'stdin';
  readonly clock = 'kernel';
  readonly counters: SourceCounters = { received: null, captured: null, kernelDrops: null, interfaceDrops: null };
  readonly failure = null;
  #stopped = false;

  async pour(take: (chunk: Uint8Array) => void): Promise<void> {
    try {
      for await (const chunk of stdin) take(chunk as Uint8Array);
    } catch (error) {
      if (this.#stopped) return;
      // Exceptions of the analysis pass through here, too.
      throw errorCode(error) === undefined ? error : openingError('standard input', error);
    }
  }

  refresh(): void {
    // Nothing to ask.
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    setTimeout(() => stdin.destroy(), LAST_MS).unref();
  }

  kill(): void {
    this.#stopped = true;
    stdin.destroy();
  }
}
