import { Fill, Kind, otherSide, RETRANSMISSION } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { SYN_RECEIVED } from '../tcp/state.ts';
import { about } from './about.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import { saysTooBig } from './packet-too-big.ts';
import { clientWords, ResentByClient } from './resent-by-client.ts';
import type { Draft, Rule, RuleContext, RunningRule } from './rule.ts';
import { UnansweredRuns } from './unanswered-runs.ts';
import { overflowOf } from './wider-causes.ts';
import { count, countOf, filterOf, numberOf, partsOf, percent, plural, textOf } from './words.ts';

/** Tallies: one a kind of retransmission (0 to 5), then these. */
const UPSTREAM = 6;
const SYNS = 7;
const SYN_ACKS = 8;
const FINS = 9;
const BYTES = 10;
/** Sent again and answered by nobody to the end: other rules say why. */
const IN_VAIN = 11;
/** Index of the one client host that a group is about, plus one; see `SEVERAL_HOSTS`. */
const HOST = 12;
/** Data sent again to an end that, for all that it has shown, is still in SYN_RECEIVED: a full queue drops the ACK that would end that. */
const BEFORE_ACCEPTED = 13;
/** Sent again, and smaller, because ICMP had said that it was too big for a link on the way. */
const TOO_BIG = 14;
/** Sent again on timeouts in a row, in vain, until the peer answered at last: that tells how long it could not be reached, not how much is lost. */
const IN_OUTAGE = 15;
/** Timeouts in a row that are an outage. Loss alone seldom hits the same segment so often. */
const OUTAGE = 3;
const SEVERAL_HOSTS = -1;
const SPURIOUS = RETRANSMISSION.indexOf('spurious');
const TIMEOUT = RETRANSMISSION.indexOf('timeout');
const MOST_PENDING = 65_536;
/** So long after the ICMP error (nanoseconds; Linux sends at once, others on their timer) what is sent again is due to it. */
const ACTS_ON_ICMP = 1e9;

