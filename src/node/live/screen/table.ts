import type { Column } from '../../../core/index.ts';
import { fitColumns, GAP } from '../../../core/index.ts';
import { fitted, type Line, narrow, padded, type Piece } from './line.ts';
import type { Look } from './look.ts';

export type SortKey = number | bigint | string;

/** A column of a table that is drawn again and again. */
export interface ScreenColumn<Row> extends Column<Row> {
  /** Its width when the cells are narrower: so that columns do not move with every row. */
  least?: number;
  /** An endpoint: where it is too long its beginning goes, since its end is the port. */
  keepsEnd?: boolean;
  look?(row: Row): Look;
  /** What rows are sorted by; a column without it is none to sort by. */
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

/** First of `count` rows to show in `height` lines so that the selected one is among them, in the middle where it can be. */
function firstShown(count: number, selected: number, height: number): number {
  return Math.max(0, Math.min(selected - (height >> 1), count - height));
}

/** The titles and as many rows as fit, around the one selected. */
export function tableLines<Row extends object>({ columns, rows, selected, sortedBy, descending }: Table<Row>, width: number, height: number): Line[] {
  const first = firstShown(rows.length, selected, height - 1);
  const shown = rows.slice(first, first + Math.max(0, height - 1));
  const titles = columns.map(({ title }) => (title !== '' && title === sortedBy ? `${title} ${descending ? '▼' : '▲'}` : title));
  const cells = shown.map((row) => cellsOf(row, columns));
  const widths = columns.map((column, i) => {
    const widest = cells.reduce((most, row) => Math.max(most, row[i]!.length), Math.max(titles[i]!.length, column.least ?? 0));
    return column.keepsEnd ? Math.min(widest, Math.max(IPV4_ENDPOINT, width >> 2)) : widest;
  });
  const kept = fitColumns(columns, widths, width - MARK.length);
  const line = (texts: readonly string[], mark: string, lookOf: (column: ScreenColumn<Row>) => Look): Line => {
    const pieces: Piece[] = [{ text: mark, look: 'plain' }];
    for (const [place, i] of kept.entries()) {
      const column = columns[i]!;
      if (place > 0) pieces.push({ text: GAP, look: 'plain' });
      pieces.push({ text: cell(texts[i]!, widths[i]!, column), look: lookOf(column) });
    }
    return fitted(pieces, width);
  };
  const lines = [line(titles, NO_MARK, () => 'heading')];
  for (const [n, row] of shown.entries()) {
    const isSelected = first + n === selected;
    const drawn = line(cells[n]!, isSelected ? MARK : NO_MARK, (column) => column.look?.(row) ?? 'plain');
    lines.push(isSelected ? drawn.map(({ text }) => ({ text, look: 'selected' })) : drawn);
  }
  return lines;
}

/** Texts of rows that were drawn before, by columns and row: rows are replaced, not changed, and most stand for several frames. */
const CELLS = new WeakMap<object, WeakMap<object, string[]>>();

function cellsOf<Row extends object>(row: Row, columns: readonly ScreenColumn<Row>[]): readonly string[] {
  let known = CELLS.get(columns);
  if (known === undefined) CELLS.set(columns, (known = new WeakMap()));
  let cells = known.get(row);
  if (cells === undefined) known.set(row, (cells = columns.map((column) => narrow(column.cell(row)))));
  return cells;
}

function cell<Row>(text: string, width: number, { right, keepsEnd }: ScreenColumn<Row>): string {
  if (keepsEnd && text.length > width) return `…${text.slice(text.length - width + 1)}`;
  return padded(text, width, right);
}

/** In the order of a column; rows that are equal in it stay as they are. */
export function sorted<Row>(rows: readonly Row[], column: ScreenColumn<Row> | undefined, descending: boolean): readonly Row[] {
  const key = column?.key;
  if (key === undefined) return rows;
  const sign = descending ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  return keyed.sort((one, other) => (one.key === other.key ? 0 : one.key < other.key ? -sign : sign)).map(({ row }) => row);
}
