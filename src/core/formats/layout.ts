/** Laying out plain text in columns. Widths are counted in characters: all that is laid out here is ASCII but for a few symbols. */

/** Breaks text into lines of at most `width` characters at spaces; a longer word stands on a line of its own. */
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
  /** Numbers stand right. */
  right?: boolean;
  /** Where the width does not suffice, columns of the highest rank go first; rank 0 (the default) always stays. */
  rank?: number;
  cell(row: Row): string;
}

const GAP = '  ';

/** Widths of all columns for the sample, its titles included. */
function widthsOf<Row>(columns: readonly Column<Row>[], cells: readonly string[][]): number[] {
  return columns.map((column, i) => cells.reduce((width, row) => Math.max(width, row[i].length), column.title.length));
}

/** The columns that fit into `width`, in their order. */
function fitting<Row>(columns: readonly Column<Row>[], widths: readonly number[], width: number): number[] {
  const kept = columns.map((_, i) => i);
  const total = (): number => kept.reduce((sum, i) => sum + widths[i] + GAP.length, -GAP.length);
  while (total() > width) {
    const last = kept.reduce((worst, i) => ((columns[i].rank ?? 0) >= (columns[worst].rank ?? 0) ? i : worst));
    if ((columns[last].rank ?? 0) === 0) break;
    kept.splice(kept.indexOf(last), 1);
  }
  return kept;
}

/**
 * A table whose rows come one after the other. The first rows are held back to measure the columns; from then on each row is
 * written at once, so that a table of any length needs no memory.
 */
export class TableWriter<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #width: number;
  readonly #title: (line: string) => string;
  readonly #sampleSize: number;
  #sample: string[][] | null = [];
  #kept: number[] = [];
  #widths: number[] = [];

  /** @param title paints the line of column titles */
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
    this.#kept = fitting(this.#columns, this.#widths, this.#width);
    const titles = this.#line(this.#columns.map((column) => column.title)).trimEnd();
    return [`${this.#title(titles)}\n`, ...sample.map((cells) => this.#line(cells))].join('');
  }

  #line(cells: readonly string[]): string {
    const padded = this.#kept.map((i) => (this.#columns[i].right ? cells[i].padStart(this.#widths[i]) : cells[i].padEnd(this.#widths[i])));
    return `${padded.join(GAP).trimEnd()}\n`;
  }
}
