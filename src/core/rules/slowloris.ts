import { Kind, otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { SYN_RECEIVED } from '../tcp/state.ts';
import { Evidence } from './evidence.ts';
import { pairKey } from './pair-key.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { countOf, duration, isIpv6, numberOf, partsOf, plural, seconds, textOf } from './words.ts';

const MOST_PAIRS = 65_536;
/** Pairs of fewer connections than are reported are forgotten, when there is no room, after so long without another (nanoseconds): no server waits longer for a request. */
const FORGOTTEN_AFTER = 600e9;
/** Room is sought this often at most. */
const ROOM_SOUGHT = 10e9;
/** A request so long (bytes) is no trickle. */
const MOST_BYTES = 4_000;
/** Handshake segments of a client: SYN and ACK. The rest of what it sends to a server that answers nothing is data. */
const HANDSHAKE = 2;
const LEAST_PIECES = 3;

/** Connections of one source that keep one server waiting. */
interface Waiting {
  server: string;
  source: string;
  evidence: Evidence;
  bytes: number;
  pieces: number;
  longest: number;
}

export const slowloris: Rule = {
  id: 'slowloris',
  title: 'Requests that trickle and never end',
  summary: 'One source holds many connections to one server open, and sends a few bytes on each from time to time, never enough for an answer.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.10.3'],
  aliases: ['slow dos', 'slow http', 'r.u.d.y.', 'slow headers', 'slow post', 'connection exhaustion'],
  underFaults: 'Needs the handshake and both directions, and acknowledgments of what trickles in: an overloaded server that acknowledges nothing is another finding.',
  options: {
    minimum: { default: 20, unit: 'connections', meaning: 'of one source at one server' },
    spread: { default: 3, unit: 'seconds', meaning: 'from the handshake to the last piece, on each' },
    long: { default: 30, unit: 'seconds', meaning: 'for the longest of them, from which on it is low' },
    attack: { default: 100, unit: 'connections', meaning: 'held for twice as long, from which on it is medium' },
  },
  watches: [Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [
      {
        title: 'thirty connections, four pieces of ten bytes each',
        conversation: `
          repeat 30 every 0.02 {
            C:# > S SYN; S > C:# SYN ACK; C:# > S ACK
            C:# > S PSH ACK 10; S > C:# ACK
            +2 C:# > S PSH ACK 10
            S > C:# ACK
            +2 C:# > S PSH ACK 10
            S > C:# ACK
            +2 C:# > S PSH ACK 10
            S > C:# ACK
          }`,
      },
    ],
    clean: [
      {
        title: 'thirty chatty connections that are answered',
        conversation: `
          repeat 30 every 0.02 {
            C:# > S SYN; S > C:# SYN ACK; C:# > S ACK
            C:# > S PSH ACK 10; S > C:# PSH ACK 10
            +2 C:# > S PSH ACK 10
            S > C:# PSH ACK 10
            +2 C:# > S PSH ACK 10
            S > C:# PSH ACK 10
          }`,
      },
    ],
  },
  start: (context) => new Slowloris(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const { host, port } = partsOf(server);
    const family = isIpv6(host) ? '6' : '';
    return {
      explanation:
        `${textOf(facts, 'source')} held ${plural(numberOf(facts, 'connections'), 'connection')} to ${server} for up to ${duration(numberOf(facts, 'longest_seconds'))} and sent ${countOf(facts, 'bytes_per_connection')} bytes on each, in about ${countOf(facts, 'pieces_per_connection')} pieces; ` +
        'the server acknowledged them and had nothing to answer yet. Servers that keep a thread or worker for each connection run out of them: the attack costs next to nothing. ' +
        'Senders of rare messages that expect no answer (logs, telemetry) look alike, but seldom open so many connections at once.',
      advice: [
        `ss -tn state established '( sport = :${port} )' | awk '{print $4}' | sed 's/:[0-9]*$//' | sort | uniq -c | sort -rn | head`,
        'Set a time limit for the whole request header: client_header_timeout (nginx), RequestReadTimeout (Apache), timeout http-request (HAProxy).',
        `nft add rule inet filter input tcp dport ${port} ct state new add @slow '{ ip${family} saddr ct count over 20 }' drop   # a set "slow" of type ipv${family || '4'}_addr, flags dynamic`,
      ],
    };
  },
};

class Slowloris implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly pairs = new Map<number, Waiting>();
  /** When there was no room and pairs to forget were looked for, last. */
  private roomSought = -Infinity;

  constructor(context: RuleContext) {
    this.context = context;
  }

  observe(observation: Observation): void {
    const { flow } = observation;
    const { connections } = this.context;
    const client = connections.client(flow);
    const server = otherSide(client);
    const pieces = connections.packets(flow, client) - HANDSHAKE;
    const bytes = connections.bytes(flow, client);
    if (pieces < LEAST_PIECES || bytes === 0 || bytes > MOST_BYTES || connections.bytes(flow, server) > 0 || connections.midstream(flow)) return;
    const began = connections.started(flow);
    const spread = connections.lastData(flow, client) - began;
    // What trickles in is acknowledged, or the server is dead.
    if (spread < this.context.option('spread') * 1e9 || connections.packets(flow, server) < pieces || connections.state(flow, server) === SYN_RECEIVED) return;
    const key = pairKey(connections.hostIndex(flow, client), connections.endpointIndex(flow, server));
    let waiting = this.pairs.get(key);
    if (waiting === undefined) {
      if (this.pairs.size >= MOST_PAIRS) this.makeRoom(connections.now());
      if (this.pairs.size >= MOST_PAIRS) return;
      const source = connections.nameOfHost(connections.hostIndex(flow, client));
      waiting = { server: connections.endpointName(flow, server), source, evidence: new Evidence(began), bytes: 0, pieces: 0, longest: 0 };
      this.pairs.set(key, waiting);
    }
    waiting.evidence.add(observation, connections, began, connections.lastData(flow, client));
    waiting.bytes += bytes;
    waiting.pieces += pieces;
    waiting.longest = Math.max(waiting.longest, spread);
  }

  finish(): void {
    for (const waiting of this.pairs.values()) if (waiting.evidence.count >= this.context.option('minimum')) this.report(waiting);
  }

  private makeRoom(time: number): void {
    if (time < this.roomSought + ROOM_SOUGHT) return;
    this.roomSought = time;
    for (const [key, { evidence }] of this.pairs) {
      if (evidence.count < this.context.option('minimum') && time - evidence.last > FORGOTTEN_AFTER) this.pairs.delete(key);
    }
  }

  private report(waiting: Waiting): void {
    const longest = waiting.longest / 1e9;
    const { count } = waiting.evidence;
    const isAttack = count >= this.context.option('attack') && longest >= 2 * this.context.option('long');
    this.context.report({
      ...waiting.evidence.draft(),
      severity: isAttack ? 'medium' : longest >= this.context.option('long') ? 'low' : 'info',
      confidence: 'medium',
      subject: { kind: 'endpoint', endpoint: waiting.server },
      facts: {
        server: waiting.server,
        source: waiting.source,
        connections: count,
        bytes_per_connection: Math.round(waiting.bytes / count),
        pieces_per_connection: Math.round(waiting.pieces / count),
        longest_seconds: seconds(waiting.longest),
      },
      doubts: ['A protocol in which only the client speaks (logs, telemetry) looks the same.'],
    });
  }
}
