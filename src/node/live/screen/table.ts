import type { Column } from '../../../core/index.ts';
import { fitColumns, GAP } from '../../../core/index.ts';
import { fitted, type Line, narrow, padded, type Piece } from './line.ts';
import type { Look } from './look.ts';

export type SortKey = number | bigint | string;

/** A column of a table that is drawn again and again. */
export interface ScreenColumn<Row> extends Column<Row> {
  /** Its width when the cells are narrower: so that columns do not move with every row. */
  least?: number;
  /** An endpoint: if it is too long its beginning is cut, since the port is at its end. */
  keepsEnd?: boolean;
  look?(row: Row): Look;
  /** The value to sort rows by; columns without it cannot be sorted by. */
  key?: (row: Row) => SortKey;
}

export interface Table<Row> {
  columns: readonly ScreenColumn<Row>[];
  rows: readonly Row[];
  /** Index of the row that is marked; −1 for none. */
  selected: number;
  sortedBy: string;
  descending: boolean;
}

/** Columns of the longest endpoint of IPv4; those of IPv6 get more than that on a wide screen only. */
const IPV4_ENDPOINT = 21;
const MARK = '› ';
const NO_MARK = '  ';

/** First of `count` rows to show in `height` lines, so that the selected one is among them, in the middle if possible. */
function firstShown(count: number, selected: number, height: number): number {
  return Math.max(0, Math.min(selected - (height >> 1), count - height));
}

/** The titles and as many rows as fit, around the one selected. */
export function tableLines<Row extends object>({ columns, rows, selected, sortedBy, descending }: Table<Row>, width: number, height: number): Line[] {
  const first = firstShown(rows.length, selected, height - 1);
  const shown = rows.slice(first, first + Math.max(0, height - 1));
  const titles = columns.map(({ title }) => (title !== '' && title === sortedBy ? `${title} ${descending ? '▼' : '▲'}` : title));
  const drawn: Drawn[] = [];
  for (const row of shown) drawn.push(drawnOf(row, columns));
  const widths = widthsOf(columns, titles, drawn, width);
  const kept = fitColumns(columns, widths, width - MARK.length);
  const layout: Layout<Row> = { columns, widths, kept, width, name: `${width}: ${kept.map((i) => `${i} ${widths[i]}`).join()}` };
  const lines = [lineOf(titles, layout, NO_MARK, null)];
  for (const [n, row] of shown.entries()) {
    if (first + n === selected) lines.push(inverted(lineOf(drawn[n].cells, layout, MARK, row)));
    else lines.push(rowLine(row, drawn[n], layout));
  }
  return lines;
}

/** The layout of a table's columns. */
interface Layout<Row> {
  columns: readonly ScreenColumn<Row>[];
  /** Of all columns, and the indices of those for which there is room. */
  widths: readonly number[];
  kept: readonly number[];
  /** Of the whole line. */
  width: number;
  /** Differs where anything above does. */
  name: string;
}

/*
 * Functions of their own and loops, where a `map` would read as well: they run for every row. What a processor makes of an arrow function that is
 * created anew in each frame is thrown away with it at the next garbage collection, and made again: that took more time than to draw.
 */

function widthsOf<Row>(columns: readonly ScreenColumn<Row>[], titles: readonly string[], drawn: readonly Drawn[], width: number): number[] {
  const widths: number[] = [];
  for (const [i, { least = 0, keepsEnd }] of columns.entries()) {
    let widest = Math.max(titles[i].length, least);
    for (const { cells } of drawn) widest = Math.max(widest, cells[i].length);
    widths.push(keepsEnd ? Math.min(widest, Math.max(IPV4_ENDPOINT, width >> 2)) : widest);
  }
  return widths;
}

/** @param row what the texts are of; null for the titles */
function lineOf<Row>(texts: readonly string[], { columns, widths, kept, width }: Layout<Row>, mark: string, row: Row | null): Line {
  const pieces: Piece[] = [{ text: mark, look: 'plain' }];
  for (const i of kept) {
    const column = columns[i];
    if (pieces.length > 1) pieces.push({ text: GAP, look: 'plain' });
    pieces.push({ text: cell(texts[i], widths[i], column), look: row === null ? 'heading' : (column.look?.(row) ?? 'plain') });
  }
  return fitted(pieces, width);
}

function inverted(line: Line): Line {
  return line.map(({ text }) => ({ text, look: 'selected' }));
}

/** A row that was drawn: its texts, and its line in the latest layout. */
interface Drawn {
  readonly cells: readonly string[];
  layout: string;
  line: Line;
}

/** By columns and row. Rows are replaced, never changed, and most stay for several frames. */
const DRAWN = new WeakMap<object, WeakMap<object, Drawn>>();

function drawnOf<Row extends object>(row: Row, columns: readonly ScreenColumn<Row>[]): Drawn {
  let known = DRAWN.get(columns);
  if (known === undefined) DRAWN.set(columns, (known = new WeakMap()));
  let drawn = known.get(row);
  if (drawn === undefined) known.set(row, (drawn = { cells: textsOf(row, columns), layout: '', line: [] }));
  return drawn;
}

function textsOf<Row>(row: Row, columns: readonly ScreenColumn<Row>[]): string[] {
  const texts: string[] = [];
  for (const column of columns) texts.push(narrow(column.cell(row)));
  return texts;
}

function rowLine<Row>(row: Row, drawn: Drawn, layout: Layout<Row>): Line {
  if (drawn.layout !== layout.name) drawn.line = lineOf(drawn.cells, layout, NO_MARK, row);
  drawn.layout = layout.name;
  return drawn.line;
}

function cell<Row>(text: string, width: number, { right, keepsEnd }: ScreenColumn<Row>): string {
  if (keepsEnd && text.length > width) return `…${text.slice(text.length - width + 1)}`;
  return padded(text, width, right);
}

/** Sorted by a column; equal rows keep their order. */
export function sorted<Row>(rows: readonly Row[], column: ScreenColumn<Row> | undefined, descending: boolean): readonly Row[] {
  const key = column?.key;
  if (key === undefined) return rows;
  const sign = descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  return keyed.sort((one, other) => (one.key === other.key ? 0 : one.key < other.key ? -sign : sign)).map(({ row }) => row);
}
