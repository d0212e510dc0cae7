import { Kind, otherSide } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { CLOSING, FIN_WAIT_1, LAST_ACK } from '../tcp/state.ts';
import { about } from './about.ts';
import { failureShare } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { countOf, duration, endOf, filterOf, numberOf, partsOf, plural, seconds, textOf } from './words.ts';

const REPEATS = 0;
const LONGEST = 1;
const AS_LAST_ACK = 2;
/** Connections whose other end was still heard. */
const HEARD = 3;
const MOST_FLOWS = 65_536;

/** A FIN that was sent again. */
interface Fin {
  repeats: number;
  began: number;
  packet: number;
}

export const finWait1Stuck: Rule = {
  id: 'fin-wait-1-stuck',
  title: 'FIN never acknowledged',
  summary: 'An end has closed and sends its FIN again and again: it stays in FIN_WAIT_1 (or LAST_ACK) until it gives up.',
  severities: ['medium', 'low'],
  references: ['RFC 9293 §3.6', 'RFC 9293 §3.8.3'],
  aliases: ['FIN_WAIT_1', 'FIN_WAIT1', 'LAST_ACK', 'orphaned sockets', 'fin retransmission', 'tcp_orphan_retries'],
  underFaults: 'A FIN that is sent again proves by itself that no acknowledgment arrived, whether or not the capture is complete.',
  options: {
    tries: { default: 3, unit: 'segments', meaning: 'FINs sent again without an answer' },
    many: { default: 5, unit: 'connections', meaning: 'at one server, from which on it is medium' },
    share: { default: 0.05, unit: 'share', meaning: "of the server's connections that these are, at least (95 % confidence): below it they are low, as clients vanish all the time" },
  },
  watches: [Kind.FIN_REPEATED],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'four FINs, no answer',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          C > S FIN ACK
          +0.2 C > S FIN ACK again
          +0.4 C > S FIN ACK again
          +0.8 C > S FIN ACK again`,
      },
    ],
    clean: [
      {
        title: 'the third FIN gets through',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK
          C > S FIN ACK
          +0.2 C > S FIN ACK again
          +0.4 C > S FIN ACK again
          S > C FIN ACK
          C > S ACK`,
      },
    ],
  },
  start: (context) => new FinStuck(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    const { port } = partsOf(server);
    return {
      explanation:
        `${plural(numberOf(facts, 'stuck'), 'connection')} with ${server} could not be closed: ${endOf(facts)} sent its FIN again ${plural(numberOf(facts, 'fins_sent_again'), 'time')} over up to ${duration(numberOf(facts, 'longest_seconds'))} and got no acknowledgment` +
        `${numberOf(facts, 'in_last_ack') > 0 ? ` (${countOf(facts, 'in_last_ack')} as the second to close, in LAST_ACK)` : ''}. ` +
        `${whyWords(facts)}Each such socket holds memory until the tries run out; many of them are what Linux calls orphans.`,
      advice: [
        `ss -tan state fin-wait-1 '( sport = :${port} or dport = :${port} )'; ss -tan state last-ack`,
        'sysctl net.ipv4.tcp_orphan_retries net.ipv4.tcp_max_orphans; nstat -az TcpExtTCPAbortOnTimeout TcpExtTCPAbortOnMemory',
        `tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-fin != 0')}`,
      ],
    };
  },
};

/** Why the FIN is not acknowledged, in sentences with the space behind them. */
function whyWords(facts: { readonly [name: string]: Fact }): string {
  const heard = numberOf(facts, 'peer_still_heard');
  const gone = 'The peer is gone, or a firewall forgot the connection when it saw the first FIN. ';
  if (heard === 0) return gone;
  const taken = 'does not take the FIN: bytes before it are missing, its window is closed, or a device on the path changes or drops the segment. ';
  return heard === numberOf(facts, 'stuck') ? `The peer is still there, and ${taken}` : `${gone}On ${countOf(facts, 'peer_still_heard')} of them it is still there, and ${taken}`;
}

class FinStuck implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly stuck: Occurrences;
  /** By end (flow * 2 + side). */
  private readonly fins = new Map<number, Fin>();

  constructor(context: RuleContext) {
    this.context = context;
    this.stuck = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, packet, time } = observation;
    if (kind === Kind.FLOW_ENDED) {
      this.end(observation, 0);
      this.end(observation, 1);
      return;
    }
    const end = flow * 2 + side;
    const fin = this.fins.get(end);
    if (fin !== undefined) fin.repeats += 1;
    else if (this.fins.size < MOST_FLOWS) this.fins.set(end, { repeats: 1, began: time, packet });
  }

  finish(): void {
    reportGroups(this.stuck.groups.values(), this.context, (group) => ({
      severity: group.count >= this.context.option('many') && failureShare(group, this.context).lower >= this.context.option('share') ? 'medium' : 'low',
      confidence: 'high',
      facts: { stuck: group.count, in_last_ack: group.at(AS_LAST_ACK), peer_still_heard: group.at(HEARD), ...this.stock(group), fins_sent_again: group.at(REPEATS), longest_seconds: seconds(group.at(LONGEST)) },
    }));
  }

  /** The most of the server's own ends that waited so at once: how much the build-up takes. */
  private stock(group: Group): { [name: string]: Fact } {
    if (group.byServer === 0) return {};
    const server = this.context.server(group.key);
    return { most_in_fin_wait_1: server.mostIn(FIN_WAIT_1), most_in_last_ack: server.mostIn(LAST_ACK) };
  }

  private end(observation: Observation, side: Side): void {
    const { flow } = observation;
    const fin = this.fins.get(flow * 2 + side);
    if (fin === undefined) return;
    this.fins.delete(flow * 2 + side);
    const { connections } = this.context;
    const state = connections.state(flow, side);
    if (fin.repeats < this.context.option('tries') || (state !== FIN_WAIT_1 && state !== CLOSING && state !== LAST_ACK)) return;
    const group = this.stuck.add(serverOf(this.context, flow), about(observation, side, fin.packet, fin.began));
    if (group === null) return;
    group.tally(REPEATS, fin.repeats);
    group.most(LONGEST, connections.lastSeen(flow, side) - fin.began);
    if (state === LAST_ACK) group.tally(AS_LAST_ACK);
    if (connections.lastSeen(flow, otherSide(side)) >= fin.began) group.tally(HEARD);
  }
}
