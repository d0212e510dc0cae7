/** Advice of the rules in lines: prose as prose is broken, commands so that a shell takes back what is copied from the screen. */
import { escapeControls } from './escape.ts';
import type { RenderOptions } from './format.ts';
import { wrap } from './layout.ts';

/** The word that stands for the capture in the advice of the rules, which do not know it. */
const CAPTURE_WORD = /\bCAPTURE\b/g;

/** tcpdump reads no compressed files at all, tshark not of every kind. */
const READS_CAPTURE = /^((?:tcpdump|tshark)\b.*? -\w*r) CAPTURE\b/;

/** Programs to which a line break within a filter is a blank like any other. */
const TAKES_BROKEN_FILTERS: ReadonlySet<string> = new Set(['tcpdump', 'tshark']);

/** Commands begin with the name of a program, sentences with a capital. */
function isCommand(advice: string): boolean {
  return /^[a-z]/.test(advice);
}

/** What a line break in front of a piece of a command must be for a shell. */
type Break = 'argument' | 'filter' | 'comment';

interface Piece {
  text: string;
  before: Break;
}

/** A command in the pieces that it may be broken into. A quoted argument is one, unless it is a filter. */
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

/** The quote that is open behind a word; empty where there is none. */
function quoteAfter(word: string, open: string): string {
  let quote = open;
  for (const character of word) {
    if (quote === '') quote = character === "'" || character === '"' ? character : '';
    else if (character === quote) quote = '';
  }
  return quote;
}

/** Stands at the end of a line that goes on. */
const CONTINUED = ' \\';

/** A command in lines of at most `width` characters, but for arguments that are longer. */
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

/** One piece of advice in lines of at most `width` characters; a command names the capture as the options do. */
export function adviceLines(advice: string, width: number, { capture = 'CAPTURE', compression }: RenderOptions): string[] {
  if (!isCommand(advice)) return wrap(escapeControls(advice.replaceAll(CAPTURE_WORD, () => capture)), width);
  const command = compression === undefined ? advice : advice.replace(READS_CAPTURE, (_, read: string) => `${compression} -dc CAPTURE | ${read} -`);
  return commandLines(command, width, capture);
}
