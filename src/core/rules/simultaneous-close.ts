import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { numberOf, plural, textOf } from './words.ts';

export const simultaneousClose: Rule = {
  id: 'simultaneous-close',
  title: 'Simultaneous close',
  summary: 'Both ends sent their FIN before they had the other one.',
  severities: ['info'],
  references: ['RFC 9293 §3.6 (figure 13)'],
  aliases: ['closing state', 'crossing fins'],
  underFaults: 'A misordered capture can make FINs seem to cross.',
  options: {},
  watches: [Kind.SIMULTANEOUS_CLOSE],
  examples: {
    flagged: [
      { title: 'two FINs cross', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK ack=-1; C > S ACK; S > C ACK' },
      {
        title: 'two FINs cross, one is lost before the capture point',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; ~ S > C FIN ACK ack=-1; S > C ACK; +0.3 S > C FIN ACK again ack=1002; C > S ACK',
      },
    ],
    clean: [{ title: 'one end closes first', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK' }],
  },
  start: perServer({ judge: () => ({ severity: 'info', confidence: 'high', facts: {} }) }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'connections'), 'connection')} of ${textOf(facts, 'server')} closed from both ends at once: each sent its FIN before it had the other, and both hold a TIME_WAIT. That is normal.`,
    advice: ['Nothing needs to be done.'],
  }),
};
