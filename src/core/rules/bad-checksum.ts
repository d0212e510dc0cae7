import { Kind, otherSide } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import { Occurrences } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { count, numberOf, percent, plural, textOf } from './words.ts';

/** Tallies of a host: segments that were damaged, and those whose sum nobody had filled in yet. */
const DAMAGED = 0;
const UNFILLED = 1;
/** Damaged here, and acknowledged without having been sent again: they arrived whole. */
const ARRIVED = 2;
const MOST_PENDING = 65_536;

export const badChecksum: Rule = {
  id: 'bad-checksum',
  title: 'TCP checksums that do not fit',
  summary: 'Damaged segments, of senders whose other checksums fit; and hosts that leave the checksum to their network card.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.1'],
  aliases: ['checksum error', 'checksum offload', 'bad_TCP_checksum', 'tcp.checksum.bad', 'corruption'],
  underFaults: 'A segment that is damaged in the capture, and acknowledged although it never came again, arrived whole: what damaged it is the mirror, the capturing host or the file, and it is a remark. Checksums of frames that the capture cut cannot be computed, and are not judged. A host all of whose checksums are wrong is one that offloads them: a remark, no damage.',
  options: { many: { default: 3, unit: 'segments', meaning: 'damaged, of one host, from which on it is low' } },
  watches: [Kind.BAD_CHECKSUM],
  afterwards: [Kind.ACK_UNSEEN, Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'one damaged segment among good ones',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100 checksum=0
          +0.3 C > S PSH ACK 100 seq=1001
          S > C ACK ack=1101`,
      },
      {
        title: 'three damaged here, and taken by the server all the same',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          repeat 3 { C > S PSH ACK 100 checksum=0; S > C ACK; C > S PSH ACK 50; S > C ACK }`,
      },
    ],
    clean: [{ title: 'all fit', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK' }],
  },
  start: (context) => new BadChecksum(context),
  explain(facts) {
    const damaged = numberOf(facts, 'damaged');
    const arrived = numberOf(facts, 'arrived_all_the_same');
    if (2 * arrived > damaged) {
      return {
        title: 'Segments damaged in the capture',
        explanation:
          `${plural(damaged, 'segment')} of ${textOf(facts, 'host')} ${damaged === 1 ? 'has' : 'have'} a wrong checksum here; ${count(arrived)} of them ${arrived === 1 ? 'was' : 'were'} acknowledged without having been sent again, so they arrived whole. ` +
          'They were damaged on the way to the capture, not to their receiver: by the mirror port, the capturing host, or in the file. Nothing is wrong with the traffic.',
        advice: ['Compare with a capture on the host itself.', 'sha256sum CAPTURE   # where it was taken, and here: was the file damaged?'],
      };
    }
    return {
      title: damaged > 0 ? 'Damaged segments' : 'Checksums left to the network card',
      explanation:
        damaged > 0
          ? `${plural(damaged, 'segment')} of ${textOf(facts, 'host')} ${damaged === 1 ? 'has' : 'have'} a wrong checksum while its others fit: damaged on the way (bad memory, cable or optics, or a device that rewrites and forgets the checksum). ` +
            'The receiver drops them, so they cost a retransmission each.'
          : `All TCP checksums of ${textOf(facts, 'host')} are wrong (${plural(numberOf(facts, 'unfilled'), 'segment')}, ${percent(numberOf(facts, 'share_of_frames'))} of the frames): the capture was taken on that host, before its network card fills them in. Nothing is wrong with the traffic.`,
      advice:
        damaged > 0
          ? ['nstat -az TcpInCsumErrors   # on the receiver', 'ethtool -S INTERFACE | grep -i -e crc -e err', 'Change cable, optics or port of the link on which the counters rise.']
          : ['ethtool -K INTERFACE tx off   # only if a tool insists on good checksums', 'tshark -o tcp.check_checksum:FALSE -r CAPTURE'],
    };
  },
};

class BadChecksum implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  /** By host. */
  private readonly hosts: Occurrences;
  /** Damaged segments of an end (flow * 2 + side) that nothing has acknowledged yet. */
  private readonly pending = new Map<number, number>();

  constructor(context: RuleContext) {
    this.context = context;
    this.hosts = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, a } = observation;
    if (kind === Kind.BAD_CHECKSUM) {
      this.hosts.add(this.context.connections.hostIndex(flow, side), observation)?.tally(a === 1 ? DAMAGED : UNFILLED);
      if (a === 1) this.wait(flow * 2 + side);
    } else if (this.pending.size === 0) return;
    else if (kind === Kind.ACK_UNSEEN) this.arrive(flow, otherSide(side));
    else {
      this.pending.delete(flow * 2);
      this.pending.delete(flow * 2 + 1);
    }
  }

  private wait(end: number): void {
    const before = this.pending.get(end) ?? 0;
    if (before > 0 || this.pending.size < MOST_PENDING) this.pending.set(end, before + 1);
  }

  /** What `side` sent was acknowledged, and is in the capture only as what was damaged. */
  private arrive(flow: number, side: Side): void {
    const end = flow * 2 + side;
    this.hosts.groups.get(this.context.connections.hostIndex(flow, side))?.tally(ARRIVED, this.pending.get(end) ?? 0);
    this.pending.delete(end);
  }

  finish(): void {
    const { connections, capture } = this.context;
    for (const [index, group] of this.hosts.groups) {
      const { first, last, flows, packets, moreFlows, morePackets } = group;
      // A host that offloads may still fill in some itself (resets, for one).
      const isDamage = group.at(DAMAGED) > group.at(UNFILLED);
      const segments = isDamage ? group.at(DAMAGED) : group.count;
      const host = connections.nameOfHost(index);
      this.context.report({
        severity: isDamage && segments >= this.context.option('many') && 2 * group.at(ARRIVED) <= segments ? 'low' : 'info',
        confidence: isDamage ? 'high' : 'medium',
        subject: { kind: 'host', host },
        first,
        last,
        count: segments,
        flows,
        packets,
        moreFlows,
        morePackets,
        facts: {
          host,
          damaged: isDamage ? segments : 0,
          arrived_all_the_same: isDamage ? group.at(ARRIVED) : 0,
          unfilled: isDamage ? 0 : segments,
          share_of_frames: Number((segments / Math.max(1, capture.packets())).toPrecision(3)),
        },
        doubts: [],
      });
    }
  }
}
