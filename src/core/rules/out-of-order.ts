import { Kind, RETRANSMISSION } from '../observations.ts';
import type { Group } from './occurrences.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

const REORDERED = 0;
const UNCLEAR = 1;
const BYTES = 2;
/** Retransmissions that reordering provokes. */
const PROVOKED = 3;
const HOW_REORDERED = 1;
const HOW_RETRANSMITTED = 2;
const FAST = RETRANSMISSION.indexOf('fast');
const SPURIOUS = RETRANSMISSION.indexOf('spurious');

export const outOfOrder: Rule = {
  id: 'out-of-order',
  title: 'Segments in the wrong order',
  summary: 'Segments pass the capture point in another order than they were sent.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.4', 'RFC 4737', 'RFC 5681 §3.2'],
  aliases: ['tcp.analysis.out_of_order', 'reordering', 'misordered', 'ooo'],
  underFaults:
    'Told from retransmission by timestamps, IP-ID, and how long the hole stood. A capture that shuffles frames itself looks the same, and stays a remark: only reordering that makes senders ' +
    'retransmit for nothing is more.',
  options: { harmful: { default: 3, unit: 'segments', meaning: 'sent again in haste because of it, from which on it is low' } },
  watches: [Kind.HOLE_FILLED, Kind.RETRANSMITTED],
  examples: {
    flagged: [
      {
        title: 'two segments swapped: the later one carries the older IP-ID and timestamp',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100 seq=1101 ipid=21
          C > S PSH ACK 100 ipid=20 ts=-5
          S > C ACK`,
      },
    ],
    clean: [
      {
        title: 'a segment lost before the capture point comes again',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          ~ C > S PSH ACK 100
          C > S PSH ACK 200
          S > C ACK ack=-300
          +0.3 C > S PSH ACK 100 again
          S > C ACK`,
      },
    ],
  },
  start: perServer({
    counts: ({ kind, b }) => (kind === Kind.HOLE_FILLED ? b !== HOW_RETRANSMITTED : b === FAST || b === SPURIOUS),
    note(group, { kind, a, b }) {
      if (kind === Kind.RETRANSMITTED) group.tally(PROVOKED);
      else {
        group.tally(b === HOW_REORDERED ? REORDERED : UNCLEAR);
        group.tally(BYTES, a);
      }
    },
    judge(group: Group, context) {
      const late = group.at(REORDERED) + group.at(UNCLEAR);
      if (late === 0) return null;
      const isHarmful = group.at(PROVOKED) >= context.option('harmful') && late >= group.at(PROVOKED);
      return {
        severity: isHarmful ? 'low' : 'info',
        confidence: group.at(REORDERED) > 0 ? 'high' : 'medium',
        count: late,
        facts: { out_of_order: late, certainly_reordered: group.at(REORDERED), bytes_late: group.at(BYTES), hasty_retransmissions: group.at(PROVOKED) },
        doubts: group.at(UNCLEAR) > 0 ? [`${plural(group.at(UNCLEAR), 'segment')} may as well have been lost before the capture point and sent again.`] : [],
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'out_of_order'), 'segment')} of connections with ${textOf(facts, 'server')} came later than segments that were sent after them. ` +
      'Parallel paths, several receive queues, or a radio link do that. Receivers put it right; but each gap draws duplicate ACKs, and three of those make a sender retransmit and slow down: ' +
      `${numberOf(facts, 'hasty_retransmissions')} segments here were sent again in haste.`,
    advice: [
      `tcpdump -nvr CAPTURE ${filterOf(textOf(facts, 'server'))} | grep -o 'id [0-9]*'   # IP-IDs out of order: reordered on the way`,
      'ethtool -x INTERFACE   # receive queues: one connection should stay on one',
      'nstat -az TcpExtTCPOFOQueue TcpExtTCPTSReorder TcpExtTCPSACKReorder',
    ],
  }),
};
