import { Kind } from '../observations.ts';
import { failureFacts, failureShare, failureWords } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Rule, RuleContext } from './rule.ts';
import { scansAround } from './wider-causes.ts';
import { filterOf, numberOf, partsOf, plural, textOf } from './words.ts';

const SERVED = 65_536;

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
  },
  watches: [Kind.REFUSED, Kind.HANDSHAKE_COMPLETED],
  examples: {
    flagged: [{ title: 'five attempts, five RSTs', conversation: 'repeat 5 every 1 { C:# > S SYN; S > C:# RST ACK seq=0 }' }],
    clean: [{ title: 'accepted', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start(context) {
    const refused = new Occurrences(context);
    const served = new Set<number>();
    return {
      state: { refused, served },
      observe(observation) {
        const key = serverOf(context, observation.flow);
        if (observation.kind === Kind.REFUSED) refused.add(key, observation);
        else if (served.size < SERVED) served.add(key);
      },
      finish() {
        reportGroups(refused.groups.values(), context, (group) => {
          const wasServed = served.has(group.key);
          return {
            severity: isOften(group, wasServed, context) ? 'medium' : 'low',
            confidence: 'high',
            facts: { refused: group.count, also_accepted: wasServed, ...failureFacts(group, context) },
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
        (facts['also_accepted'] === true
          ? 'At other times it accepted some, so the program behind it was restarted, crashed, or one of several servers behind the address is down.'
          : 'Nothing listens on that port (or only on another address), or a firewall rejects it with a RST.'),
      advice: [`ss -tlnp '( sport = :${port} )'`, `tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-rst != 0')}`, `nft list ruleset | grep -n reject`],
    };
  },
};

/** Many, or of a server that accepts others more than now and then. */
function isOften(group: Group, wasServed: boolean, context: RuleContext): boolean {
  return group.count >= context.option('many') || (wasServed && failureShare(group, context).lower >= context.option('share'));
}
