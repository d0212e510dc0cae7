/* Laying out plain text. Widths count characters: all text that is laid out is ASCII, apart from a few symbols. */

/** Breaks text at spaces into lines of at most `width` characters. A longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (word === '') continue;
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines;
}

export interface Column<Row> {
  title: string;
  /** Aligned to the right, as numbers are. */
  right?: boolean;
  /** If the table is too wide, columns of the highest rank are dropped first; rank 0 (the default) always stays. */
  rank?: number;
  /** May be cut with `…`, before any column is dropped. */
  cut?: boolean;
  cell(row: Row): string;
}

/** Between columns. */
export const GAP = '  ';

/** Widths of all columns for these cells and the titles. */
function widthsOf<Row>(columns: readonly Column<Row>[], cells: readonly string[][]): number[] {
  return columns.map((column, i) => cells.reduce((width, row) => Math.max(width, row[i].length), column.title.length));
}

/** The least width of a column that is cut. */
const LEAST_CUT = 16;

/** Indices of the columns that fit into `width`, in order. Reduces those `widths` whose columns may be cut. */
export function fitColumns<Row>(columns: readonly Column<Row>[], widths: number[], width: number): number[] {
  let kept = columns.map((_, i) => i);
  const excess = (): number => kept.reduce((sum, i) => sum + widths[i] + GAP.length, -GAP.length) - width;
  for (const i of kept) {
    if (columns[i].cut && excess() > 0) widths[i] = Math.min(widths[i], Math.max(LEAST_CUT, columns[i].title.length, widths[i] - excess()));
  }
  while (excess() > 0) {
    const last = kept.reduce((worst, i) => ((columns[i].rank ?? 0) >= (columns[worst].rank ?? 0) ? i : worst));
    if ((columns[last].rank ?? 0) === 0) break;
    kept = kept.filter((i) => i !== last);
  }
  return kept;
}

/**
 * A table whose rows come one by one. The first rows are held back to measure the columns. From then on each row is written at once, so
 * that memory does not grow with the table.
 */
export class TableWriter<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #width: number;
  readonly #title: (line: string) => string;
  readonly #sampleSize: number;
  #sample: string[][] | null = [];
  #kept: number[] = [];
  #widths: number[] = [];

  /** @param title styles the line of column titles */
  constructor(columns: readonly Column<Row>[], width: number, title: (line: string) => string, sampleSize = 500) {
    this.#columns = columns;
    this.#width = width;
    this.#title = title;
    this.#sampleSize = sampleSize;
  }

  write(row: Row): string {
    const cells = this.#columns.map((column) => column.cell(row));
    if (this.#sample === null) return this.#line(cells);
    this.#sample.push(cells);
    return this.#sample.length >= this.#sampleSize ? this.#release() : '';
  }

  end(): string {
    return this.#sample === null ? '' : this.#release();
  }

  #release(): string {
    const sample = this.#sample ?? [];
    this.#sample = null;
    this.#widths = widthsOf(this.#columns, sample);
    this.#kept = fitColumns(this.#columns, this.#widths, this.#width);
    const titles = this.#line(this.#columns.map((column) => column.title)).trimEnd();
    return [`${this.#title(titles)}\n`, ...sample.map((cells) => this.#line(cells))].join('');
  }

  #line(cells: readonly string[]): string {
    const padded = this.#kept.map((i) => {
      const width = this.#widths[i];
      const cell = this.#columns[i].cut && cells[i].length > width ? `${cells[i].slice(0, width - 1)}…` : cells[i];
      return this.#columns[i].right ? cell.padStart(width) : cell.padEnd(width);
    });
    return `${padded.join(GAP).trimEnd()}\n`;
  }
}
