import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

const BYTES = 0;

export const dataAfterOwnFin: Rule = {
  id: 'data-after-own-fin',
  title: "Data beyond the sender's own FIN",
  summary: 'An end sends new data after it has said, with a FIN, that there is none.',
  severities: ['medium'],
  references: ['RFC 9293 §3.6', 'RFC 9293 §3.10.4'],
  aliases: ['data on closed', 'data past fin'],
  underFaults: 'Segments that lie before the FIN in sequence, however late, are not counted, nor is a one-way capture, or one without the handshakes: the same ports may have been used again.',
  options: {},
  watches: [Kind.DATA_AFTER_OWN_FIN],
  examples: {
    flagged: [
      { title: 'FIN, then 50 more bytes', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C ACK; +0.1 C > S PSH ACK 50; S > C ACK' },
    ],
    clean: [
      {
        title: 'the same ports again, of a capture without SYNs',
        conversation: `
          ~ C > S SYN
          ~ S > C SYN ACK
          C > S ACK; C > S PSH ACK 50; S > C PSH ACK 50; C > S FIN ACK; S > C FIN ACK; C > S ACK
          +5 C > S PSH ACK 50 seq=500000 ack=4000
          S > C PSH ACK 50 seq=4000 ack=500050`,
      },
      {
        title: 'the FIN overtakes the last data',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; ~ C > S PSH ACK 50; C > S FIN ACK; C > S PSH ACK 50 again; S > C FIN ACK; C > S ACK',
      },
    ],
  },
  start: perServer({
    counts: ({ flow }, { connections }) => !connections.oneWay(flow) && !connections.midstream(flow),
    note: (group, { a }) => group.tally(BYTES, a),
    judge(group) {
      // Both ends going on after their FINs are the next incarnations of their connections, whose SYNs are missing.
      if (group.by() === 'both') return null;
      return {
        severity: 'medium',
        confidence: 'high',
        facts: { sender: group.by() === 'client' ? group.client : group.server, segments: group.count, bytes: group.at(BYTES) },
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'sender')} sent ${plural(numberOf(facts, 'bytes'), 'byte')} beyond its own FIN. No TCP does this: the FIN is forged (see injected-data) or the segments are, or a device on the path rewrites the stream. The receiver drops them.`,
    advice: [`tcpdump -Snvr CAPTURE ${filterOf(textOf(facts, 'sender'))}`],
  }),
};
