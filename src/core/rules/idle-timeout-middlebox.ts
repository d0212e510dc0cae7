import { Kind, otherSide, RETRANSMISSION, RESET_CONTEXT, RESET_FORMS } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import { about } from './about.ts';
import { reportGroups } from './folding.ts';
import { hasClosed } from './has-closed.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { countOf, duration, filterOf, numberOf, plural, seconds, textOf } from './words.ts';

/**
 * Tallies: deaths by silence and by RST, the shortest and longest fatal gap in nanoseconds, and data that noticed it; of those that a RST answered,
 * when the last one fell idle and when the first one was used again.
 */
const SILENT = 0;
const RESET = 1;
const SHORTEST = 2;
const LONGEST = 3;
const BY_DATA = 4;
const LAST_IDLE = 5;
const FIRST_USED = 6;
/** A device that forgets lets the one gap pass and not the other only where they differ by more than clocks and timers do (a factor). */
const APART = 1.1;
const TIMEOUT = RETRANSMISSION.indexOf('timeout');
const NO_SOCKET = RESET_FORMS.indexOf('no-socket');
const MIDDLEBOX = RESET_FORMS.indexOf('middlebox');
const CLOSING = RESET_CONTEXT.HANDSHAKE | RESET_CONTEXT.AFTER_OWN_FIN | RESET_CONTEXT.AFTER_PEER_FIN | RESET_CONTEXT.AFTER_CLOSE;
const MOST_PENDING = 65_536;
const MOST_SERVERS = 65_536;
/** Idle timeouts, in seconds, that devices come with, and which do. */
const KNOWN: readonly [seconds: number, whose: string][] = [
  [60, 'many HTTP load balancers and proxies'],
  [240, 'the load balancer and outbound NAT of Azure'],
  [300, 'conntrack of unacknowledged connections, several firewalls'],
  [350, 'the network load balancer and NAT gateway of AWS'],
  [600, 'cloud firewalls (Google Cloud connection tracking)'],
  [900, 'several firewalls'],
  [1800, 'several firewalls'],
  [3600, 'firewalls of Cisco, Palo Alto and others'],
];

/** The first segment after an idle time, that its peer has not answered yet. */
interface Resumption {
  gap: number;
  time: number;
  packet: number;
  side: Side;
  /** Sent again since. */
  repeats: number;
  byData: boolean;
}

