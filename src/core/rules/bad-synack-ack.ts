import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filteredCapture } from './wider-causes.ts';
import { filterOf, numberOf, plural, streamOf, textOf } from './words.ts';

const CONFIRMED = 0;
const ACKNOWLEDGED = 1;
const EXPECTED = 2;

export const badSynAckAck: Rule = {
  id: 'bad-synack-ack',
  title: 'SYN-ACK acknowledges the wrong number',
  summary: 'A SYN-ACK whose acknowledgment is not the initial sequence number of the SYN plus one.',
  severities: ['medium', 'info'],
  references: ['RFC 9293 §3.5', 'RFC 9293 §3.10.7.3'],
  aliases: ['bad syn ack', '3whs_synack_with_wrong_ack', 'bad_SYN_ack', '4whs_synack_with_wrong_ack'],
  underFaults: 'A SYN that the capture missed gives nothing to compare with. Without an answer of the client that confirms it, the finding is a hint only.',
  options: {},
  watches: [Kind.BAD_SYN_ACK, Kind.DOUBTFUL_SYN_ACK],
  examples: {
    flagged: [
      {
        title: 'the SYN-ACK acknowledges x+2000; the client resets it',
        conversation: `
          C > S  SYN
          S > C  SYN ACK ack=+2000
          C > S  RST seq=+1999`,
      },
    ],
    clean: [{ title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  explainedBy: filteredCapture,
  start: perServer({
    note(group, { kind, a, b }) {
      if (kind === Kind.BAD_SYN_ACK) group.tally(CONFIRMED);
      if (group.count === 1) {
        group.tally(ACKNOWLEDGED, a >>> 0);
        group.tally(EXPECTED, b >>> 0);
      }
    },
    judge(group) {
      const isConfirmed = group.at(CONFIRMED) > 0;
      return {
        severity: isConfirmed ? 'medium' : 'info',
        confidence: isConfirmed ? 'high' : 'low',
        facts: { confirmed: group.at(CONFIRMED), acknowledged: group.at(ACKNOWLEDGED), expected: group.at(EXPECTED) },
        doubts: isConfirmed ? [] : ["The client's answer is not captured: the SYN that it fits may be missing."],
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'server')} answered ${plural(numberOf(facts, 'connections'), 'connection attempt')} with a SYN-ACK for another SYN: it acknowledged ` +
      `${numberOf(facts, 'acknowledged')} where ${numberOf(facts, 'expected')} was due. The client must reset it, so the connection fails or is delayed. ` +
      'Typical causes: an old connection of the same ports that the server still knows, a SYN proxy or load balancer that mixes up connections, or forged segments.',
    advice: [
      `tcpdump -Snr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & (tcp-syn|tcp-rst) != 0')}`,
      `tshark -r CAPTURE -Y '${streamOf(textOf(facts, 'example_client'), textOf(facts, 'server'))}' -o tcp.relative_sequence_numbers:false`,
    ],
  }),
};
