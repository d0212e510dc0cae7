import { Kind } from '../observations.ts';
import type { Fact, Subject } from '../report/report.ts';
import type { Group } from './occurrences.ts';
import { perServer } from './per-server.ts';
import type { Explanation, Rule } from './rule.ts';
import { filteredCapture } from './wider-causes.ts';
import { numberOf, plural, streamOf, textOf } from './words.ts';

const PROVED = 0;
const OLD = 1;
const THIRD = 2;
const FARTHEST = 3;
const DISOWNED = 4;

export const badAck: Rule = {
  id: 'bad-ack',
  title: 'Acknowledgment of what was never sent',
  summary: 'An ACK number beyond all that the peer has sent, or older than the peer would ever accept; or a handshake whose third segment does not fit.',
  severities: ['medium', 'low'],
  references: ['RFC 9293 §3.10.7.4', 'RFC 5961 §5', 'RFC 9293 §3.5'],
  aliases: [
    'acked unseen', 'invalid ack', 'ack of unsent data', 'old ack', 'pkt_invalid_ack', 'est_invalid_ack', 'BAD_ACK',
    'TCP_ack_underflow_or_misorder', '3whs_wrong_seq_wrong_ack', '3whs_right_seq_wrong_ack_evasion', '4whs_invalid_ack', '4whs_wrong_seq',
  ],
  underFaults:
    "What the capture missed looks the same at first. An ACK counts as bad only when the peer's own next segments show that it had not sent so much; " +
    'where nothing shows it, the capture is taken to have missed the bytes.',
  options: {},
  watches: [Kind.BAD_ACK, Kind.OLD_ACK, Kind.BAD_THIRD_SEGMENT, Kind.DISOWNED_DATA],
  examples: {
    flagged: [
      {
        title: 'the server acknowledges 4,000 bytes more than were sent',
        conversation: `
          C > S  SYN
          S > C  SYN ACK
          C > S  ACK
          C > S  PSH ACK 100
          S > C  ACK ack=+4000
          +0.1 C > S  ACK              # "this is how far I am"
          +0.1 C > S  PSH ACK 100
          S > C  ACK`,
      },
      {
        title: 'the third segment acknowledges another number than y+1',
        conversation: `
          C > S  SYN
          S > C  SYN ACK
          C > S  ACK ack=+77
          S > C  RST`,
      },
    ],
    clean: [
      {
        title: 'the capture missed the data that is acknowledged',
        conversation: `
          C > S  SYN
          S > C  SYN ACK
          C > S  ACK
          ~ C > S  PSH ACK 1000
          S > C  ACK
          C > S  PSH ACK 1000
          S > C  ACK`,
      },
      {
        title: "the capture missed the client's first ACK and the server's greeting, whose timestamp the next ACK echoes",
        conversation: `
          C > S  SYN
          S > C  SYN ACK
          ~ C > S  ACK
          +3 ~ S > C  PSH ACK 11
          C > S  ACK
          C > S  PSH ACK 8
          S > C  PSH ACK 8`,
      },
    ],
  },
  explainedBy: filteredCapture,
  start: perServer({
    // A keep-alive probe stands one below SND.NXT: in a connection that is older than the capture nothing else may show where that is.
    counts: ({ kind, flow, a }, { connections }) => kind !== Kind.BAD_ACK || a > 1 || !connections.midstream(flow),
    note(group, { kind, a, b }) {
      if (kind === Kind.OLD_ACK) group.tally(OLD);
      else if (kind === Kind.BAD_THIRD_SEGMENT) group.tally(THIRD);
      else if (kind === Kind.DISOWNED_DATA) group.tally(DISOWNED);
      else group.tally(PROVED);
      if (kind === Kind.DISOWNED_DATA) group.most(FARTHEST, b);
      else if (kind !== Kind.BAD_THIRD_SEGMENT) group.most(FARTHEST, a);
    },
    judge(group) {
      const certain = group.at(PROVED) + group.at(THIRD) + group.at(DISOWNED);
      return {
        severity: certain > 0 ? 'medium' : 'low',
        confidence: certain > 0 ? 'high' : 'medium',
        facts: {
          sender: senderOf(group),
          proved: group.at(PROVED),
          of_injected_data: group.at(DISOWNED),
          too_old: group.at(OLD),
          bad_third_segments: group.at(THIRD),
          farthest_bytes: group.at(FARTHEST),
        },
        doubts: certain > 0 ? [] : ['The capture may have missed what would explain it.'],
      };
    },
  }),
  explain,
};

/** Who sent the bad acknowledgments. Of injected data the fact is about the end that disowns them: its peer acknowledged. */
function senderOf(group: Group): string {
  const by = group.by();
  if (by === 'both') return 'both';
  const isOfPeer = group.at(DISOWNED) === group.count;
  return (by === 'client') === isOfPeer ? group.server : group.client;
}

function explain(facts: { readonly [name: string]: Fact }, _subject: Subject): Explanation {
  const parts: string[] = [];
  const proved = numberOf(facts, 'proved') + numberOf(facts, 'of_injected_data');
  if (proved > 0) parts.push(`${plural(proved, 'segment')} acknowledged up to ${plural(numberOf(facts, 'farthest_bytes'), 'byte')} that the peer had never sent`);
  if (numberOf(facts, 'too_old') > 0) parts.push(`${plural(numberOf(facts, 'too_old'), 'segment')} acknowledged numbers older than any window allows`);
  if (numberOf(facts, 'bad_third_segments') > 0) {
    parts.push(`${plural(numberOf(facts, 'bad_third_segments'), 'handshake')} had a third segment that does not acknowledge y+1 (or does not begin at x+1)`);
  }
  return {
    explanation:
      `Between ${textOf(facts, 'example_client')} and ${textOf(facts, 'server')}, ${parts.join('; ')}. A correct TCP never does this. ` +
      'Causes are forged segments, a device on the path that rewrites sequence numbers for one direction only, two servers answering for one, or a broken stack. ' +
      'The receiver drops such a segment and answers with an ACK (RFC 5961), so data may stall.',
    advice: [
      `tshark -r CAPTURE -Y '${streamOf(textOf(facts, 'example_client'), textOf(facts, 'server'))}' -o tcp.relative_sequence_numbers:false`,
      'Compare with a capture taken on the other side of the firewall or load balancer.',
      'nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge TcpExtTCPACKSkippedSeq',
    ],
  };
}
