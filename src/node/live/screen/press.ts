import { clampedTop, pageOf } from './frame.ts';
import { FilterError } from './flow-filter.ts';
import type { Key } from './key.ts';
import type { Size } from './line.ts';
import { orderOf, showFlows } from './panes/flows.ts';
import { helpDetail } from './panes/help.ts';
import { PANES } from './panes/index.ts';
import { askForFlows, type Detail, type Effect, PANE_NAMES, type PaneName, type ScreenState } from './state.ts';

/** Longest filter that can be typed. */
const LONGEST_FILTER = 200;

/** What a key means while lists or a detail are shown: names of keys, characters, and `^x` for Ctrl-X. */
type Bindings<Target> = { readonly [key: string]: ((target: Target, size: Size) => Effect | null | void) | undefined };

function nameOf({ name, text }: Key): string {
  return name === 'character' ? text : name === 'control' ? `^${text}` : name;
}

/** Applies a key to the state. Returns what the screen itself must do about it. */
export function press(state: ScreenState, key: Key, size: Size): Effect | null {
  const name = nameOf(key);
  const always = ALWAYS[name]?.(state, size);
  if (always) return always;
  state.message = null;
  if (state.prompt !== null) {
    type(state, state.prompt, key);
    return null;
  }
  const anywhere = ANYWHERE[name];
  if (anywhere !== undefined) return anywhere(state, size) ?? null;
  if (state.details.length > 0) return pressInDetail(state, state.details.at(-1)!, name, size);
  return LISTS[name]?.(state, size) ?? null;
}

const ALWAYS: Bindings<ScreenState> = {
  '^c': () => ({ kind: 'quit' }),
  '^z': () => ({ kind: 'suspend' }),
  '^l': () => ({ kind: 'redraw' }),
};

function togglePause(state: ScreenState): void {
  state.isPaused = !state.isPaused;
}

const ANYWHERE: Bindings<ScreenState> = {
  '?'(state) {
    if (state.details.at(-1)?.title === 'Keys') state.details.pop();
    else state.details.push(helpDetail());
  },
  p: togglePause,
  ' ': togglePause,
  w: () => ({ kind: 'snapshot' }),
};

function move(state: ScreenState, by: number): void {
  PANES[state.pane].move(state, by);
}

/** A page is what most lists show at 80×24, whatever part of a larger screen they have. */
function movePage(state: ScreenState, by: 1 | -1, size: Size): void {
  move(state, by * Math.max(1, Math.min(16, pageOf(size).height - 2)));
}

function goTo(state: ScreenState, by: 1 | -1): void {
  const next = PANE_NAMES.indexOf(state.pane) + by + PANE_NAMES.length;
  state.pane = PANE_NAMES[next % PANE_NAMES.length];
}

const up = (state: ScreenState): void => move(state, -1);
const down = (state: ScreenState): void => move(state, 1);
const pageUp = (state: ScreenState, size: Size): void => movePage(state, -1, size);
const pageDown = (state: ScreenState, size: Size): void => movePage(state, 1, size);
const first = (state: ScreenState): void => move(state, -Infinity);
const last = (state: ScreenState): void => move(state, Infinity);
const next = (state: ScreenState): void => goTo(state, 1);
const previous = (state: ScreenState): void => goTo(state, -1);

const LISTS: Bindings<ScreenState> = {
  q: () => ({ kind: 'quit' }),
  tab: next, right: next, l: next,
  'back-tab': previous, left: previous, h: previous,
  up, k: up, down, j: down,
  'page-up': pageUp, '^u': pageUp, '^b': pageUp,
  'page-down': pageDown, '^d': pageDown, '^f': pageDown,
  home: first, g: first, end: last, G: last,
  ...Object.fromEntries(PANE_NAMES.map((name, i) => [String(i + 1), (state: ScreenState): void => void (state.pane = name)])),
  enter: (state) => attempt(state, () => PANES[state.pane].open(state)),
  '/'(state) {
    state.pane = 'flows';
    state.prompt = state.filter;
  },
  escape(state) {
    if (state.pane === 'flows' && state.filter !== '') askForFlows(state, '', orderOf(state));
  },
  s: (state) => sortBy(state, 1),
  S: (state) => sortBy(state, -1),
  r(state) {
    const list = state.lists[state.pane];
    list.descending = !list.descending;
    sorted(state, state.pane);
  },
  i(state) {
    state.showsInfo = !state.showsInfo;
  },
};

function sortBy(state: ScreenState, by: 1 | -1): void {
  const titles = PANES[state.pane].sortable(state);
  const list = state.lists[state.pane];
  if (titles.length === 0) return;
  list.column = titles[(titles.indexOf(list.column) + by + titles.length) % titles.length];
  sorted(state, state.pane);
}

/** The order of the list has changed: show its beginning. */
function sorted(state: ScreenState, pane: PaneName): void {
  const list = state.lists[pane];
  list.key = null;
  list.index = 0;
  if (pane === 'flows') askForFlows(state, state.filter, orderOf(state));
  if (list.column !== '') state.message = { text: `sorted by ${list.column}, ${list.descending ? 'greatest' : 'least'} first`, look: 'quiet' };
}

function pressInDetail(state: ScreenState, detail: Detail, name: string, size: Size): Effect | null {
  const { height, width } = pageOf(size);
  const lines = detail.lines(width).length;
  const scroll = SCROLLS[name];
  if (scroll !== undefined) detail.top = clampedTop(clampedTop(detail.top, lines, height) + scroll(height), lines, height);
  else if (['q', 'escape', 'backspace', 'left', 'h'].includes(name)) state.details.pop();
  else if (['enter', 'right', 'l'].includes(name)) return detail.open ?? null;
  return null;
}

/** Lines that each key scrolls by, where a page is so high. */
const SCROLLS: { readonly [key: string]: ((height: number) => number) | undefined } = {
  up: () => -1, k: () => -1, down: () => 1, j: () => 1,
  'page-up': (height) => 1 - height, '^u': (height) => 1 - height, '^b': (height) => 1 - height,
  'page-down': (height) => height - 1, '^d': (height) => height - 1, '^f': (height) => height - 1,
  home: () => -Infinity, g: () => -Infinity, end: () => Infinity, G: () => Infinity,
};

/** A key while a filter is typed. */
function type(state: ScreenState, typed: string, { name, text }: Key): void {
  if (name === 'escape') state.prompt = null;
  else if (name === 'enter') accept(state, typed);
  else if (name === 'backspace') state.prompt = typed.replace(/.$/u, '');
  else if (name === 'control' && text === 'u') state.prompt = '';
  else if (name === 'control' && text === 'w') state.prompt = typed.replace(/\S*\s*$/, '');
  else if (name === 'character' && typed.length < LONGEST_FILTER) state.prompt = typed + text;
}

function accept(state: ScreenState, typed: string): void {
  attempt(state, () => {
    showFlows(state, typed);
    state.prompt = null;
    return null;
  });
}

/** Calls `act`, and shows the problem if the filter is malformed. */
function attempt(state: ScreenState, act: () => Effect | null): Effect | null {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    state.message = { text: error.message, look: 'high' };
    return null;
  }
}
