import { Kind } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { captureDraft } from './capture-draft.ts';
import { KeptSegments } from './kept-segments.ts';
import type { Draft, Explanation, Rule, RuleContext, RunningRule } from './rule.ts';
import { FILTERED_CAPTURE } from './wider-causes.ts';
import { numberOf, percent, plural, textOf } from './words.ts';

const MOST_KEPT = 200;
/** Share of damaged segments from which on their numbers are not to be trusted. */
const DAMAGE_DOUBTED = 0.02;

type Facts = { readonly [name: string]: Fact };

/** What each fault takes from the capture, and so from what can be concluded. */
const FAULTS: { readonly [fault: string]: (facts: Facts) => Explanation } = {
  missed: (facts) => ({
    title: 'The capture itself missed packets',
    explanation:
      `${plural(numberOf(facts, 'acks_of_unseen_data'), 'acknowledgment covers', 'acknowledgments cover')} ${plural(numberOf(facts, 'unseen_bytes'), 'byte')} that the capture does not hold although they arrived: ` +
      `the capture missed about ${percent(numberOf(facts, 'loss_share'))} of the segments. That something is absent here does not show that it never was: findings that rest on what was not seen ` +
      '(no answer, no FIN, not sent again) are held less certain.',
    advice: [
      'Capture with a larger buffer and a shorter snap length: tcpdump -B 65536 -s 128 -w FILE',
      "Look at tcpdump's last lines: \"packets dropped by kernel\" should be 0. On a mirror port, check that the port is not oversubscribed.",
    ],
  }),
  filtered: (facts) => ({
    title: 'The capture was filtered',
    explanation: `${filteredWords(facts)} Findings that would rest on the segments left out are not made.`,
    advice: ["Capture all segments of the connections, cut to their headers: tcpdump -s 128 -w FILE 'tcp port PORT'"],
  }),
  cut: (facts) => ({
    title: 'Frames were cut short',
    explanation:
      `${plural(numberOf(facts, 'frames_cut'), 'frame was', 'frames were')} longer on the wire than in the capture (its snapshot length). Lengths are those of the headers, so states and numbers hold. ` +
      'It cannot be concluded whether the checksum of such a segment was good, and beyond the cut not whether bytes sent twice were the same (overlap-conflict).',
    advice: ['tcpdump -s 0 -w FILE   # whole frames, if contents matter; 128 bytes are enough for all else'],
  }),
  clock: () => ({
    title: "The capture's clock was set back",
    explanation:
      'A frame is stamped earlier than frames before it, by more than misorder explains. Time goes on here by the TCP timestamps of the senders where they have any, else without a gap. ' +
      'Durations that span the step, and the time of day of all that follows, cannot be relied on.',
    advice: ['chronyc tracking   # does the clock of the capturing host step? Let it slew instead (chrony: makestep only at the start)'],
  }),
  overlap: (facts) => ({
    title: 'Captures of the same time were read one after the other',
    explanation:
      `${plural(numberOf(facts, 'files'), 'file begins', 'files begin')} while the one before still ran. Several files are read as one stream, one after the other, as those of a rotated ring: what two of them hold seems to happen again, later. ` +
      'No more than hints can be concluded about connections that are in both.',
    advice: ['mergecap -w both.pcapng FILE FILE   # in order of time; then audit that', 'chronyc tracking   # files of one ring overlap only where the clock was set back'],
  }),
  order: (facts) => ({
    title: 'Frames stand in the wrong order',
    explanation:
      `${plural(numberOf(facts, 'frames_out_of_order'), 'frame')} stood in the file behind frames with a later time, and were put in order first. Whether segments so close in time overtook each other on the network or only in the capture (several queues, merged taps) cannot be concluded.`,
    advice: ['reordercap CAPTURE OUTPUT   # a file in order, for tools that do not mend it', 'ethtool -X INTERFACE equal 1   # one receive queue while capturing'],
  }),
};

export const captureLoss: Rule = {
  id: 'capture-loss',
  title: 'The capture is not whole',
  summary: 'What the capture lacks, and what cannot be concluded for that: segments that it missed or that a filter left out, frames cut short, a clock set back, files that overlap, frames in the wrong order.',
  severities: ['info'],
  references: ['RFC 9293 §3.4'],
  aliases: [
    'acked unseen segment', 'capture drops', 'dropped by kernel', 'FilteredTrace', 'filtered trace', 'snaplen', 'truncated frames',
    'clock step', 'misordered frames', 'tcp.analysis.ack_lost_segment', 'tcp.analysis.lost_segment', 'previous segment not captured',
    'ack_unseen_data', 'content_gap', 'reassembly_seq_gap', 'capture_loss', 'missed data', 'truncated_header', 'truncated_tcp_payload',
  ],
  underFaults:
    'This is the rule that tells capture loss: an acknowledgment of what nobody sent in sight, and never again. One-way captures are left to asymmetric-capture; where segments are damaged, their numbers prove little. ' +
    'A filter shows by what must have been on the wire and is in no connection: the ACK of the second FIN, FINs that were acknowledged, or anything after the SYN-ACK. Filters by host or port leave no trace.',
  options: {},
  watches: [...KeptSegments.WATCHES, Kind.BAD_CHECKSUM],
  skipsOrderly: true,
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
      {
        title: 'a filter left in only SYN, FIN and RST',
        conversation: `
          repeat 5 every 0.1 {
            C:# > S SYN; S > C:# SYN ACK; ~ C:# > S ACK
            ~ C:# > S PSH ACK 100; ~ S > C:# PSH ACK 900; ~ C:# > S ACK
            C:# > S FIN ACK; S > C:# FIN ACK; ~ C:# > S ACK
          }`,
      },
      {
        title: 'a filter left out the FINs',
        conversation: 'repeat 5 every 0.1 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; ~ C:# > S FIN ACK; S > C:# ACK; ~ S > C:# FIN ACK; C:# > S ACK }',
      },
    ],
    clean: [
      { title: 'all is there', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 1000; S > C ACK' },
      {
        title: 'handshakes that are never completed: the SYN-ACK comes again',
        conversation: 'repeat 30 every 0.1 { C:# > S SYN; S > C:# SYN ACK; +1 S > C:# SYN ACK again; +2 S > C:# SYN ACK again }',
      },
    ],
  },
  start: (context) => new CaptureLoss(context),
  explains: ({ facts }) => (facts['fault'] === 'filtered' && facts['kept'] !== 'all but FIN' ? FILTERED_CAPTURE : ''),
  explain: (facts) => FAULTS[textOf(facts, 'fault')](facts),
};

