import type { Fact, Severity } from '../report/report.ts';
import { SEVERITIES } from '../report/report.ts';
import { draftOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { Draft, RuleContext } from './rule.ts';
import { partsOf } from './words.ts';

/** What happened less often than this at a server may be one of a list: a scan must not make a finding a port. */
const OFTEN = 3;
/** More single ones than this of one client, or at one server host, are one finding. */
const MOST_SINGLES = 3;
const MOST_LISTED = 50;
/** Facts that do not add up: the largest is kept. */
const LARGEST = /_seconds$|share|^farthest|^most|^slowest|^ttl|^icmp|^first/;
/** Facts that name an end. */
const WHO = /(^|_)(by|side)$/;

interface Judged {
  group: Group;
  verdict: Verdict;
}

/** Reports what `judge` makes of each group. Single occurrences that share a client or a server's host come as one finding. */
export function reportGroups(groups: Iterable<Group>, context: RuleContext, judge: (group: Group) => Verdict | null): void {
  const singles: Judged[] = [];
  for (const group of groups) {
    const verdict = judge(group);
    if (verdict === null) continue;
    if (group.count < OFTEN && isMinor(verdict.severity)) singles.push({ group, verdict });
    else context.report(draftOf(group, verdict));
  }
  const left = reportShared(singles, context, ({ group }) => partsOf(group.client).host);
  for (const { group, verdict } of reportShared(left, context, ({ group }) => partsOf(group.server).host)) context.report(draftOf(group, verdict));
}

/** Reports those that share a host as one; returns the others. */
function reportShared(singles: readonly Judged[], context: RuleContext, hostOf: (judged: Judged) => string): Judged[] {
  const byHost = new Map<string, Judged[]>();
  for (const judged of singles) {
    const host = hostOf(judged);
    const list = byHost.get(host);
    if (list === undefined) byHost.set(host, [judged]);
    else list.push(judged);
  }
  const left: Judged[] = [];
  for (const [host, list] of byHost) {
    if (list.length > MOST_SINGLES) context.report(together(host, list));
    else left.push(...list);
  }
  return left;
}

function together(host: string, list: readonly Judged[]): Draft {
  const [first] = list;
  const groups = list.map(({ group }) => group);
  const servers = groups.map(({ server }) => server);
  const severity = list.map((judged) => judged.verdict.severity).reduce((one, other) => (rank(one) > rank(other) ? one : other));
  return {
    severity,
    confidence: first.verdict.confidence,
    subject: { kind: 'host', host },
    first: Math.min(...groups.map((group) => group.first)),
    last: Math.max(...groups.map((group) => group.last)),
    count: groups.reduce((sum, group) => sum + group.count, 0),
    flows: groups.flatMap((group) => group.flows).sort((one, other) => one - other),
    packets: groups.flatMap((group) => group.packets).sort((one, other) => one - other),
    facts: {
      ...summed(list.map(({ group, verdict }) => draftOf(group, verdict).facts)),
      server: `${first.group.server} and ${servers.length - 1} other endpoints`,
      servers: servers.slice(0, MOST_LISTED),
      server_count: servers.length,
    },
    doubts: first.verdict.doubts ?? [],
  };
}

/** The numbers of several findings together: sums, or the largest where a sum means nothing; other facts as in the first, unless they differ in who. */
function summed(all: readonly { readonly [name: string]: Fact }[]): { [name: string]: Fact } {
  const together: { [name: string]: Fact } = { ...all[0] };
  for (const facts of all.slice(1)) {
    for (const [name, value] of Object.entries(facts)) {
      const before = together[name];
      if (typeof value === 'number' && typeof before === 'number') together[name] = LARGEST.test(name) ? Math.max(before, value) : before + value;
      else if (isTable(value) && isTable(before)) together[name] = summed([before, value]);
      else if (WHO.test(name) && before !== undefined && before !== value) together[name] = 'both';
      else together[name] ??= value;
    }
  }
  return together;
}

function isTable(value: Fact | undefined): value is { [name: string]: Fact } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMinor(severity: Severity): boolean {
  return rank(severity) <= rank('low');
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
