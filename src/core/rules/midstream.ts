import { Kind } from '../observations.ts';
import { captureDraft } from './capture-draft.ts';
import type { Rule } from './rule.ts';
import { countOf, numberOf, plural } from './words.ts';

const MOST_KEPT = 200;
/** So many connections that are older than the capture, and no new one, may have been filtered. */
const NO_SYN_DOUBTED = 10;

export const midstream: Rule = {
  id: 'midstream',
  title: 'Connections older than the capture',
  summary: 'The capture began when these connections were already open: their handshake is not in it.',
  severities: ['info'],
  references: [],
  aliases: ['no handshake', 'mid-stream', 'partial connection', 'OTH', 'NO_3WHS', 'midstream_pickups'],
  underFaults: 'This is the rule that tells captures which began in mid-connection.',
  options: {},
  watches: [Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [{ title: 'begins with data', conversation: 'C > S PSH ACK 100; S > C PSH ACK 100; C > S ACK' }],
    clean: [{ title: 'begins with a SYN', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start(context) {
    const { connections, capture } = context;
    const state = { flows: [] as number[], count: 0 };
    return {
      state,
      observe({ flow }) {
        if (!connections.midstream(flow)) return;
        state.count += 1;
        if (state.flows.length < MOST_KEPT) state.flows.push(connections.flowNumber(flow));
      },
      finish() {
        const { flows, count } = state;
        if (count === 0) return;
        context.report(captureDraft(capture, { count, flows, moreFlows: count - flows.length, facts: { midstream_connections: count, connections: capture.flows(), syns: capture.syns() } }));
      },
    };
  },
  explain: (facts) => ({
    explanation:
      `${countOf(facts, 'midstream_connections')} of ${plural(numberOf(facts, 'connections'), 'connection')} ${numberOf(facts, 'midstream_connections') === 1 ? 'was' : 'were'} open before the capture began. Which end is the client is inferred for them. ` +
      'What their handshake agreed on is not known (window scale, SACK, timestamps, MSS), so nothing that needs it is concluded: how large a window was, or that a segment lay outside it.' +
      (numberOf(facts, 'syns') === 0 && numberOf(facts, 'midstream_connections') >= NO_SYN_DOUBTED ? ' Not one SYN is in the capture: a filter that leaves SYNs out looks the same.' : ''),
    advice: ['Nothing needs to be done; a longer capture, or a ring of files (tcpdump -G 600 -W 24), would hold their handshakes.'],
  }),
};
