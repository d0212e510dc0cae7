import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { CLOSED, SYN_RECEIVED } from '../tcp/state.ts';
import { Evidence } from './evidence.ts';
import { isAnswer, isSynAck } from './flow-flags.ts';
import { SlotNumbers } from './slot-numbers.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { resetsTo } from './wider-causes.ts';
import { flagsByte, numberOf, partsOf, plural, textOf } from './words.ts';

const MOST_SENDERS = 65_536;
const MOST_RECEIVERS = 4_096;

/** Answers to questions that nobody asked, of one endpoint, or to one host. */
interface Spread {
  synAcks: number;
  resets: number;
  /** Of these, answered with a RST in turn: the other end knew of no connection. */
  refuted: number;
  others: Set<number>;
  evidence: Evidence;
}

export const backscatter: Rule = {
  id: 'backscatter',
  title: 'Answers to SYNs that were never sent',
  summary: 'SYN-ACKs or RSTs reach hosts that sent no SYN, or again and again one that says so: somebody uses their addresses in a flood against the sender, or bounces traffic off many servers.',
  severities: ['medium', 'low'],
  references: ['RFC 4987 §2', 'RFC 9293 §3.10.7.1'],
  aliases: ['unsolicited_SYN_response', 'reflection', 'syn-ack reflection', 'network telescope', 'RSTRH', 'SHR', '3whs_synack_in_wrong_direction'],
  underFaults: 'A capture that holds only the server-to-client direction looks the same: where a tenth of the connections are one-way, nothing is said.',
  options: {
    minimum: { default: 20, unit: 'hosts', meaning: 'that one endpoint answers unasked, or that answer one host unasked; as many of its SYN-ACKs that fewer hosts answered with RST are low' },
    one_way: { default: 0.1, unit: 'share', meaning: 'of connections captured in one direction, from which on the capture says nothing of it' },
  },
  watches: [Kind.STARTED_WITHOUT_SYN, Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [
      { title: 'a server answers forty hosts that had asked nothing', conversation: 'repeat 40 every 0.05 { S > C# SYN ACK }' },
      { title: 'a server answers one host that knows of nothing, forty times', conversation: 'repeat 40 every 0.05 { S > C:# SYN ACK; C:# > S RST }' },
    ],
    clean: [
      { title: 'forty connections of one host, of which the capture missed the SYNs', conversation: 'repeat 40 every 0.05 { ~ C:# > S SYN; S > C:# SYN ACK; C:# > S ACK }' },
      { title: 'forty handshakes', conversation: 'repeat 40 every 0.05 { C# > S SYN; S > C# SYN ACK; C# > S ACK }' },
    ],
  },
  start: (context) => new Backscatter(context),
  explainedBy: ({ facts }) => (facts['reflection'] === true && numberOf(facts, 'syn_acks') === 0 ? [resetsTo(textOf(facts, 'endpoint'))] : []),
  explain(facts) {
    const name = textOf(facts, 'endpoint');
    const isReflection = facts['reflection'] === true;
    const host = isReflection ? name : partsOf(name).host;
    const unasked = `${plural(numberOf(facts, 'syn_acks'), 'SYN-ACK')} and ${plural(numberOf(facts, 'resets'), 'RST')}`;
    return {
      explanation: isReflection
        ? `${unasked} from ${plural(numberOf(facts, 'other_hosts'), 'host')} reached ${name}, which had sent none of them a SYN. Its address is used as the source of SYNs to many servers: their answers hit it, or make it look like a scanner.`
        : `${name} sent ${unasked} to ${plural(numberOf(facts, 'other_hosts'), 'host')} that had sent it no SYN. It answers a flood of SYNs with forged sources; what is seen here is the echo. ${name} is the one under attack.`,
      advice: [
        `tcpdump -nr CAPTURE '${isReflection ? 'dst' : 'src'} host ${host} and (${flagsByte(host)} & 0x12 = 0x12 or ${flagsByte(host)} & tcp-rst != 0)'`,
        isReflection ? 'nft add rule inet filter input ct state invalid drop   # and ask the provider to filter' : `Warn the operator of ${name}; its own capture shows the flood.`,
      ],
    };
  },
};

