import { Kind } from '../observations.ts';
import { SYN_SENT, UNSEEN } from '../tcp/state.ts';
import { captureDraft } from './capture-draft.ts';
import type { Rule } from './rule.ts';
import { numberOf, plural } from './words.ts';

const MOST_KEPT = 200;

export const asymmetricCapture: Rule = {
  id: 'asymmetric-capture',
  title: 'Connections captured in one direction only',
  summary: 'The packets of one end are missing although the other end shows that they were sent.',
  severities: ['info'],
  references: [],
  aliases: ['one-way', 'half duplex capture', 'asymmetric routing', 'split routing', 'possible_split_routing', 'asymmetric_flows', 'unidirectional', 'ASYNC'],
  underFaults: 'This is the rule that tells one-way captures. A SYN without any answer is no sign of one.',
  options: { share: { default: 0.1, unit: 'share', meaning: 'of connections captured one way, from which on it is reported' } },
  watches: [Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [
      {
        title: "the server's packets went another way",
        conversation: `
          C > S SYN
          ~ S > C SYN ACK
          C > S ACK
          C > S PSH ACK 100
          ~ S > C PSH ACK 500
          C > S ACK
          C > S FIN ACK
          ~ S > C FIN ACK
          C > S ACK`,
      },
    ],
    clean: [{ title: 'nobody answers', conversation: 'C > S SYN; +1 C > S SYN again; +2 C > S SYN again' }],
  },
  start(context) {
    const { connections, capture } = context;
    const state = { flows: [] as number[], count: 0 };
    return {
      state,
      observe({ flow }) {
        if (!connections.oneWay(flow)) return;
        const seen = connections.packets(flow, 0) > 0 ? 0 : 1;
        const reached = connections.state(flow, seen);
        // Whoever got beyond its SYN was answered, so the answer exists. A lone stray segment shows nothing.
        if (reached === SYN_SENT || reached === UNSEEN || connections.packets(flow, seen) < 3) return;
        state.count += 1;
        if (state.flows.length < MOST_KEPT) state.flows.push(connections.flowNumber(flow));
      },
      finish() {
        const { flows, count } = state;
        const all = capture.flows();
        if (count === 0 || count < all * context.option('share')) return;
        context.report(captureDraft(capture, { count, flows, moreFlows: count - flows.length, facts: { one_way_connections: count, connections: all } }));
      },
    };
  },
  explain: (facts) => ({
    explanation:
      `Of ${plural(numberOf(facts, 'connections'), 'connection')}, ${plural(numberOf(facts, 'one_way_connections'), 'was', 'were')} captured in one direction only: the other direction takes another path ` +
      "(asymmetric routing, one half of a link), or the mirror port copies one direction. What the missing end sent, when, and in which state it was can only be inferred from the other's acknowledgments; " +
      'that it was silent, slow or never closed cannot be concluded, and rules that need both ends say nothing of them.',
    advice: ['Capture on the host itself, or mirror both directions of every link: tcpdump -i any -w FILE'],
  }),
};
