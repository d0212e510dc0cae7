import type { SourceCounters } from './source.ts';

/** How often a program that is to end is asked what it has been given (milliseconds). */
const ASK_MS = 50;
/** The first answer may be to a question from before. */
const FIRST_CERTAIN_ANSWER = 2;

/**
 * The end of a program that captures, put off until it has been given what had come. The kernel keeps packets in a block until that
 * is full or has waited for long enough (TPACKET_V3); a program that is told to end leaves such a block unread.
 */
export class Ending {
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #end: () => void;
  #isOver = false;
  #answers = 0;
  #awaited = 0;

  /**
   * @param holds milliseconds after which the kernel has given away every block
   * @param ask makes the program tell its counters, which are then `heard`; it may do nothing
   * @param end called once, when nothing is waited for any more
   */
  constructor(holds: number, ask: () => void, end: () => void) {
    this.#end = end;
    this.#timers = [setTimeout(() => this.#finish(), holds), setInterval(ask, ASK_MS)];
    ask();
  }

  /** The counters of this moment: on a link that is silent they show at once that nothing waits. */
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
