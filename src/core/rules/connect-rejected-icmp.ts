import { Kind } from '../observations.ts';
import { SYN_SENT } from '../tcp/state.ts';
import { failureFacts } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, partsOf, plural, textOf } from './words.ts';

const CODE = 0;
const VERSION = 1;
/** ICMP (RFC 792, RFC 1812) and ICMPv6 (RFC 4443) errors that end an attempt, by type * 256 + code. */
const MEANINGS: { [key: string]: string } = {
  '4/768': 'network unreachable',
  '4/769': 'host unreachable',
  '4/770': 'protocol unreachable',
  '4/771': 'port unreachable',
  '4/777': 'network administratively prohibited',
  '4/778': 'host administratively prohibited',
  '4/781': 'communication administratively prohibited',
  '4/2816': 'time to live exceeded',
  '6/256': 'no route',
  '6/257': 'administratively prohibited',
  '6/259': 'address unreachable',
  '6/260': 'port unreachable',
  '6/261': 'source address failed policy',
  '6/262': 'reject route',
  '6/768': 'hop limit exceeded',
};

export const connectRejectedIcmp: Rule = {
  id: 'connect-rejected-icmp',
  title: 'Connections rejected by ICMP',
  summary: 'A SYN draws an ICMP error: a router or firewall says that the port, host or network cannot be reached.',
  severities: ['low'],
  references: ['RFC 1122 §4.2.3.9', 'RFC 5927', 'RFC 4443 §3.1'],
  aliases: ['icmp unreachable', 'administratively prohibited', 'EHOSTUNREACH'],
  underFaults: 'Errors that quote no known connection are not counted. Path MTU errors are not rejections.',
  options: {},
  watches: [Kind.ICMP_ERROR],
  examples: {
    flagged: [{ title: 'administratively prohibited', conversation: 'C > S SYN; R > C ICMP 3/13 S' }],
    clean: [{ title: 'fragmentation needed, in an open connection', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 1400; R > C ICMP 3/4 S' }],
  },
  start(context) {
    const occurrences = new Occurrences(context);
    return {
      state: occurrences,
      observe(observation) {
        const { flow, side, a, b } = observation;
        if (context.connections.state(flow, side) !== SYN_SENT || MEANINGS[`${b}/${a}`] === undefined) return;
        const group = occurrences.add(serverOf(context, flow), observation);
        if (group?.count === 1) {
          group.tally(CODE, a);
          group.tally(VERSION, b);
        }
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => ({
          severity: 'low',
          confidence: 'high',
          facts: {
            rejected: group.count,
            icmp_type: group.at(CODE) >> 8,
            icmp_code: group.at(CODE) & 0xff,
            meaning: MEANINGS[`${group.at(VERSION)}/${group.at(CODE)}`] ?? '',
            ...failureFacts(group, context),
          },
        }));
      },
    };
  },
  explain(facts) {
    const server = textOf(facts, 'server');
    return {
      explanation:
        `${plural(numberOf(facts, 'rejected'), 'connection attempt')} to ${server} drew an ICMP error: ${textOf(facts, 'meaning')} ` +
        `(type ${numberOf(facts, 'icmp_type')}, code ${numberOf(facts, 'icmp_code')}). A firewall with a reject rule or a router without a route sends it; the client fails at once.`,
      advice: [
        `tcpdump -nvr CAPTURE 'icmp[icmptype] = icmp-unreach or icmp6'`,
        `ip route get ${partsOf(server).host}`,
        `tcpdump -nr CAPTURE ${filterOf(server)}`,
      ],
    };
  },
};
