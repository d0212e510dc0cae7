import type { SourceCounters } from './source.ts';

/** How often a program that is to end is asked for its counters (milliseconds). */
const ASK_MS = 50;
/** Answers needed: the first one may be to an earlier question. */
const FIRST_CERTAIN_ANSWER = 2;

/**
 * Ends a capture program, but not before it has received everything that had come. The kernel holds packets in a block until that is full
 * or has waited long enough (TPACKET_V3), and a program that is told to end does not read such a block.
 */
export class Ending {
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #end: () => void;
  #isOver = false;
  #answers = 0;
  #awaited = 0;

  /**
   * @param holds milliseconds after which the kernel has handed over every block
   * @param ask makes the program tell its counters, which are passed to `heard`; may do nothing
   * @param end called once, when there is nothing more to wait for
   */
  constructor(holds: number, ask: () => void, end: () => void) {
    this.#end = end;
    this.#timers = [setTimeout(() => this.#finish(), holds), setInterval(ask, ASK_MS)];
    ask();
  }

  /** Takes the current counters: on a silent link they show at once that nothing waits. */
  heard({ received, captured, kernelDrops }: SourceCounters): void {
    if (this.#isOver || received === null || captured === null) return;
    this.#answers++;
    if (this.#answers === FIRST_CERTAIN_ANSWER) this.#awaited = received - (kernelDrops ?? 0);
    if (this.#answers >= FIRST_CERTAIN_ANSWER && captured >= this.#awaited) this.#finish();
  }

  /** The program has ended by itself. */
  cancel(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #finish(): void {
    this.cancel();
    this.#end();
  }
}
