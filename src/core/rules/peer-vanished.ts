import { Kind, otherSide, RETRANSMISSION } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import type { Fact, Severity } from '../report/report.ts';
import { about } from './about.ts';
import { failureShare } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { hasClosed } from './has-closed.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { UnansweredRuns } from './unanswered-runs.ts';
import { Spans } from './spans.ts';
import { capitalised, count, countOf, duration, endOf, filterOf, hostOf, numberOf, partsOf, plural, seconds, textOf } from './words.ts';

/** Tallies: how it was noticed, and the longest silence in nanoseconds. */
const DATA = 0;
const PROBE = 1;
const FIN = 2;
const SILENCE = 3;
/** The connection was being closed: by a FIN that nobody acknowledges, or by the end that fell silent, before it did. */
const CLOSING = 4;
/** Full-size segments alone went unanswered, as far as a capture without the handshake tells: the path may be too narrow for them. */
const UNSURE = 5;
/** Bit of what a run notes beside how it was noticed: its peer had closed by then. A RST that gives up in the end closes it, too. */
const PEER_HAD_CLOSED = 8;
const TIMEOUT = RETRANSMISSION.indexOf('timeout');

export const peerVanished: Rule = {
  id: 'peer-vanished',
  title: 'Peer vanished in mid-connection',
  summary: 'An established connection where one end sends the same again and again, data, a FIN or keep-alives, and hears nothing more.',
  severities: ['high', 'medium', 'low'],
  references: ['RFC 9293 §3.8.3', 'RFC 9293 §3.8.4', 'RFC 6298 §5'],
  aliases: [
    'dead connection', 'retransmission timeout', 'ETIMEDOUT', 'back-off', 'keep-alive timeout', 'zombie', 'connection dead', 'blackhole',
    'conn_dead_event', 'NOS',
  ],
  underFaults:
    'An end whose packets were not captured at all has not vanished. Repeats show by themselves that no answer arrived, so capture loss cannot feign this; an answer captured during the run ends it. ' +
    'Connections whose first data was never served are left to accept-queue-overflow, segments too large for the path to pmtu-blackhole; where the handshake was not captured those are low.',
  options: {
    tries: { default: 3, unit: 'segments', meaning: 'sent again without an answer (R1 of RFC 9293 §3.8.3); the RST with which keep-alives give up counts as one' },
    silence: { default: 1, unit: 'seconds', meaning: 'without an answer, at least' },
    many: { default: 3, unit: 'connections', meaning: 'that nobody was closing: from here on it is high; without one it is low' },
    share: { default: 0.1, unit: 'share', meaning: "of a server's connections whose client vanished, at least (95 % confidence); below it they are low: clients come and go" },
  },
  watches: [Kind.RETRANSMITTED, Kind.FIN_REPEATED, Kind.KEEP_ALIVE, Kind.FULL_SIZE_LOST, Kind.UNSERVED_DATA],
  afterwards: [Kind.RESET, Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'five back-offs, and silence',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +1 C > S PSH ACK 50
          +0.3 C > S PSH ACK 50 again
          +0.6 C > S PSH ACK 50 again
          +1.2 C > S PSH ACK 50 again
          +2.4 C > S PSH ACK 50 again`,
      },
      {
        title: 'keep-alives that nobody answers',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +10 C > S ACK seq=-1
          +1 C > S ACK seq=-1
          +1 C > S ACK seq=-1
          +1 C > S RST ACK`,
      },
      {
        title: 'a program that gives up after the second keep-alive',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +10 C > S ACK seq=-1
          +1 C > S ACK seq=-1
          +1 C > S RST ACK`,
      },
    ],
    clean: [
      {
        title: 'a connection aborted after a keep-alive that was answered, and one that was not yet',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +10 C > S ACK seq=-1
          S > C ACK
          +10 C > S ACK seq=-1
          +0.1 C > S RST ACK`,
      },
      {
        title: 'the third try gets through',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100
          +0.3 C > S PSH ACK 100 again
          +0.6 C > S PSH ACK 100 again
          +1.2 C > S PSH ACK 100 again
          S > C ACK`,
      },
      {
        title: "the server's packets went another way",
        conversation: `
          C > S SYN
          ~ S > C SYN ACK
          C > S ACK
          C > S PSH ACK 100
          +0.3 C > S PSH ACK 100 again
          +0.6 C > S PSH ACK 100 again
          +1.2 C > S PSH ACK 100 again`,
      },
    ],
  },
  start: (context) => new PeerVanished(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const host = hostOf(facts);
    const { port } = partsOf(server);
    const isClient = textOf(facts, 'by') === 'client';
    const closing = numberOf(facts, 'vanished_while_closing');
    const ways: string[] = [];
    if (numberOf(facts, 'noticed_by_data') > 0) ways.push(`${countOf(facts, 'noticed_by_data')} by data that was never acknowledged`);
    if (numberOf(facts, 'noticed_by_keep_alive') > 0) ways.push(`${countOf(facts, 'noticed_by_keep_alive')} by keep-alives that nobody answered`);
    if (numberOf(facts, 'noticed_by_fin') > 0) ways.push(`${countOf(facts, 'noticed_by_fin')} by a FIN that was never acknowledged`);
    return {
      explanation:
        `${plural(numberOf(facts, 'vanished'), 'connection')} with ${server} went dead: ${ways.join(', ')}. ${capitalised(endOf(facts))} fell silent for up to ${duration(numberOf(facts, 'longest_silence_seconds'))} while its peer kept trying. ` +
        'Its host crashed, lost power or its network, or a device on the path dropped the connection without telling either end. Until the tries run out (about 15 minutes on Linux) the program waits' +
        `${zombieWords(facts)}${closing > 0 ? `; ${closing === numberOf(facts, 'vanished') ? 'but it was' : plural(closing, 'was', 'were')} being closed anyway` : ''}.`,
      advice: [
        isClient ? `ping -c 3 ${host}; traceroute ${host}   # on the server: is the client there at all?` : `ping -c 3 ${host}; traceroute -T -p ${port} ${host}   # is it there at all?`,
        'Look at uptime and logs of the silent host at that time, and at firewalls and balancers on the path.',
        'Set TCP_USER_TIMEOUT or keep-alives in the program, so that it notices in seconds: sysctl net.ipv4.tcp_retries2 net.ipv4.tcp_keepalive_time',
        `tcpdump -nr CAPTURE ${filterOf(server)}`,
      ],
    };
  },
};

