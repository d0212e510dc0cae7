import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { isTerminal } from '../../cli/terminal.ts';
import { errorCode } from '../../error-message.ts';
import { type Key, KeyDecoder } from './key.ts';
import type { Size } from './line.ts';

/** DEC private modes: the alternate screen (1049), no wrapping at the right edge (7), the cursor (25). */
const ENTER = '\u001b[?1049h\u001b[?7l\u001b[?25l\u001b[2J';
// Emptied and with its cursor at home first: where the size has changed meanwhile, tmux keeps the lines above the cursor in its history.
const LEAVE = '\u001b[0m\u001b[H\u001b[2J\u001b[?2026l\u001b[?25h\u001b[?7h\u001b[?1049l';

/** An escape is the key of that name if nothing follows it for this long (milliseconds). */
const ESCAPE_PATIENCE = 50;
/** When to offer again what the terminal did not take (milliseconds); and, on leaving, how often. */
const RETRY = 10;
const LAST_RETRIES = 50;
const STANDARD_OUTPUT = 1;
const FALLBACK: Size = { columns: 80, rows: 24 };

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** What a terminal tells whoever draws on it. */
export interface TerminalListener {
  key(key: Key): void;
  /** Its size has changed, or others may have drawn on it: everything must be drawn again. */
  changed(): void;
  /** It is gone. */
  closed(): void;
}

/** What a screen is drawn on. */
export interface Drawable {
  readonly size: Size;
  /** Whether it is still busy with earlier output: what is written now would come late. */
  readonly isBusy: boolean;
  write(text: string): void;
  /** Gives the terminal back to the shell until the program is continued. */
  suspend(): void;
  /** Restores what was on the terminal. May be called again. */
  close(): void;
}

/** Whether a screen can be drawn: on a terminal that obeys escape sequences. */
export function canDraw(environment: NodeJS.ProcessEnv = process.env): boolean {
  const kind = environment['TERM'];
  return isTerminal(STANDARD_OUTPUT) && kind !== undefined && kind !== '' && kind !== 'dumb';
}

/**
 * The terminal that this program runs on, taken over whole: alternate screen, keys one by one. However the program ends, what was
 * on the terminal comes back: by `close`, by `process.exit`, by an error that nobody catches, by SIGTERM, SIGHUP or SIGINT.
 *
 * It has descriptors of its own: standard input may be a capture, and a terminal that is stopped must not stop the capture.
 */
export class Terminal implements Drawable {
  readonly #listener: TerminalListener;
  readonly #output: number;
  readonly #keys: ReadStream;
  readonly #decoder = new KeyDecoder();
  #escape: NodeJS.Timeout | undefined;
  /** What the terminal has not taken yet. */
  #rest: Buffer = Buffer.alloc(0);
  #retry: NodeJS.Timeout | undefined;
  #isOpen = true;
  #isDrawing = false;

