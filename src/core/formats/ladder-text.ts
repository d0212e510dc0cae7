import type { Ladder, LadderStep, PacketStep } from '../report/ladder.ts';
import { findingLines, prose } from './finding-text.ts';
import type { LadderFormat, RenderOptions, Style } from './format.ts';
import { changeWords, foldWords, gapWords, headWords, packetWords, stateText } from './ladder-words.ts';
import { wrap } from './layout.ts';

/** Below this width there is no room for two margins. */
const LEAST_WIDTH = 72;
/** Longer arrows would only push the margins apart. */
const LONGEST_ARROW = 88;
const INDENT_OF_NARROW = 4;

/** Words that stay together on a line, and their style. */
interface Piece {
  text: string;
  style?: Style;
}

interface Columns {
  time: number;
  packet: number;
  client: number;
  arrow: number;
}

function timeText({ seconds }: LadderStep): string {
  return seconds.toFixed(6);
}

function packetText(step: LadderStep): string {
  return step.kind === 'packet' ? `#${step.packet}` : '';
}

function longest(texts: readonly string[], least: number): number {
  return texts.reduce((length, text) => Math.max(length, text.length), least);
}

function columnsFor({ steps }: Ladder, width: number): Columns {
  const time = longest(steps.map(timeText), 'Time'.length);
  const packet = longest(steps.map(packetText), 'Packet'.length);
  const client = longest(steps.map((step) => stateText(step.client)), 'client'.length);
  const server = longest(steps.map((step) => stateText(step.server)), 'server'.length);
  // 7: two spaces behind the time, one before the client, one on either side of the middle, and the two lifelines.
  return { time, packet, client, arrow: Math.min(LONGEST_ARROW, width - time - packet - client - server - 7) };
}

function piecesOf(step: PacketStep): Piece[] {
  const [flags, ...numbers] = packetWords(step);
  const style: Style | undefined = step.flags.includes('R') ? 'high' : /[SF]/.test(step.flags) ? 'command' : undefined;
  return [
    { text: flags, ...(style !== undefined && { style }) },
    ...numbers.map((text) => ({ text })),
    ...step.labels.map((label): Piece => ({ text: `[${label}]`, style: 'warning' })),
  ];
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((length, { text }) => length + text.length + 1, -1);
}

/** Puts pieces into lines: the first of at most `first` characters, the others of `rest`. A longer piece has its own line. */
function lay(pieces: readonly Piece[], first: number, rest: number): Piece[][] {
  const lines: Piece[][] = [[]];
  for (const piece of pieces) {
    const line = lines.at(-1)!;
    if (line.length > 0 && lengthOf([...line, piece]) > (lines.length === 1 ? first : rest)) lines.push([piece]);
    else line.push(piece);
  }
  return lines;
}

function painted(pieces: readonly Piece[], { paint }: RenderOptions): string {
  return pieces.map(({ text, style }) => (style === undefined ? text : paint(style, text))).join(' ');
}

/** The lines between the lifelines for a packet: an arrow with the words that fit on it, then the rest. */
function arrowLines(step: PacketStep, width: number, options: RenderOptions): string[] {
  const [onArrow, ...below] = lay(piecesOf(step), width - 5, width - 2);
  const shaft = '─'.repeat(Math.max(0, width - lengthOf(onArrow) - 4));
  const words = painted(onArrow, options);
  const arrow = step.from === 'client' ? `├─ ${words} ${shaft}▶│` : `│◀${shaft} ${words} ─┤`;
  const beside = (pieces: readonly Piece[]): string => {
    const [words, space] = [painted(pieces, options), ' '.repeat(Math.max(0, width - lengthOf(pieces) - 2))];
    return step.from === 'client' ? `│  ${words}${space}│` : `│${space}${words}  │`;
  };
  return [arrow, ...below.map(beside)];
}

/** Words centred between the lifelines. */
function between(words: string, length: number, width: number): string {
  const room = Math.max(0, width - length);
  const left = room >> 1;
  return `│${' '.repeat(left)}${words}${' '.repeat(room - left)}│`;
}

function quietLines(text: string, width: number, { paint }: RenderOptions): string[] {
  return wrap(text, width).map((line) => between(paint('quiet', line), line.length, width));
}

