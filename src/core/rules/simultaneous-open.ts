import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { numberOf, plural, textOf } from './words.ts';

export const simultaneousOpen: Rule = {
  id: 'simultaneous-open',
  title: 'Simultaneous open',
  summary: 'Both ends sent a SYN to each other and made one connection of it.',
  severities: ['info'],
  references: ['RFC 9293 §3.5 (figure 7)'],
  aliases: ['crossing syns', 'split handshake', '4whs'],
  underFaults: 'Needs both directions.',
  options: {},
  watches: [Kind.SIMULTANEOUS_OPEN],
  examples: {
    flagged: [{ title: 'two SYNs cross', conversation: 'C > S SYN; S > C SYN; C > S SYN ACK seq=1000; S > C SYN ACK seq=5000; C > S ACK' }],
    clean: [{ title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start: perServer({ judge: () => ({ severity: 'info', confidence: 'high', facts: {} }) }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'connections'), 'connection')} between ${textOf(facts, 'example_client')} and ${textOf(facts, 'server')} opened from both ends at once. ` +
      'That is legal and rare: programs that punch through NATs do it on purpose. Some firewalls block it.',
    advice: ["tcpdump -nr CAPTURE 'tcp[13] & 0x12 = 0x02'"],
  }),
};
