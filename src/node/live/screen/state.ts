import type { FlowRow } from '../../../core/index.ts';
import type { LiveView } from '../live-view.ts';
import { type Line, textOf } from './line.ts';
import type { Look } from './look.ts';
import { Readings } from './readings.ts';
import { parseFlowFilter } from './flow-filter.ts';
import type { FlowOrder } from './flow-scan.ts';

export const PANE_NAMES = ['states', 'findings', 'servers', 'flows'] as const;
export type PaneName = (typeof PANE_NAMES)[number];

/** The position in a list, and its order. */
export interface ListState {
  /** The selected row: by its key as long as it exists, else by its place. */
  key: string | null;
  index: number;
  /** Title of the column that it is sorted by. */
  column: string;
  descending: boolean;
}

/** What only the screen itself can do about a key. */
export type Effect = { kind: 'quit' | 'suspend' | 'redraw' | 'snapshot' } | { kind: 'flow'; flow: number };

/** A text that covers the lists, and is scrolled through. */
export interface Detail {
  title: string;
  /** What the keys do, besides scrolling. */
  hints: string;
  lines(width: number): readonly Line[];
  /** The first line shown. */
  top: number;
  /** What Enter does. */
  open?: Effect;
}

export interface Message {
  text: string;
  look: Look;
}

/** Everything that the screen is drawn from: what is known of the audit, and what the person has chosen. */
export interface ScreenState {
  readonly readings: Readings;
  pane: PaneName;
  readonly lists: { readonly [pane in PaneName]: ListState };
  /** The current filter of flows, and the one being typed; null if there is none. */
  filter: string;
  prompt: string | null;
  /** The last one is shown. */
  readonly details: Detail[];
  isPaused: boolean;
  /** Findings at info severity are listed, too. */
  showsInfo: boolean;
  message: Message | null;
}

/** @param clock milliseconds, going forward only */
export function newState(view: LiveView, order: FlowOrder, clock: () => number): ScreenState {
  const list = (column: string, descending: boolean): ListState => ({ key: null, index: 0, column, descending });
  return {
    readings: new Readings(view, order, clock),
    pane: 'states',
    lists: { states: list('', false), findings: list('Severity', true), servers: list('Flows', true), flows: list('Flow', true) },
    filter: '',
    prompt: null,
    details: [],
    isPaused: false,
    showsInfo: false,
    message: null,
  };
}

/** Filters and sorts the flows as the state says. Throws `FilterError`, and then changes nothing. */
export function askForFlows(state: ScreenState, filter: string, order: FlowOrder): void {
  const test = parseFlowFilter(filter);
  state.filter = filter.trim();
  state.readings.flows.ask(order, test);
}

/** A detail that makes its lines once for each width. */
export function detailOf(title: string, hints: string, make: (width: number) => readonly Line[], open?: Effect): Detail {
  let made: { width: number; lines: readonly Line[] } | null = null;
  return {
    title,
    hints,
    top: 0,
    ...(open !== undefined && { open }),
    lines(width) {
      if (made?.width !== width) made = { width, lines: withoutEmptyEnd(make(width)) };
      return made.lines;
    },
  };
}

function withoutEmptyEnd(lines: readonly Line[]): readonly Line[] {
  let end = lines.length;
  while (end > 0 && textOf(lines[end - 1]).trim() === '') end--;
  return lines.slice(0, end);
}

/** The row of a flow, if it is still remembered. */
export function findFlow(view: LiveView, number: number): FlowRow | undefined {
  const [row] = view.flows((flow) => flow === number);
  return row;
}
