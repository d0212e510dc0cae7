import type { Finding } from '../report/report.ts';
import { adviceLines } from './advice-text.ts';
import { escapeControls } from './escape.ts';
import type { RenderOptions, Style } from './format.ts';
import { wrap } from './layout.ts';
import { count, duration, isoTime } from '../quantity.ts';
import { factText, subjectName } from './words.ts';

/** Prose wider than this is hard to read, however wide the terminal. */
const PROSE_WIDTH = 110;
/** Findings are indented by this much, behind their severity. */
const INDENT = 10;
/** Width of the labels in a finding. */
const LABEL = 10;
/** In fewer columns, severities and labels have lines of their own and the indentation is small. */
const NARROW = 60;
const NARROW_INDENT = 2;
/** Most facts, packets and flows of a finding that are listed. --verbose lists all that the report has. */
const FACTS_SHOWN = 10;
const EVIDENCE_SHOWN = 8;
/** Facts up to this length are kept on one line. */
const UNBROKEN_FACT = 40;
/** A space at which `wrap` does not break. */
const NO_BREAK = '\u00a0';
/** Follows a fact on the same line. */
const SEPARATOR = `${NO_BREAK}·`;

/** The text in indented lines, with controls escaped and its own line breaks kept. */
export function prose(text: string, options: RenderOptions, indent = 0): string[] {
  const lines = text.split('\n').flatMap((paragraph) => wrap(escapeControls(paragraph), Math.min(options.width, PROSE_WIDTH) - indent));
  return lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
}

/** Packet or flow numbers: "packets 3, 7 and 12 more". */
function numbers(noun: string, listed: readonly number[], more: number, { verbose }: RenderOptions): string {
  const shown = verbose ? listed : listed.slice(0, EVIDENCE_SHOWN);
  const hidden = listed.length - shown.length + more;
  const text = `${shown.length + hidden === 1 ? noun : `${noun}s`} ${shown.join(', ')}`;
  return hidden > 0 ? `${text} and ${count(hidden)} more` : text;
}

function evidence({ evidence: { flows, packets, more } }: Finding, options: RenderOptions): string {
  const parts: string[] = [];
  if (packets.length > 0) parts.push(numbers('packet', packets, more.packets, options));
  if (flows.length > 0) parts.push(numbers('flow', flows, more.flows, options));
  return parts.join('; ');
}

/** Indentation of a finding, and of the texts behind its labels. */
function indents({ width }: RenderOptions): { indent: number; inner: number } {
  return width < NARROW ? { indent: NARROW_INDENT, inner: 2 * NARROW_INDENT } : { indent: INDENT, inner: INDENT + LABEL };
}

/** The known facts on one line, to be wrapped between facts. */
function facts(finding: Finding, options: RenderOptions): string {
  const { verbose, width } = options;
  const unbroken = Math.min(UNBROKEN_FACT, width - indents(options).inner - SEPARATOR.length);
  const known = Object.entries(finding.facts).filter(([, fact]) => fact !== null);
  const shown = verbose ? known : known.slice(0, FACTS_SHOWN);
  const texts = shown.map(([name, fact]) => {
    const text = factText(name, fact);
    return text.length <= unbroken ? text.replaceAll(' ', NO_BREAK) : text;
  });
  if (known.length > shown.length) texts.push(`${count(known.length - shown.length)} more`);
  return texts.join(`${SEPARATOR} `);
}

function proseLines(text: string, width: number): string[] {
  return wrap(escapeControls(text), width);
}

/** Texts with a label in front of the first line or, in few columns, above it. Nothing without text. */
function* labelled(label: string, texts: readonly string[], options: RenderOptions, style?: Style, linesOf = proseLines): Generator<string> {
  const { width, paint } = options;
  const { indent, inner } = indents(options);
  const isAbove = inner - indent < LABEL;
  let head = label;
  for (const text of texts) {
    for (const line of linesOf(text, Math.min(width, PROSE_WIDTH) - inner)) {
      if (line === '') continue;
      const words = line.replaceAll(NO_BREAK, ' ');
      if (isAbove && head !== '') yield ' '.repeat(indent) + paint('quiet', head);
      const front = isAbove ? ' '.repeat(inner) : ' '.repeat(indent) + paint('quiet', head.padEnd(LABEL));
      yield front + (style === undefined ? words : paint(style, words));
      head = '';
    }
  }
}

/** Severity and title, on one line if there is room for both. */
function* heading({ severity, title }: Finding, options: RenderOptions): Generator<string> {
  const { paint } = options;
  const { indent } = indents(options);
  const word = severity.toUpperCase();
  const [first = '', ...rest] = prose(title, options, indent);
  if (indent < INDENT) {
    yield paint(severity, word);
    yield paint('heading', first);
  } else {
    yield paint(severity, word.padEnd(INDENT)) + paint('heading', first.trimStart());
  }
  for (const line of rest) yield paint('heading', line);
}

/**
 * A finding: title, what it is about, explanation, and what supports it.
 *
 * @param number its number in the report, if that is to be shown
 * @param settledBy captures that would settle doubts about it
 */
export function* findingLines(finding: Finding, options: RenderOptions, number?: number, settledBy: readonly string[] = []): Generator<string> {
  const { paint } = options;
  const { indent } = indents(options);
  yield* heading(finding, options);

  const lasting = Number(finding.last_ns - finding.first_ns) / 1e9;
  const times = finding.count === 1 ? '' : ` · ${count(finding.count)} times`;
  const when = `${isoTime(finding.first_ns)}${lasting > 0 ? `, over ${duration(lasting)}` : ''}`;
  const place = number === undefined ? '' : `finding ${number} · `;
  for (const line of prose(`${place}${finding.rule} · ${subjectName(finding)}${times} · ${finding.confidence} confidence`, options, indent)) yield paint('quiet', line);
  for (const line of prose(when, options, indent)) yield paint('quiet', line);
  yield '';
  yield* prose(finding.explanation, options, indent);
  yield '';

  yield* labelled('Facts', [facts(finding, options)], options);
  yield* labelled('Evidence', [evidence(finding, options)], options);
  yield* labelled('Doubts', finding.doubts, options);
  yield* labelled('Settle by', settledBy, options);
  yield* labelled('Next', finding.advice, options, 'command', (advice, width) => adviceLines(advice, width, options));
  yield* labelled('See', [finding.references.join(', ')], options, 'quiet');
  yield '';
}
