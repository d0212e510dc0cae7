import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { CLOSED } from '../tcp/state.ts';
import { Evidence } from './evidence.ts';
import { isWithoutSyn, kindOf } from './flow-flags.ts';
import { SlotNumbers } from './slot-numbers.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { resetsTo } from './wider-causes.ts';
import { countOf, flagsByte, numberOf, partsOf, percent, plural, seconds, textOf } from './words.ts';

const MOST_VICTIMS = 65_536;
const MOST_SOURCES = 65_536;
/** Source ports told apart: fewer than any system draws from, so that a long flood does not run out of them. */
const MOST_PORTS = 16_384;
const SECOND = 1e9;

/** Segments out of nowhere that reached one endpoint. */
interface Victim {
  evidence: Evidence;
  answered: number;
  kinds: { [flags: string]: number };
  sources: Set<number>;
  sourcePorts: Set<number>;
  /** The second under way, how many came in it, and the most that came in one. */
  second: number;
  inSecond: number;
  peak: number;
}

export const ackFlood: Rule = {
  id: 'ack-flood',
  title: 'Flood of segments that belong to no connection',
  summary: 'Many single ACK, FIN or RST segments of no known connection reach one endpoint, which answers each with a RST, if at all.',
  severities: ['high', 'medium', 'low'],
  references: ['RFC 9293 §3.10.7.1', 'RFC 9293 §3.10.7.2'],
  aliases: [
    'ACK flood', 'RST flood', 'FIN flood', 'PSH-ACK flood', 'out-of-state flood', 'conntrack invalid', 'RST_storm', 'FIN_storm',
    'spontaneous_RST', 'spontaneous_FIN', 'rst_but_no_session', 'fin_but_no_session',
  ],
  underFaults:
    'Connections older than the capture begin with an ACK, too: those go on, or are answered by an ACK. In a one-way capture answers are missing, so unanswered segments count only at a much higher rate.',
  options: {
    minimum: { default: 100, unit: 'segments', meaning: 'answered with RST, or RSTs from as many hosts and ports, at one endpoint' },
    rate: { default: 20, unit: 'segments a second', meaning: 'in the busiest second' },
    heavy: { default: 256, unit: 'segments a second', meaning: 'from which on it is high, and counts even when nothing answers' },
  },
  watches: [Kind.STARTED_WITHOUT_SYN],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      { title: 'two hundred ACKs from as many hosts', conversation: 'repeat 200 every 0.01 { C# > S ACK ts=0; S > C# RST }' },
      { title: 'two hundred RSTs from as many hosts and ports', conversation: 'repeat 200 every 0.01 { C#:# > S RST ts=0 }' },
    ],
    clean: [
      { title: 'two hundred idle connections that are older than the capture', conversation: 'repeat 200 every 0.01 { C:# > S ACK seq=-1; S > C:# ACK }' },
      { title: 'RSTs of two hundred servers: answers to SYNs in the name of the one that they reach', conversation: 'repeat 200 every 0.01 { C#:80 > S RST ts=0 }' },
      { title: 'an ACK scan of two hundred ports', conversation: 'repeat 200 every 0.01 { C > S:# ACK ts=0; S:# > C RST }' },
    ],
  },
  start: (context) => new AckFlood(context),
  explains: ({ facts }) => (isMostlyResets(facts) ? resetsTo(partsOf(textOf(facts, 'victim')).host) : ''),
  explain(facts) {
    const victim = textOf(facts, 'victim');
    const { port, host } = partsOf(victim);
    return {
      explanation:
        `${plural(numberOf(facts, 'segments'), 'segment')} of no known connection reached ${victim} from ${plural(numberOf(facts, 'sources'), 'address', 'addresses')}, up to ${countOf(facts, 'peak_per_second')} a second; ` +
        `${percent(numberOf(facts, 'answered_share'))} were answered with a RST. Each costs a lookup and an answer, and a stateful firewall in front suffers first. ` +
        'Random addresses are forged: blocking them one by one does not help.',
      advice: [
        `nft add rule inet filter input tcp dport ${port} ct state invalid drop   # before the RST is made`,
        'sysctl -w net.netfilter.nf_conntrack_tcp_loose=0   # no connections out of mid-stream segments',
        'nstat -az TcpOutRsts TcpExtTCPReqQFullDrop; conntrack -S',
        `tcpdump -nr CAPTURE 'dst host ${host} and tcp dst port ${port} and ${flagsByte(host)} & tcp-syn = 0'`,
      ],
    };
  },
};

