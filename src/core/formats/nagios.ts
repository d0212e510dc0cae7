import type { Report, Severity } from '../report/report.ts';
import { isAtLeast } from '../report/report.ts';
import { escapeControls } from './escape.ts';
import type { ReportFormat } from './format.ts';
import { count, plural } from '../quantity.ts';
import { captureName, countsBySeverity, isProblem, ofUnpacked, subjectName } from './words.ts';

const OK = 0;
const WARNING = 1;
const CRITICAL = 2;
const UNKNOWN = 3;
const STATUS_NAMES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** The states that alerts are usually set on. */
const WATCHED_STATES = ['SYN_RECEIVED', 'ESTABLISHED', 'CLOSE_WAIT', 'TIME_WAIT'];

function statusOf(report: Report): number {
  const has = (least: Severity): boolean => report.findings.some(({ severity }) => isAtLeast(severity, least));
  if (has('high')) return CRITICAL;
  if (has('medium')) return WARNING;
  return report.capture.files.some((file) => file.damage !== null) ? UNKNOWN : OK;
}

/** Most characters of the message. Nagios reads 4 kB; performance data take some 300 bytes, and a UTF-16 unit at most three. */
const MOST_CHARACTERS = 1_000;

/** Words without characters that have a meaning in such a line: controls, and the bar before performance data. */
function oneLine(words: string): string {
  const safe = escapeControls(words).replaceAll('|', '/');
  // Do not cut a surrogate pair.
  return safe.length <= MOST_CHARACTERS ? safe : `${safe.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, '')}…`;
}

function message(report: Report, status: number): string {
  const damaged = report.capture.files.find((file) => file.damage !== null);
  if (status === UNKNOWN && damaged?.damage) return `${captureName(damaged.name)} is damaged at byte ${damaged.damage.offset}${ofUnpacked(damaged)}: ${damaged.damage.reason}`;
  const problems = report.findings.filter(isProblem);
  const [worst] = problems;
  const connections = plural(report.totals.flows, 'connection');
  if (worst === undefined && report.totals.flows === 0) return `no TCP connection in ${plural(report.capture.packets.read, 'packet')}: nothing to judge`;
  if (worst === undefined) return `no problem found in ${connections}`;
  return `${plural(problems.length, 'problem')} in ${connections}, the gravest: ${worst.title} (${worst.rule}, ${subjectName(worst)}, ${count(worst.count)}×)`;
}

/** `label=value;warn;crit;min`. Thresholds are 0 where the status follows from a count above zero. */
function performance(report: Report): string {
  const { totals, findings, capture } = report;
  const { critical, high, medium, low } = countsBySeverity(findings);
  return [
    `critical=${critical};;0;0`,
    `high=${high};;0;0`,
    `medium=${medium};0;;0`,
    `low=${low};;;0`,
    `connections=${totals.flows};;;0`,
    ...WATCHED_STATES.map((state) => `${state.toLowerCase()}=${totals.states_at_end[state] ?? 0};;;0`),
    `packets=${capture.packets.read}c`,
  ].join(' ');
}

/** The one line of a monitoring plugin: status, words, performance data. The exit status follows the plugin convention, too. */
export const nagios: ReportFormat = {
  name: 'nagios',
  extension: 'txt',
  summary: 'one line for Nagios and Icinga, with the exit status of a plugin',
  *render(report) {
    const status = statusOf(report);
    yield `SYNOPTIC ${STATUS_NAMES[status]} - ${oneLine(message(report, status))} | ${performance(report)}\n`;
  },
  exitStatus: statusOf,
  failure: (reason) => ({ text: `SYNOPTIC UNKNOWN - ${oneLine(reason)}\n`, status: UNKNOWN }),
};