/** How they add up at the end that holds them. */
function zombieWords(facts: { readonly [name: string]: Fact }): string {
  const most = numberOf(facts, 'most_held_at_once');
  return most < 2 ? '' : `, and holds a socket for each, up to ${count(most)} such zombies at once`;
}

class PeerVanished implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly vanished: Occurrences;
  /** Connections that the other end went on holding, by server. */
  private readonly zombies = new Spans();
  private readonly runs = new UnansweredRuns();
  /** Ends (flow * 2 + side) whose silence has another cause: full-size segments that do not pass, data that was never served. */
  private readonly explained = new Set<number>();
  /** Ends of connections without a handshake, of which it may be so. */
  private readonly unsure = new Set<number>();

  constructor(context: RuleContext) {
    this.context = context;
    this.vanished = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, b } = observation;
    switch (kind) {
      case Kind.RETRANSMITTED:
        if (b === TIMEOUT) this.note(observation, DATA);
        break;
      case Kind.FIN_REPEATED:
        this.note(observation, FIN);
        break;
      case Kind.KEEP_ALIVE:
        this.note(observation, PROBE);
        break;
      case Kind.FULL_SIZE_LOST:
        if (b === 1) this.explain(flow, side, this.context.connections.midstream(flow) ? this.unsure : this.explained);
        break;
      case Kind.UNSERVED_DATA:
        this.explain(flow, side, this.explained);
        break;
      case Kind.RESET:
        // Linux gives up keep-alives with a RST, at the time of the next one: one try more.
        if (this.runs.isUnderWay(flow, observation.side, PROBE)) this.note(observation, PROBE);
        break;
      default:
        this.end(observation, 0);
        this.end(observation, 1);
    }
  }

  finish(): void {
    reportGroups(this.vanished.groups.values(), this.context, (group) => ({
      severity: this.severityOf(group),
      confidence: group.at(UNSURE) > 0 ? 'medium' : 'high',
      doubts: group.at(UNSURE) > 0 ? [`On ${plural(group.at(UNSURE), 'connection')} only segments of 1,200 bytes or more got no answer: the path may be too narrow for them (pmtu-blackhole). The handshake, which tells, was not captured.`] : [],
      facts: {
        vanished: group.count,
        vanished_while_closing: group.at(CLOSING),
        vanished_or_path_too_narrow: group.at(UNSURE),
        vanished_side: group.by(),
        noticed_by_data: group.at(DATA),
        noticed_by_keep_alive: group.at(PROBE),
        noticed_by_fin: group.at(FIN),
        longest_silence_seconds: seconds(group.at(SILENCE)),
        most_held_at_once: this.zombies.mostAtOnce(group.key),
      },
    }));
  }

  /** A connection that was being closed anyway keeps nobody waiting. */
  private severityOf(group: Group): Severity {
    const inUse = group.count - group.at(CLOSING) - group.at(UNSURE);
    // Phones lose their network all the time; that many at once do not.
    if (inUse === 0 || (group.byServer === 0 && failureShare(group, this.context).lower < this.context.option('share'))) return 'low';
    return inUse >= this.context.option('many') ? 'high' : 'medium';
  }

  private note(observation: Observation, how: number): void {
    const { connections } = this.context;
    const hadClosed = hasClosed(connections, observation.flow, otherSide(observation.side));
    this.runs.note(connections, observation, hadClosed ? how | PEER_HAD_CLOSED : how);
  }

  private explain(flow: number, side: Side, ends: Set<number>): void {
    if (this.runs.isUnderWay(flow, side)) ends.add(flow * 2 + side);
  }

  private end(observation: Observation, side: Side): void {
    const { flow } = observation;
    const { connections } = this.context;
    const isExplained = this.explained.delete(flow * 2 + side);
    const isUnsure = this.unsure.delete(flow * 2 + side);
    const run = this.runs.take(connections, flow, side);
    const peer = otherSide(side);
    if (run === null || isExplained || connections.oneWay(flow) || connections.packets(flow, peer) === 0) return;
    const silence = connections.lastSeen(flow, side) - connections.lastSeen(flow, peer);
    if (run.count < this.context.option('tries') || silence < this.context.option('silence') * 1e9) return;
    const server = serverOf(this.context, flow);
    const group = this.vanished.add(server, about(observation, peer, run.packet, run.began));
    this.zombies.note(server, connections.lastSeen(flow, peer), connections.lastSeen(flow, side));
    const how = run.how & ~PEER_HAD_CLOSED;
    group?.tally(how);
    if (how === FIN || run.how !== how) group?.tally(CLOSING);
    else if (isUnsure) group?.tally(UNSURE);
    group?.most(SILENCE, silence);
  }
}
