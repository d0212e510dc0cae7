import type { Finding, Report, ServerRow, Severity } from '../report/report.ts';
import { SEVERITIES } from '../report/report.ts';
import { escapeControls } from './escape.ts';
import type { RenderOptions, ReportFormat, Style } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter, wrap } from './layout.ts';
import { count, duration, isoTime, percent, plural } from './quantity.ts';
import { countsText, factText, isProblem, subjectName } from './words.ts';

/** Prose wider than this is hard to read, however wide the terminal. */
const PROSE_WIDTH = 110;
/** Findings stand indented by this, behind their severity. */
const INDENT = 10;
/** Labels within a finding take this much. */
const LABEL = 10;
const SERVERS_SHOWN = 12;
/** Facts, packets and flows of a finding that are listed; --verbose lists all that the report holds. */
const FACTS_SHOWN = 10;
const EVIDENCE_SHOWN = 8;
/** Facts up to this length are not broken over two lines. */
const UNBROKEN_FACT = 40;
/** A space that `wrap` does not break at. */
const NO_BREAK = '\u00a0';

/** Everything in the report that may hold text from outside passes through here on its way to a line. */
const safe = escapeControls;

/** The text in lines, indented; its own line breaks are kept. */
function prose(text: string, options: RenderOptions, indent = 0): string[] {
  const lines = text.split('\n').flatMap((paragraph) => wrap(safe(paragraph), Math.min(options.width, PROSE_WIDTH) - indent));
  return lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line));
}

/** "2 high, 1 medium", gravest first. */
function severityCounts(findings: readonly Finding[]): string {
  const counts = [...SEVERITIES].reverse().map((severity): [number, Severity] => [findings.filter((f) => f.severity === severity).length, severity]);
  return counts.filter(([n]) => n > 0).map(([n, severity]) => `${count(n)} ${severity}`).join(', ');
}

/** One or two sentences: what the reader came for. */
function verdict(report: Report, options: RenderOptions): string[] {
  const { flows } = report.totals;
  const problems = report.findings.filter(isProblem);
  const [worst] = problems;
  if (flows === 0 && worst === undefined) {
    return prose(`No TCP connection in ${plural(report.capture.packets.read, 'packet')}: there is nothing to judge.`, options)
      .map((line) => options.paint('warning', line));
  }
  if (worst === undefined) {
    return prose(`No problem found in ${plural(flows, 'connection')}.`, options).map((line) => options.paint('good', line));
  }
  const sentence = `${plural(problems.length, 'problem')} in ${plural(flows, 'connection')}: ${severityCounts(problems)}.`;
  const gravest = problems.length > 1 ? ` The gravest: ${worst.title} (${subjectName(worst)}).` : '';
  return prose(sentence + gravest, options).map((line) => options.paint(worst.severity, line));
}

/** "Every connection was", "3 of 7 connections were". */
function someOf(some: number, all: number, singular: string, several: string): string {
  return some === all ? `Every connection ${singular}` : `${count(some)} of ${plural(all, 'connection')} ${some === 1 ? singular : several}`;
}