/** Remembers the states in the margins, so that only changes are written. */
class Margins {
  #client = '';
  #server = '';

  news({ client, server }: LadderStep): { client: string; server: string } {
    const texts = { client: stateText(client), server: stateText(server) };
    const news = { client: texts.client === this.#client ? '' : texts.client, server: texts.server === this.#server ? '' : texts.server };
    this.#client = texts.client;
    this.#server = texts.server;
    return news;
  }
}

function* wideLadder(ladder: Ladder, options: RenderOptions): Generator<string> {
  const { paint } = options;
  const columns = columnsFor(ladder, options.width);
  const margins = new Margins();
  const row = (time: string, packet: string, client: string, middle: string, server: string): string => {
    const left = paint('quiet', `${time.padStart(columns.time)}  ${packet.padStart(columns.packet)}`);
    return `${left} ${paint('heading', client.padStart(columns.client))} ${middle} ${paint('heading', server)}`;
  };
  yield paint('heading', row('Time', 'Packet', 'client', ' '.repeat(columns.arrow + 2), 'server'));
  for (const step of ladder.steps) {
    const gap = gapWords(step.gap_seconds);
    if (gap !== '') for (const line of quietLines(gap, columns.arrow, options)) yield row('', '', '', line, '');
    const { client, server } = margins.news(step);
    const [first, ...rest] = step.kind === 'packet' ? arrowLines(step, columns.arrow, options) : quietLines(wordsOf(step), columns.arrow, options);
    yield row(timeText(step), packetText(step), client, first, server);
    for (const line of rest) yield row('', '', '', line, '');
  }
}

function wordsOf(step: Exclude<LadderStep, PacketStep>): string {
  return step.kind === 'fold' ? foldWords(step) : changeWords(step);
}

/** Steps one below the other, each with its states below it: for terminals too narrow for margins. */
function* narrowLadder({ steps }: Ladder, options: RenderOptions): Generator<string> {
  const { paint, width } = options;
  const margins = new Margins();
  const indent = ' '.repeat(INDENT_OF_NARROW);
  const room = width - INDENT_OF_NARROW;
  for (const step of steps) {
    const gap = gapWords(step.gap_seconds);
    if (gap !== '') yield indent + paint('quiet', gap);
    const { client, server } = margins.news(step);
    if (step.kind === 'packet') {
      const head: Piece = { text: `${timeText(step)} ${packetText(step)}`, style: 'quiet' };
      const [first, ...rest] = lay([head, { text: step.from === 'client' ? '→' : '←' }, ...piecesOf(step)], width, room);
      yield painted(first, options);
      for (const pieces of rest) yield indent + painted(pieces, options);
    } else {
      yield paint('quiet', timeText(step));
      for (const line of wrap(wordsOf(step), room)) yield indent + paint('quiet', line);
    }
    const states = [client && `client ${client}`, server && `server ${server}`].filter((text) => text !== '').join(', ');
    if (states !== '') for (const line of wrap(states, room)) yield indent + paint('heading', line);
  }
}

function* lines(ladder: Ladder, options: RenderOptions): Generator<string> {
  const { paint } = options;
  const [title, ...rest] = headWords(ladder);
  for (const line of prose(title, options)) yield paint('heading', line);
  for (const line of rest.flatMap((sentence) => prose(`${sentence}.`, options))) yield paint('quiet', line);
  yield '';
  yield* options.width < LEAST_WIDTH ? narrowLadder(ladder, options) : wideLadder(ladder, options);
  yield '';
  if (ladder.findings.length === 0) yield* prose('No finding concerns this connection.', options).map((line) => paint('good', line));
  for (const { finding, number, certain, settled_by } of ladder.findings) {
    if (!certain) yield* prose(`About an end of this connection, with more connections than are listed: this one may be among them.`, options).map((line) => paint('quiet', line));
    yield* findingLines(finding, options, number, settled_by.length > 0 ? settled_by : ['Nothing more is needed: the packets show it.']);
  }
}

/** The ladder for a person at a terminal, with the findings below it. */
export const ladderText: LadderFormat = {
  name: 'text',
  extension: 'txt',
  summary: 'a ladder for the terminal, and what was found in words',
  *render(ladder, options) {
    for (const line of lines(ladder, options)) yield `${line.trimEnd()}\n`;
  },
};
