import { otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Confidence, Fact, Severity, Subject } from '../report/report.ts';
import type { Draft, RuleContext } from './rule.ts';

/** Groups that one rule keeps; what comes beyond is counted in `Occurrences.beyond`. */
const MOST_GROUPS = 10_000;
/** Packets and flows that a group keeps as evidence; the rest is counted. */
const MOST_KEPT = 200;
/** Counters of a rule's own in each group. */
const TALLIES = 16;

/** Repeats of one cause: what a rule has seen at one place, with its first packets as evidence. */
export class Group {
  readonly key: number;
  readonly client: string;
  readonly server: string;
  readonly firstFlow: number;
  readonly first: number;
  last: number;
  count = 0;
  readonly packets: number[] = [];
  morePackets = 0;
  readonly flows: number[] = [];
  moreFlows = 0;
  /** Occurrences about the client's end, and about the server's. */
  byClient = 0;
  byServer = 0;
  /** The rule's own counters, by index. */
  readonly tallies = new Float64Array(TALLIES);
  private lastFlow = -1;

  constructor(key: number, context: RuleContext, observation: Observation) {
    const { connections } = context;
    const { flow } = observation;
    const client = connections.client(flow);
    this.key = key;
    this.client = connections.endpointName(flow, client);
    this.server = connections.endpointName(flow, otherSide(client));
    this.firstFlow = connections.flowNumber(flow);
    this.first = observation.time;
    this.last = observation.time;
  }

  add(context: RuleContext, observation: Observation): void {
    this.count += 1;
    if (observation.time > this.last) this.last = observation.time;
    if (observation.side === context.connections.client(observation.flow)) this.byClient += 1;
    else this.byServer += 1;
    this.keepPacket(observation.packet);
    this.keepFlow(context.connections.flowNumber(observation.flow));
  }

  /** A further packet as evidence, that is no occurrence of its own. */
  keepPacket(packet: number): void {
    if (this.packets.length < MOST_KEPT) this.packets.push(packet);
    else this.morePackets += 1;
  }

  /** An occurrence that turns out to be none: of a flow that has no other, with that packet as its evidence. */
  withdraw(flow: number, packet: number): void {
    this.count -= 1;
    if (!take(this.flows, flow)) this.moreFlows -= 1;
    if (!take(this.packets, packet)) this.morePackets -= 1;
  }

  tally(index: number, amount = 1): void {
    this.tallies[index] += amount;
  }

  /** A counter's value. */
  at(index: number): number {
    return this.tallies[index] ?? 0;
  }

  most(index: number, value: number): void {
    if (value > this.at(index)) this.tallies[index] = value;
  }

  flowCount(): number {
    return this.flows.length + this.moreFlows;
  }

  /** "client", "server" or "both": the end that the occurrences are about. */
  by(): 'client' | 'server' | 'both' {
    return this.byServer === 0 ? 'client' : this.byClient === 0 ? 'server' : 'both';
  }

  /** One connection as subject when there is but one, else the server's endpoint. */
  subject(): Subject {
    if (this.flowCount() > 1) return { kind: 'endpoint', endpoint: this.server };
    return { kind: 'flow', flow: this.firstFlow, client: this.client, server: this.server };
  }

  /** Occurrences of one connection come mostly in a row, so beyond the kept ones a flow counts again after another. */
  private keepFlow(flow: number): void {
    if (flow === this.lastFlow) return;
    this.lastFlow = flow;
    if (this.flows.includes(flow)) return;
    if (this.flows.length < MOST_KEPT) this.flows.push(flow);
    else this.moreFlows += 1;
  }
}

/** False where the list does not hold it. */
function take(list: number[], value: number): boolean {
  const at = list.indexOf(value);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

/** A rule's groups, in order of their first occurrence, bounded. */
export class Occurrences {
  readonly groups = new Map<number, Group>();
  /** Occurrences that no group had room for. */
  beyond = 0;
  private readonly context: RuleContext;

  constructor(context: RuleContext) {
    this.context = context;
  }

  add(key: number, observation: Observation): Group | null {
    let group = this.groups.get(key);
    if (group === undefined) {
      if (this.groups.size >= MOST_GROUPS) {
        this.beyond += 1;
        return null;
      }
      group = new Group(key, this.context, observation);
      this.groups.set(key, group);
    }
    group.add(this.context, observation);
    return group;
  }
}

/** What a rule makes of a group. */
export interface Verdict {
  severity: Severity;
  confidence: Confidence;
  facts: { [name: string]: Fact };
  doubts?: string[];
  subject?: Subject;
  count?: number;
}

/** A group as a draft: the facts begin with who is concerned. */
export function draftOf(group: Group, verdict: Verdict): Draft {
  return {
    severity: verdict.severity,
    confidence: verdict.confidence,
    subject: verdict.subject ?? group.subject(),
    first: group.first,
    last: group.last,
    count: verdict.count ?? group.count,
    flows: [...group.flows],
    packets: [...group.packets].sort((one, other) => one - other),
    moreFlows: group.moreFlows,
    morePackets: group.morePackets,
    facts: {
      server: group.server,
      example_client: group.client,
      by: group.by(),
      connections: group.flowCount(),
      ...verdict.facts,
    },
    doubts: verdict.doubts ?? [],
  };
}

/** Index of the endpoint that serves in this flow: repeats at one server are one finding. */
export function serverOf(context: RuleContext, flow: number): number {
  const { connections } = context;
  return connections.endpointIndex(flow, otherSide(connections.client(flow)));
}
