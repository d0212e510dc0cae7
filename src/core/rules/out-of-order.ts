import { Fill, Kind } from '../observations.ts';
import type { Group } from './occurrences.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

const REORDERED = 0;
const UNCLEAR = 1;
const BYTES = 2;
/** Originals overtaken by what was sent to replace them: reordering made their sender repeat in haste. */
const OVERTAKEN = 3;

export const outOfOrder: Rule = {
  id: 'out-of-order',
  title: 'Segments in the wrong order',
  summary: 'Segments pass the capture point in another order than they were sent.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.4', 'RFC 4737', 'RFC 5681 §3.2'],
  aliases: ['tcp.analysis.out_of_order', 'reordering', 'misordered', 'ooo', 'tcp.analysis.duplicate_ack'],
  underFaults:
    'Told from retransmission by timestamps, IP-ID, and how long the hole stood. A capture that shuffles frames itself looks the same, and stays a remark: only reordering that makes senders ' +
    'retransmit for nothing is more.',
  options: { harmful: { default: 3, unit: 'segments', meaning: 'needlessly sent again because of it, from which on it is low' } },
  watches: [Kind.HOLE_FILLED, Kind.LATE_ORIGINAL],
  timed: true,
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
    counts: ({ kind, b }) => kind === Kind.LATE_ORIGINAL || b !== Fill.RETRANSMITTED,
    note(group, { kind, a, b }) {
      group.tally(kind === Kind.LATE_ORIGINAL ? OVERTAKEN : b === Fill.REORDERED ? REORDERED : UNCLEAR);
      group.tally(BYTES, a);
    },
    judge(group: Group, context) {
      const overtaken = group.at(OVERTAKEN);
      const certain = group.at(REORDERED) + overtaken;
      return {
        severity: overtaken >= context.option('harmful') ? 'low' : 'info',
        confidence: certain > 0 ? 'high' : 'medium',
        facts: { out_of_order: group.count, certainly_reordered: certain, bytes_late: group.at(BYTES), overtaken_by_their_repeat: overtaken },
        doubts: group.at(UNCLEAR) > 0 ? [`${plural(group.at(UNCLEAR), 'segment')} may as well have been lost before the capture point and sent again.`] : [],
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'out_of_order'), 'segment')} of connections with ${textOf(facts, 'server')} came later than segments that were sent after them. ` +
      'Parallel paths, several receive queues, or a radio link do that. Receivers put it right; but each gap draws duplicate ACKs, and three of those make a sender retransmit and slow down: ' +
      `${countOf(facts, 'overtaken_by_their_repeat')} segments here were sent again before the original came.`,
    advice: [
      `tcpdump -nvr CAPTURE ${filterOf(textOf(facts, 'server'))} | grep -o 'id [0-9]*'   # IP-IDs out of order: reordered on the way`,
      'ethtool -x INTERFACE   # receive queues: one connection should stay on one',
      'nstat -az TcpExtTCPOFOQueue TcpExtTCPTSReorder TcpExtTCPSACKReorder',
    ],
  }),
};
