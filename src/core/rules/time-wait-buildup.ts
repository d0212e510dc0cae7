import { ENDING, Kind, otherSide } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import { TIME_WAIT } from '../tcp/state.ts';
import { Evidence } from './evidence.ts';
import { PairMap } from './pair-map.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { countOf, numberOf, partsOf, percent, plural, seconds, textOf } from './words.ts';

/** TIME_WAIT entries are counted in bins of so many nanoseconds; Linux keeps each for six of them. */
const BIN = 10e9;
const BINS_KEPT = 6;
/** Of an orderly flow when the capture has ended: every connection of its server has begun by then, and none is left out of the count. */
const ALL_IS_SEEN = ENDING.CAPTURE_ENDED | ENDING.ORDERLY;
const FEW = 1;
const MANY = 2;
const MOST_HOLDERS = 20_000;
const MOST_BINS = 500_000;

/** TIME_WAIT sockets that one host holds towards one server, or that one server holds. */
interface Holder {
  /** Host index of the client that holds them, -1 when the server does. */
  client: number;
  /** Endpoint index of the server. */
  server: number;
  /** How many, by bin. Null while all are in one, `bin`: most holders have a few at most. */
  bins: Map<number, number> | null;
  bin: number;
  evidence: Evidence;
}

export const timeWaitBuildup: Rule = {
  id: 'time-wait-buildup',
  title: 'TIME_WAIT sockets pile up',
  summary: 'A host closes so many connections first that their TIME_WAIT sockets add up, and, on a client, use up its ports towards one server.',
  severities: ['high', 'low', 'info'],
  references: ['RFC 9293 §3.6', 'RFC 6191', 'RFC 1337'],
  aliases: ['TIME_WAIT', 'tw sockets', 'tcp_tw_reuse', 'ephemeral ports', 'connection churn', 'no keep-alive', 'tcp_max_tw_buckets'],
  underFaults: 'A close that the capture missed is not counted: the number is a lower bound.',
  options: {
    least: { default: 250, unit: 'sockets', meaning: 'within 60 s; fewer (1 % of the ports of a client) are not reported' },
    ports: { default: 28_232, unit: 'ports', meaning: 'that a client may use (Linux: 32768 to 60999)' },
    pressure: { default: 0.5, unit: 'share', meaning: 'of those ports in TIME_WAIT at once, from which on it is low' },
    exhausted: { default: 0.8, unit: 'share', meaning: 'of those ports in TIME_WAIT at once, from which on it is high' },
  },
  watches: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'three hundred short connections, all closed by the client',
        conversation: `
          repeat 300 every 0.02 {
            C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# PSH ACK 10
            C:# > S FIN ACK; S > C:# FIN ACK; C:# > S ACK
          }`,
      },
    ],
    clean: [
      {
        title: 'fifty of them',
        conversation: 'repeat 50 every 0.02 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S FIN ACK; S > C:# FIN ACK; C:# > S ACK }',
      },
    ],
  },
  start: (context) => new TimeWaitBuildup(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const isClient = facts['held_by_client'] === true;
    return {
      explanation:
        `${textOf(facts, 'holder')} held at least ${plural(numberOf(facts, 'peak_in_60_seconds'), 'TIME_WAIT socket')} at once ${isClient ? `towards ${server}` : 'as a server'}, because it closes its connections first. ` +
        (isClient
          ? `That is ${percent(numberOf(facts, 'share_of_ports'))} of the ports it may use towards that server; at this rate (${countOf(facts, 'closes_per_second')} a second) it comes to ${percent(numberOf(facts, 'projected_share_of_ports'))}. When they run out connect() fails with EADDRNOTAVAIL.`
          : 'On a server they cost some memory and no ports: harmless by themselves.'),
      advice: [
        `ss -tan state time-wait | wc -l; ss -tan state time-wait '${isClient ? 'dport' : 'sport'} = :${partsOf(server).port}' | wc -l`,
        'Keep connections open and use them again (HTTP keep-alive, a connection pool): that is the cure.',
        'sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse net.ipv4.tcp_max_tw_buckets; nstat -az TcpExtTW TcpExtTCPTimeWaitOverflow',
      ],
    };
  },
};