function filteredWords(facts: Facts): string {
  const count = numberOf(facts, 'connections');
  switch (textOf(facts, 'kept')) {
    case 'SYN, FIN and RST':
      return (
        `${plural(count, 'connection was', 'connections were')} closed by both ends, and of none is there any segment but SYN, SYN-ACK and FIN: a filter left only those (and RSTs) in. ` +
        'What was sent, acknowledged, lost or sent again cannot be concluded, nor whether an end stalled, nor whether a handshake was completed that shows nothing after its SYN-ACK.'
      );
    case 'all but FIN':
      return (
        `${plural(count, 'FIN was', 'FINs were')} acknowledged, and none is in the capture: a filter left them out. Each is inferred from its acknowledgment. ` +
        'Who closed first, and how long an end stayed half-closed, can be concluded only as exactly as the acknowledgments tell.'
      );
    default:
      return (
        `${plural(count, 'connection consists', 'connections consist')} of one SYN and one SYN-ACK each, no SYN-ACK was sent again, and nothing else is in the capture: either a filter left only SYNs in, ` +
        'or the server answers with SYN cookies and nobody goes on. Whether these handshakes were ever completed cannot be concluded; a finding about a flood or about incomplete handshakes needs another capture.'
      );
  }
}

class CaptureLoss implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly segments = new KeptSegments();
  private readonly flows: number[] = [];
  private readonly packets: number[] = [];
  private count = 0;
  private bytes = 0;
  private damaged = 0;

  constructor(context: RuleContext) {
    this.context = context;
  }

  observe(observation: Parameters<RunningRule['observe']>[0]): void {
    const { kind, flow, packet, a } = observation;
    const { connections } = this.context;
    if (kind === Kind.BAD_CHECKSUM) {
      this.damaged += a;
      return;
    }
    this.segments.observe(observation, connections);
    if (kind !== Kind.ACK_UNSEEN || connections.oneWay(flow)) return;
    this.count += 1;
    this.bytes += a;
    if (this.packets.length >= MOST_KEPT) return;
    this.packets.push(packet);
    const number = connections.flowNumber(flow);
    if (this.flows.at(-1) !== number) this.flows.push(number);
  }

  finish(): void {
    const { capture } = this.context;
    const filter = this.segments.filter(capture);
    if (filter !== null) {
      const { kept, count, flows } = filter;
      const isCertain = kept !== 'SYN and SYN-ACK';
      this.say(count, { fault: 'filtered', kept, connections: count }, { flows, moreFlows: Math.max(0, count - flows.length), confidence: isCertain ? 'high' : 'low' });
    }
    // What a filter left out was not missed.
    if (this.count > 0 && filter === null) this.sayMissed();
    if (capture.truncated() > 0) this.say(capture.truncated(), { fault: 'cut', frames_cut: capture.truncated() });
    if (capture.overlappingFiles() > 0) this.say(capture.overlappingFiles(), { fault: 'overlap', files: capture.overlappingFiles() });
    if (capture.clockStepped()) this.say(1, { fault: 'clock' });
    if (capture.misordered() > 0) this.say(capture.misordered(), { fault: 'order', frames_out_of_order: capture.misordered() });
  }

  private sayMissed(): void {
    const { capture } = this.context;
    const isDamaged = this.damaged >= DAMAGE_DOUBTED * capture.packets();
    const facts = { fault: 'missed', acks_of_unseen_data: this.count, unseen_bytes: this.bytes, loss_share: Number(capture.lossShare().toPrecision(3)) };
    this.say(this.count, facts, {
      confidence: isDamaged ? 'low' : 'high',
      flows: this.flows,
      packets: this.packets,
      morePackets: this.count - this.packets.length,
      doubts: isDamaged ? [`${plural(this.damaged, 'segment is', 'segments are')} damaged: what such segments acknowledge may be, too.`] : [],
    });
  }

  private say(count: number, facts: Draft['facts'], rest: Partial<Draft> = {}): void {
    this.context.report(captureDraft(this.context.capture, { count, facts, ...rest }));
  }
}