/** What the capture cannot support, so that nobody reads more into the verdict than it can bear. */
function limits({ capture, totals }: Report): string[] {
  const { quality, files } = capture;
  const sentences: string[] = [];
  for (const { name, damage } of files) {
    if (damage !== null) sentences.push(`${safe(name)} is damaged at byte ${count(damage.offset)} (${damage.reason}); what could be read was analysed.`);
  }
  if (quality.kernel_drops !== null && quality.kernel_drops > 0) {
    sentences.push(`The capture says that it dropped ${plural(quality.kernel_drops, 'packet')}.`);
  }
  if (quality.lost_estimate > 0) {
    sentences.push(`About ${plural(quality.lost_estimate, 'segment')} that the ends exchanged ${quality.lost_estimate === 1 ? 'is' : 'are'} missing from the capture.`);
  }
  if (quality.one_way_flows > 0) {
    sentences.push(`${someOf(quality.one_way_flows, totals.flows, 'shows', 'show')} one direction only: the other end's state is inferred.`);
  }
  if (quality.midstream_flows > 0) {
    sentences.push(`${someOf(quality.midstream_flows, totals.flows, 'was', 'were')} under way when the capture began.`);
  }
  if (quality.clock_steps > 0) sentences.push(`Its clock was set back ${quality.clock_steps === 1 ? 'once' : `${count(quality.clock_steps)} times`}.`);
  if (totals.evicted.flows > 0) {
    sentences.push(`${plural(totals.evicted.flows, 'idle connection')} had to be forgotten to bound memory (--set flows.maximum raises the bound).`);
  }
  return sentences;
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

/** The facts that are known, in a row, each kept whole where it is short. */
function facts(finding: Finding, { verbose }: RenderOptions): string {
  const known = Object.entries(finding.facts).filter(([, fact]) => fact !== null);
  const shown = verbose ? known : known.slice(0, FACTS_SHOWN);
  const texts = shown.map(([name, fact]) => {
    const text = factText(name, fact);
    return text.length <= UNBROKEN_FACT ? text.replaceAll(' ', NO_BREAK) : text;
  });
  if (known.length > shown.length) texts.push(`${count(known.length - shown.length)} more`);
  return texts.join(' · ');
}

/** Texts behind a label that stands on their first line only; nothing where there is no text. */
function* labelled(label: string, texts: readonly string[], { width, paint }: RenderOptions, style?: Style): Generator<string> {
  let head = label;
  for (const text of texts) {
    for (const line of wrap(safe(text), Math.min(width, PROSE_WIDTH) - INDENT - LABEL)) {
      if (line === '') continue;
      const words = line.replaceAll(NO_BREAK, ' ');
      yield ' '.repeat(INDENT) + paint('quiet', head.padEnd(LABEL)) + (style === undefined ? words : paint(style, words));
      head = '';
    }
  }
}

function* findingLines(finding: Finding, options: RenderOptions): Generator<string> {
  const { paint } = options;
  const [title, ...rest] = prose(finding.title, options, INDENT);
  yield paint(finding.severity, finding.severity.toUpperCase().padEnd(INDENT)) + paint('heading', (title ?? '').trimStart());
  for (const line of rest) yield paint('heading', line);

  const lasting = Number(finding.last_ns - finding.first_ns) / 1e9;
  const times = finding.count === 1 ? '' : ` · ${count(finding.count)} times`;
  const when = `${isoTime(finding.first_ns)}${lasting > 0 ? `, over ${duration(lasting)}` : ''}`;
  for (const line of prose(`${finding.rule} · ${subjectName(finding)}${times} · ${finding.confidence} confidence`, options, INDENT)) yield paint('quiet', line);
  for (const line of prose(when, options, INDENT)) yield paint('quiet', line);
  yield '';
  yield* prose(finding.explanation, options, INDENT);
  yield '';

  yield* labelled('Facts', [facts(finding, options)], options);
  yield* labelled('Evidence', [evidence(finding, options)], options);
  yield* labelled('Doubts', finding.doubts, options);
  yield* labelled('Next', finding.advice, options, 'command');
  yield* labelled('See', [finding.references.join(', ')], options, 'quiet');
  yield '';
}

const SERVER_COLUMNS: readonly Column<ServerRow>[] = [
  { title: 'Server', cell: (row) => safe(row.endpoint) },
  { title: 'Flows', right: true, cell: (row) => count(row.flows) },
  { title: 'Outcomes', rank: 2, cut: true, cell: (row) => safe(countsText(row.outcomes, 3)) },
  { title: 'States at the end', rank: 1, cell: (row) => safe(countsText(withoutClosed(row.states_at_end), 2)) || '-' },
  { title: 'SYN-ACK p50', right: true, rank: 4, cell: (row) => (row.handshake ? duration(row.handshake.p50) : '-') },
  { title: 'p95', right: true, rank: 5, cell: (row) => (row.handshake ? duration(row.handshake.p95) : '-') },
  { title: 'Sent again', right: true, rank: 3, cell: (row) => percent(row.retransmitted_share) },
];

function withoutClosed(states: { readonly [state: string]: number }): { [state: string]: number } {
  return Object.fromEntries(Object.entries(states).filter(([state]) => state !== 'CLOSED'));
}

function* servers(report: Report, options: RenderOptions): Generator<string> {
  const shown = report.servers.slice(0, SERVERS_SHOWN);
  if (shown.length === 0) return;
  const table = new TableWriter(SERVER_COLUMNS, options.width, (line) => options.paint('heading', line));
  const text = shown.map((row) => table.write(row)).join('') + table.end();
  yield* text.trimEnd().split('\n');
  const hidden = report.servers.length - shown.length;
  if (hidden > 0) yield options.paint('quiet', `and ${plural(hidden, 'more server', 'more servers')} (--format json lists them all)`);
  yield '';
}

const VANTAGE = {
  client: ', taken at the client',
  server: ', taken at the server',
  between: ', taken between the ends',
  both: ', taken at both ends',
  unknown: '',
} as const;

/** Where all this comes from. */
function captureSentences({ capture }: Report): string[] {
  const { files, packets, quality } = capture;
  const names = files.length === 1 ? safe(files[0].name) : plural(files.length, 'file');
  const formats = [...new Set(files.map(({ format, compression }) => (compression === null ? format : `${format} in ${compression}`)))].join(', ');
  const sentences = [`${names} (${formats}${VANTAGE[quality.vantage]}): ${plural(packets.read, 'packet')}${
    packets.read === 0 ? '' : ` from ${isoTime(capture.start_ns)}, over ${duration(capture.duration)}`}.`];
  const leftOut = countsText(packets.left_out).replaceAll('_', ' ');
  if (leftOut !== '') sentences.push(`${count(packets.analysed)} analysed; left out: ${leftOut}.`);
  const remarks = [
    quality.truncated > 0 ? `${count(quality.truncated)} cut by the snapshot length` : '',
    quality.supersegments > 0 ? `${count(quality.supersegments)} put together by offload` : '',
    quality.misordered > 0 ? `${count(quality.misordered)} out of order in time` : '',
    quality.bad_checksums > 0 ? `${count(quality.bad_checksums)} with a bad TCP checksum` : '',
  ].filter((remark) => remark !== '');
  if (remarks.length > 0) sentences.push(`Of these, ${remarks.join(', ')}.`);
  return sentences;
}

/** The report for a person at a terminal: verdict first, then what supports it. */
export const text: ReportFormat = {
  name: 'text',
  extension: 'txt',
  summary: 'for people: the verdict first',
  *render(report, options) {
    const { paint, verbose } = options;
    const lines = function* (): Generator<string> {
      yield* verdict(report, options);
      for (const line of prose(limits(report).join(' '), options)) if (line !== '') yield paint('warning', line);
      yield '';
      const shown = report.findings.filter((finding) => verbose || isProblem(finding));
      for (const finding of shown) yield* findingLines(finding, options);
      yield* servers(report, options);
      for (const line of prose(captureSentences(report).join(' '), options)) yield paint('quiet', line);
      const hidden = report.findings.length - shown.length;
      if (hidden > 0) yield paint('quiet', `${plural(hidden, 'finding')} at info severity not shown: see ${hidden === 1 ? 'it' : 'them'} with --verbose.`);
    };
    for (const line of lines()) yield `${line.trimEnd()}\n`;
  },
};
