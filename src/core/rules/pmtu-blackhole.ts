import { Kind, otherSide, SYN_OPTIONS } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import { saysTooBig } from './packet-too-big.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { count, endOf, filterOf, isIpv6, numberOf, partsOf, plural, textOf } from './words.ts';

const BYTES = 0;
const TRIES = 1;
const ICMP = 2;
/** The largest IP packet among them. */
const PACKET = 3;
const MOST_ENDS = 65_536;
/** Bytes of headers, and of the timestamps option with its padding (RFC 7323 appendix A). */
const TCP_HEADER = 20;
const ECHO_HEADER = 8;
const TIMESTAMPS = 12;
const TIMESTAMPS_OFFERED = 1 << SYN_OPTIONS.indexOf('timestamps');

/** Full-size segments of one end that came again. */
interface Stuck {
  tries: number;
  packets: number[];
  bytes: number;
  time: number;
}

export const pmtuBlackhole: Rule = {
  id: 'pmtu-blackhole',
  title: 'Full-size segments never arrive',
  summary: 'Small segments pass in both directions, but none as large as the MSS allows is ever acknowledged: the path is narrower, and nobody tells the sender.',
  severities: ['high', 'medium'],
  references: ['RFC 2923 §2.1', 'RFC 1191', 'RFC 8201', 'RFC 8899'],
  aliases: ['pmtud black hole', 'path mtu', 'mtu blackhole', 'fragmentation needed', 'packet too big', 'mss clamping', 'hangs after the handshake', 'PMTUD'],
  underFaults:
    'Needs the handshake (for the MSS) and a sign of life of the peer after the first full-size segment; else it is peer-vanished. A capture beyond the narrow link does not hold the segments at all.',
  options: {
    tries: { default: 3, unit: 'segments', meaning: 'of full size, sent again without success' },
    many: { default: 2, unit: 'connections', meaning: 'from here on it is high' },
  },
  watches: [Kind.FULL_SIZE_LOST, Kind.ICMP_ERROR],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'the request passes, the long answer does not, while the client asks again',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100
          S > C PSH ACK 200
          +0.04 C > S ACK
          S > C ACK 1448
          S > C ACK 1448
          S > C PSH ACK 300
          C > S ACK ack=-3196
          +0.3 S > C ACK 1448 seq=5201
          +0.6 S > C ACK 1448 seq=5201
          +1.2 S > C ACK 1448 seq=5201
          +2.4 S > C ACK 1448 seq=5201`,
      },
    ],
    clean: [
      {
        title: 'the first full-size segment is lost once',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100
          S > C ACK 1448
          +0.3 S > C ACK 1448 again
          +0.6 S > C ACK 1448 again
          C > S ACK`,
      },
    ],
  },
  start: (context) => new PmtuBlackhole(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const by = textOf(facts, 'by');
    const target = partsOf(by === 'server' ? textOf(facts, 'example_client') : server).host;
    const headers = ipHeader(target) + ECHO_HEADER;
    const size = numberOf(facts, 'largest_segment_bytes');
    return {
      explanation:
        `On ${plural(numberOf(facts, 'connections'), 'connection')} with ${server}, segments of ${count(size)} bytes (as large as the MSS allows) sent by ${endOf(facts)} were repeated ${plural(numberOf(facts, 'full_size_repeats'), 'time')} and never acknowledged, ` +
        'while smaller ones passed and the peer stayed alive. Somewhere on the path a link takes only smaller packets (a tunnel, VPN, PPPoE), and ' +
        `${numberOf(facts, 'icmp_too_big') > 0 ? `although ICMP said so ${plural(numberOf(facts, 'icmp_too_big'), 'time')} the sender did not act on it` : 'the ICMP message that would say so is filtered'}. ` +
        'Logins work and the first long answer hangs.',
      advice: [
        `ping -M do -s ${numberOf(facts, 'largest_packet_bytes') - headers} ${target}   # ${by === 'both' ? 'from either end' : `on the ${by}`}; then smaller, until it answers: that is the path's MTU less ${headers}`,
        `tracepath -n ${target}`,
        'Let ICMP type 3 code 4 (IPv6: type 2) through every firewall; or clamp: nft add rule inet filter forward tcp flags syn tcp option maxseg size set rt mtu',
        'sysctl -w net.ipv4.tcp_mtu_probing=1   # lets a Linux sender find the size by itself',
        `tcpdump -nr CAPTURE ${filterOf(server)}`,
      ],
    };
  },
};