function isMostlyResets(facts: { readonly [name: string]: Fact }): boolean {
  const { flags } = facts;
  return typeof flags === 'object' && flags !== null && !Array.isArray(flags) && numberOf(flags, 'rst') * 2 >= numberOf(facts, 'segments');
}

class AckFlood implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  /** The flag bits with which each flow began. */
  private readonly flags = new SlotNumbers();
  private readonly victims = new Map<number, Victim>();

  constructor(context: RuleContext) {
    this.context = context;
  }

  observe(observation: Observation): void {
    const { kind, flow, a } = observation;
    if (kind === Kind.STARTED_WITHOUT_SYN) this.flags.note(flow, isWithoutSyn(a) ? a : 0);
    else if (this.flags.of(flow) !== 0) this.end(observation);
  }

  finish(): void {
    for (const [index, victim] of this.victims) {
      const isAnswered = victim.answered >= this.context.option('minimum') && victim.answered * 2 >= victim.evidence.count && victim.peak >= this.context.option('rate');
      const isHeavy = victim.peak >= this.context.option('heavy');
      if (isAnswered || this.isOfResets(victim) || (isHeavy && victim.evidence.count >= 4 * this.context.option('heavy'))) this.report(index, victim, isAnswered, isHeavy);
    }
  }

  /** RSTs, which nobody answers. Servers that refuse or reset speak from a port of their own: as many ports as RSTs are made up. */
  private isOfResets({ evidence, kinds, peak, sources, sourcePorts }: Victim): boolean {
    const resets = kinds['rst'] ?? 0;
    const isForged = Math.min(sources.size, sourcePorts.size) * 2 >= Math.min(evidence.count, MOST_PORTS);
    return resets >= this.context.option('minimum') && resets * 2 >= evidence.count && isForged && peak >= this.context.option('rate');
  }

  private end(observation: Observation): void {
    const { flow } = observation;
    const { connections } = this.context;
    const flags = this.flags.of(flow);
    const answers = connections.packets(flow, 1);
    const isReset = answers === 1 && connections.state(flow, 1) === CLOSED;
    if (connections.packets(flow, 0) !== 1 || (answers > 0 && !isReset)) return;
    const index = connections.endpointIndex(flow, 1);
    let victim = this.victims.get(index);
    const time = connections.started(flow);
    if (victim === undefined) {
      if (this.victims.size >= MOST_VICTIMS) return;
      victim = { evidence: new Evidence(time), answered: 0, kinds: {}, sources: new Set(), sourcePorts: new Set(), second: 0, inSecond: 0, peak: 0 };
      this.victims.set(index, victim);
    }
    victim.evidence.add(observation, connections, time);
    if (isReset) victim.answered += 1;
    const name = kindOf(flags);
    victim.kinds[name] = (victim.kinds[name] ?? 0) + 1;
    if (victim.sources.size < MOST_SOURCES) victim.sources.add(connections.hostIndex(flow, 0));
    if (victim.sourcePorts.size < MOST_PORTS) victim.sourcePorts.add(connections.port(flow, 0));
    countSecond(victim, Math.floor(time / SECOND));
  }

  private report(index: number, victim: Victim, isAnswered: boolean, isHeavy: boolean): void {
    const name = this.context.connections.nameOfEndpoint(index);
    const { count, first, last } = victim.evidence;
    this.context.report({
      ...victim.evidence.draft(),
      severity: isHeavy ? 'high' : 'medium',
      confidence: isAnswered && victim.sources.size * 2 > count ? 'high' : 'medium',
      subject: { kind: 'endpoint', endpoint: name },
      facts: {
        victim: name,
        segments: count,
        answered_share: Number((victim.answered / count).toPrecision(3)),
        flags: victim.kinds,
        sources: victim.sources.size,
        peak_per_second: victim.peak,
        lasted_seconds: seconds(last - first),
      },
      doubts: isAnswered ? ['A server that was restarted answers the segments of all its former connections like this.'] : ['Nothing answers: connections older than a one-way capture would look alike.'],
    });
  }
}

/** Flows end in the order of their slots, so seconds come nearly, but not quite, in order. */
function countSecond(victim: Victim, second: number): void {
  if (second !== victim.second) {
    victim.second = second;
    victim.inSecond = 0;
  }
  victim.inSecond += 1;
  victim.peak = Math.max(victim.peak, victim.inSecond);
}