export const idleTimeoutMiddlebox: Rule = {
  id: 'idle-timeout-middlebox',
  title: 'Connections die while they are idle',
  summary: 'After an idle time longer than any that a connection survived, the next segment gets no answer, or a RST: a device on the path has forgotten the connection.',
  severities: ['high', 'medium', 'low'],
  references: ['RFC 5382 §5', 'RFC 9293 §3.8.4', 'RFC 1122 §4.2.3.6'],
  aliases: ['idle timeout', 'nat timeout', 'firewall session timeout', 'load balancer idle timeout', 'conntrack timeout', 'connection reset after idle', 'idle-kill'],
  underFaults: 'Only gaps within the capture are known. An end that is not captured says nothing; where the answer was missed by the capture the sender does not repeat, so repeats are asked for.',
  options: {
    idle: { default: 1, unit: 'seconds', meaning: 'of silence both ways before a segment counts as one after an idle time (1 or more)' },
    tries: { default: 2, unit: 'segments', meaning: 'sent again in vain' },
    many: { default: 3, unit: 'connections', meaning: 'that died so, from which on it is high, where others survived shorter idle times' },
  },
  watches: [Kind.IDLE_ENDED],
  afterwards: [Kind.RETRANSMITTED, Kind.SYN_REPEATED, Kind.SYN_ACK_REPEATED, Kind.FIN_REPEATED, Kind.KEEP_ALIVE, Kind.RESET, Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'idle for 4 minutes is survived, idle for 6 is not',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +240 C > S PSH ACK 100
          S > C ACK
          +360 C > S PSH ACK 100
          +0.3 C > S PSH ACK 100 again
          +0.6 C > S PSH ACK 100 again
          +1.2 C > S PSH ACK 100 again`,
      },
    ],
    clean: [
      {
        title: 'idle, and still alive',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          +600 C > S PSH ACK 100
          +0.3 C > S PSH ACK 100 again
          S > C ACK`,
      },
      {
        title: 'a server that restarted: keep-alives of the same interval had been answered before',
        conversation: `
          repeat 4 every 0.01 { C# > S SYN; S > C# SYN ACK; C# > S ACK; C# > S PSH ACK 100; S > C# ACK }
          repeat 4 every 0.01 { +5 C# > S ACK seq=-1; S > C# ACK }
          repeat 4 every 0.01 { +5.1 C# > S ACK seq=-1; S > C# RST }`,
      },
      {
        title: 'it died in full use',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          C > S PSH ACK 100
          +0.3 C > S PSH ACK 100 again
          +0.6 C > S PSH ACK 100 again
          +1.2 C > S PSH ACK 100 again
          +2.4 C > S PSH ACK 100 again`,
      },
    ],
  },
  start: (context) => new IdleTimeout(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const fatal = numberOf(facts, 'shortest_fatal_idle_seconds');
    const survived = numberOf(facts, 'longest_survived_idle_seconds');
    const interval = Math.max(1, Math.floor((survived > 0 ? survived : fatal / 2) / 2));
    const known = textOf(facts, 'known_timeouts');
    return {
      explanation:
        `${plural(numberOf(facts, 'died'), 'connection')} with ${server} died while idle: ${countOf(facts, 'unanswered')} got no answer when used again, ${countOf(facts, 'reset')} a RST. ` +
        `The shortest idle time that killed one was ${duration(fatal)}, ${survived > 0 ? `the longest that one survived ${duration(survived)}; so some device on the path forgets connections in between` : 'and none was survived; a device on the path that forgets connections sooner does that'}` +
        `${known === '' ? '' : ` (${known})`}. Neither end is told: the next request hangs or fails, often the first one after a quiet night.`,
      advice: [
        `Send keep-alives more often than that: sysctl -w net.ipv4.tcp_keepalive_time=${interval}, and SO_KEEPALIVE set by the program`,
        `Or close pooled connections sooner: set the pool's idle time below ${duration(Math.min(fatal, survived > 0 ? survived : fatal))}.`,
        `Or raise the idle timeout of the firewall, NAT or balancer between the client and ${server}.`,
        `tcpdump -ttt -nr CAPTURE ${filterOf(server)}`,
      ],
    };
  },
};