class PmtuBlackhole implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly holes: Occurrences;
  private readonly stuck = new Map<number, Stuck>();
  /** Flows for which ICMP said that a packet was too big, how often. */
  private readonly told = new Map<number, number>();

  constructor(context: RuleContext) {
    this.context = context;
    this.holes = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, packet, time, a, b } = observation;
    if (kind === Kind.ICMP_ERROR) {
      if (saysTooBig(observation) && this.told.size < MOST_ENDS) this.told.set(flow, (this.told.get(flow) ?? 0) + 1);
      return;
    }
    if (kind === Kind.FLOW_ENDED) {
      this.stuck.delete(flow * 2);
      this.stuck.delete(flow * 2 + 1);
      this.told.delete(flow);
      return;
    }
    // Without a sign of life the peer may be gone altogether; without the handshake nobody knows what full size is, nor what passed before.
    if (b === 0 || this.context.connections.midstream(flow)) return;
    const end = flow * 2 + side;
    let stuck = this.stuck.get(end);
    if (stuck === undefined) {
      if (this.stuck.size >= MOST_ENDS) return;
      stuck = { tries: 0, packets: [], bytes: 0, time };
      this.stuck.set(end, stuck);
    }
    stuck.tries += 1;
    stuck.bytes = Math.max(stuck.bytes, a);
    if (stuck.packets.length < this.context.option('tries')) stuck.packets.push(packet);
    if (stuck.tries === this.context.option('tries')) this.report(observation, stuck);
    else if (stuck.tries > this.context.option('tries')) this.holes.groups.get(serverOf(this.context, flow))?.tally(TRIES);
  }

  finish(): void {
    reportGroups(this.holes.groups.values(), this.context, (group) => ({
      severity: group.count >= this.context.option('many') ? 'high' : 'medium',
      confidence: group.count >= this.context.option('many') || group.at(ICMP) > 0 ? 'high' : 'medium',
      facts: { largest_segment_bytes: group.at(BYTES), largest_packet_bytes: group.at(PACKET), full_size_repeats: group.at(TRIES), icmp_too_big: group.at(ICMP) },
      doubts: group.count === 1 ? ['Heavy loss that happened to hit the same segment each time would look alike.'] : [],
    }));
  }

  private report(observation: Observation, { tries, packets, bytes }: Stuck): void {
    const group = this.holes.add(serverOf(this.context, observation.flow), observation);
    if (group === null) return;
    group.tally(TRIES, tries);
    this.measure(group, observation, bytes);
    group.tally(ICMP, this.told.get(observation.flow) ?? 0);
    for (const packet of packets) if (packet !== observation.packet) group.keepPacket(packet);
  }

  /** How large they are on the wire: a frame that the network card has yet to cut holds more than the MSS (of the handshake, less the options) allows. */
  private measure(group: Group, { flow, side }: Observation, bytes: number): void {
    const { connections } = this.context;
    const peer = otherSide(side);
    const options = (connections.synOptions(flow, side) & connections.synOptions(flow, peer) & TIMESTAMPS_OFFERED) === 0 ? 0 : TIMESTAMPS;
    const mss = connections.mss(flow, peer);
    const size = mss > options ? Math.min(bytes, mss - options) : bytes;
    group.most(BYTES, size);
    group.most(PACKET, size + options + TCP_HEADER + ipHeader(connections.nameOfHost(connections.hostIndex(flow, peer))));
  }
}

/** Bytes of the IP header of packets to this address. */
function ipHeader(host: string): number {
  return isIpv6(host) ? 40 : 20;
}