  /** Throws a system error if the program has no terminal. */
  constructor(listener: TerminalListener) {
    this.#listener = listener;
    this.#output = openSync('/dev/tty', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    this.#keys = new ReadStream(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    this.#keys.on('data', (bytes: Buffer) => this.#read(bytes)).on('error', () => this.#lost()).on('end', () => this.#lost());
    process.stdout.on('resize', this.#changed);
    process.on('exit', this.#restore).on('uncaughtExceptionMonitor', this.#restore);
    process.on('SIGTSTP', this.#stopped).on('SIGCONT', this.#continued);
    for (const signal of ENDINGS) process.on(signal, this.#ended);
    this.#enter();
  }

  get size(): Size {
    const [columns, rows] = process.stdout.getWindowSize();
    return columns > 0 && rows > 0 ? { columns, rows } : FALLBACK;
  }

  get isBusy(): boolean {
    return this.#rest.length > 0;
  }

  write(text: string): void {
    this.#rest = Buffer.concat([this.#rest, Buffer.from(text)]);
    this.#offer();
  }

  suspend(): void {
    this.#leave();
    process.off('SIGTSTP', this.#stopped);
    // The whole job, as the terminal itself does it: the programs that it is piped to, too. We stop here.
    process.kill(0, 'SIGTSTP');
    // Where there is no shell to continue us, the system does not stop us either.
    setTimeout(this.#continued, RETRY);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#leave();
    this.#isOpen = false;
    clearTimeout(this.#escape);
    clearTimeout(this.#retry);
    process.stdout.off('resize', this.#changed);
    process.off('exit', this.#restore).off('uncaughtExceptionMonitor', this.#restore);
    process.off('SIGTSTP', this.#stopped).off('SIGCONT', this.#continued);
    for (const signal of ENDINGS) process.off(signal, this.#ended);
    this.#keys.destroy();
    closeSync(this.#output);
  }

  readonly #restore = (): void => this.#leave();
  readonly #changed = (): void => this.#listener.changed();
  readonly #stopped = (): void => this.suspend();

  readonly #continued = (): void => {
    if (!this.#isOpen) return;
    if (!process.listeners('SIGTSTP').includes(this.#stopped)) process.on('SIGTSTP', this.#stopped);
    // Stopped by SIGSTOP we could not leave, and the shell has set the terminal as it likes it: only what changes is set anew.
    if (this.#isDrawing) this.#setRaw(false);
    this.#enter();
    // Another size while we were stopped was told to the shell.
    process.kill(process.pid, 'SIGWINCH');
    this.#listener.changed();
  };

  /** The terminal is given back at once; what becomes of the program is for whoever else listens, else for the system. */
  readonly #ended = (signal: NodeJS.Signals): void => {
    // Sent by a terminal that is gone; else by a person, and what they want is known to whoever else listens.
    if (signal === 'SIGHUP' && process.listenerCount(signal) > 1 && hasTerminal()) return;
    this.#leave();
    if (signal === 'SIGHUP') this.#lost();
    else if (process.listenerCount(signal) === 1) {
      this.close();
      process.kill(process.pid, signal);
    }
  };

  #enter(): void {
    this.#isDrawing = true;
    if (this.#setRaw(true)) this.write(ENTER);
    else this.#lost();
  }

  /** False where the terminal is gone. */
  #setRaw(isRaw: boolean): boolean {
    try {
      this.#keys.setRawMode(isRaw);
      return true;
    } catch {
      return false;
    }
  }

  /** Restores the screen from any state; waits a little for a slow terminal. */
  #leave(): void {
    if (!this.#isDrawing) return;
    this.#isDrawing = false;
    clearTimeout(this.#retry);
    let bytes = Buffer.concat([this.#rest, Buffer.from(LEAVE)]);
    this.#rest = Buffer.alloc(0);
    for (let retries = 0; bytes.length > 0 && retries < LAST_RETRIES; retries++) {
      const written = this.#offered(bytes);
      if (written === null) break;
      bytes = bytes.subarray(written);
      if (bytes.length > 0) Atomics.wait(sleeper, 0, 0, RETRY);
    }
    this.#setRaw(false);
  }

  #offer(): void {
    clearTimeout(this.#retry);
    if (!this.#isDrawing) {
      this.#rest = Buffer.alloc(0);
      return;
    }
    const written = this.#offered(this.#rest);
    if (written === null) {
      this.#rest = Buffer.alloc(0);
      this.#lost();
      return;
    }
    this.#rest = this.#rest.subarray(written);
    if (this.#rest.length > 0) this.#retry = setTimeout(() => this.#offer(), RETRY);
  }

  /** How many of the bytes the terminal takes now; null if it is gone. */
  #offered(bytes: Buffer): number | null {
    try {
      return writeSync(this.#output, bytes);
    } catch (error) {
      return errorCode(error) === 'EAGAIN' ? 0 : null;
    }
  }

  #read(bytes: Buffer): void {
    clearTimeout(this.#escape);
    this.#tell(this.#decoder.decode(bytes));
    if (this.#decoder.isUndecided) this.#escape = setTimeout(() => this.#tell(this.#decoder.flush()), ESCAPE_PATIENCE);
  }

  #tell(keys: readonly Key[]): void {
    for (const key of keys) if (this.#isOpen) this.#listener.key(key);
  }

  #lost(): void {
    if (this.#isOpen) this.#listener.closed();
  }
}

/** Whether the program still has a terminal. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}

/** Signals that end a program that does not listen. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
