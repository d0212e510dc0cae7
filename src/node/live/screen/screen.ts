import { tracingChannel } from 'node:diagnostics_channel';
import type { FlowRow } from '../../../core/index.ts';
import { errorMessage } from '../../error-message.ts';
import type { LiveView } from '../live-view.ts';
import { Difference } from './difference.ts';
import { frame, shownPanes } from './frame.ts';
import type { Key } from './key.ts';
import { sequencesOf } from './look.ts';
import { flowDetail } from './panes/flow-detail.ts';
import { flowOrder } from './panes/flows.ts';
import { press } from './press.ts';
import { findFlow, newState, type ScreenState } from './state.ts';
import { type Drawable, Terminal, type TerminalListener } from './terminal.ts';

/** Five frames a second; a key is answered sooner. */
const FRAME_MS = 200;
/** A channel for measuring the cost of frames: see bench/frame-cost.js. */
const FRAMES = tracingChannel('synoptic:frame');

export interface ScreenOptions {
  colour: boolean;
  /** The person quits: the audit is to end, which closes the screen. */
  quit(): void;
  /** Writes the current report. Returns the name of the file. */
  snapshot(): string;
  /** What to draw on; the terminal of the program by default. */
  terminal?(listener: TerminalListener): Drawable;
}

/**
 * The screen of a live audit. It opens with the first bytes of the capture: until then the terminal belongs to whoever may have to
 * ask for a password there.
 */
export class Screen {
  readonly #view: LiveView;
  readonly #options: ScreenOptions;
  readonly #difference: Difference;
  readonly #state: ScreenState;
  #terminal: Drawable | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isDrawn = true;
  #isClosed = false;

  constructor(view: LiveView, options: ScreenOptions) {
    this.#view = view;
    this.#options = options;
    this.#difference = new Difference(sequencesOf(options.colour));
    this.#state = newState(view, flowOrder('Flow', true), () => performance.now());
  }

  /** The audit is given bytes: see `Onlooker.bytes`. */
  bytes(): void {
    if (this.#terminal === null && !this.#isClosed) this.#open();
  }

  /** The audit has ended: restores the terminal. */
  end(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#terminal?.close();
    this.#terminal = null;
  }

  /** Shows a message in the last line until a key is pressed. */
  say(text: string, isGood: boolean): void {
    this.#state.message = { text, look: isGood ? 'good' : 'high' };
    this.#drawSoon();
  }

  #open(): void {
    const listener: TerminalListener = { key: (key) => this.#key(key), changed: () => this.#redraw(), closed: () => this.#lost() };
    this.#terminal = this.#options.terminal?.(listener) ?? new Terminal(listener);
    this.#timer = setInterval(() => this.#tick(), FRAME_MS);
    this.#tick();
  }

  /** Draws a frame, unless the terminal has not yet taken the last one. */
  #tick(): void {
    const terminal = this.#terminal;
    if (terminal === null || terminal.isBusy) return;
    FRAMES.traceSync(() => {
      if (!this.#state.isPaused) this.#state.readings.take(this.#view, shownPanes(this.#state, terminal.size));
      this.#draw(terminal);
    });
  }

  #draw(terminal: Drawable): void {
    this.#isDrawn = true;
    const text = this.#difference.draw(frame(this.#state, terminal.size));
    if (text !== '') terminal.write(text);
  }

  #redraw(): void {
    this.#difference.forget();
    if (this.#terminal !== null) this.#draw(this.#terminal);
  }

  #key(key: Key): void {
    const terminal = this.#terminal;
    if (terminal === null) return;
    const effect = press(this.#state, key, terminal.size);
    switch (effect?.kind) {
      case 'quit':
        this.#options.quit();
        break;
      case 'suspend':
        terminal.suspend();
        break;
      case 'redraw':
        this.#redraw();
        break;
      case 'snapshot':
        this.#snapshot();
        break;
      case 'flow':
        this.#state.details.push(flowDetail(effect.flow, this.#row(effect.flow), this.#view.ladder(effect.flow)));
        break;
      case undefined:
        break;
    }
    this.#drawSoon();
  }

  #row(flow: number): FlowRow | undefined {
    const row = findFlow(this.#view, flow);
    return row && this.#state.readings.withFindings(row);
  }

  #snapshot(): void {
    try {
      this.say(`wrote ${this.#options.snapshot()}`, true);
    } catch (error) {
      this.say(errorMessage(error), false);
    }
  }

  /** Keys that come together are answered with one frame, which reads again only what somebody waits for. */
  #drawSoon(): void {
    if (!this.#isDrawn) return;
    this.#isDrawn = false;
    setImmediate(() => {
      const terminal = this.#terminal;
      if (this.#isDrawn || terminal === null || terminal.isBusy) return;
      if (this.#state.readings.flows.isStale) this.#tick();
      else this.#draw(terminal);
    });
  }

  #lost(): void {
    if (this.#isClosed) return;
    this.end();
    this.#options.quit();
  }
}
