import type { EndState, Ladder, LadderStep, PacketStep } from '../report/ladder.ts';
import { escapeControls } from './escape.ts';
import { findingLines, prose } from './finding-text.ts';
import type { LadderFormat, RenderOptions } from './format.ts';
import { changeWords, foldWords, gapWords, headWords, packetWords, stateText } from './ladder-words.ts';
import { wrap } from './layout.ts';
import { PHASE_OF_STATE } from './phase.ts';
import { isoTime } from '../quantity.ts';

/** Size of the monospaced text in pixels: everything is laid out by it. */
const CHARACTER = 7.25;
const LINE = 16;
const MARGIN = 16;
/** Width of the bars that represent lifelines. */
const BAR = 8;
/** Columns beside the lifelines: time and packet number on the left, states on either side. */
const BEFORE = 22;
const STATE = 14;
/** Fewer columns than this leave no room for an arrow. */
const LEAST_WIDTH = 90;

/** Colours by class, on a light page and on a dark one. CSS variables would be neater, but not every viewer knows them. */
const COLOURS: { readonly [look: string]: readonly [string, string] } = {
  page: ['#fff', '#0d1117'],
  ink: ['#1f2328', '#e6edf3'],
  quiet: ['#656d76', '#8d96a0'],
  warning: ['#9a6700', '#d29922'],
  reset: ['#cf222e', '#f85149'],
  unknown: ['#eaeef2', '#21262d'],
  opening: ['#bf8700', '#d29922'],
  established: ['#2da44e', '#3fb950'],
  closing: ['#8250df', '#a371f7'],
  waiting: ['#cf222e', '#f85149'],
  closed: ['#afb8c1', '#6e7681'],
};

function rules(theme: 0 | 1): string {
  const fills = Object.entries(COLOURS).map(([look, colours]) => `.${look} { fill: ${colours[theme]}; }`);
  const strokes = ['ink', 'reset'].map((look) => `.${look} line { stroke: ${COLOURS[look][theme]}; }`);
  return [...fills, ...strokes].join(' ');
}

const STYLE = `
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.heading { font-weight: bold; } .unsure { fill-opacity: 0.45; }
${rules(0)}
@media (prefers-color-scheme: dark) { ${rules(1)} }
`;

const ENTITIES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '\ufffe': '\ufffd', '\uffff': '\ufffd' };

