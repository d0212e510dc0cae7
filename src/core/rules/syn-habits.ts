import { otherSide, SYN_OPTIONS } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { Evidence } from './evidence.ts';
import { PairMap } from './pair-map.ts';
import type { Draft, RuleContext } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';

/** Options that a stack puts into all its SYNs or into none; the MSS is in every SYN. */
const HABITUAL = SYN_OPTIONS.map((name, option) => ({ name, bit: 1 << option })).filter(({ name }) => name !== 'mss');
/** SYNs of a client to a server that make a habit. */
const LEAST = 5;
const MOST_HOSTS = 65_536;
const MOST_SERVERS = 64;
const MOST_KEPT = 20;

/** What the SYNs of one client host to one server host were like. */
interface Habit {
  client: number;
  server: number;
  syns: Evidence;
  /** Options that each of them had, and that any of them had: bits of SYN_OPTIONS. */
  always: number;
  ever: number;
  /** -1: not the same in all. */
  ttl: number;
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
  /** The server host to which each client host sent its first SYN, and one; and how many client hosts those are. */
  private readonly firsts = new SlotNumbers();
  private clients = 0;
  /** How many habits each client host has: none while it sends to one server only. */
  private readonly servers = new SlotNumbers();
  /** By client host and server host. */
  private readonly habits = new PairMap<Habit>();

  constructor(context: RuleContext) {
    this.context = context;
  }

  note({ flow, side, packet, time }: Observation): void {
    const { connections } = this.context;
    const client = connections.hostIndex(flow, side);
    const server = connections.hostIndex(flow, otherSide(side));
    const first = this.firsts.of(client) - 1;
    if (first < 0) this.begin(client, server);
    if (first < 0 || (first === server && this.servers.of(client) === 0)) return;
    const options = connections.synOptions(flow, side);
    const ttl = connections.ttl(flow, side);
    const habit = this.habits.get(client, server) ?? this.newHabit(client, server, time, ttl);
    if (habit === null) return;
    habit.always &= options;
    habit.ever |= options;
    if (habit.ttl !== ttl) habit.ttl = -1;
    habit.syns.keep(connections.flowNumber(flow), packet, time);
  }

  /** What to say of the server hosts to which options are missing. */
  drafts(): Draft[] {
    const { capture, connections } = this.context;
    // Frames that were cut short may have lost their options.
    if (capture.truncated() > 0) return [];
    const byServer = new Map<number, Lacking>();
    for (const all of this.byClient()) {
      const habits = all.filter(({ syns }) => syns.count >= LEAST);
      if (habits.length < 2) continue;
      for (const habit of habits) {
        const options = lackedBy(habit, habits);
        if (options === 0) continue;
        const lacking = byServer.get(habit.server) ?? { habits: [], options: 0 };
        lacking.habits.push(habit);
        lacking.options |= options;
        byServer.set(habit.server, lacking);
      }
    }
    return [...byServer].map(([server, lacking]) => draftOf(connections.nameOfHost(server), lacking));
  }

  private begin(client: number, server: number): void {
    if (this.clients >= MOST_HOSTS) return;
    this.clients += 1;
    this.firsts.note(client, server + 1);
  }

  private newHabit(client: number, server: number, time: number, ttl: number): Habit | null {
    const servers = this.servers.of(client);
    if (servers >= MOST_SERVERS || this.habits.size >= MOST_HOSTS) return null;
    const habit = { client, server, syns: new Evidence(time, MOST_KEPT), always: -1, ever: 0, ttl };
    this.habits.set(client, server, habit);
    this.servers.note(client, servers + 1);
    return habit;
  }

  /** The habits of each client host. */
  private byClient(): Iterable<readonly Habit[]> {
    const clients = new Map<number, Habit[]>();
    this.habits.forEach((habit) => {
      const habits = clients.get(habit.client);
      if (habits === undefined) clients.set(habit.client, [habit]);
      else habits.push(habit);
    });
    return clients.values();
  }
}

/** The options that none of these SYNs has and all of the same client's others have, to some server and at the same distance. `all`: the client's habits, of enough SYNs each. */
function lackedBy(habit: Habit, all: readonly Habit[]): number {
  if (habit.ttl < 0) return 0;
  let lacked = 0;
  for (const { bit } of HABITUAL) {
    if ((habit.ever & bit) !== 0) continue;
    const others = all.filter((other) => other.ttl === habit.ttl && (other.ever & bit) !== 0);
    if (others.length > 0 && others.every(({ always }) => (always & bit) !== 0)) lacked |= bit;
  }
  return lacked;
}

function draftOf(host: string, { habits, options }: Lacking): Draft {
  const evidence = habits.map(({ syns }) => syns);
  const syns = evidence.reduce((sum, { count }) => sum + count, 0);
  const flows = evidence.flatMap((kept) => kept.flows).slice(0, MOST_KEPT);
  const packets = evidence.flatMap((kept) => kept.packets).slice(0, MOST_KEPT);
  return {
    severity: 'low',
    confidence: 'low',
    subject: { kind: 'host', host },
    first: Math.min(...evidence.map(({ first }) => first)),
    last: Math.max(...evidence.map(({ last }) => last)),
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
