import { interfaceState } from './sources/interfaces.ts';

/** Time from one look at the interface to the next (milliseconds). */
const LOOK_MS = 1_000;
/** States of an interface that passes nothing (RFC 2863 §3.1.12 `ifOperStatus`, as the kernel spells them). */
const DOWN: ReadonlySet<string> = new Set(['down', 'lowerlayerdown', 'notpresent']);

/**
 * Tells when the interface goes down and when it is up again: tcpdump and dumpcap just wait, so that a link that is down would look
 * silent. Attach it to a `LiveAudit`.
 */
export class LinkWatch {
  readonly #name: string;
  readonly #tell: (text: string, isUp: boolean) => void;
  readonly #state: (name: string) => string;
  readonly #clock: () => number;
  #looked = -Infinity;
  #isUp = true;

  /**
   * @param tell called with a phrase
   * @param state the state of an interface, as the kernel spells it
   * @param clock milliseconds
   */
  constructor(name: string, tell: (text: string, isUp: boolean) => void, state = interfaceState, clock = (): number => performance.now()) {
    this.#name = name;
    this.#tell = tell;
    this.#state = state;
    this.#clock = clock;
  }

  tick(): void {
    const now = this.#clock();
    if (now - this.#looked < LOOK_MS) return;
    this.#looked = now;
    const isUp = !DOWN.has(this.#state(this.#name));
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    this.#tell(isUp ? `${this.#name} is up again` : `${this.#name} is down: nothing comes until it is up again, the audit waits`, isUp);
  }
}
