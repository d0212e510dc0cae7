import type { Finding, Report, ServerRow } from '../report/report.ts';
import { escapeControls } from './escape.ts';
import { findingLines, prose } from './finding-text.ts';
import type { RenderOptions, ReportFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter } from './layout.ts';
import { count, duration, isoTime, percent, plural } from '../quantity.ts';
import { captureName, countsBySeverity, countsText, isProblem, ofUnpacked, subjectName } from './words.ts';

const SERVERS_SHOWN = 12;

/** "2 high, 1 medium": the gravest first. */
function severityCounts(findings: readonly Finding[]): string {
  const counts = Object.entries(countsBySeverity(findings)).reverse();
  return counts.filter(([, n]) => n > 0).map(([severity, n]) => `${count(n)} ${severity}`).join(', ');
}

/** Says so if only some rules ran, lest their silence be taken for that of all. */
function lookedFor({ tool: { options } }: Report): string {
  const rules = options['rules'];
  if (!Array.isArray(rules)) return '';
  const skip = options['skip'];
  const asked = new Set(rules.filter((id) => !(Array.isArray(skip) && skip.includes(id)))).size;
  return asked === 1 ? ' by the one rule asked for' : ` by the ${plural(asked, 'rule')} asked for`;
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
    return prose(`No problem found in ${plural(flows, 'connection')}${lookedFor(report)}.`, options).map((line) => options.paint('good', line));
  }
  const sentence = `${plural(problems.length, 'problem')} in ${plural(flows, 'connection')}: ${severityCounts(problems)}.`;
  const gravest = problems.length > 1 ? ` The gravest: ${worst.title} (${subjectName(worst)}).` : '';
  return prose(sentence + gravest, options).map((line) => options.paint(worst.severity, line));
}

/** "Every connection was", "3 of 7 connections were". */
function someOf(some: number, all: number, singular: string, several: string): string {
  return some === all ? `Every connection ${singular}` : `${count(some)} of ${plural(all, 'connection')} ${some === 1 ? singular : several}`;
}

/** The faults of the capture, so that nobody reads more into the verdict than it supports. */
function limits({ capture, totals, findings }: Report): string[] {
  const { quality, files } = capture;
  const sentences: string[] = [];
  for (const { name, compression, damage } of files) {
    if (damage === null) continue;
    sentences.push(`${escapeControls(captureName(name))} is damaged at byte ${count(damage.offset)}${ofUnpacked({ compression })} (${damage.reason}); what could be read was analysed.`);
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
  const kept = findings.find(({ rule, facts }) => rule === 'capture-loss' && facts['fault'] === 'filtered')?.facts['kept'];
  if (typeof kept === 'string') sentences.push(`It seems to hold only some segments (${escapeControls(kept)}): a capture filter left the others out.`);
  const overlaps = quality.overlapping_files ?? 0;
  if (overlaps > 0) sentences.push(`${plural(overlaps, 'file begins', 'files begin')} while the one before still ran: merge captures of the same time first (mergecap -w both.pcapng FILE FILE), or what they share seems to happen twice.`);
  if (quality.clock_steps > 0) sentences.push(`Its clock was set back ${quality.clock_steps === 1 ? 'once' : `${count(quality.clock_steps)} times`}.`);
  if (totals.evicted.flows > 0) {
    sentences.push(`${plural(totals.evicted.flows, 'idle connection')} had to be forgotten to bound memory (--set flows.maximum raises the bound).`);
  }
  return sentences;
}

const SERVER_COLUMNS: readonly Column<ServerRow>[] = [
  { title: 'Server', cell: (row) => escapeControls(row.endpoint) },
  { title: 'Flows', right: true, cell: (row) => count(row.flows) },
  { title: 'Outcomes', rank: 2, cut: true, cell: (row) => escapeControls(countsText(row.outcomes, 3)) },
  { title: 'States at the end', rank: 1, cell: (row) => escapeControls(countsText(withoutClosed(row.states_at_end), 2)) || '-' },
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
  const more = `and ${plural(hidden, 'more server', 'more servers')} (--format json lists them all)`;
  if (hidden > 0) for (const line of prose(more, options)) yield options.paint('quiet', line);
  yield '';
}

const VANTAGE = {
  client: ', taken at the client',
  server: ', taken at the server',
  between: ', taken between the ends',
  both: ', taken at both ends',
  unknown: '',
} as const;

/** What was read, and where it was captured. */
function captureSentences({ capture }: Report): string[] {
  const { files, packets, quality } = capture;
  const names = files.length === 1 ? escapeControls(captureName(files[0].name)) : plural(files.length, 'file');
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
      const more = `${plural(hidden, 'finding')} at info severity not shown: see ${hidden === 1 ? 'it' : 'them'} with --verbose.`;
      if (hidden > 0) for (const line of prose(more, options)) yield paint('quiet', line);
    };
    for (const line of lines()) yield `${line.trimEnd()}\n`;
  },
};
