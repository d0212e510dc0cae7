import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { SYN_SENT } from '../tcp/state.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

/** Tally: SYNs from outside in the name of the host itself. */
const FORGED = 0;
const MOST_FLOWS = 65_536;
/** Addresses by which a host talks to itself. */
const LOOPBACK = /^(127\.|\[?(::1|::ffff:127\.))/;

export const selfConnect: Rule = {
  id: 'self-connect',
  title: 'A socket connected to itself',
  summary: 'Source and destination are the same address and port: a program has connected to itself, or, where nothing answers, somebody forged the SYN (LAND).',
  severities: ['medium', 'info'],
  references: ['RFC 9293 §3.5', 'RFC 2827'],
  aliases: ['land', 'self connection'],
  underFaults: 'A SYN-ACK that the capture missed makes a self-connection look forged, where the address is none of loopback: an acknowledgment that follows shows that it was answered.',
  options: {},
  watches: [Kind.SELF_CONNECT],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      { title: 'a client draws the very port it connects to', conversation: 'S > S SYN; S > S SYN ACK seq=-1' },
      { title: 'LAND: a SYN in the name of the host itself, which ignores it', conversation: 'S > S SYN; C > S SYN; S > C SYN ACK; C > S ACK' },
    ],
    clean: [{ title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start(context) {
    const { connections } = context;
    const occurrences = new Occurrences(context);
    /** Numbers of the flows that meet themselves. */
    const flows = new Set<number>();
    return {
      state: { occurrences, flows },
      observe(observation: Observation) {
        const { kind, flow } = observation;
        if (kind === Kind.SELF_CONNECT) {
          if (flows.size < MOST_FLOWS) flows.add(connections.flowNumber(flow));
          occurrences.add(serverOf(context, flow), observation);
          return;
        }
        if (flows.size === 0 || !flows.delete(connections.flowNumber(flow))) return;
        const group = occurrences.groups.get(serverOf(context, flow));
        // A host that connects to itself answers its own SYN; one that is called in its own name drops it.
        const isAnswered = connections.state(flow, 0) !== SYN_SENT;
        if (!isAnswered && group !== undefined && !LOOPBACK.test(group.server)) group.tally(FORGED, connections.packets(flow, 0));
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => ({
          severity: group.at(FORGED) > 0 ? 'medium' : 'info',
          confidence: group.at(FORGED) > 0 ? 'medium' : 'high',
          facts: { forged: group.at(FORGED) },
          doubts: group.at(FORGED) > 0 ? ['A program that connects to itself, of which the capture missed the rest, looks the same.'] : [],
        }));
      },
    };
  },
  explain(facts) {
    const server = textOf(facts, 'server');
    const forged = numberOf(facts, 'forged');
    if (forged > 0) {
      return {
        title: 'LAND: SYNs that name their target as their source',
        explanation:
          `${plural(forged, 'SYN')} reached ${server} with that same address and port as the source, and nothing answered. No host sends that to itself over a network: somebody forged it (the LAND attack), ` +
          'to make an old stack answer itself without end. Systems of today drop such packets; a network that lets them in does not filter forged sources at all.',
        advice: [
          `tcpdump -enr CAPTURE ${filterOf(server, ' and tcp[13] & 0x12 = 0x02')}   # whose MAC address sends it?`,
          'sysctl net.ipv4.conf.all.rp_filter; nft add rule inet filter prerouting fib saddr . iif oif missing drop   # no packets of sources that do not live there',
        ],
      };
    }
    return {
      explanation:
        `${server} is connected to itself. A program that retries a local port on which nothing listens can draw that very port as its own ` +
        'and connect to itself; it then reads back what it writes, and the real server cannot bind the port.',
      advice: ['sysctl net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports', 'Keep server ports out of the ephemeral range.'],
    };
  },
};
