import type { Fact, Finding } from '../../../core/index.ts';
import { type Labels, type Metric, type Moment, OTHER } from './metric.ts';

/** The numbers in findings of close-wait-leak that are worth watching, for one place. */
interface Leak {
  service: string;
  end: string;
  open: number;
  perSecond: number;
  /** Seconds until so many files are open, by that limit. */
  forecast: { [limit: string]: number };
}

/** Findings by rule and severity; 0 for those that are no longer found. */
function byKind({ findings, knownFindings }: Moment, amount: (finding: Finding) => number): Iterable<readonly [Labels, number]> {
  const sums = new Map<string, number>();
  for (const finding of findings) {
    const { rule, severity } = finding;
    const key = `${rule} ${severity}`;
    if (!knownFindings.has(key)) knownFindings.set(key, { rule, severity });
    sums.set(key, (sums.get(key) ?? 0) + amount(finding));
  }
  return [...knownFindings].map(([key, labels]) => [labels, sums.get(key) ?? 0] as const);
}

function numberOf(fact: Fact | undefined): number {
  return typeof fact === 'number' ? fact : 0;
}

function numbersOf(fact: Fact | undefined): { [name: string]: number } {
  if (typeof fact !== 'object' || fact === null || Array.isArray(fact)) return {};
  return Object.fromEntries(Object.entries(fact).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

function textOf(fact: Fact | undefined): string {
  return typeof fact === 'string' ? fact : '';
}

/** The leaks by service and end: the `top` largest ones, and the rest as one. */
function leaks({ findings, top }: Moment): Leak[] {
  const found = findings
    .filter(({ rule, facts }) => rule === 'close-wait-leak' && facts['verdict'] !== 'slow close')
    .map(({ facts }): Leak => ({
      service: textOf(facts['server']),
      end: textOf(facts['end']),
      open: numberOf(facts['open']),
      perSecond: numberOf(facts['growth_per_second']),
      forecast: numbersOf(facts['seconds_until_open_files']),
    }))
    .sort((one, other) => other.open - one.open);
  const merged = new Map<string, Leak>();
  found.forEach((leak, index) => {
    const service = index < top ? leak.service : OTHER;
    const key = `${service} ${leak.end}`;
    const sum = merged.get(key);
    if (sum === undefined) merged.set(key, { ...leak, service });
    else {
      sum.open += leak.open;
      sum.perSecond += leak.perSecond;
      for (const [limit, wait] of Object.entries(leak.forecast)) sum.forecast[limit] = Math.min(wait, sum.forecast[limit] ?? Infinity);
    }
  });
  return [...merged.values()];
}

/** What is wrong, as far as the packets show it now. */
export const FINDING_METRICS: readonly Metric[] = [
  {
    name: 'synoptic_findings',
    type: 'gauge',
    help: 'Findings as the report would hold them now, by rule and severity; a rule appears with its first finding.',
    labels: ['rule', 'severity'],
    read: (moment) => byKind(moment, () => 1),
  },
  {
    name: 'synoptic_finding_occurrences',
    type: 'gauge',
    help: 'How often what these findings say has happened: connections, segments or hosts, as each rule counts.',
    labels: ['rule', 'severity'],
    read: (moment) => byKind(moment, ({ count }) => count),
  },
  {
    name: 'synoptic_close_wait_leak_connections',
    type: 'gauge',
    help: 'Connections that an end leaves in CLOSE_WAIT, by the service and the end that does not close them (server or client).',
    labels: ['service', 'end'],
    read: (moment) => leaks(moment).map(({ service, end, open }) => [{ service, end }, open] as const),
  },
  {
    name: 'synoptic_close_wait_leak_connections_per_second',
    type: 'gauge',
    help: 'The slope of that leak: connections added each second, less those that were closed.',
    labels: ['service', 'end'],
    read: (moment) => leaks(moment).map(({ service, end, perSecond }) => [{ service, end }, perSecond] as const),
  },
  {
    name: 'synoptic_close_wait_leak_exhaustion_seconds',
    type: 'gauge',
    help: 'Seconds until the leak holds as many open files as the limit says, at its present pace; absent while it does not grow.',
    labels: ['service', 'end', 'limit'],
    read: (moment) =>
      leaks(moment).flatMap(({ service, end, forecast }) =>
        Object.entries(forecast).map(([limit, wait]) => [{ service, end, limit }, wait] as const)),
  },
];