/** Any text, escaped as the content of an element or of a quoted attribute. */
export function xmlText(text: string): string {
  return escapeControls(text).replace(/[&<>"'\ufffe\uffff]/g, (character) => ENTITIES[character]);
}

function text(x: number, y: number, words: string, look = 'ink', anchor: 'start' | 'middle' | 'end' = 'start'): string {
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${look}"${anchored}>${xmlText(words)}</text>\n`;
}

/** One lifeline: a bar coloured by the state of the end, with the names of states beside it. */
class Lifeline {
  readonly x: number;
  readonly #nameAt: number;
  readonly #anchor: 'start' | 'end';
  #since = 0;
  #state: EndState = null;
  #name = '';

  /** @param side where the names are: left (−1) or right (1) of the bar */
  constructor(x: number, side: -1 | 1) {
    this.x = x;
    this.#nameAt = x + side * (BAR / 2 + 6);
    this.#anchor = side < 0 ? 'end' : 'start';
  }

  /** The end is in `state` from `y` on: draws the bar up to there, and the name of the new state. */
  move(state: EndState, y: number): string {
    const name = stateText(state);
    if (name === this.#name && y !== 0) return '';
    const drawn = this.bar(y) + text(this.#nameAt, y + 4, name, 'ink heading', this.#anchor);
    this.#since = y;
    this.#state = state;
    this.#name = name;
    return drawn;
  }

  /** The bar of the current state, down to `y`. */
  bar(y: number): string {
    const look = PHASE_OF_STATE[this.#state?.state ?? ''] ?? 'unknown';
    const unsure = (this.#state?.possible.length ?? 0) > 1 ? ' unsure' : '';
    const height = y - this.#since;
    if (this.#since === 0 || height <= 0) return '';
    return `<rect class="${look}${unsure}" x="${this.x - BAR / 2}" y="${this.#since.toFixed(1)}" width="${BAR}" height="${height.toFixed(1)}"/>\n`;
  }

  begin(y: number): void {
    this.#since = y;
  }
}

function arrow(step: PacketStep, from: number, to: number, y: number): string {
  const look = step.flags.includes('R') ? 'reset' : 'ink';
  const inwards = Math.sign(to - from);
  const [start, end] = [from + inwards * BAR / 2, to - inwards * BAR / 2];
  const head = `${end},${y} ${end - inwards * 8},${y - 4} ${end - inwards * 8},${y + 4}`;
  return `<g class="${look}"><line x1="${start}" y1="${y}" x2="${end - inwards * 8}" y2="${y}"/><polygon points="${head}"/></g>\n`;
}

function tooltip(step: LadderStep): string {
  const states = (['client', 'server'] as const).map((end) => `${end}: ${step[end]?.possible.join(' or ') ?? 'unknown'}`);
  const words = step.kind === 'packet' ? `#${step.packet} ${packetWords(step).join(' ')}` : step.kind === 'fold' ? `#${step.first} to #${step.last}` : changeWords(step);
  return `<title>${xmlText([words, isoTime(step.t_ns), ...states].join('\n').replaceAll('\n', ' · '))}</title>`;
}

/** The two lifelines, and the middle between them. */
interface Frame {
  client: Lifeline;
  server: Lifeline;
  middle: number;
}

function wordsOf(step: LadderStep): string {
  return step.kind === 'packet' ? packetWords(step).join(' ') : step.kind === 'fold' ? foldWords(step) : changeWords(step);
}

/** One step at `y`: time and packet number, words, and the arrow of a packet. `lines`: its words, the last line at `y`. */
function drawStep(step: LadderStep, lines: readonly string[], y: number, { client, server, middle }: Frame): string {
  const isPacket = step.kind === 'packet';
  let drawing = tooltip(step) + text(MARGIN + (BEFORE - 9) * CHARACTER, y + 4, step.seconds.toFixed(6), 'quiet', 'end');
  if (isPacket) drawing += text(MARGIN + (BEFORE - 1) * CHARACTER, y + 4, `#${step.packet}`, 'quiet', 'end');
  const above = isPacket ? 5 : -4;
  for (const [i, line] of lines.entries()) {
    drawing += text(middle, y - above - LINE * (lines.length - 1 - i), line, isPacket ? 'ink' : 'quiet', 'middle');
  }
  if (isPacket) {
    const [from, to] = step.from === 'client' ? [client, server] : [server, client];
    drawing += arrow(step, from.x, to.x, y);
  }
  return `<g>${drawing}</g>\n`;
}

/** Draws the steps from `top` down. `bottom` is where the drawing ends. */
function draw({ steps }: Ladder, columns: number, top: number): { drawing: string; bottom: number } {
  const client = new Lifeline(MARGIN + (BEFORE + STATE) * CHARACTER, -1);
  const server = new Lifeline(MARGIN + (columns - STATE) * CHARACTER, 1);
  const room = Math.floor((server.x - client.x - 2 * BAR) / CHARACTER) - 2;
  const frame: Frame = { client, server, middle: (client.x + server.x) / 2 };
  let drawing = text(client.x, top, 'client', 'ink heading', 'end') + text(server.x, top, 'server', 'ink heading');
  let y = top + 10;
  client.begin(y);
  server.begin(y);
  for (const step of steps) {
    const gap = gapWords(step.gap_seconds);
    if (gap !== '') {
      y += LINE;
      drawing += text(frame.middle, y + 4, gap, 'quiet', 'middle');
    }
    const lines = wrap(wordsOf(step), room);
    y += LINE * (lines.length + 0.5);
    drawing += drawStep(step, lines, y, frame) + client.move(step.client, y) + server.move(step.server, y);
    const labels = step.kind === 'packet' ? wrap(step.labels.join(', '), room).filter((line) => line !== '') : [];
    for (const line of labels) {
      y += LINE;
      drawing += text(frame.middle, y - 2, line, 'warning', 'middle');
    }
  }
  y += LINE;
  return { drawing: drawing + client.bar(y) + server.bar(y), bottom: y };
}

/** The findings below the ladder, as lines of plain text. */
function wordsBelow({ findings }: Ladder, options: RenderOptions): string[] {
  if (findings.length === 0) return prose('No finding concerns this connection.', options);
  return findings.flatMap(({ finding, number, settled_by }) => [...findingLines(finding, options, number, settled_by)]);
}

/** The ladder as a self-contained picture: styles included, no script, for light and dark pages. */
export const ladderSvg: LadderFormat = {
  name: 'svg',
  extension: 'svg',
  summary: 'a picture for a page or a ticket',
  *render(ladder, { width, verbose }) {
    const columns = Math.max(LEAST_WIDTH, width);
    const plain: RenderOptions = { width: columns, verbose, paint: (_, words) => words };
    const [title, ...rest] = headWords(ladder);
    const head = [title, ...rest.map((sentence) => `${sentence}.`)].flatMap((sentence) => prose(sentence, plain));
    const { drawing, bottom } = draw(ladder, columns, MARGIN + LINE * (head.length + 2));
    const below = wordsBelow(ladder, plain);
    const [across, down] = [Math.ceil(columns * CHARACTER + 2 * MARGIN), Math.ceil(bottom + LINE * (below.length + 1) + MARGIN)];
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${across}" height="${down}" viewBox="0 0 ${across} ${down}" role="img" xml:space="preserve">\n`;
    yield `<title>${xmlText(title)}</title>\n<style>${STYLE}</style>\n<rect class="page" width="100%" height="100%"/>\n`;
    for (const [i, line] of head.entries()) yield text(MARGIN, MARGIN + LINE * (i + 1), line, i === 0 ? 'ink heading' : 'quiet');
    yield drawing;
    for (const [i, line] of below.entries()) if (line !== '') yield text(MARGIN, bottom + LINE * (i + 2), line);
    yield '</svg>\n';
  },
};
