import { CloseWaitExit, Kind, otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { CLOSE_WAIT, FIN_WAIT_2 } from '../tcp/state.ts';
import { about } from './about.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { capitalised, countOf, duration, endOf, filterOf, numberOf, partsOf, plural, seconds, textOf } from './words.ts';

/** Tallies: still waiting at the end; given up, as a RST showed; the longest wait in nanoseconds. */
const WAITING = 0;
const EXPIRED = 1;
const LONGEST = 2;
/** Nothing gives FIN_WAIT_2 up sooner than this (nanoseconds): a RST before has another cause. */
const LEAST_EXPIRY = 1e9;
/** Seconds after which Linux gives it up (tcp_fin_timeout). */
const LINUX_EXPIRY = 60;
const MOST_LATE = 65_536;

export const finWait2Stuck: Rule = {
  id: 'fin-wait-2-stuck',
  title: 'FIN_WAIT_2: the peer does not close',
  summary: "An end has closed and its peer has acknowledged that, but does not close in turn; and the expiry of that wait, proved by a late FIN that meets a bare RST.",
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.6', 'RFC 9293 §3.6.1', 'RFC 1122 §4.2.2.20'],
  aliases: ['FIN_WAIT_2', 'FIN_WAIT2', 'tcp_fin_timeout', 'half closed', 'orphan'],
  underFaults: "Counts only where both ends are captured, and the peer's FIN was not merely missed: it would be implied by its acknowledgment.",
  options: {
    wait: { default: 60, unit: 'seconds', meaning: 'in FIN_WAIT_2 from which on it counts (Linux gives orphans up after 60 s)' },
    many: { default: 5, unit: 'connections', meaning: 'at one server, from which on it is low' },
  },
  watches: [Kind.CLOSE_WAIT_LEFT, Kind.MET_NO_SOCKET, Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [
      {
        title: 'the peer closes after two minutes, and the socket is gone',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          C > S FIN ACK
          +0.04 S > C ACK
          +120 S > C FIN ACK
          C > S RST`,
      },
    ],
    clean: [
      { title: 'closed in a second', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; +0.04 S > C ACK; +1 S > C FIN ACK; C > S ACK' },
      {
        title: 'a request, and a FIN with it, to a server that has closed the idle connection: the RST answers the request',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C PSH ACK 10; C > S ACK
          +5 S > C FIN ACK
          C > S ACK
          +2 C > S PSH ACK 10
          C > S FIN ACK
          S > C RST`,
      },
    ],
  },
  start: (context) => new FinWait2(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const { port } = partsOf(server);
    return {
      explanation:
        `${plural(numberOf(facts, 'stuck'), 'connection')} with ${server} waited in FIN_WAIT_2 for a peer that does not close: ${countOf(facts, 'still_waiting')} still did when the capture ended, ` +
        `on ${countOf(facts, 'given_up')} the late FIN met a bare RST, so the wait had been given up. The longest took ${duration(numberOf(facts, 'longest_seconds'))}. ` +
        `${capitalised(endOf(facts))} waits${faultWords(facts)}`,
      advice: [
        `ss -tano state fin-wait-2 '( sport = :${port} or dport = :${port} )'   # timer:(timewait,…): orphaned, will expire`,
        "On the other host: ss -tanp state close-wait   # the program that does not close",
        'sysctl net.ipv4.tcp_fin_timeout',
        `tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & (tcp-fin|tcp-rst) != 0')}`,
      ],
    };
  },
};

/** Whose fault it is, as the end of a sentence: a wait of less than Linux's own minute is given up early. */
function faultWords(facts: { readonly [name: string]: Fact }): string {
  const isEarly = numberOf(facts, 'still_waiting') === 0 && numberOf(facts, 'longest_seconds') < LINUX_EXPIRY;
  return isEarly
    ? `, and gave up before the ${LINUX_EXPIRY} s of Linux: its patience is short (tcp_fin_timeout, TCP_LINGER2), or it restarted; or the other program takes too long to close.`
    : '; the fault lies with the other program, which sits in CLOSE_WAIT (see close-wait-leak).';
}

class FinWait2 implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly stuck: Occurrences;
  /** By end (flow * 2 + side): the flow's number, since orderly flows leave their entry behind; when it came into CLOSE_WAIT, and how long it was in it before its FIN. */
  private readonly late = new Map<number, { flow: number; since: number; waited: number }>();

  constructor(context: RuleContext) {
    this.context = context;
    this.stuck = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, a, b } = observation;
    const { connections } = this.context;
    if (kind === Kind.CLOSE_WAIT_LEFT) {
      if (b === CloseWaitExit.FIN && a >= LEAST_EXPIRY) this.noteLate(observation);
      return;
    }
    if (kind === Kind.MET_NO_SOCKET) {
      const late = this.late.get(flow * 2 + side);
      // It was the FIN that met no socket, not data sent with it or before: those a closed socket refuses at once. The other end is the one that had waited.
      const isFin = late !== undefined && late.flow === connections.flowNumber(flow) && connections.lastData(flow, side) < late.since;
      if (isFin) this.add(about(observation, otherSide(side), observation.packet, observation.time), EXPIRED, late.waited);
      return;
    }
    if (this.late.size > 0) {
      this.late.delete(flow * 2);
      this.late.delete(flow * 2 + 1);
    }
    for (const end of [0, 1] as const) {
      const peer = otherSide(end);
      if (connections.state(flow, end) !== FIN_WAIT_2 || connections.state(flow, peer) !== CLOSE_WAIT || connections.oneWay(flow)) continue;
      const since = connections.since(flow, end);
      // A half-close in use is what it is meant for.
      if (connections.lastData(flow, peer) > since) continue;
      const waited = observation.time - since;
      if (waited >= this.context.option('wait') * 1e9) this.add(about(observation, end, observation.packet, since), WAITING, waited);
    }
  }

  /** The oldest makes room. */
  private noteLate({ flow, side, time, a: waited }: Observation): void {
    const { late } = this;
    late.delete(flow * 2 + side);
    for (const oldest of late.keys()) {
      if (late.size < MOST_LATE) break;
      late.delete(oldest);
    }
    late.set(flow * 2 + side, { flow: this.context.connections.flowNumber(flow), since: time - waited, waited });
  }

  finish(): void {
    reportGroups(this.stuck.groups.values(), this.context, (group) => ({
      severity: group.count >= this.context.option('many') ? 'low' : 'info',
      confidence: 'high',
      facts: { stuck: group.count, still_waiting: group.at(WAITING), ...(group.byServer > 0 && { most_in_fin_wait_2: this.context.server(group.key).mostIn(FIN_WAIT_2) }), given_up: group.at(EXPIRED), longest_seconds: seconds(group.at(LONGEST)) },
    }));
  }

  private add(observation: Observation, tally: number, waited: number): void {
    const group = this.stuck.add(serverOf(this.context, observation.flow), observation);
    group?.tally(tally);
    group?.most(LONGEST, waited);
  }
}
