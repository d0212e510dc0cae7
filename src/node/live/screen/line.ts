import type { Paint, Style } from '../../../core/index.ts';
import { escapeControls } from '../../../core/index.ts';
import type { Look } from './look.ts';

/** A piece of a line. Each of its characters takes one column: see `narrow`. */
export interface Piece {
  text: string;
  look: Look;
}

export type Line = readonly Piece[];

/** What is on the screen: as many lines as it has rows, each exactly as wide as it has columns. */
export interface Frame {
  columns: number;
  lines: readonly Line[];
}

export interface Size {
  columns: number;
  rows: number;
}

/**
 * Characters that are certain not to take one column and one UTF-16 unit: anything but the letters of Latin, Greek and Cyrillic, the
 * punctuation and the symbols that this program draws with. Wide characters, marks that combine and halves of surrogate pairs are among them.
 */
const NOT_NARROW = /[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2500-\u25fc]/gu;

/** The text, with every character escaped that a terminal would obey or that may not be one column wide: `\x1b`, `\u{4e2d}`. */
export function narrow(text: string): string {
  if (isPlain(text)) return text;
  return escapeControls(text).replace(NOT_NARROW, (character) => (character === '\u00a0' ? ' ' : `\\u{${character.codePointAt(0)!.toString(16)}}`));
}

/**
 * Nothing but ASCII, lines and blocks, as almost all that is drawn. A loop: a regular expression that is used so seldom takes some ten
 * times as long.
 */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || (code > 0x7e && code < 0x2500) || code > 0x25fc) return false;
  }
  return true;
}

export function piece(text: string, look: Look = 'plain'): Piece {
  return { text: narrow(text), look };
}

export function widthOf(line: Line): number {
  let width = 0;
  for (const { text } of line) width += text.length;
  return width;
}

/** The text in exactly `width` columns; text that does not fit ends with `…`. */
export function padded(text: string, width: number, right = false): string {
  const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}${width > 0 ? '…' : ''}` : text;
  return right ? cut.padStart(width) : cut.padEnd(width);
}

/** The line in exactly `width` columns. `look` is that of the space behind it. */
export function fitted(line: Line, width: number, look: Look = 'plain'): Line {
  if (widthOf(line) === width) return line;
  const fit: Piece[] = [];
  let room = width;
  for (const { text, look } of line) {
    if (room === 0) break;
    const isCut = text.length > room;
    fit.push({ text: isCut ? padded(text, room) : text, look });
    room -= Math.min(text.length, room);
  }
  if (room > 0) fit.push({ text: ' '.repeat(room), look });
  return fit;
}

/** Exactly `height` lines, each exactly `width` wide; `blank` stands for missing and empty ones. */
export function filled(lines: readonly (Line | undefined)[], height: number, width: number, blank: Line = fitted([], width)): Line[] {
  const filled: Line[] = [];
  for (let row = 0; row < height; row++) {
    const line = lines[row];
    filled.push(line === undefined || line.length === 0 ? blank : fitted(line, width));
  }
  return filled;
}

/** A line with `left` at its beginning and, where both fit, `right` at its end. */
export function spread(left: Line, right: Line, width: number, look: Look = 'plain'): Line {
  const room = width - widthOf(left) - widthOf(right);
  return fitted(room < 1 ? left : [...left, { text: ' '.repeat(room), look }, ...right], width, look);
}

export function textOf(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** Marks around what `PAINT` paints. Texts from outside are escaped before they are painted, so that none of them can hold one. */
const BEGIN = '\u0001';
const NAMED = '\u0002';
const END = '\u0003';
// eslint-disable-next-line no-control-regex
const MARKS = /(\u0001[a-z]+\u0002|\u0003)/;

/** Paints so that `painted` finds the looks again, however the text was put together. */
export const PAINT: Paint = (style, text) => `${BEGIN}${style}${NAMED}${text}${END}`;

/** A line of text that was painted with `PAINT`; what is painted within what is painted has its own look. */
export function painted(text: string): Line {
  const line: Piece[] = [];
  const looks: Look[] = ['plain'];
  for (const part of text.split(MARKS)) {
    if (part.startsWith(BEGIN) && part.endsWith(NAMED)) looks.push(part.slice(1, -1) as Style);
    else if (part === END) looks.length = Math.max(1, looks.length - 1);
    else if (part !== '') line.push(piece(part, looks.at(-1)));
  }
  return line;
}
