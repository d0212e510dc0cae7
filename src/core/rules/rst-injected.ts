import { Kind, otherSide } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

const DISOWNED = 0;
const HEADER = 1;
const TTL = 2;
/** Disowned where the peer had sent data: not merely in a handshake, where scanners send RST and go on. */
const IN_USE = 3;

export const rstInjected: Rule = {
  id: 'rst-injected',
  title: 'RST made by somebody else',
  summary: "A RST that its claimed sender knows nothing of, or whose IP header does not fit that sender's other packets.",
  severities: ['high', 'medium', 'low'],
  references: ['RFC 9293 §3.5.3', 'RFC 5961 §3', 'RFC 3360'],
  aliases: ['rst injection', 'forged rst', 'suspected_rst_inject', 'data_after_reset', 'tcp reset attack'],
  underFaults: 'Packets that cross on the way are not taken for a sender that goes on: its next segment must come later than a round trip, or acknowledge more.',
  options: {},
  watches: [Kind.RESET_DISOWNED, Kind.FORGED_HEADER],
  timed: true,
  examples: {
    flagged: [
      {
        title: 'the RST comes with another TTL, and its sender goes on',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          +0.1 S > C RST ttl=250
          +0.5 S > C PSH ACK 100
          C > S RST`,
      },
    ],
    clean: [{ title: 'a genuine abort', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK; S > C RST ACK' }],
  },
  start: perServer({
    note(group, { kind, flow, side, a }, { connections }) {
      group.tally(kind === Kind.RESET_DISOWNED ? DISOWNED : HEADER);
      if (kind === Kind.RESET_DISOWNED && connections.bytes(flow, otherSide(side)) > 0) group.tally(IN_USE);
      if (kind === Kind.FORGED_HEADER && Math.abs(a) > Math.abs(group.at(TTL))) group.tallies[TTL] = a;
    },
    judge(group) {
      const disowned = group.at(DISOWNED);
      const header = group.at(HEADER);
      return {
        severity: disowned > 0 && header + group.at(IN_USE) > 0 ? 'high' : header > 0 ? 'medium' : 'low',
        confidence: disowned > 0 && header > 0 ? 'high' : 'medium',
        count: Math.max(disowned, header),
        facts: { disowned, foreign_headers: header, ttl_difference: group.at(TTL) },
        doubts: header === 0 || disowned === 0 ? ['A load balancer or proxy that speaks for an end, or a scanner that goes on after its own RST, can look the same.'] : [],
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `On ${plural(numberOf(facts, 'connections'), 'connection')} of ${textOf(facts, 'server')} a RST appeared that its claimed sender did not make: ` +
      `that end went on as if nothing had happened ${plural(numberOf(facts, 'disowned'), 'time')}, the IP header does not fit its other packets ${plural(numberOf(facts, 'foreign_headers'), 'time')}` +
      `${numberOf(facts, 'ttl_difference') === 0 ? '' : ` (TTL differs by ${numberOf(facts, 'ttl_difference')})`}. ` +
      'A firewall, an intrusion prevention system, a traffic filter of a provider, or an attacker on the path cut the connection.',
    advice: [
      `tshark -r CAPTURE -Y 'tcp.flags.reset == 1' -T fields -e frame.number -e ip.src -e ip.ttl -e ip.id -e tcp.window_size_value`,
      `tcpdump -nvr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & tcp-rst != 0')}`,
      'Capture at both ends: a RST that only the receiver sees was made on the path.',
    ],
  }),
};
