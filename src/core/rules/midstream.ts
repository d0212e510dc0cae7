import { Kind } from '../observations.ts';
import type { Rule } from './rule.ts';
import { numberOf, plural } from './words.ts';

const MOST_KEPT = 200;

export const midstream: Rule = {
  id: 'midstream',
  title: 'Connections older than the capture',
  summary: 'The capture began when these connections were already open: their handshake is not in it.',
  severities: ['info'],
  references: [],
  aliases: ['no handshake', 'mid-stream', 'partial connection'],
  underFaults: 'This is the rule that tells captures which began in mid-connection.',
  options: {},
  watches: [Kind.FLOW_ENDED],
  examples: {
    flagged: [{ title: 'begins with data', conversation: 'C > S PSH ACK 100; S > C PSH ACK 100; C > S ACK' }],
    clean: [{ title: 'begins with a SYN', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start(context) {
    const { connections, capture } = context;
    const state = { flows: [] as number[], count: 0, all: 0 };
    return {
      state,
      observe({ flow }) {
        state.all += 1;
        if (!connections.midstream(flow)) return;
        state.count += 1;
        if (state.flows.length < MOST_KEPT) state.flows.push(connections.flowNumber(flow));
      },
      finish() {
        const { flows, count, all } = state;
        if (count === 0) return;
        context.report({
          severity: 'info',
          confidence: 'high',
          subject: { kind: 'capture' },
          first: capture.firstTime(),
          last: capture.lastTime(),
          count,
          flows,
          packets: [],
          moreFlows: count - flows.length,
          facts: { midstream_connections: count, connections: all },
          doubts: [],
        });
      },
    };
  },
  explain: (facts) => ({
    explanation:
      `${numberOf(facts, 'midstream_connections')} of ${plural(numberOf(facts, 'connections'), 'connection')} were open before the capture began. Which end is the client, and the window scale, ` +
      'are inferred for them.',
    advice: ['Nothing needs to be done; a longer capture, or a ring of files (tcpdump -G 600 -W 24), would hold their handshakes.'],
  }),
};
