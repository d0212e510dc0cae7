import { bytes, count, duration } from '../../core/index.ts';
import { writeError } from './output.ts';

/** What the analysis tells of its progress: bytes of the inputs read so far, of how many (null: a pipe), packets read. */
export interface ProgressNews {
  bytes: number;
  size: number | null;
  packets: number;
}

const PATIENCE_MS = 1000;
const INTERVAL_MS = 100;
const BAR = 24;
const ERASE_LINE = '\r\u001b[2K';

/** The line for what is known after so many seconds, at most `width` characters long. */
export function progressLine({ bytes: done, size, packets }: ProgressNews, seconds: number, width: number): string {
  const rates = `${bytes(done / seconds)}/s  ${count(Math.round(packets / seconds))} packets/s`;
  if (size === null || size === 0) return `${bytes(done)}  ${count(packets)} packets  ${rates}`.slice(0, width);
  const share = Math.min(1, done / size);
  const filled = Math.round(share * BAR);
  const left = share > 0 ? `  ${duration(Math.ceil((seconds / share) * (1 - share)))} left` : '';
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${rates}${left}`.slice(0, width);
}

/** One line on standard error, drawn over itself at most ten times a second, for runs that take longer than a second. */
export class Progress {
  readonly #started: number;
  readonly #width: number;
  readonly #write: (text: string) => void;
  readonly #clock: () => number;
  #drawn = 0;

  constructor(width: number, write: (text: string) => void = writeError, clock: () => number = () => performance.now()) {
    this.#width = width;
    this.#write = write;
    this.#clock = clock;
    this.#started = clock();
  }

  update(news: ProgressNews): void {
    const now = this.#clock();
    if (now - this.#started < PATIENCE_MS || now - this.#drawn < INTERVAL_MS) return;
    this.#drawn = now;
    this.#write(ERASE_LINE + progressLine(news, (now - this.#started) / 1000, this.#width - 1));
  }

  /** Takes the line away: call it before anything else is written, and at the end. */
  erase(): void {
    if (this.#drawn === 0) return;
    this.#drawn = 0;
    this.#write(ERASE_LINE);
  }
}
