import { writeError } from './output.ts';

/** Lines that wait for the end of the screen. */
const MOST_HELD = 1_000;

/** What there is to tell of a live audit, a line each, on standard error: at once, or when the terminal is no longer drawn on. Attach it last. */
export class LiveLines {
  readonly #hasScreen: boolean;
  readonly #held: string[] = [];

  constructor(hasScreen: boolean) {
    this.#hasScreen = hasScreen;
  }

  readonly tell = (line: string): void => {
    if (!this.#hasScreen) write(line);
    else if (this.#held.length < MOST_HELD) this.#held.push(line);
  };

  end(): void {
    this.#held.splice(0).forEach(write);
  }
}

function write(line: string): void {
  writeError(`synoptic: ${line}\n`);
}
