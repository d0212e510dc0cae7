import { Challenge, Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filteredCapture } from './wider-causes.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

const OUTSIDE = 0;
const CHALLENGED = 1;
const AHEAD = 2;
const BEHIND = 3;
const FARTHEST = 4;

export const outOfWindow: Rule = {
  id: 'out-of-window',
  title: "Data outside the receiver's window",
  summary: 'Segments whose sequence numbers lie far outside what the receiver may accept.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.4', 'RFC 9293 §3.10.7.4'],
  aliases: [
    'est_packet_out_of_window', 'invalid sequence number', 'invalid_seq', 'conntrack invalid', 'TCP_seq_underflow_or_misorder',
    'invalid_seq_left', 'invalid_seq_right',
  ],
  underFaults:
    'Where the capture missed much, the window is not known, and a segment counts only when it lies several windows away. Without an ACK that answers it at once it stays a remark.',
  options: { many: { default: 10, unit: 'segments', meaning: 'that the receiver answered as unacceptable, from which on it is medium' } },
  watches: [Kind.OUT_OF_WINDOW, Kind.CHALLENGE_ACK],
  examples: {
    flagged: [
      {
        title: 'a segment ten million bytes ahead, answered with the present numbers',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +0.2 C > S PSH ACK 9 seq=10001101
          S > C ACK
          C > S PSH ACK 100
          S > C ACK`,
      },
    ],
    clean: [{ title: 'a hole of a few segments', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; ~ C > S PSH ACK 1000; C > S PSH ACK 1000; S > C ACK' }],
  },
  explainedBy: filteredCapture,
  start: perServer({
    counts: ({ kind, a }) => kind === Kind.OUT_OF_WINDOW || a === Challenge.OUT_OF_WINDOW,
    note(group, { kind, a }) {
      if (kind === Kind.CHALLENGE_ACK) {
        group.tally(CHALLENGED);
        return;
      }
      group.tally(OUTSIDE);
      group.tally(a > 0 ? AHEAD : BEHIND);
      group.most(FARTHEST, Math.abs(a));
    },
    judge(group, context) {
      const outside = group.at(OUTSIDE);
      const challenged = group.at(CHALLENGED);
      if (outside === 0) return null;
      return {
        severity: challenged >= context.option('many') ? 'medium' : challenged > 0 ? 'low' : 'info',
        confidence: challenged > 0 ? 'high' : 'medium',
        count: outside,
        facts: { segments: outside, answered_as_unacceptable: challenged, ahead: group.at(AHEAD), behind: group.at(BEHIND), farthest_bytes: group.at(FARTHEST) },
        doubts: challenged === 0 ? ['The capture may have missed what lies between.'] : [],
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'segments'), 'segment')} between ${textOf(facts, 'example_client')} and ${textOf(facts, 'server')} ${numberOf(facts, 'segments') === 1 ? 'lies' : 'lie'} outside the receiver's window, up to ${plural(numberOf(facts, 'farthest_bytes'), 'byte')} away; ` +
      `the receiver refused ${countOf(facts, 'answered_as_unacceptable')} of them at once with an ACK of its own numbers. No TCP in step with its peer sends that: ` +
      'somebody guesses sequence numbers, a device on the path rewrites them in one direction only, or segments of an earlier connection are still about.',
    advice: [
      `tcpdump -Snr CAPTURE ${filterOf(textOf(facts, 'server'))}   # absolute sequence numbers`,
      'nstat -az TcpExtTCPACKSkippedSeq TcpExtTCPChallengeACK',
      'On a firewall that tracks connections: nft list ruleset | grep -n invalid; turn sequence randomisation off to compare.',
    ],
  }),
};
