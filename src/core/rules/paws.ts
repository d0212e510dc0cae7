import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { countOf, filterOf, numberOf, partsOf, plural, textOf } from './words.ts';

const TICKS = 0;

export const paws: Rule = {
  id: 'paws',
  title: 'Timestamps that go back',
  summary: 'New data carry an older timestamp than data before them: receivers drop such segments (PAWS).',
  severities: ['medium', 'low'],
  references: ['RFC 7323 §5', 'RFC 7323 §5.3'],
  aliases: ['PAWSEstab', 'pkt_invalid_timestamp', 'bad timestamp', 'timestamp rejection'],
  underFaults: 'Frames captured in the wrong order are no new data and do not count; needs the handshake, because only there is it agreed what the timestamps are.',
  options: { many: { default: 3, unit: 'segments', meaning: 'on one server, from which on it is medium' } },
  watches: [Kind.TIMESTAMP_BACK],
  examples: {
    flagged: [
      {
        title: 'the second request is stamped two seconds before the first',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          +2.5 C > S PSH ACK 100
          S > C ACK
          C > S PSH ACK 100 ts=-2000
          S > C ACK ack=-100`,
      },
    ],
    clean: [{ title: 'a late segment with its old stamp', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100 seq=1101; C > S PSH ACK 100 ts=-1; S > C ACK' }],
  },
  start: perServer({
    note: (group, { a }) => group.most(TICKS, a),
    judge: (group, context) => ({
      severity: group.count >= context.option('many') ? 'medium' : 'low',
      confidence: 'medium',
      facts: { segments: group.count, most_ticks_back: group.at(TICKS) },
      doubts: ['A receiver without PAWS would take them.'],
    }),
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'segments'), 'segment')} with new data between ${textOf(facts, 'example_client')} and ${textOf(facts, 'server')} ${numberOf(facts, 'segments') === 1 ? 'bears' : 'bear'} timestamps up to ${countOf(facts, 'most_ticks_back')} ticks ` +
      '(mostly milliseconds) older than data before them. The receiver takes them for stragglers of an earlier connection and drops them, so the sender repeats and stalls. ' +
      'Several hosts behind one address, a proxy that passes timestamps of different connections through, or a clock that was set back cause this.',
    advice: [
      `tshark -r CAPTURE -Y 'tcp.port == ${partsOf(textOf(facts, 'server')).port}' -T fields -e frame.number -e ip.src -e tcp.options.timestamp.tsval`,
      'nstat -az TcpExtPAWSEstab TcpExtPAWSActive   # on the receiver: segments dropped',
      `tcpdump -nvr CAPTURE ${filterOf(textOf(facts, 'server'))}`,
    ],
  }),
};