export const retransmission: Rule = {
  id: 'retransmission',
  title: 'Segments sent again',
  summary: 'A server, or its clients, sent data, SYNs, SYN-ACKs or FINs more than once: which share of what they sent, on which side of the capture point it was lost, and whether one client has most of it.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.8.1', 'RFC 6298', 'RFC 5681 §3.2', 'RFC 8985', 'RFC 2883'],
  aliases: [
    'tcp.analysis.retransmission', 'fast retransmission', 'spurious retransmission', 'tail loss probe', 'packet loss', 'rexmt',
    'pkt_retransmission', 'tcp.analysis.fast_retransmission', 'tcp.analysis.spurious_retransmission', 'pkt_spurious_retransmission',
    'est_pkt_before_last_ack', 'retransmitted',
  ],
  underFaults:
    'A packet that the capture holds twice is left out before, keep-alives and window probes are no repeats, and bytes that only the capture missed are not counted. ' +
    'What ICMP said was too big is sent again in smaller pieces: that is counted, and is no loss. Attempts that nobody answers are left to connect-filtered; what is repeated to a peer that is gone, or out of reach for a while, is counted, and does not make it worse.',
  options: {
    least: { default: 10, unit: 'segments', meaning: 'of one sender, sent again; fewer are a remark' },
    share: { default: 0.02, unit: 'share', meaning: 'of what a server, or its clients, sent that is data sent again, from which on it is low' },
    heavy: { default: 0.15, unit: 'share', meaning: 'of what a server, or its clients, sent that is data sent again, from which on it is medium' },
  },
  watches: [Kind.RETRANSMITTED, Kind.HOLE_FILLED, Kind.SYN_REPEATED, Kind.SYN_ACK_REPEATED, Kind.FIN_REPEATED, Kind.ICMP_ERROR],
  afterwards: [Kind.SYN_ACK, Kind.FLOW_ENDED],
  timed: true,
  examples: {
    flagged: [
      {
        title: 'lost behind the capture point: the capture holds the bytes twice',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100
          +0.3 C > S PSH ACK 100 again
          S > C ACK`,
      },
      {
        title: 'lost before the capture point: a hole, filled by a segment with a newer timestamp',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          ~ C > S PSH ACK 100
          C > S PSH ACK 200
          S > C ACK ack=-300
          +0.3 C > S PSH ACK 100 again
          S > C ACK`,
      },
    ],
    clean: [{ title: 'a keep-alive repeats nothing', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; +9 C > S ACK seq=-1; S > C ACK' }],
  },
  start: (context) => new Retransmission(context),
  explainedBy,
  explain(facts) {
    const server = textOf(facts, 'server');
    const { host, port } = partsOf(server);
    const by = textOf(facts, 'by');
    const receiver = by === 'server' ? 'client' : by === 'client' ? 'server' : 'receiver';
    const parts: string[] = [];
    const after = numberOf(facts, 'lost_after_capture_point');
    const before = numberOf(facts, 'lost_before_capture_point');
    const spurious = numberOf(facts, 'spurious');
    if (after > 0) parts.push(`${count(after)} had been captured before, so the first copy was lost between here and the ${receiver}`);
    if (before > 0) parts.push(`${count(before)} filled a hole, so the first copy was lost between the ${by === 'both' ? 'sender' : by} and here`);
    const away = numberOf(facts, 'in_outages');
    if (away > 0) parts.push(`${count(away)} went out on timeouts in a row while the ${receiver} could not be reached for a while`);
    const tooBig = numberOf(facts, 'after_packet_too_big');
    if (tooBig > 0) parts.push(`${count(tooBig)} came after ICMP had said that packets were too big for a link on the way`);
    if (spurious > 0) parts.push(`${count(spurious)} had been acknowledged already (a late or lost ACK, not lost data)`);
    return {
      explanation:
        `On ${plural(numberOf(facts, 'connections'), 'connection')} with ${server} the ${by === 'both' ? 'ends' : by} sent ${plural(numberOf(facts, 'segments_sent_again'), 'segment')} again, ` +
        `${percent(numberOf(facts, 'share_of_segments'))} of the ${countOf(facts, 'segments_sent')} sent that way${parts.length === 0 ? '' : `: ${parts.join('; ')}`}. ` +
        clientWords(facts) +
        handshakeWords(facts) +
        'Some loss is how TCP finds the speed of a path; from some per cent on, or in handshakes (a second of waiting each), users notice.',
      advice: [
        `synoptic packets CAPTURE | grep retransmission`,
        `mtr -T -P ${port} ${host}   # on a client: which hop loses`,
        `nstat -az TcpRetransSegs TcpExtTCPLostRetransmit TcpExtTCPSpuriousRTOs${by === 'both' ? '' : `   # on the ${by}`}`,
        `tcpdump -nr CAPTURE ${filterOf(server)}`,
      ],
    };
  },
};

/** Most of it was sent to, or by, a listener that had not taken the connection: where its queue is full, that is why. */
function explainedBy({ facts }: Draft): readonly string[] {
  return isMostlyOpening(facts) ? [overflowOf(textOf(facts, 'server'))] : [];
}

function isMostlyOpening(facts: { readonly [name: string]: Fact }): boolean {
  const opening = ['before_accepted', 'syns', 'syn_acks'].reduce((sum, name) => sum + numberOf(facts, name), 0);
  return 2 * opening > numberOf(facts, 'segments_sent_again');
}

/** SYNs, SYN-ACKs and FINs among them, as a sentence with the space behind it. */
function handshakeWords(facts: { readonly [name: string]: Fact }): string {
  const kinds: readonly [string, string][] = [
    ['syns', 'SYN'],
    ['syn_acks', 'SYN-ACK'],
    ['fins', 'FIN'],
  ];
  const parts = kinds.filter(([name]) => numberOf(facts, name) > 0).map(([name, noun]) => plural(numberOf(facts, name), noun));
  return parts.length === 0 ? '' : `Among them ${parts.join(', ')}. `;
}

/** What was sent again is grouped by its sender: a server's endpoint, or the clients of one. */
class Retransmission implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly repeats: Occurrences;
  /** SYNs sent again that nobody has answered yet: the packet and how many, by flow. */
  private readonly unanswered = new Map<number, { packet: number; count: number }>();
  private readonly runs = new UnansweredRuns();
  private readonly timeouts = new UnansweredRuns();
  /** When an end (flow * 2 + side) last was told that its packets are too big. */
  private readonly toldTooBig = new Map<number, number>();
  private readonly clients: ResentByClient;

  constructor(context: RuleContext) {
    this.context = context;
    this.repeats = new Occurrences(context);
    this.clients = new ResentByClient(context);
  }

  observe(observation: Observation): void {
    const { kind, flow } = observation;
    switch (kind) {
      case Kind.RETRANSMITTED: {
        const group = this.add(observation);
        group?.tally(observation.b);
        group?.tally(BYTES, observation.a);
        if (((this.context.connections.possible(flow, otherSide(observation.side)) >> SYN_RECEIVED) & 1) === 1) group?.tally(BEFORE_ACCEPTED);
        if (observation.time - (this.toldTooBig.get(flow * 2 + observation.side) ?? -Infinity) < ACTS_ON_ICMP) group?.tally(TOO_BIG);
        this.runs.note(this.context.connections, observation);
        if (observation.b === TIMEOUT) this.noteTimeout(observation, group);
        break;
      }
      case Kind.ICMP_ERROR:
        if (saysTooBig(observation) && this.toldTooBig.size < MOST_PENDING) this.toldTooBig.set(flow * 2 + observation.side, observation.time);
        break;
      case Kind.HOLE_FILLED:
        if (observation.b === Fill.RETRANSMITTED) this.add(observation)?.tally(UPSTREAM);
        break;
      case Kind.SYN_REPEATED: {
        const earlier = this.unanswered.get(flow);
        if (earlier !== undefined) earlier.count += 1;
        else if (this.unanswered.size < MOST_PENDING) this.unanswered.set(flow, { packet: observation.packet, count: 1 });
        break;
      }
      case Kind.SYN_ACK:
        this.answered(observation);
        break;
      case Kind.SYN_ACK_REPEATED:
        this.add(observation)?.tally(SYN_ACKS);
        break;
      case Kind.FIN_REPEATED:
        this.add(observation)?.tally(FINS);
        break;
      default:
        this.settle(flow);
    }
  }

  finish(): void {
    const clients = this.clients.facts();
    reportGroups(this.repeats.groups.values(), this.context, (group) => this.judge(group, clients.get(group.key) ?? {}));
  }

  /** The server's endpoint, and which of the two sends. */
  private senderOf(flow: number, side: Side): number {
    return serverOf(this.context, flow) * 2 + (side === this.context.connections.client(flow) ? 1 : 0);
  }

  private add(observation: Observation, again = 1): Group | null {
    const { flow, side } = observation;
    const { connections } = this.context;
    const sender = this.senderOf(flow, side);
    const group = this.repeats.add(sender, observation);
    this.clients.note(sender, flow, side, again);
    if (group !== null && side === connections.client(flow)) {
      const host = connections.hostIndex(flow, side) + 1;
      group.tallies[HOST] = group.at(HOST) === 0 || group.at(HOST) === host ? host : SEVERAL_HOSTS;
    }
    return group;
  }

  /** The first of them was lost; those after it say no more. */
  private noteTimeout(observation: Observation, group: Group | null): void {
    const inRow = this.timeouts.note(this.context.connections, observation);
    if (inRow >= OUTAGE) group?.tally(IN_OUTAGE, inRow === OUTAGE ? OUTAGE - 1 : 1);
  }

  private answered(observation: Observation): void {
    const { flow, time } = observation;
    const pending = this.unanswered.get(flow);
    if (pending === undefined) return;
    this.unanswered.delete(flow);
    this.add(about(observation, this.context.connections.client(flow), pending.packet, time), pending.count)?.tally(SYNS, pending.count);
  }

  /** What was sent again on the flow is never answered any more. */
  private settle(flow: number): void {
    this.unanswered.delete(flow);
    for (const side of [0, 1] as const) {
      const sender = this.senderOf(flow, side);
      this.toldTooBig.delete(flow * 2 + side);
      this.clients.end(sender, flow, side);
      const { connections } = this.context;
      const run = this.runs.take(connections, flow, side);
      const timeouts = this.timeouts.take(connections, flow, side)?.count ?? 0;
      if (run === null) continue;
      const group = this.repeats.groups.get(sender);
      group?.tally(IN_VAIN, run.count);
      // It never ended.
      if (timeouts >= OUTAGE) group?.tally(IN_OUTAGE, 1 - timeouts);
    }
  }

  private judge(group: Group, byClient: { [name: string]: Fact }): Verdict {
    const kinds: { [kind: string]: number } = {};
    let downstream = 0;
    for (const [index, kind] of RETRANSMISSION.entries()) {
      if (group.at(index) > 0) kinds[kind] = group.at(index);
      if (index !== SPURIOUS) downstream += group.at(index);
    }
    const repeats = downstream + group.at(SPURIOUS) + group.at(UPSTREAM) + group.at(SYNS) + group.at(SYN_ACKS) + group.at(FINS);
    const { segments: sent, clientSegments } = this.context.server(group.key >> 1);
    const segments = Math.max(repeats, (group.key & 1) === 0 ? sent : clientSegments);
    const share = repeats / segments;
    const lost = Math.max(0, downstream + group.at(UPSTREAM) - group.at(IN_VAIN) - group.at(IN_OUTAGE) - group.at(TOO_BIG));
    const lostShare = lost / segments;
    const isMany = lost >= this.context.option('least');
    const facts = {
      segments_sent_again: repeats,
      segments_sent: segments,
      share_of_segments: Number(share.toPrecision(3)),
      bytes_sent_again: group.at(BYTES),
      lost_after_capture_point: downstream,
      lost_before_capture_point: group.at(UPSTREAM),
      spurious: group.at(SPURIOUS),
      never_answered: group.at(IN_VAIN),
      in_outages: group.at(IN_OUTAGE),
      before_accepted: group.at(BEFORE_ACCEPTED),
      after_packet_too_big: group.at(TOO_BIG),
      kinds,
      syns: group.at(SYNS),
      syn_acks: group.at(SYN_ACKS),
      fins: group.at(FINS),
      ...byClient,
    };
    // What was sent again before the server took the connection speaks of the server's queue rather than of the link.
    const isHeavy = lostShare >= this.context.option('heavy') && !isMostlyOpening(facts);
    return {
      severity: isMany && isHeavy ? 'medium' : isMany && lostShare >= this.context.option('share') ? 'low' : 'info',
      confidence: 'high',
      count: repeats,
      ...this.subjectOf(group),
      facts,
    };
  }

  /** Several connections of one client host are about that host. */
  private subjectOf(group: Group): Pick<Verdict, 'subject'> {
    const host = group.at(HOST);
    if (host <= 0 || group.flowCount() === 1) return {};
    return { subject: { kind: 'host', host: this.context.connections.nameOfHost(host - 1) } };
  }
}
