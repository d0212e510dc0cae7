import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

const BYTES = 0;

export const synWithData: Rule = {
  id: 'syn-with-data',
  title: 'SYN with data, without Fast Open',
  summary: 'A SYN carries payload but no Fast Open cookie.',
  severities: ['low'],
  references: ['RFC 9293 §3.4', 'RFC 7413 §4.1'],
  aliases: ['data on syn', 'SYN_with_data', 'data_before_established'],
  underFaults: 'Where the snaplen cut off the options, the cookie may have been there: then nothing is reported.',
  options: {},
  watches: [Kind.SYN_DATA],
  examples: {
    flagged: [{ title: 'a SYN with 60 bytes', conversation: 'C > S SYN 60; S > C SYN ACK ack=-60' }],
    clean: [{ title: 'Fast Open with a cookie', conversation: 'C > S SYN 60 cookie=8; S > C SYN ACK; C > S ACK' }],
  },
  start: perServer({
    counts: ({ b }) => b < 0,
    note: (group, { a }) => group.tally(BYTES, a),
    judge: (group) => ({ severity: 'low', confidence: 'high', facts: { syns: group.count, bytes: group.at(BYTES) } }),
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'syns'), 'SYN')} to ${textOf(facts, 'server')} carried ${plural(numberOf(facts, 'bytes'), 'byte')} of data without Fast Open. ` +
      'A server must hold such data back until the handshake completes, and most drop it. Only test tools, scanners and some DDoS tools send it.',
    // Longer than the headers of IPv4 and TCP: how long the frame is says nothing, as the options of a SYN take up to 40 bytes.
    advice: [`tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & tcp-syn != 0 and ip[2:2] > (ip[0] & 0xf) * 4 + (tcp[12] >> 4) * 4')}`],
  }),
};
