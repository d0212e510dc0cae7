import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { countOf, filterOf, numberOf, plural, streamOf, textOf } from './words.ts';

const CONFLICTS = 0;
const BYTES = 1;
const TTL = 2;
const FOREIGN = 3;
/** Hops by which segments of one sender may differ without suspicion. */
const TTL_TOLERANCE = 4;

export const overlapConflict: Rule = {
  id: 'overlap-conflict',
  title: 'The same bytes sent twice with different content',
  summary: 'An end sends sequence numbers again, and the payload is not what it was.',
  severities: ['high', 'medium'],
  references: ['RFC 9293 §3.4', 'RFC 9293 §3.10.7.4'],
  aliases: [
    'segment overlap conflict', 'rexmit_inconsistency', 'reassembly_overlap_different_data', 'overlapping segments', 'quantum insert',
    'tcp.segment.overlap.conflict',
  ],
  underFaults:
    'Segments with a bad checksum are not compared. Only the first bytes of small segments, and of the beginnings of connections, are kept, and a busy capture forgets them sooner; a snap length cuts what can be compared.',
  options: {},
  watches: [Kind.OVERLAP_CONFLICT],
  examples: {
    flagged: [
      {
        title: 'the numbers again, ten bytes on in the text',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 20 fill=1
          +0.1 C > S PSH ACK 20 seq=1001 fill=2
          S > C ACK`,
      },
    ],
    clean: [{ title: 'an honest retransmission', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 20; +0.3 C > S PSH ACK 20 again; S > C ACK' }],
  },
  start: perServer({
    note(group, { a, b }) {
      group.tally(CONFLICTS);
      group.tally(BYTES, a);
      if (Math.abs(b) > TTL_TOLERANCE) group.tally(FOREIGN);
      if (Math.abs(b) > Math.abs(group.at(TTL))) group.tallies[TTL] = b;
    },
    judge: (group) => ({
      severity: group.at(FOREIGN) > 0 ? 'high' : 'medium',
      confidence: 'high',
      facts: { conflicts: group.at(CONFLICTS), bytes_compared: group.at(BYTES), with_another_ttl: group.at(FOREIGN), ttl_difference: group.at(TTL) },
      doubts: group.at(FOREIGN) > 0 ? [] : ['A device on the path that rewrites payload, but not in what is sent again, does this too.'],
    }),
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'conflicts'), 'segment')} between ${textOf(facts, 'example_client')} and ${textOf(facts, 'server')} ${numberOf(facts, 'conflicts') === 1 ? 'repeats' : 'repeat'} sequence numbers with other bytes` +
      `${numberOf(facts, 'with_another_ttl') > 0 ? `, ${countOf(facts, 'with_another_ttl')} of them from another distance (TTL differs by ${numberOf(facts, 'ttl_difference')})` : ''}. ` +
      'A TCP repeats what it sent. Which copy the receiver keeps depends on its system, so somebody may be hiding content from a monitor, or racing a false answer against the true one; a faulty proxy or memory is the harmless case.',
    advice: [
      `tshark -r CAPTURE -Y '${streamOf(textOf(facts, 'example_client'), textOf(facts, 'server'))}' -T fields -e frame.number -e ip.ttl -e ip.id -e tcp.seq_raw -e tcp.payload`,
      `tcpdump -XSnr CAPTURE ${filterOf(textOf(facts, 'server'))}`,
      'Capture at both ends: a segment that one of them never sent was made on the path.',
    ],
  }),
};
