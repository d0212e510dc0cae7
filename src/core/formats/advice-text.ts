/* The advice of rules as lines of text. Prose wraps; commands are broken so that a shell accepts what is copied from the screen. */
import { escapeControls } from './escape.ts';
import type { RenderOptions } from './format.ts';
import { wrap } from './layout.ts';

/** The word that stands for the name of the capture in the advice of rules, which do not know it. */
const CAPTURE_WORD = /\bCAPTURE\b/g;

/** Commands that cannot read every compressed capture: tcpdump reads none, tshark not all. */
const READS_CAPTURE = /^((?:tcpdump|tshark)\b.*? -\w*r) CAPTURE\b/;

/** Programs for which a line break in a quoted filter is white space. */
const TAKES_BROKEN_FILTERS: ReadonlySet<string> = new Set(['tcpdump', 'tshark']);

/** Commands begin with the name of a program, sentences with a capital letter. */
function isCommand(advice: string): boolean {
  return /^[a-z]/.test(advice);
}

/** What stands before a piece of a command, and so how a line may be broken there: at arguments with a backslash. */
type Break = 'argument' | 'filter' | 'comment';

interface Piece {
  text: string;
  before: Break;
}

/** The pieces between which a command may be broken. A quoted argument is one piece, unless it is a filter. */
function piecesOf(command: string): Piece[] {
  const pieces: Piece[] = [];
  let quote = '';
  let program = '';
  let before: Break = 'argument';
  for (const word of command.split(' ')) {
    const last = pieces.at(-1);
    if (quote !== '') before = 'filter';
    else if (before === 'filter') before = 'argument';
    const isWhole = before === 'filter' && !(quote === "'" && TAKES_BROKEN_FILTERS.has(program));
    if (last !== undefined && (isWhole || last.text === '#')) last.text += ` ${word}`;
    else if (word !== '') pieces.push({ text: word, before });
    if (before === 'argument' && (last === undefined || /[|;]$/.test(last.text))) program = word;
    if (before === 'argument' && word === '#') before = 'comment';
    if (before !== 'comment') quote = quoteAfter(word, quote);
  }
  return pieces;
}

/** The quote that is open after a word; empty if there is none. */
function quoteAfter(word: string, open: string): string {
  let quote = open;
  for (const character of word) {
    if (quote === '') quote = character === "'" || character === '"' ? character : '';
    else if (character === quote) quote = '';
  }
  return quote;
}

/** Ends a line that is continued on the next. */
const CONTINUED = ' \\';

/** A command in lines of at most `width` characters, unless an argument is longer. */
function commandLines(command: string, width: number, capture: string): string[] {
  const lines: string[] = [];
  let line = '';
  const pieces = piecesOf(command).map(({ text, before }) => ({ text: escapeControls(text.replaceAll(CAPTURE_WORD, () => capture)), before }));
  pieces.forEach(({ text, before }, index) => {
    const room = width - (index < pieces.length - 1 ? CONTINUED.length : 0);
    if (line === '') line = text;
    else if (line.length + 1 + text.length <= room) line += ` ${text}`;
    else {
      lines.push(before === 'argument' && !text.startsWith('#') ? line + CONTINUED : line);
      line = before === 'comment' ? `# ${text}` : text;
    }
  });
  return [...lines, line];
}

/** One piece of advice in lines of at most `width` characters. Commands name the capture, if the options do. */
export function adviceLines(advice: string, width: number, { capture = 'CAPTURE', compression }: RenderOptions): string[] {
  if (!isCommand(advice)) return wrap(escapeControls(advice.replaceAll(CAPTURE_WORD, () => capture)), width);
  const command = compression === undefined ? advice : advice.replace(READS_CAPTURE, (_, read: string) => `${compression} -dc CAPTURE | ${read} -`);
  return commandLines(command, width, capture);
}