class TimeWaitBuildup implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly holders = new PairMap<Holder>();
  /** FEW or MANY by server, once all its connections are known. */
  private readonly sizes = new SlotNumbers();
  private bins = 0;
  /** When there was no room and holders to forget were looked for, last. */
  private roomSought = -Infinity;

  constructor(context: RuleContext) {
    this.context = context;
  }

  observe(observation: Observation): void {
    if (observation.b === ALL_IS_SEEN && this.hasFew(observation.flow)) return;
    const { connections } = this.context;
    if (connections.state(observation.flow, 0) === TIME_WAIT) this.note(observation, 0);
    if (connections.state(observation.flow, 1) === TIME_WAIT) this.note(observation, 1);
  }

  finish(): void {
    const least = this.context.option('least');
    this.holders.forEach((holder) => {
      if (holder.evidence.count < least) return;
      const peak = holder.bins === null ? holder.evidence.count : peakOf(holder.bins);
      if (peak >= least) this.report(holder, peak);
    });
  }

  /** The server of a flow with which the capture ended has too few connections in all for a finding: most servers, and nothing is kept for those. */
  private hasFew(flow: number): boolean {
    const { connections } = this.context;
    const server = connections.endpointIndex(flow, otherSide(connections.client(flow)));
    const known = this.sizes.of(server);
    if (known > 0) return known === FEW;
    const size = this.context.server(server).connections < this.context.option('least') ? FEW : MANY;
    this.sizes.note(server, size);
    return size === FEW;
  }

  private note(observation: Observation, side: Side): void {
    const { connections } = this.context;
    const since = connections.since(observation.flow, side);
    const holder = this.holderOf(observation.flow, side, since);
    if (holder !== undefined && this.countIn(holder, Math.floor(since / BIN))) holder.evidence.add(observation, connections, since);
  }

  /** False when there is no room for another bin. */
  private countIn(holder: Holder, bin: number): boolean {
    if (holder.bins === null && bin === holder.bin) return true;
    const bins = (holder.bins ??= this.open(holder));
    const before = bins.get(bin) ?? 0;
    if (before === 0) {
      if (this.bins >= MOST_BINS) return false;
      this.bins += 1;
    }
    bins.set(bin, before + 1);
    return true;
  }

  private open({ bin, evidence }: Holder): Map<number, number> {
    this.bins += 1;
    return new Map([[bin, evidence.count]]);
  }

  private holderOf(flow: number, side: Side, time: number): Holder | undefined {
    const { connections } = this.context;
    const client = connections.client(flow);
    const byClient = side === client;
    const serverSide = otherSide(client);
    const server = connections.endpointIndex(flow, serverSide);
    // A client's ports are used up towards one server; a server's own sockets count together.
    const host = byClient ? connections.hostIndex(flow, client) : -1;
    let holder = this.holders.get(host, server);
    if (holder === undefined && this.holders.size >= MOST_HOLDERS) this.makeRoom(time);
    if (holder === undefined && this.holders.size < MOST_HOLDERS) {
      holder = { client: host, server, bins: null, bin: Math.floor(time / BIN), evidence: new Evidence(time) };
      this.holders.set(host, server, holder);
    }
    return holder;
  }

  /** Forgets holders of a few sockets that are gone by now: later ones are counted anew, so nothing is lost. */
  private makeRoom(time: number): void {
    if (time < this.roomSought + BIN) return;
    this.roomSought = time;
    const least = this.context.option('least');
    this.holders.forEach(({ client, server, evidence, bins }) => {
      if (evidence.count >= least || time - evidence.last <= BINS_KEPT * BIN) return;
      this.holders.delete(client, server);
      this.bins -= bins?.size ?? 0;
    });
  }

  private report(holder: Holder, peak: number): void {
    const share = peak / this.context.option('ports');
    const { count, first, last } = holder.evidence;
    const rate = count / Math.max(1, (last - first) / 1e9);
    const { connections } = this.context;
    const byClient = holder.client >= 0;
    const server = connections.nameOfEndpoint(holder.server);
    const name = byClient ? connections.nameOfHost(holder.client) : server;
    this.context.report({
      ...holder.evidence.draft(),
      severity: !byClient ? 'info' : share >= this.context.option('exhausted') ? 'high' : share >= this.context.option('pressure') ? 'low' : 'info',
      confidence: 'high',
      subject: byClient ? { kind: 'host', host: name } : { kind: 'endpoint', endpoint: server },
      facts: {
        holder: name,
        server,
        held_by_client: byClient,
        peak_in_60_seconds: peak,
        share_of_ports: byClient ? rounded(share) : null,
        closes_per_second: rounded(rate),
        projected_share_of_ports: byClient ? rounded((rate * 60) / this.context.option('ports')) : null,
        lasted_seconds: seconds(last - first),
      },
      doubts: [],
    });
  }
}

/** The most entries in any minute. */
function peakOf(bins: ReadonlyMap<number, number>): number {
  let peak = 0;
  for (const bin of bins.keys()) {
    let sum = 0;
    for (let at = bin; at > bin - BINS_KEPT; at -= 1) sum += bins.get(at) ?? 0;
    peak = Math.max(peak, sum);
  }
  return peak;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
