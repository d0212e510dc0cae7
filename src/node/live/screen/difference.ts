import type { Frame, Line } from './line.ts';
import { LOOKS } from './look.ts';

const ESCAPE = '\u001b[';
/** DEC private mode 2026: the terminal shows nothing until the update is complete. Terminals that do not know it ignore it. */
const BEGIN_UPDATE = `${ESCAPE}?2026h`;
const END_UPDATE = `${ESCAPE}?2026l`;
const CLEAR = `${ESCAPE}0m${ESCAPE}2J`;
/** Up to this many unchanged cells are drawn again: moving the cursor past them would take as many bytes. */
const BRIDGE = 8;

const INDEX_OF_LOOK: ReadonlyMap<string, number> = new Map(LOOKS.map((look, index) => [look, index]));

interface Row {
  /** The line it was made from: if the next frame has the same object, nothing has changed. */
  line: Line;
  text: string;
  /** Index of the look of each column. */
  looks: Uint8Array;
}

/** What to write to a terminal so that it shows the next frame: only what differs from the last one. */
export class Difference {
  readonly #sequences: readonly string[];
  #columns = 0;
  #rows: Row[] = [];

  /** @param sequences the escape sequence for each look, by its index */
  constructor(sequences: readonly string[]) {
    this.#sequences = sequences;
  }

  /** What the terminal shows is no longer known: the next frame is drawn completely. */
  forget(): void {
    this.#rows = [];
  }

  /** Escape sequences and text that turn the previous frame into this one; empty if there is no difference. */
  draw({ columns, lines }: Frame): string {
    const isNew = columns !== this.#columns || lines.length !== this.#rows.length;
    const before = isNew ? [] : this.#rows;
    const rows: Row[] = [];
    let written = '';
    for (const [index, line] of lines.entries()) {
      const former = before[index] as Row | undefined;
      const row = former?.line === line ? former : rowOf(line, columns);
      rows.push(row);
      if (row !== former) written += this.#drawRow(index, row, former);
    }
    this.#columns = columns;
    this.#rows = rows;
    if (written === '' && !isNew) return '';
    return `${BEGIN_UPDATE}${isNew ? CLEAR : ''}${written}${this.#sequences[0]}${END_UPDATE}`;
  }

  #drawRow(index: number, row: Row, before: Row | undefined): string {
    let written = '';
    for (let from = nextChange(row, before, 0); from < row.text.length; ) {
      const to = endOfChange(row, before, from);
      written += `${ESCAPE}${index + 1};${from + 1}H${this.#cells(row, from, to)}`;
      from = nextChange(row, before, to);
    }
    return written;
  }

  #cells({ text, looks }: Row, from: number, to: number): string {
    let written = '';
    for (let at = from; at < to; ) {
      let end = at + 1;
      while (end < to && looks[end] === looks[at]) end++;
      written += this.#sequences[looks[at]] + text.slice(at, end);
      at = end;
    }
    return written;
  }
}

function rowOf(line: Line, columns: number): Row {
  const looks = new Uint8Array(columns);
  let text = '';
  for (const piece of line) {
    looks.fill(INDEX_OF_LOOK.get(piece.look) ?? 0, text.length, text.length + piece.text.length);
    text += piece.text;
  }
  return { line, text, looks };
}

function differs(row: Row, before: Row | undefined, at: number): boolean {
  return before === undefined || row.text.charCodeAt(at) !== before.text.charCodeAt(at) || row.looks[at] !== before.looks[at];
}

function nextChange(row: Row, before: Row | undefined, from: number): number {
  let at = from;
  while (at < row.text.length && !differs(row, before, at)) at++;
  return at;
}

/** End of a run of changed cells, which may include up to `BRIDGE` unchanged ones in a row. */
function endOfChange(row: Row, before: Row | undefined, from: number): number {
  let end = from + 1;
  for (let at = end; at < row.text.length && at - end < BRIDGE; at++) if (differs(row, before, at)) end = at + 1;
  return end;
}
