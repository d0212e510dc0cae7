import { Kind } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { failureFacts, failureShare, failureWords } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Rule, RuleContext } from './rule.ts';
import { scansAround } from './wider-causes.ts';
import { duration, filterOf, numberOf, partsOf, plural, seconds, textOf } from './words.ts';

/** Tallies: the server had accepted others before the first refusal, and did between two; how many it had by the latest. */
const BEFORE = 0;
const BETWEEN = 1;
const AT_LATEST = 2;

export const connectRefused: Rule = {
  id: 'connect-refused',
  title: 'Connections refused',
  summary: 'SYNs are answered with RST: nothing listens on the port, or a firewall rejects in its name.',
  severities: ['medium', 'low'],
  references: ['RFC 9293 §3.5.2', 'RFC 9293 §3.10.7.1'],
  aliases: ['connection refused', 'ECONNREFUSED', 'REJ', 'closed port'],
  underFaults: 'Needs both directions: a RST without its SYN is not counted. What is part of a scan is left to the scan.',
  options: {
    many: { default: 20, unit: 'connections', meaning: 'refused: from here on it is medium' },
    share: { default: 0.01, unit: 'share', meaning: 'of the connections of a server that accepts others, refused at least (95 % confidence), from which on it is medium' },
    restart: { default: 10, unit: 'seconds', meaning: 'between the first and the last, at most, where the server accepts before and after them and none between: it was restarted, which is low' },
  },
  watches: [Kind.REFUSED],
  examples: {
    flagged: [
      { title: 'five attempts, five RSTs', conversation: 'repeat 5 every 1 { C:# > S SYN; S > C:# RST ACK seq=0 }' },
      {
        title: 'thirty within three seconds of a restart',
        conversation: `
          repeat 5 every 1 { B:# > S SYN; S > B:# SYN ACK; B:# > S ACK }
          repeat 30 every 0.1 { C:# > S SYN; S > C:# RST ACK seq=0 }
          repeat 5 every 1 { D:# > S SYN; S > D:# SYN ACK; D:# > S ACK }`,
      },
    ],
    clean: [{ title: 'accepted', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start(context) {
    const refused = new Occurrences(context);
    return {
      state: refused,
      observe(observation) {
        const server = serverOf(context, observation.flow);
        noteRefusal(refused.add(server, observation), context.server(server).accepted);
      },
      finish() {
        reportGroups(refused.groups.values(), context, (group) => {
          const { accepted } = context.server(group.key);
          const wasServed = accepted > 0;
          const wasRestarted = isRestart(group, accepted, context.option('restart') * 1e9);
          return {
            severity: !wasRestarted && isOften(group, wasServed, context) ? 'medium' : 'low',
            confidence: 'high',
            facts: {
              refused: group.count,
              also_accepted: wasServed,
              restart_seconds_at_least: wasRestarted ? seconds(group.last - group.first) : null,
              ...failureFacts(group, context),
            },
          };
        });
      },
    };
  },
  explainedBy: scansAround,
  explain(facts) {
    const server = textOf(facts, 'server');
    const { port } = partsOf(server);
    const words = failureWords(facts);
    return {
      explanation:
        `${server} refused ${plural(numberOf(facts, 'refused'), 'connection')} with RST${words === '' ? '' : `: ${words}`}. ` +
        causeWords(facts),
      advice: [`ss -tlnp '( sport = :${port} )'`, `tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-rst != 0')}`, `nft list ruleset | grep -n reject`],
    };
  },
};

function causeWords(facts: { readonly [name: string]: Fact }): string {
  const gap = facts['restart_seconds_at_least'];
  if (typeof gap === 'number') return `It accepted others before and afterwards, and none in the ${duration(gap)} between: its program was restarted.`;
  if (facts['also_accepted'] === true) return 'At other times it accepted some, so the program behind it was restarted, crashed, or one of several servers behind the address is down.';
  return 'Nothing listens on that port (or only on another address), or a firewall rejects it with a RST.';
}

/** `accepted`: how many connections the server has accepted so far. */
function noteRefusal(group: Group | null, accepted: number): void {
  if (group === null) return;
  if (accepted > group.at(AT_LATEST)) group.tally(group.count === 1 ? BEFORE : BETWEEN);
  group.most(AT_LATEST, accepted);
}

/** The server did nothing but refuse for a short while, once. `longest` in nanoseconds. */
function isRestart(group: Group, accepted: number, longest: number): boolean {
  return group.at(BEFORE) > 0 && group.at(BETWEEN) === 0 && accepted > group.at(AT_LATEST) && group.last - group.first <= longest;
}

/** Many, or of a server that accepts others more than now and then. */
function isOften(group: Group, wasServed: boolean, context: RuleContext): boolean {
  return group.count >= context.option('many') || (wasServed && failureShare(group, context).lower >= context.option('share'));
}
