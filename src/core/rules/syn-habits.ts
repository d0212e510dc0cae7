import { SYN_OPTIONS } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import type { Draft, RuleContext } from './rule.ts';

/** Options that a stack puts into all its SYNs or into none; the MSS is in every SYN. */
const HABITUAL = SYN_OPTIONS.map((name, option) => ({ name, bit: 1 << option })).filter(({ name }) => name !== 'mss');
/** SYNs of a client to a server that make a habit. */
const LEAST = 5;
const MOST_HOSTS = 65_536;
const MOST_SERVERS = 64;
const MOST_KEPT = 20;

/** What the SYNs of one client host to one server host were like. */
interface Habit {
  syns: number;
  /** Options that each of them had, and that any of them had: bits of SYN_OPTIONS. */
  always: number;
  ever: number;
  /** -1: not the same in all. */
  ttl: number;
  first: number;
  last: number;
  flows: number[];
  packets: number[];
}

/** SYNs to one server host that lack options which their senders put into all others. */
interface Lacking {
  habits: Habit[];
  options: number;
}

/**
 * The options in each client host's SYNs, by server host. A stack has its options in all its SYNs: where those to one server lack some which all to another have,
 * something on the way to that server took them out. Hosts with one server only are not looked at.
 */
export class SynHabits {
  private readonly context: RuleContext;
  /** The server host to which each client host sent its first SYN; -1 once it has a habit for each. */
  private readonly firsts = new Map<number, number>();
  private readonly habits = new Map<number, Map<number, Habit>>();
  private kept = 0;

  constructor(context: RuleContext) {
    this.context = context;
  }

  note({ flow, side, packet, time }: Observation): void {
    const { connections } = this.context;
    const client = connections.hostIndex(flow, side);
    const server = connections.hostIndex(flow, (side ^ 1) as Side);
    const first = this.firsts.get(client);
    if (first === undefined) {
      if (this.firsts.size < MOST_HOSTS) this.firsts.set(client, server);
      return;
    }
    if (first === server) return;
    this.firsts.set(client, -1);
    const options = connections.synOptions(flow, side);
    const ttl = connections.ttl(flow, side);
    const habit = this.habitOf(client, server, time, ttl);
    if (habit === undefined) return;
    habit.syns += 1;
    habit.always &= options;
    habit.ever |= options;
    if (habit.ttl !== ttl) habit.ttl = -1;
    habit.last = time;
    if (habit.flows.length >= MOST_KEPT) return;
    habit.flows.push(connections.flowNumber(flow));
    habit.packets.push(packet);
  }

  /** What to say of the server hosts to which options are missing. */
  drafts(): Draft[] {
    const { capture, connections } = this.context;
    // Frames that were cut short may have lost their options.
    if (capture.truncated() > 0) return [];
    const byServer = new Map<number, Lacking>();
    for (const servers of this.habits.values()) {
      const habits = [...servers.values()].filter(({ syns }) => syns >= LEAST);
      if (habits.length < 2) continue;
      for (const [server, habit] of servers) {
        const options = lackedBy(habit, habits);
        if (options === 0) continue;
        const lacking = byServer.get(server) ?? { habits: [], options: 0 };
        lacking.habits.push(habit);
        lacking.options |= options;
        byServer.set(server, lacking);
      }
    }
    return [...byServer].map(([server, lacking]) => draftOf(connections.nameOfHost(server), lacking));
  }

  private habitOf(client: number, server: number, time: number, ttl: number): Habit | undefined {
    let servers = this.habits.get(client);
    if (servers === undefined) this.habits.set(client, (servers = new Map()));
    let habit = servers.get(server);
    if (habit === undefined && servers.size < MOST_SERVERS && this.kept < MOST_HOSTS) {
      habit = { syns: 0, always: -1, ever: 0, ttl, first: time, last: time, flows: [], packets: [] };
      servers.set(server, habit);
      this.kept += 1;
    }
    return habit;
  }
}

/** The options that none of these SYNs has and all of the same client's others have, to some server and at the same distance. `all`: the client's habits. */
function lackedBy(habit: Habit, all: readonly Habit[]): number {
  if (habit.syns < LEAST || habit.ttl < 0) return 0;
  let lacked = 0;
  for (const { bit } of HABITUAL) {
    if ((habit.ever & bit) !== 0) continue;
    const others = all.filter((other) => other.ttl === habit.ttl && (other.ever & bit) !== 0);
    if (others.length > 0 && others.every(({ always }) => (always & bit) !== 0)) lacked |= bit;
  }
  return lacked;
}

function draftOf(host: string, { habits, options }: Lacking): Draft {
  const syns = habits.reduce((sum, habit) => sum + habit.syns, 0);
  const flows = habits.flatMap((habit) => habit.flows).slice(0, MOST_KEPT);
  const packets = habits.flatMap((habit) => habit.packets).slice(0, MOST_KEPT);
  return {
    severity: 'low',
    confidence: 'low',
    subject: { kind: 'host', host },
    first: Math.min(...habits.map(({ first }) => first)),
    last: Math.max(...habits.map(({ last }) => last)),
    count: syns,
    flows,
    packets,
    moreFlows: syns - flows.length,
    morePackets: syns - packets.length,
    facts: {
      target: host,
      syns_without: syns,
      client_hosts: habits.length,
      missing_options: HABITUAL.filter(({ bit }) => (options & bit) !== 0).map(({ name }) => name),
    },
    doubts: ['Several systems behind one address, each with options of its own, look the same.'],
  };
}
