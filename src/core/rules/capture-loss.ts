import { Kind } from '../observations.ts';
import type { Rule } from './rule.ts';
import { numberOf, percent, plural } from './words.ts';

const MOST_KEPT = 200;
/** Share of damaged segments from which on their numbers are not to be trusted. */
const DAMAGE_DOUBTED = 0.02;

export const captureLoss: Rule = {
  id: 'capture-loss',
  title: 'The capture itself missed packets',
  summary: 'Ends acknowledge data that the capture does not hold and that nobody sent again: the capture lost it, not the network.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.4'],
  aliases: ['acked unseen segment', 'capture drops', 'dropped by kernel'],
  underFaults: 'This is the rule that tells capture loss. One-way captures are left to asymmetric-capture; where segments are damaged, their numbers prove little.',
  options: {
    share: { default: 0.001, unit: 'share', meaning: 'of segments missed, from which on it is reported above info' },
    heavy: { default: 0.02, unit: 'share', meaning: 'of segments missed, from which on it is medium' },
  },
  watches: [Kind.ACK_UNSEEN, Kind.BAD_CHECKSUM],
  examples: {
    flagged: [
      {
        title: 'acknowledged, never seen, never sent again',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 1000
          ~ C > S PSH ACK 1000
          S > C ACK
          C > S PSH ACK 1000
          S > C ACK`,
      },
    ],
    clean: [{ title: 'all is there', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 1000; S > C ACK' }],
  },
  start(context) {
    const { connections, capture } = context;
    const state = { flows: [] as number[], packets: [] as number[], count: 0, bytes: 0, damaged: 0 };
    return {
      state,
      observe({ kind, flow, packet, a }) {
        if (kind === Kind.BAD_CHECKSUM) {
          state.damaged += a;
          return;
        }
        if (connections.oneWay(flow)) return;
        const { flows, packets } = state;
        state.count += 1;
        state.bytes += a;
        if (packets.length < MOST_KEPT) {
          packets.push(packet);
          const number = connections.flowNumber(flow);
          if (flows.at(-1) !== number) flows.push(number);
        }
      },
      finish() {
        const { flows, packets, count, bytes, damaged } = state;
        const share = capture.lossShare();
        if (count === 0) return;
        const isDamaged = damaged >= DAMAGE_DOUBTED * capture.packets();
        context.report({
          severity: share >= context.option('heavy') ? 'medium' : share >= context.option('share') ? 'low' : 'info',
          confidence: isDamaged ? 'low' : 'high',
          subject: { kind: 'capture' },
          first: capture.firstTime(),
          last: capture.lastTime(),
          count,
          flows,
          packets,
          morePackets: count - packets.length,
          facts: { acks_of_unseen_data: count, unseen_bytes: bytes, loss_share: Number(share.toPrecision(3)) },
          doubts: isDamaged ? [`${plural(damaged, 'segment is', 'segments are')} damaged: what such segments acknowledge may be, too.`] : [],
        });
      },
    };
  },
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'acks_of_unseen_data'), 'acknowledgment')} cover ${plural(numberOf(facts, 'unseen_bytes'), 'byte')} that the capture does not hold although they arrived: ` +
      `the capture missed about ${percent(numberOf(facts, 'loss_share'))} of the segments. What seems to be missing in the connections may be missing only here, so other findings are held less certain.`,
    advice: [
      'Capture with a larger buffer and a shorter snap length: tcpdump -B 65536 -s 128 -w FILE',
      "Look at tcpdump's last lines: \"packets dropped by kernel\" should be 0. On a mirror port, check that the port is not oversubscribed.",
    ],
  }),
};
