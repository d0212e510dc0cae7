import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

const BYTES = 0;

export const dataAfterClose: Rule = {
  id: 'data-after-close',
  title: 'Data sent to an end that had closed',
  summary: 'One end sends data to a peer that has closed its socket altogether and answers with RST: the data is lost.',
  severities: ['medium', 'low'],
  references: ['RFC 9293 §3.6', 'RFC 1122 §4.2.2.13'],
  aliases: ['write after close', 'EPIPE', 'broken pipe'],
  underFaults: 'A late segment that lies before the FIN in sequence is not counted.',
  options: { many: { default: 20, unit: 'connections', meaning: 'from here on it is medium' } },
  watches: [Kind.DATA_AFTER_CLOSE],
  examples: {
    flagged: [
      {
        title: 'the answer comes after the client has gone',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100
          C > S FIN ACK
          S > C ACK
          +1 S > C PSH ACK 500
          C > S RST`,
      },
    ],
    clean: [
      {
        title: 'a half-close that is honoured',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C ACK; S > C PSH ACK 500; C > S ACK; S > C FIN ACK; C > S ACK',
      },
    ],
  },
  start: perServer({
    note: (group, { a }) => group.tally(BYTES, Math.max(0, a)),
    judge: (group, context) => ({
      severity: group.flowCount() >= context.option('many') ? 'medium' : 'low',
      confidence: 'high',
      facts: { segments: group.count, lost_bytes: group.at(BYTES) },
    }),
  }),
  explain: (facts) => ({
    explanation:
      `On ${plural(numberOf(facts, 'connections'), 'connection')} of ${textOf(facts, 'server')}, ${plural(numberOf(facts, 'lost_bytes'), 'byte was', 'bytes were')} sent by the ${textOf(facts, 'by')} to a peer that had closed ` +
      'its socket in full and answered with RST. Those bytes are lost, and the sender learns it only at its next write. Browsers that leave early cause a few; many point to a protocol in which one end does not wait.',
    advice: [`tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & (tcp-rst|tcp-fin) != 0')}`],
  }),
};
