import { headerLines } from './header.ts';
import { filled, fitted, type Frame, type Line, narrow, piece, type Size, spread, widthOf } from './line.ts';
import { PANES } from './panes/index.ts';
import { Remembered } from './remembered.ts';
import { PANE_NAMES, type PaneName, type ScreenState } from './state.ts';
import { STATE_NAMES } from '../../../core/index.ts';

/** On a smaller screen, only a message to that effect is shown. */
const LEAST: Size = { columns: 24, rows: 6 };
/** From this size on, all lists are on the screen at once. */
const TILED: Size = { columns: 110, rows: 30 };
/** Titles and all states. */
const STATES_HEIGHT = STATE_NAMES.length + 1;
const STATES_WIDTH = 48;
const LEAST_DIGEST = 4;

const HINTS = '? help  Tab list  Enter open  / filter  s sort  p pause  w write  q finish';
const PROMPT = 'filter: ';
const SHORT_HINTS = '? help  Tab list  q finish';

/** How the rows of the screen are used. */
interface Layout {
  header: number;
  isTiled: boolean;
  /** Lines between the header (and tabs) and the last line. */
  body: number;
}

function layoutOf({ columns, rows }: Size): Layout {
  const header = rows < 12 ? 1 : rows < 18 ? 2 : 3;
  const isTiled = columns >= TILED.columns && rows >= TILED.rows;
  return { header, isTiled, body: rows - header - (isTiled ? 0 : 1) - 1 };
}

/**
 * The lists that are on the screen, so that what nobody sees need not be read, and how many rows may be seen of each: of one that can be
 * scrolled, any.
 */
export function shownPanes({ pane, details }: ScreenState, size: Size): ReadonlyMap<PaneName, number> {
  if (details.length > 0) return new Map();
  const names: readonly PaneName[] = layoutOf(size).isTiled ? PANE_NAMES : pane === 'states' ? ['states', 'findings'] : [pane];
  return new Map(names.map((name) => [name, name === pane ? Infinity : size.rows]));
}

/** Lines that a list or a detail scrolls by at once, and the columns that a detail is laid out in. */
export function pageOf(size: Size): { height: number; width: number } {
  const { body, isTiled } = layoutOf(size);
  return { height: Math.max(1, isTiled ? body - 1 : body), width: size.columns };
}

/** The screen as text: exactly as many lines as it has rows, each exactly as wide as it has columns. */
export function frame(state: ScreenState, size: Size): Frame {
  const { columns, rows } = size;
  if (columns < LEAST.columns || rows < LEAST.rows) {
    return frameOf(state, [[piece(`${columns}×${rows} is too small`)], [piece('q finishes')]], size);
  }
  const { header, isTiled, body } = layoutOf(size);
  const detail = state.details.at(-1);
  const tabs = isTiled ? [] : [tabLine(state, columns)];
  const lines = detail !== undefined ? detailLines(state, size) : isTiled ? tiles(state, columns, body) : [...tabs, ...single(state, columns, body)];
  const above = [...headerLines(state, columns, header), ...lines];
  const below = lastLines(state, columns);
  return frameOf(state, [...Array.from({ length: rows - below.length }, (_, row) => above[row]), ...below], size);
}

/** Blank lines, the same object in every frame, so that they need not be compared. */
const BLANK = new Remembered<Line>();

function frameOf(state: ScreenState, lines: readonly (Line | undefined)[], { columns, rows }: Size): Frame {
  const blank = BLANK.of(state, [columns], () => fitted([], columns));
  return { columns, lines: filled(lines, rows, columns, blank) };
}

/** The lists by number and title. If that is too wide, only the current one has its title. */
function tabLine(state: ScreenState, width: number): Line {
  const line = (titleOf: (name: PaneName) => string): Line =>
    PANE_NAMES.flatMap((name, i) => {
      const isShown = name === state.pane;
      const title = isShown ? PANES[name].title(state) : titleOf(name);
      return [piece(` ${`${i + 1} ${title}`.trim()} `, isShown ? 'selected' : PANES[name].look(state)), piece(' ')];
    });
  const short = (name: PaneName): string => PANES[name].title(state).split(' ', 1)[0];
  const lines = [line((name) => PANES[name].title(state)), line(short), line(() => '')];
  return lines.find((each) => widthOf(each) <= width + 1) ?? lines.at(-1)!;
}

