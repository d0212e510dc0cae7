import { CaptureClock, CaptureReader, PacketCounter } from '../../../core/index.ts';
import type { LiveSource, SourceCounters, SourceName } from './source.ts';

/** No packet of a capture takes fewer bytes, in whatever format. */
const LEAST_PACKET = 16;

/** The first packets of a source: it is stopped after `count`, and what comes after those is left out. */
export class CountedSource implements LiveSource {
  readonly #source: LiveSource;
  readonly #count: number;
  readonly #counter = new PacketCounter();
  readonly #reader = new CaptureReader(new CaptureClock(), this.#counter, () => undefined, { reorderNanoseconds: 0 });

  /** @param count packets */
  constructor(source: LiveSource, count: number) {
    this.#source = source;
    this.#count = count;
  }

  get name(): SourceName {
    return this.#source.name;
  }

  get clock(): 'kernel' | 'delivery' {
    return this.#source.clock;
  }

  get counters(): SourceCounters {
    return this.#source.counters;
  }

  get failure(): string | null {
    return this.#source.failure;
  }

  /** Throws `UnrecognisedCapture` if the bytes are not a capture. */
  async pour(take: (chunk: Uint8Array) => void): Promise<void> {
    await this.#source.pour((chunk) => {
      if (this.#left > 0) take(chunk.subarray(0, this.#endIn(chunk)));
      if (this.#left <= 0) this.#source.stop();
    });
  }

  refresh(): void {
    this.#source.refresh();
  }

  stop(): void {
    this.#source.stop();
  }

  kill(): void {
    this.#source.kill();
  }

  get #left(): number {
    return this.#count - this.#counter.packets;
  }

  /** End of the last packet, or of the chunk. It is found by reading steps too short to hold all packets still wanted, in the end single bytes. */
  #endIn(chunk: Uint8Array): number {
    let end = 0;
    while (end < chunk.length && this.#left > 0) {
      const step = chunk.subarray(end, end + Math.max(1, (this.#left - 1) * LEAST_PACKET));
      this.#reader.push(step);
      end += step.length;
    }
    return end;
  }
}
