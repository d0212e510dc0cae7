import { Challenge, Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

const OWN = 0;
const OTHER = 1;
const CHALLENGED = 2;

export const synOnEstablished: Rule = {
  id: 'syn-on-established',
  title: 'SYN on an established connection',
  summary: 'A SYN arrives for a connection that is already established.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 5961 §4', 'RFC 9293 §3.5.1'],
  aliases: [
    'syn in established', 'half-open recovery', 'blind syn', 'SYN_inside_connection', 'active_connection_reuse', 'SYN_seq_jump',
    'est_syn_resend', 'est_syn_resend_diff_seq', 'SYN_ON_EST',
  ],
  underFaults: "The connection's own SYN, sent again before its answer came, is only a remark.",
  options: { many: { default: 5, unit: 'segments', meaning: 'with another number on one connection, from which on it is medium' } },
  watches: [Kind.SYN_ON_ESTABLISHED, Kind.CHALLENGE_ACK],
  examples: {
    flagged: [
      {
        title: 'a SYN with another number in mid-connection draws a challenge ACK',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          +1 C > S SYN seq=900000
          S > C ACK
          C > S PSH ACK 10 seq=1011
          S > C ACK`,
      },
    ],
    clean: [
      { title: 'the SYN-ACK is slow, so the SYN is sent again', conversation: 'C > S SYN; +1 C > S SYN again; S > C SYN ACK; C > S ACK' },
      {
        title: 'the old connection was closed unseen, and the SYN is accepted',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          ~ C > S FIN ACK
          ~ S > C FIN ACK
          ~ C > S ACK
          +90 C > S SYN
          S > C SYN ACK
          C > S ACK
          C > S PSH ACK 10
          S > C ACK`,
      },
    ],
  },
  start: perServer({
    counts: ({ kind, flow, a }, { connections }) => !connections.oneWay(flow) && (kind !== Kind.CHALLENGE_ACK || a === Challenge.SYN),
    note: (group, { kind, b }) => group.tally(kind === Kind.CHALLENGE_ACK ? CHALLENGED : b === 1 ? OWN : OTHER),
    judge(group, context) {
      const other = group.at(OTHER);
      if (other + group.at(OWN) === 0) return null;
      return {
        // A single one that nobody challenged may open the next connection, the close of this one being missed.
        severity: other === 0 || (other === 1 && group.at(CHALLENGED) === 0) ? 'info' : other / group.flowCount() >= context.option('many') ? 'medium' : 'low',
        confidence: 'high',
        count: other + group.at(OWN),
        facts: { with_another_number: other, with_its_own_number: group.at(OWN), challenged: group.at(CHALLENGED) },
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'with_another_number') + numberOf(facts, 'with_its_own_number'), 'SYN')} met established connections of ${textOf(facts, 'server')}, ` +
      `${countOf(facts, 'with_another_number')} with another initial sequence number. Either the client lost its connection (restart, crash, a NAT that reuses ports) and opens a new one, ` +
      'or somebody who cannot see the traffic tries to break it. RFC 5961 has the server answer with an ACK and keep the connection.',
    advice: [
      `tcpdump -Snr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & tcp-syn != 0')}`,
      'nstat -az TcpExtTCPSYNChallenge TcpExtTCPChallengeACK',
    ],
  }),
};