class Backscatter implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  /** The flag bits with which each flow began. */
  private readonly flags = new SlotNumbers();
  /** By endpoint of the sender, and by host of the receiver. */
  private readonly senders = new Map<number, Spread>();
  private readonly receivers = new Map<number, Spread>();
  /** Other connections of which one direction was captured. */
  private oneWay = 0;

  constructor(context: RuleContext) {
    this.context = context;
  }

  observe(observation: Observation): void {
    const { kind, flow, a } = observation;
    if (kind === Kind.STARTED_WITHOUT_SYN) this.flags.note(flow, isAnswer(a) ? a : 0);
    else if (!this.end(observation) && this.context.connections.oneWay(flow)) this.oneWay += 1;
  }

  finish(): void {
    const { capture, connections } = this.context;
    if (this.oneWay > this.context.option('one_way') * capture.flows()) return;
    for (const [index, spread] of this.senders) this.report(connections.nameOfEndpoint(index), spread, false);
    for (const [index, spread] of this.receivers) this.report(connections.nameOfHost(index), spread, true);
  }

  /** False when it is none of them. */
  private end(observation: Observation): boolean {
    const { flow } = observation;
    const { connections } = this.context;
    // Of a flow that began with a SYN, the flags are those of another that had the slot before.
    if (this.flags.of(flow) === 0 || !connections.midstream(flow)) return false;
    const sender = connections.state(flow, 0);
    const answers = connections.packets(flow, 1);
    // Only answers came, and at most a RST went back: an end that knows of nothing.
    if (connections.bytes(flow, 0) + connections.bytes(flow, 1) > 0 || (sender !== SYN_RECEIVED && sender !== CLOSED)) return false;
    if (answers > connections.packets(flow, 0) || (answers > 0 && connections.state(flow, 1) !== CLOSED)) return false;
    const asksBack = isSynAck(this.flags.of(flow));
    this.add(this.senders, connections.endpointIndex(flow, 0), connections.hostIndex(flow, 1), asksBack, observation);
    this.add(this.receivers, connections.hostIndex(flow, 1), connections.hostIndex(flow, 0), asksBack, observation);
    return true;
  }

  private add(spreads: Map<number, Spread>, key: number, other: number, asksBack: boolean, observation: Observation): void {
    const time = this.context.connections.started(observation.flow);
    let spread = spreads.get(key);
    if (spread === undefined) {
      if (spreads.size >= MOST_SENDERS) return;
      spread = { synAcks: 0, resets: 0, refuted: 0, others: new Set(), evidence: new Evidence(time) };
      spreads.set(key, spread);
    }
    if (asksBack) spread.synAcks += 1;
    else spread.resets += 1;
    if (asksBack && this.context.connections.packets(observation.flow, 1) > 0) spread.refuted += 1;
    if (spread.others.size < MOST_RECEIVERS) spread.others.add(other);
    spread.evidence.add(observation, this.context.connections, time);
  }

  private report(name: string, spread: Spread, isReflection: boolean): void {
    const minimum = this.context.option('minimum');
    const isWide = spread.others.size >= minimum;
    // One server and one host: the server's finding says it.
    if (!isWide && (isReflection || spread.refuted < minimum)) return;
    this.context.report({
      ...spread.evidence.draft(),
      severity: isWide && spread.synAcks >= minimum ? 'medium' : 'low',
      confidence: 'medium',
      subject: isReflection ? { kind: 'host', host: name } : { kind: 'endpoint', endpoint: name },
      facts: { endpoint: name, reflection: isReflection, syn_acks: spread.synAcks, resets: spread.resets, other_hosts: spread.others.size },
      doubts: ['The SYNs may have taken a way that was not captured.'],
    });
  }
}
