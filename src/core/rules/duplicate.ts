import { Kind } from '../observations.ts';
import { captureDraft } from './capture-draft.ts';
import type { Rule } from './rule.ts';
import { numberOf, percent, plural } from './words.ts';

export const duplicate: Rule = {
  id: 'duplicate',
  title: 'The capture holds packets twice',
  summary: 'The same packet was captured more than once; the copies were left out of the analysis.',
  severities: ['info'],
  references: [],
  aliases: ['duplicate packets', 'hardware duplicate', 'span duplicates', 'any device', 'editcap -d', 'TrackDuplicates'],
  underFaults: 'A copy has the same ports, numbers, checksum and IP-ID; TTL, VLAN tag and MAC addresses may differ. What an end sends again has another IP-ID.',
  options: {
    least: { default: 3, unit: 'frames', meaning: 'that are copies; fewer may be chance' },
    share: { default: 0.001, unit: 'share', meaning: 'of frames that are copies, from which on it is reported' },
  },
  watches: [Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [
      {
        title: 'captured before and behind a router',
        conversation: 'C > S SYN; C > S SYN copy ttl=63; S > C SYN ACK; S > C SYN ACK copy ttl=63; C > S ACK; C > S ACK copy ttl=63; C > S PSH ACK 10; C > S PSH ACK 10 copy ttl=63',
      },
    ],
    clean: [{ title: 'a retransmission has its own IP-ID', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; +0.3 C > S PSH ACK 10 again; S > C ACK' }],
  },
  start(context) {
    const { capture } = context;
    return {
      state: null,
      observe() {
        // Copies are counted before they reach a connection: only their number is known.
      },
      finish() {
        const copies = capture.duplicates();
        const share = copies / Math.max(1, copies + capture.packets());
        if (copies < context.option('least') || share < context.option('share')) return;
        context.report(captureDraft(capture, { count: copies, facts: { copies, share_of_frames: Number(share.toPrecision(3)) } }));
      },
    };
  },
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'copies'), 'frame')} (${percent(numberOf(facts, 'share_of_frames'))}) are second copies of packets that the capture already held: it was taken on the "any" device, ` +
      'on a mirror port that sees both directions, or before and behind a router. Nothing is wrong with the traffic; tools that do not notice report each copy as a retransmission.',
    advice: ['editcap -d CAPTURE OUTPUT   # a file without exact copies', 'Capture on one interface instead of "any", or mirror one direction of each port only.'],
  }),
};