/** One list; below the states, which are few, the findings. */
function single(state: ScreenState, width: number, height: number): Line[] {
  const lines = PANES[state.pane].lines(state, width, height, true);
  const left = height - STATES_HEIGHT;
  if (state.pane !== 'states' || left < LEAST_DIGEST) return lines;
  return [...lines.slice(0, STATES_HEIGHT), ...tile(state, 'findings', width, left)];
}

function tiles(state: ScreenState, width: number, height: number): Line[] {
  const top = STATES_HEIGHT + 1;
  const servers = Math.max(4, Math.min(10, Math.floor((height - top) / 3)));
  const left = tile(state, 'states', STATES_WIDTH, top);
  const right = tile(state, 'findings', width - STATES_WIDTH - 1, top);
  const lines: Line[] = [];
  for (const [i, line] of left.entries()) lines.push(beside(line, right[i]));
  return [...lines, ...tile(state, 'servers', width, servers), ...tile(state, 'flows', width, height - top - servers)];
}

/** Lines that stand beside others, by the left one. */
const BESIDE = new WeakMap<Line, { right: Line; line: Line }>();

function beside(left: Line, right: Line): Line {
  const known = BESIDE.get(left);
  if (known?.right === right) return known.line;
  const line = [...left, piece(' '), ...right];
  BESIDE.set(left, { right, line });
  return line;
}

const TILES: { readonly [name in PaneName]: Remembered<Line[]> } = {
  states: new Remembered(),
  findings: new Remembered(),
  servers: new Remembered(),
  flows: new Remembered(),
};

/** A list below a line with its title, exactly `height` lines. */
function tile(state: ScreenState, name: PaneName, width: number, height: number): Line[] {
  const isFocused = state.pane === name && state.details.length === 0;
  const look = PANES[name].look(state);
  const words = PANES[name].title(state);
  const rows = PANES[name].lines(state, width, height - 1, isFocused);
  return TILES[name].of(state, [look, words, rows, isFocused, width, height], () => {
    const title = piece(` ${words} `, isFocused ? 'selected' : look === 'quiet' ? 'heading' : look);
    const rule = piece('─'.repeat(Math.max(0, width - title.text.length - 1)), 'quiet');
    return filled([[piece('─', 'quiet'), title, rule], ...rows], height, width);
  });
}

/** The first line to show: `top`, but no later than where the last page is full. */
export function clampedTop(top: number, lines: number, height: number): number {
  return Math.max(0, Math.min(top, lines - height));
}

function detailLines(state: ScreenState, size: Size): Line[] {
  const { height, width } = pageOf(size);
  const detail = state.details.at(-1)!;
  const lines = detail.lines(width);
  const top = clampedTop(detail.top, lines.length, height);
  const end = Math.min(lines.length, top + height);
  const place = lines.length > height ? `lines ${top + 1} to ${end} of ${lines.length} ` : '';
  return [spread([piece(` ${detail.title} `, 'selected')], [piece(place, 'quiet')], width), ...lines.slice(top, end)];
}

/** The last line: what is being typed, with the problem above it; or a message; or the keys. */
function lastLines({ prompt, message, details }: ScreenState, width: number): Line[] {
  const said = message === null ? [] : [[piece(message.text, message.look)]];
  if (prompt !== null) {
    // Keep the end of what is typed in sight.
    const room = width - PROMPT.length - 1;
    return [...said, [piece(PROMPT, 'command'), { text: narrow(prompt).slice(-room), look: 'plain' }, piece(' ', 'selected')]];
  }
  if (said.length > 0) return said;
  const detail = details.at(-1);
  if (detail !== undefined) return [[piece([detail.hints, 'Esc back', '↑ ↓ scroll', '? help'].filter((hint) => hint !== '').join('  '), 'quiet')]];
  return [[piece(HINTS.length <= width ? HINTS : SHORT_HINTS, 'quiet')]];
}
