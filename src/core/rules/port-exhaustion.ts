import { Kind, otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { Evidence } from './evidence.ts';
import { PairMap } from './pair-map.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { numberOf, partsOf, percent, plural, ssAddress, textOf } from './words.ts';

/** Ports in TIME_WAIT come back after this long (nanoseconds, Linux). */
const WINDOW = 60e9;
const MOST_PAIRS = 65_536;
const MOST_PORTS = 2_000_000;
/** How often in a minute room is sought, when there is none. */
const ROOM_SOUGHT = 6;
/** A port so little above the last one comes of counting up, as some systems and most NATs choose ports. */
const STEP = 2;

/** Ports that one client host has used towards one server within a minute. */
interface Pair {
  /** Host index of the client, endpoint index of the server. */
  client: number;
  server: number;
  began: number;
  lowest: number;
  highest: number;
  previous: number;
  steps: number;
  /** Flow and packet of the first port. */
  firstFlow: number;
  firstPacket: number;
  /** Null while there is only one port, `lowest`: most pairs never have a second. */
  more: { ports: Set<number>; evidence: Evidence } | null;
}

export const portExhaustion: Rule = {
  id: 'port-exhaustion',
  title: 'A client runs out of ports',
  summary: 'One host uses nearly all its ports towards one server within a minute, or every single port of a narrow range: the next connect() fails.',
  severities: ['high', 'medium'],
  references: ['RFC 6056', 'RFC 6335 §6', 'RFC 9293 §3.6'],
  aliases: ['EADDRNOTAVAIL', 'cannot assign requested address', 'ephemeral port exhaustion', 'SNAT port exhaustion', 'ip_local_port_range'],
  underFaults: 'A connect() that fails for want of a port sends nothing, so only the use of the range shows it. Ports that are counted up make no range.',
  options: {
    ports: { default: 28_232, unit: 'ports', meaning: 'that a client may use (Linux: 32768 to 60999)' },
    share: { default: 0.8, unit: 'share', meaning: 'of those ports used within a minute' },
    narrow: { default: 20, unit: 'ports', meaning: 'at least, of a narrow range that is used up to the last one' },
  },
  watches: [Kind.HANDSHAKE_COMPLETED],
  examples: {
    flagged: [
      {
        title: 'twenty-five ports in no order, and none left out',
        conversation: [7, 3, 19, 11, 23, 1, 15, 5, 21, 9, 17, 13, 25, 8, 2, 20, 12, 24, 4, 16, 6, 22, 10, 18, 14]
          .map((port) => `C:${40_000 + port} > S SYN; S > C:${40_000 + port} SYN ACK; C:${40_000 + port} > S ACK`)
          .join('; '),
      },
    ],
    clean: [
      { title: 'ports that are counted up', conversation: 'repeat 40 every 0.02 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK }' },
      {
        title: 'ports here and there',
        conversation: [7, 103, 19, 211, 23, 1, 315, 5, 121, 9, 417, 13, 25, 8, 202, 20, 112, 24, 4, 316, 6, 22, 110, 18, 14]
          .map((port) => `C:${40_000 + port} > S SYN; S > C:${40_000 + port} SYN ACK; C:${40_000 + port} > S ACK`)
          .join('; '),
      },
    ],
  },
  start: (context) => new PortExhaustion(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const isNarrow = facts['narrow_range'] === true;
    const { port, host } = partsOf(server);
    return {
      explanation:
        `${textOf(facts, 'client')} used ${plural(numberOf(facts, 'used'), 'port')} towards ${server} within a minute, ` +
        (isNarrow
          ? `every one from ${numberOf(facts, 'lowest_port')} to ${numberOf(facts, 'highest_port')}, in no particular order: that is how it looks when a range of ports is used up. `
          : `${percent(numberOf(facts, 'share_of_ports'))} of those it has. `) +
        'A port rests for a minute in TIME_WAIT before it can be used towards the same server again; when all do, connect() fails with EADDRNOTAVAIL, and nothing of that is on the wire.',
      advice: [
        'sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse   # on the client (or the NAT in front of it)',
        `ss -tan dst ${ssAddress(host)} 'dport = :${port}' | awk '{print $1}' | sort | uniq -c`,
        'Keep connections open and use them again; or spread them over more server addresses or client addresses.',
      ],
    };
  },
};

class PortExhaustion implements RunningRule {
  /** The end of a connection is nothing to it, and `finish` changes nothing: tens of thousands of pairs need not be put back. */
  readonly state = null;
  private readonly context: RuleContext;
  private readonly pairs = new PairMap<Pair>();
  /** The fullest minute of each pair that was worth reporting. */
  private readonly worst = new PairMap<Pair>();
  private ports = 0;
  /** When pairs whose minute is over were looked for last. */
  private roomSought = -Infinity;

  constructor(context: RuleContext) {
    this.context = context;
  }

  observe(observation: Observation): void {
    const { flow, side, time, packet } = observation;
    const { connections } = this.context;
    const server = otherSide(side);
    const client = connections.hostIndex(flow, side);
    const listener = connections.endpointIndex(flow, server);
    const port = connections.port(flow, side);
    let pair = this.pairs.get(client, listener);
    if (pair !== undefined && time - pair.began > WINDOW) {
      this.close(pair);
      pair = undefined;
    }
    if (pair === undefined) {
      if (this.pairs.size >= MOST_PAIRS) this.makeRoom(time);
      if (this.pairs.size >= MOST_PAIRS || this.ports >= MOST_PORTS) return;
      this.ports += 1;
      pair = {
        client,
        server: listener,
        began: time,
        lowest: port,
        highest: port,
        previous: port,
        steps: 0,
        firstFlow: connections.flowNumber(flow),
        firstPacket: packet,
        more: null,
      };
      this.pairs.set(client, listener, pair);
      return;
    }
    if (port === pair.previous || this.ports >= MOST_PORTS) return;
    const { ports, evidence } = (pair.more ??= severalPorts(pair));
    if (ports.has(port)) return;
    this.ports += 1;
    ports.add(port);
    const step = port - pair.previous;
    if (step > 0 && step <= STEP) pair.steps += 1;
    pair.previous = port;
    pair.lowest = Math.min(pair.lowest, port);
    pair.highest = Math.max(pair.highest, port);
    evidence.add(observation, connections, time);
  }

  finish(): void {
    const worst = new PairMap<Pair>();
    this.worst.forEach((pair) => worst.set(pair.client, pair.server, pair));
    this.pairs.forEach((pair) => this.judge(pair, worst));
    worst.forEach((pair) => pair.more !== null && this.report(pair, pair.more.evidence));
  }

  /** Ends the minutes that are over: their pairs used no port since, so nothing of them is lost. */
  private makeRoom(time: number): void {
    if (time < this.roomSought + WINDOW / ROOM_SOUGHT) return;
    this.roomSought = time;
    this.pairs.forEach((pair) => time - pair.began > WINDOW && this.close(pair));
  }

  private close(pair: Pair): void {
    this.pairs.delete(pair.client, pair.server);
    this.ports -= usedBy(pair);
    this.judge(pair, this.worst);
  }

  private judge(pair: Pair, all: PairMap<Pair>): void {
    if (pair.more === null) return;
    const used = usedBy(pair);
    const isFull = used >= this.context.option('share') * this.context.option('ports');
    if (!isFull && !this.isNarrow(pair)) return;
    const worst = all.get(pair.client, pair.server);
    if (worst === undefined || usedBy(worst) < used) all.set(pair.client, pair.server, pair);
  }

  private isNarrow(pair: Pair): boolean {
    const used = usedBy(pair);
    return used >= this.context.option('narrow') && pair.highest - pair.lowest + 1 === used && pair.steps * 2 < used;
  }

  private report(pair: Pair, evidence: Evidence): void {
    const used = usedBy(pair);
    const { connections } = this.context;
    const client = connections.nameOfHost(pair.client);
    const isFull = used >= this.context.option('share') * this.context.option('ports');
    this.context.report({
      ...evidence.draft(),
      severity: isFull ? 'high' : 'medium',
      confidence: isFull ? 'high' : 'medium',
      subject: { kind: 'host', host: client },
      facts: {
        client,
        server: connections.nameOfEndpoint(pair.server),
        used,
        lowest_port: pair.lowest,
        highest_port: pair.highest,
        narrow_range: !isFull,
        share_of_ports: Number((used / this.context.option('ports')).toPrecision(3)),
      },
      doubts: isFull ? [] : ['A program that chooses its ports from a small range of its own, and has not used them all up, looks the same.'],
    });
  }
}

function severalPorts({ lowest, began, firstFlow, firstPacket }: Pair): { ports: Set<number>; evidence: Evidence } {
  const evidence = new Evidence(began);
  evidence.keep(firstFlow, firstPacket, began);
  return { ports: new Set([lowest]), evidence };
}

function usedBy(pair: Pair): number {
  return pair.more?.ports.size ?? 1;
}
