import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { numberOf, percent, plural, textOf } from './words.ts';

const MOST_HOSTS = 65_536;
const MOST_KEPT = 100;

/** Segments of one host whose checksum does not fit. */
interface Host {
  damaged: number;
  unfilled: number;
  first: number;
  last: number;
  packets: number[];
  flows: number[];
}

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
          ? `${plural(damaged, 'segment')} of ${textOf(facts, 'host')} have a wrong checksum while its others fit: they were damaged on the way (bad memory, cable or optics, or a device that rewrites and forgets the checksum). ` +
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
  private readonly hosts = new Map<number, Host>();

  constructor(context: RuleContext) {
    this.context = context;
  }

  observe({ flow, side, packet, time, a }: Observation): void {
    const { connections } = this.context;
    const index = connections.hostIndex(flow, side);
    let host = this.hosts.get(index);
    if (host === undefined) {
      if (this.hosts.size >= MOST_HOSTS) return;
      host = { damaged: 0, unfilled: 0, first: time, last: time, packets: [], flows: [] };
      this.hosts.set(index, host);
    }
    host.last = Math.max(host.last, time);
    if (a === 1) host.damaged += 1;
    else host.unfilled += 1;
    if (host.packets.length >= MOST_KEPT) return;
    host.packets.push(packet);
    const number = connections.flowNumber(flow);
    if (!host.flows.includes(number)) host.flows.push(number);
  }

  finish(): void {
    const { connections, capture } = this.context;
    for (const [index, host] of this.hosts) {
      // A host that offloads may still fill in some itself (resets, for one).
      const isDamage = host.damaged > host.unfilled;
      const count = isDamage ? host.damaged : host.damaged + host.unfilled;
      this.context.report({
        severity: isDamage && count >= this.context.option('many') ? 'low' : 'info',
        confidence: isDamage ? 'high' : 'medium',
        subject: { kind: 'host', host: connections.nameOfHost(index) },
        first: host.first,
        last: host.last,
        count,
        flows: host.flows,
        packets: host.packets,
        morePackets: Math.max(0, host.damaged + host.unfilled - host.packets.length),
        facts: {
          host: connections.nameOfHost(index),
          damaged: isDamage ? host.damaged : 0,
          unfilled: isDamage ? 0 : count,
          share_of_frames: Number((count / Math.max(1, capture.packets())).toPrecision(3)),
        },
        doubts: [],
      });
    }
  }
}
