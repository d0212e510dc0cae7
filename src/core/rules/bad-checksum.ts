import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { Occurrences } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { numberOf, percent, plural, textOf } from './words.ts';

/** Tallies of a host: segments that were damaged, and those whose sum nobody had filled in yet. */
const DAMAGED = 0;
const UNFILLED = 1;

export const badChecksum: Rule = {
  id: 'bad-checksum',
  title: 'TCP checksums that do not fit',
  summary: 'Damaged segments, of senders whose other checksums fit; and hosts that leave the checksum to their network card.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.1'],
  aliases: ['checksum error', 'checksum offload', 'bad_TCP_checksum', 'tcp.checksum.bad', 'corruption'],
  underFaults: 'Checksums of frames that the capture cut cannot be computed, and are not judged. A host all of whose checksums are wrong is one that offloads them: a remark, no damage.',
  options: { many: { default: 3, unit: 'segments', meaning: 'damaged, of one host, from which on it is low' } },
  watches: [Kind.BAD_CHECKSUM],
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
    ],
    clean: [{ title: 'all fit', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK' }],
  },
  start: (context) => new BadChecksum(context),
  explain(facts) {
    const damaged = numberOf(facts, 'damaged');
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

  constructor(context: RuleContext) {
    this.context = context;
    this.hosts = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { flow, side, a } = observation;
    this.hosts.add(this.context.connections.hostIndex(flow, side), observation)?.tally(a === 1 ? DAMAGED : UNFILLED);
  }

  finish(): void {
    const { connections, capture } = this.context;
    for (const [index, group] of this.hosts.groups) {
      const { first, last, flows, packets, moreFlows, morePackets } = group;
      // A host that offloads may still fill in some itself (resets, for one).
      const isDamage = group.at(DAMAGED) > group.at(UNFILLED);
      const count = isDamage ? group.at(DAMAGED) : group.count;
      const host = connections.nameOfHost(index);
      this.context.report({
        severity: isDamage && count >= this.context.option('many') ? 'low' : 'info',
        confidence: isDamage ? 'high' : 'medium',
        subject: { kind: 'host', host },
        first,
        last,
        count,
        flows,
        packets,
        moreFlows,
        morePackets,
        facts: { host, damaged: isDamage ? count : 0, unfilled: isDamage ? 0 : count, share_of_frames: Number((count / Math.max(1, capture.packets())).toPrecision(3)) },
        doubts: [],
      });
    }
  }
}
