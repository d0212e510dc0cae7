import { fitted, type Line, piece } from './line.ts';
import type { Look } from './look.ts';
import { Remembered } from './remembered.ts';
import type { Effect, ListState, PaneName, ScreenState } from './state.ts';
import { type ScreenColumn, sorted, tableLines } from './table.ts';

/** What a list of the screen shows, and what can be done with its rows. */
export interface PaneSpec<Row> {
  name: PaneName;
  /** For tabs and titles: the noun, and how many there are. */
  title(state: ScreenState): string;
  /** Of the title: quiet unless it is news. */
  look?(state: ScreenState): Look;
  /** @param width columns of the pane */
  columns(state: ScreenState, width: number): readonly ScreenColumn<Row>[];
  /** The same array as long as the rows are the same. */
  rows(state: ScreenState): readonly Row[];
  /** The rows are already in the order that the state of the list asks for. */
  isSorted?: boolean;
  /** Identifies a row from one frame to the next. */
  keyOf(row: Row): string;
  /** Text to show if there are no rows. */
  nothing(state: ScreenState): string;
  /** Details of the selected row, or else of the first, if the rows leave room. */
  words?(row: Row, width: number): readonly Line[];
  /** Enter was pressed on a row. */
  open(row: Row, state: ScreenState): Effect | null;
}

/** A list of the screen, whatever its rows are. */
export interface Pane {
  readonly name: PaneName;
  title(state: ScreenState): string;
  look(state: ScreenState): Look;
  /** @param isFocused the selected row is marked */
  lines(state: ScreenState, width: number, height: number, isFocused: boolean): Line[];
  /** Moves the selection down, or up if negative. */
  move(state: ScreenState, by: number): void;
  open(state: ScreenState): Effect | null;
  /** Titles of the columns that it can be sorted by. */
  sortable(state: ScreenState): readonly string[];
}

/** Fewer lines of words are not worth an empty one before them. */
const LEAST_WORDS = 2;
/** Any width: columns that sort are the same at all of them. */
const ANY_WIDTH = 80;

export function paneOf<Row extends object>(spec: PaneSpec<Row>): Pane {
  const drawn = new Remembered<Line[]>();
  const rowsOf = (state: ScreenState, columns: readonly ScreenColumn<Row>[]): readonly Row[] => {
    const { column, descending } = state.lists[spec.name];
    const rows = spec.rows(state);
    return spec.isSorted ? rows : sorted(rows, columns.find(({ title }) => title === column), descending);
  };
  const place = (rows: readonly Row[], { key, index }: ListState): number => {
    const found = key === null ? -1 : rows.findIndex((row) => spec.keyOf(row) === key);
    return found >= 0 ? found : Math.min(index, rows.length - 1);
  };
  const linesOf = (state: ScreenState, width: number, height: number, isFocused: boolean): Line[] => {
    const columns = spec.columns(state, width);
    const rows = rowsOf(state, columns);
    if (rows.length === 0) return [fitted([piece(`  ${spec.nothing(state)}`, 'quiet')], width)];
    const list = state.lists[spec.name];
    const selected = isFocused ? place(rows, list) : -1;
    const lines = tableLines({ columns, rows, selected, sortedBy: list.column, descending: list.descending }, width, height);
    const room = height - lines.length - 1;
    const words = room < LEAST_WORDS ? [] : (spec.words?.(rows[Math.max(0, selected)], width) ?? []);
    return words.length === 0 ? lines : [...lines, ...[[], ...words.slice(0, room)].map((line) => fitted(line, width))];
  };
  return {
    name: spec.name,
    title: (state) => spec.title(state),
    look: (state) => spec.look?.(state) ?? 'quiet',
    lines(state, width, height, isFocused) {
      const { key, index, column, descending } = state.lists[spec.name];
      const rows = spec.rows(state);
      const instead = rows.length === 0 ? spec.nothing(state) : '';
      return drawn.of(state, [rows, instead, key, index, column, descending, width, height, isFocused], () => linesOf(state, width, height, isFocused));
    },
    move(state, by) {
      const list = state.lists[spec.name];
      const rows = rowsOf(state, spec.columns(state, ANY_WIDTH));
      list.index = Math.max(0, Math.min(rows.length - 1, place(rows, list) + by));
      // At the top the selection stays there, whatever comes: one watches the newest.
      list.key = list.index === 0 || rows.length === 0 ? null : spec.keyOf(rows[list.index]);
    },
    open(state) {
      const rows = rowsOf(state, spec.columns(state, ANY_WIDTH));
      const row = rows[place(rows, state.lists[spec.name])];
      return row === undefined ? null : spec.open(row, state);
    },
    sortable: (state) => spec.columns(state, ANY_WIDTH).filter(({ key }) => key !== undefined).map(({ title }) => title),
  };
}
