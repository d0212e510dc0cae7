import type { Finding } from '../../../../core/index.ts';
import { count, findingLines, firstFlowOf, isoTime, SEVERITIES, subjectName, wrap } from '../../../../core/index.ts';
import { type Line, narrow, PAINT, painted, piece } from '../line.ts';
import type { Look } from '../look.ts';
import { paneOf } from '../pane.ts';
import type { FindingNews } from '../finding-list.ts';
import { Remembered } from '../remembered.ts';
import { type Detail, detailOf, type ScreenState } from '../state.ts';
import type { ScreenColumn } from '../table.ts';

const NEW = '●';
/** Of the words below the list, as wide as the mark of the selected row. */
const INDENT = '  ';
/** Prose wider than this is hard to read. */
const PROSE = 100;

/** 20:24:34 of 2026-11-21T20:24:34.5Z. */
function clockTime(ns: bigint): string {
  return isoTime(ns).slice(11, 19);
}

const COUNTS = new Remembered<[number, Finding['severity']][]>();

/** How many there are of each severity, gravest first. */
function severityCounts(findings: readonly FindingNews[]): [number, Finding['severity']][] {
  return COUNTS.of(findings, [], () =>
    [...SEVERITIES].reverse()
      .map((severity): [number, Finding['severity']] => [findings.filter(({ finding }) => finding.severity === severity).length, severity])
      .filter(([n]) => n > 0),
  );
}

const FINDING_COLUMNS: readonly ScreenColumn<FindingNews>[] = [
  { title: '', cell: ({ isNew }) => (isNew ? NEW : ' '), look: ({ finding }) => finding.severity },
  {
    title: 'Severity', least: 8, cell: ({ finding }) => finding.severity.toUpperCase(),
    key: ({ finding }) => SEVERITIES.indexOf(finding.severity), look: ({ finding }) => finding.severity,
  },
  { title: 'Finding', least: 19, cut: true, cell: ({ finding }) => finding.rule, key: ({ finding }) => finding.rule },
  { title: 'Count', right: true, least: 6, rank: 2, cell: ({ finding }) => count(finding.count), key: ({ finding }) => finding.count },
  { title: 'Latest', rank: 3, least: 8, cell: ({ finding }) => clockTime(finding.last_ns), key: ({ finding }) => finding.last_ns, look: () => 'quiet' },
  { title: 'About', least: 19, rank: 1, keepsEnd: true, cell: ({ finding }) => subjectName(finding), key: ({ finding }) => subjectName(finding) },
  { title: 'What it means', rank: 4, cut: true, cell: ({ finding }) => finding.title, look: () => 'quiet' },
];

export const findingsPane = paneOf<FindingNews>({
  name: 'findings',
  title({ readings: { findings }, showsInfo }) {
    const counts = severityCounts(showsInfo ? findings.all : findings.problems).map(([n, severity]) => `${count(n)} ${severity}`).join(', ');
    const hidden = showsInfo ? 0 : findings.all.length - findings.problems.length;
    return `Findings ${counts === '' ? '0' : counts}${hidden > 0 ? ` (+${count(hidden)} info: i)` : ''}`;
  },
  look: ({ readings: { findings } }) => severityCounts(findings.problems)[0]?.[1] ?? 'quiet',
  columns: () => FINDING_COLUMNS,
  rows: ({ readings: { findings }, showsInfo }) => (showsInfo ? findings.all : findings.problems),
  keyOf: ({ key }) => key,
  nothing: ({ readings }) => (readings.elapsed === null ? 'Waiting for packets.' : 'Nothing is wrong so far.'),
  words({ finding: { title, explanation, severity } }, width) {
    const lines = (text: string, look: Look): Line[] =>
      wrap(narrow(text), Math.min(PROSE, width - 2 * INDENT.length)).map((line) => [piece(INDENT), piece(line, look)]);
    return [...lines(title, severity), ...lines(explanation, 'quiet')];
  },
  open({ finding }, state) {
    state.details.push(findingDetail(finding, state));
    return null;
  },
});

/** A finding in words. Enter goes on to its first connection. */
function findingDetail(finding: Finding, { showsInfo }: ScreenState): Detail {
  const flow = firstFlowOf(finding);
  return detailOf(
    finding.rule,
    flow === null ? '' : `Enter the packets of flow ${flow}`,
    (width) => [...findingLines(finding, { width, paint: PAINT, verbose: showsInfo })].map(painted),
    ...(flow === null ? [] : [{ kind: 'flow', flow } as const]),
  );
}
