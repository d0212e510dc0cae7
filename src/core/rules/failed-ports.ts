import type { Draft, RuleContext } from './rule.ts';
import { draftOf } from './occurrences.ts';
import type { Group, Occurrences, Verdict } from './occurrences.ts';
import { partsOf } from './words.ts';

/** A port tried less often than this is one of a list when a host has several of them: a scan must not make a finding a port. */
const OFTEN = 3;
const MOST_SINGLES = 3;
const MOST_LISTED = 50;

/** Reports the failures at each port; ports of one host that were only probed come as one finding about the host. */
export function reportFailedPorts(occurrences: Occurrences, context: RuleContext, judge: (group: Group) => Verdict | null): void {
  const probed = new Map<string, { group: Group; verdict: Verdict }[]>();
  for (const group of occurrences.groups.values()) {
    const verdict = judge(group);
    if (verdict === null) continue;
    if (group.count >= OFTEN) {
      context.report(draftOf(group, verdict));
      continue;
    }
    const { host } = partsOf(group.server);
    const list = probed.get(host);
    if (list === undefined) probed.set(host, [{ group, verdict }]);
    else list.push({ group, verdict });
  }
  for (const [host, list] of probed) {
    if (list.length > MOST_SINGLES) context.report(together(host, list));
    else for (const { group, verdict } of list) context.report(draftOf(group, verdict));
  }
}

function together(host: string, list: readonly { group: Group; verdict: Verdict }[]): Draft {
  const groups = list.map(({ group }) => group);
  const ports = groups.map(({ server }) => Number(partsOf(server).port)).sort((one, other) => one - other);
  return {
    severity: 'info',
    confidence: 'high',
    subject: { kind: 'host', host },
    first: Math.min(...groups.map(({ first }) => first)),
    last: Math.max(...groups.map(({ last }) => last)),
    count: groups.reduce((sum, { count }) => sum + count, 0),
    flows: groups.flatMap(({ flows }) => flows).sort((one, other) => one - other),
    packets: groups.flatMap(({ packets }) => packets).sort((one, other) => one - other),
    facts: {
      server: host,
      example_client: groups[0]?.client ?? '',
      connections: groups.reduce((sum, group) => sum + group.flowCount(), 0),
      ports: ports.slice(0, MOST_LISTED),
      port_count: ports.length,
    },
    doubts: [],
  };
}
