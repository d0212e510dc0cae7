/** One cell: its character, and the parameters of the last SGR sequence before it was written. */
interface Cell {
  character: string;
  look: string;
}

const EMPTY: Cell = { character: ' ', look: '0' };

/**
 * As much of a terminal as a screen needs, and no more: it throws at any sequence that it does not know, at a character written
 * beyond the right edge, and at anything outside a synchronized update. A new size leaves rubbish behind, as real ones may.
 */
export class TerminalEmulation {
  #columns = 0;
  #rows = 0;
  #cells: Cell[][] = [];
  #look = '0';
  #at = { row: 0, column: 0 };
  #isUpdating = false;
  /** Characters written so far: what did not change should not be among them. */
  written = 0;

  resize(columns: number, rows: number): void {
    this.#columns = columns;
    this.#rows = rows;
    this.#cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ({ character: '?', look: 'rubbish' })));
  }

  write(text: string): void {
    // eslint-disable-next-line no-control-regex
    const tokens = text.match(/\u001b\[[?0-9;]*[A-Za-z]|[^]/gu) ?? [];
    for (const token of tokens) {
      if (token.startsWith('\u001b[')) this.#obey(token.slice(2, -1), token.at(-1)!);
      else this.#put(token);
    }
  }

  /** Text of each row. */
  get lines(): string[] {
    return this.#cells.map((row) => row.map(({ character }) => character).join(''));
  }

  /** SGR parameters of each cell. */
  get looks(): string[][] {
    return this.#cells.map((row) => row.map(({ look }) => look));
  }

  get isComplete(): boolean {
    return !this.#isUpdating;
  }

  #obey(parameters: string, final: string): void {
    if (final === 'h' && parameters === '?2026') this.#isUpdating = true;
    else if (final === 'l' && parameters === '?2026') this.#isUpdating = false;
    else if (!this.#isUpdating) throw new Error(`${parameters}${final} outside an update`);
    else if (final === 'm') this.#look = parameters;
    else if (final === 'H') {
      const [row, column] = parameters.split(';').map(Number);
      if (row < 1 || row > this.#rows || column < 1 || column > this.#columns) throw new Error(`cursor to ${parameters}`);
      this.#at = { row: row - 1, column: column - 1 };
    } else if (final === 'J' && parameters === '2') {
      this.#cells = this.#cells.map((row) => row.map(() => ({ ...EMPTY, look: this.#look })));
    } else throw new Error(`unknown sequence ${parameters}${final}`);
  }

  #put(character: string): void {
    if (!this.#isUpdating) throw new Error('text outside an update');
    if (character < ' ' || character.length > 1) throw new Error(`character ${character.codePointAt(0)}`);
    const { row, column } = this.#at;
    if (column >= this.#columns) throw new Error(`row ${row + 1} is too long`);
    this.#cells[row][column] = { character, look: this.#look };
    this.#at.column++;
    this.written++;
  }
}
