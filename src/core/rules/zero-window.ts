import { Kind } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import { ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2 } from '../tcp/state.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { duration, filterOf, numberOf, partsOf, plural, seconds, textOf } from './words.ts';

/** Stalls of the client's end and of the server's, in nanoseconds; the longest; those that never ended. */
const BY_CLIENT = 0;
const BY_SERVER = 1;
const LONGEST = 2;
const NEVER_OPENED = 3;
const MOST_OPEN = 65_536;

export const zeroWindow: Rule = {
  id: 'zero-window',
  title: 'Receiver stalls its sender',
  summary: 'An end announces a window of zero: its program does not read, and the sender must stop. For how long, and who stalled whom.',
  severities: ['high', 'medium', 'low', 'info'],
  references: ['RFC 9293 §3.8.6', 'RFC 9293 §3.8.6.1', 'RFC 1122 §4.2.2.17'],
  aliases: ['tcp.analysis.zero_window', 'zero window probe', 'window full', 'WINDOW_SHUT', 'receiver buffer full', 'flow control stall', 'sockstress'],
  underFaults: 'A stall lasts from the segment that closes the window to the one that opens it; if the capture missed either it seems longer or shorter. Ends that wait for no more data do not count.',
  options: {
    brief: { default: 0.2, unit: 'seconds', meaning: 'shorter stalls are ordinary flow control, and a remark' },
    long: { default: 1, unit: 'seconds', meaning: 'a stall from on this is medium' },
    severe: { default: 10, unit: 'seconds', meaning: 'a stall from on this is high' },
  },
  watches: [Kind.ZERO_WINDOW, Kind.WINDOW_OPENED, Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'the server does not read for three seconds',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 1000
          S > C ACK win=0
          +0.2 C > S ACK seq=-1
          S > C ACK win=0
          +3 S > C ACK
          C > S PSH ACK 1000
          S > C ACK`,
      },
    ],
    clean: [
      {
        title: 'the client has closed: nothing more will come to the window of zero',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C ACK win=0; +5 S > C FIN ACK; C > S ACK',
      },
    ],
  },
  start: (context) => new ZeroWindow(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const who = numberOf(facts, 'stalled_by_server_seconds') >= numberOf(facts, 'stalled_by_client_seconds') ? 'server' : 'client';
    const { port } = partsOf(server);
    return {
      explanation:
        `On ${plural(numberOf(facts, 'connections'), 'connection')} of ${server} a window closed ${plural(numberOf(facts, 'stalls'), 'time')}: the server stalled its clients for ${duration(numberOf(facts, 'stalled_by_server_seconds'))} in all, ` +
        `clients stalled the server for ${duration(numberOf(facts, 'stalled_by_client_seconds'))}; the longest stall took ${duration(numberOf(facts, 'longest_seconds'))}` +
        `${numberOf(facts, 'never_opened') > 0 ? `, and ${numberOf(facts, 'never_opened')} had not ended when the capture (or the connection) did` : ''}. ` +
        `The network is not at fault: the program on the ${who}'s side does not read what has arrived, because it is busy, blocked, or waits for something itself.`,
      advice: [
        `ss -tnmi '( sport = :${port} )'   # Recv-Q that stays full: the program does not read`,
        'Look at what that process does: top -H, a stack dump, its own log at these times.',
        'nstat -az TcpExtTCPToZeroWindowAdv TcpExtTCPWantZeroWindowAdv TcpExtTCPFromZeroWindowAdv',
        `tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[14:2] = 0 and tcp[tcpflags] & (tcp-rst|tcp-syn) = 0')}`,
      ],
    };
  },
};

class ZeroWindow implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly stalls: Occurrences;
  /** Windows that are closed now: since when, and where that is counted; by end (flow * 2 + side). */
  private readonly closed = new Map<number, { since: number; group: Group }>();

  constructor(context: RuleContext) {
    this.context = context;
    this.stalls = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, time } = observation;
    if (kind === Kind.ZERO_WINDOW) this.close(observation);
    else if (kind === Kind.WINDOW_OPENED) this.open(flow, side, time, false);
    else {
      this.open(flow, 0, time, true);
      this.open(flow, 1, time, true);
    }
  }

  finish(): void {
    reportGroups(this.stalls.groups.values(), this.context, (group) => this.judge(group));
  }

  private close(observation: Observation): void {
    const { flow, side, time } = observation;
    const { connections } = this.context;
    const state = connections.state(flow, side);
    // Who has been sent a FIN waits for nothing more, and before the handshake is over nobody waits yet.
    if ((state !== ESTABLISHED && state !== FIN_WAIT_1 && state !== FIN_WAIT_2) || this.closed.size >= MOST_OPEN) return;
    if (connections.bytes(flow, (side ^ 1) as Side) === 0) return;
    const group = this.stalls.add(serverOf(this.context, flow), observation);
    if (group !== null) this.closed.set(flow * 2 + side, { since: time, group });
  }

  private open(flow: number, side: Side, time: number, isOver: boolean): void {
    const closed = this.closed.get(flow * 2 + side);
    if (closed === undefined) return;
    this.closed.delete(flow * 2 + side);
    const { group } = closed;
    const stall = Math.max(0, time - closed.since);
    group.tally(side === this.context.connections.client(flow) ? BY_CLIENT : BY_SERVER, stall);
    group.most(LONGEST, stall);
    if (isOver) group.tally(NEVER_OPENED);
    group.last = Math.max(group.last, time);
  }

  private judge(group: Group): Verdict {
    const longest = group.at(LONGEST) / 1e9;
    return {
      severity: longest >= this.context.option('severe') ? 'high' : longest >= this.context.option('long') ? 'medium' : longest >= this.context.option('brief') ? 'low' : 'info',
      confidence: 'high',
      facts: {
        stalls: group.count,
        stalled_by_server_seconds: seconds(group.at(BY_SERVER)),
        stalled_by_client_seconds: seconds(group.at(BY_CLIENT)),
        longest_seconds: seconds(group.at(LONGEST)),
        never_opened: group.at(NEVER_OPENED),
      },
    };
  }
}