class IdleTimeout implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly deaths: Occurrences;
  private readonly pending = new Map<number, Resumption>();
  /** Longest idle time that a connection of each server survived, in nanoseconds. */
  private readonly survived = new Map<number, number>();

  constructor(context: RuleContext) {
    this.context = context;
    this.deaths = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, packet, a, b } = observation;
    switch (kind) {
      case Kind.IDLE_ENDED:
        this.resume(observation);
        break;
      case Kind.RETRANSMITTED:
        this.repeat(flow, side, packet, b === TIMEOUT);
        break;
      case Kind.SYN_REPEATED:
      case Kind.SYN_ACK_REPEATED:
      case Kind.FIN_REPEATED:
        this.repeat(flow, side, packet, false);
        break;
      case Kind.KEEP_ALIVE:
        this.probe(flow, side);
        break;
      case Kind.RESET:
        if ((a === NO_SOCKET || a === MIDDLEBOX) && (b & CLOSING) === 0) this.reset(observation);
        break;
      default:
        this.end(observation);
    }
  }

  finish(): void {
    reportGroups(this.deaths.groups.values(), this.context, (group) => this.judge(group));
  }

  private resume({ flow, side, packet, time, a }: Observation): void {
    const { connections } = this.context;
    const pending = this.pending.get(flow);
    if (pending !== undefined) {
      // A back-off of more than a second is no new idle time.
      if (connections.lastSeen(flow, otherSide(pending.side)) <= pending.time) return;
      this.survive(flow, pending);
    }
    const peer = otherSide(side);
    // To an end that has closed nobody need be connected any more.
    const isInUse = connections.packets(flow, side) > 1 && connections.packets(flow, peer) > 0 && !hasClosed(connections, flow, peer);
    if (a < this.context.option('idle') * 1e9 || !isInUse || (pending === undefined && this.pending.size >= MOST_PENDING)) return;
    this.pending.set(flow, { gap: a, time, packet, side, repeats: 0, byData: false });
  }

  private repeat(flow: number, side: Side, packet: number, isData: boolean): void {
    const pending = this.pending.get(flow);
    if (pending === undefined || pending.side !== side) return;
    if (pending.packet === packet) {
      // What was sent again itself: the connection had not been idle, its sender waited to try again.
      this.pending.delete(flow);
      return;
    }
    pending.repeats += 1;
    if (isData) pending.byData = true;
  }

  private probe(flow: number, side: Side): void {
    const pending = this.pending.get(flow);
    if (pending !== undefined && pending.side === side) pending.repeats += 1;
  }

  /** A RST is an answer; it counts only when it is the first one since the idle time. */
  private reset(observation: Observation): void {
    const { flow, side, time } = observation;
    const pending = this.pending.get(flow);
    const { connections } = this.context;
    if (pending === undefined || pending.side === side || connections.packets(flow, side) < 2) return;
    if (connections.lastData(flow, side) > pending.time) return;
    this.pending.delete(flow);
    this.die(about(observation, side, pending.packet, time), pending, RESET);
  }

  private end(observation: Observation): void {
    const { flow } = observation;
    const pending = this.pending.get(flow);
    if (pending === undefined) return;
    this.pending.delete(flow);
    const { connections } = this.context;
    const peer = otherSide(pending.side);
    if (connections.lastSeen(flow, peer) > pending.time) this.survive(flow, pending);
    else if (pending.repeats >= this.context.option('tries') && !connections.oneWay(flow)) {
      this.die(about(observation, peer, pending.packet, pending.time), pending, SILENT);
    }
  }

  private survive(flow: number, { gap }: Resumption): void {
    const server = serverOf(this.context, flow);
    const longest = this.survived.get(server);
    if (longest === undefined && this.survived.size >= MOST_SERVERS) return;
    this.survived.set(server, Math.max(longest ?? 0, gap));
  }

  private die(observation: Observation, { gap, time, byData }: Resumption, how: number): void {
    const group = this.deaths.add(serverOf(this.context, observation.flow), observation);
    if (group === null) return;
    group.tally(how);
    group.tallies[SHORTEST] = group.at(SHORTEST) === 0 ? gap : Math.min(group.at(SHORTEST), gap);
    group.most(LONGEST, gap);
    if (byData) group.tally(BY_DATA);
    if (how !== RESET) return;
    group.most(LAST_IDLE, time - gap);
    group.tallies[FIRST_USED] = group.at(FIRST_USED) === 0 ? time : Math.min(group.at(FIRST_USED), time);
  }

  private judge(group: Group): Verdict | null {
    const survived = this.survived.get(group.key) ?? 0;
    const shortest = group.at(SHORTEST);
    // What others survived for longer, or for as long, did not kill these.
    if (survived * APART >= shortest) return null;
    const isPattern = group.count >= this.context.option('many');
    // One RST after an idle time is a peer that lost its state; one probe in vain a peer that is gone. Data, or several, are more.
    if (!isPattern && group.at(BY_DATA) === 0) return null;
    const known = KNOWN.filter(([bound]) => bound * 1e9 > survived && bound <= (shortest / 1e9) * 1.02 + 1 && bound >= shortest / 4e9);
    const mayHaveRestarted = group.at(RESET) === group.count && group.at(LAST_IDLE) < group.at(FIRST_USED);
    const isClear = isPattern && survived > 0 && !mayHaveRestarted;
    return {
      severity: isClear ? 'high' : 'medium',
      confidence: isClear ? 'high' : 'medium',
      facts: {
        died: group.count,
        unanswered: group.at(SILENT),
        reset: group.at(RESET),
        shortest_fatal_idle_seconds: seconds(shortest),
        longest_fatal_idle_seconds: seconds(group.at(LONGEST)),
        longest_survived_idle_seconds: seconds(survived),
        known_timeouts: known.map(([bound, whose]) => `${bound} s: ${whose}`).join('; '),
      },
      doubts: doubtsOf(isPattern, survived, mayHaveRestarted),
    };
  }
}

function doubtsOf(isPattern: boolean, survived: number, mayHaveRestarted: boolean): string[] {
  if (!isPattern) return ['A peer that crashed while the connection was idle looks the same; a pattern in several connections would tell.'];
  if (mayHaveRestarted && survived > 0) return ['All of them were idle at one time, and a RST answered: an end that restarted then looks the same.'];
  return survived > 0 ? [] : ['No connection survived an idle time here: a peer that crashed, restarted or was cut off while all of them were idle looks the same.'];
}
