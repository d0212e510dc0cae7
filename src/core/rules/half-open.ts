import { Kind, RESET_CONTEXT, RESET_FORMS } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { failureShare } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { Spans } from './spans.ts';
import { count, duration, endOf, filterOf, hostOf, numberOf, plural, seconds, textOf } from './words.ts';

const NO_SOCKET = RESET_FORMS.indexOf('no-socket');
const ANSWERS_CHALLENGE = RESET_FORMS.indexOf('answers-challenge');
const CLOSING = RESET_CONTEXT.HANDSHAKE | RESET_CONTEXT.AFTER_OWN_FIN | RESET_CONTEXT.AFTER_PEER_FIN | RESET_CONTEXT.AFTER_CLOSE;
/** Tallies: discovered by a SYN that met the old connection, and else by a segment that met nothing. */
const BY_SYN = 0;
const BY_SEGMENT = 1;
const MOST_FLOWS = 65_536;
/** A RST that answers comes at once: the idle time before its cause ended no longer ago than this (nanoseconds). */
const AT_ONCE = 1e9;

export const halfOpen: Rule = {
  id: 'half-open',
  title: 'Half-open connection discovered',
  summary: 'One end holds a connection as established while the other has forgotten it, and answers its next segment with a bare RST.',
  severities: ['high', 'medium', 'low'],
  references: ['RFC 9293 §3.5.1', 'RFC 9293 §3.5.2', 'RFC 5961 §4'],
  aliases: [
    'half-open connection', 'stale connection', 'host restarted', 'lost state', 'zombie', 'connection reset by peer', 'dead peer',
    'reboot', 'SYN_after_partial', 'CHA',
  ],
  underFaults: 'A FIN or RST that the capture missed would explain the RST, too: capture loss lowers the confidence. Needs both directions.',
  options: {
    many: { default: 5, unit: 'connections', meaning: 'with one server, from which on it is high' },
    share: { default: 0.05, unit: 'share', meaning: "of the server's connections that these are, at least (95 % confidence), where clients forgot them: below it they are low" },
  },
  watches: [Kind.RESET, Kind.SYN_ON_ESTABLISHED, Kind.DISOWNED_FIN, Kind.IDLE_ENDED],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'the server was restarted; the next request meets nothing',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C PSH ACK 100; C > S ACK
          +30 C > S PSH ACK 100
          S > C RST`,
      },
    ],
    clean: [
      {
        title: 'the server had closed: its RST answers data that came too late',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          S > C FIN ACK
          C > S ACK
          C > S PSH ACK 100
          S > C RST`,
      },
      {
        title: 'somebody else ended the connection with a FIN in the name of the client, which goes on',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; +0.2 C > S FIN ACK ttl=200; S > C ACK; +0.2 C > S PSH ACK 50 seq=1101; S > C RST',
      },
      { title: 'an abort of its own accord', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; +1 S > C RST ACK' },
    ],
  },
  start: (context) => new HalfOpen(context),
  explain(facts) {
    const server = textOf(facts, 'server');
    return {
      explanation:
        `On ${plural(numberOf(facts, 'half_open'), 'connection')} with ${server} ${endOf(facts)} had lost a connection that its peer still held: ` +
        `${plural(numberOf(facts, 'found_by_segment'), 'segment')} met a bare RST, ${plural(numberOf(facts, 'found_by_syn'), 'time')} a new SYN met the old connection. ` +
        'The host restarted, or its kernel gave the connection up, or a balancer now sends these packets to another machine.' +
        `${zombieWords(facts)} What was sent last is lost, and the program sees "connection reset by peer".`,
      advice: [
        `Look at uptime and service restarts on ${hostOf(facts)} before that time: journalctl --list-boots; last -x | head`,
        'If it is an address of a balancer: did its back ends change, or its table of connections overflow?',
        'nstat -az TcpOutRsts TcpExtTCPAbortOnTimeout TcpExtTCPTimeWaitOverflow',
        `tcpdump -nvr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-rst != 0')}   # does its TTL fit the host's other packets?`,
      ],
    };
  },
};

/** How long they went unnoticed, and how they add up at the end that holds them; with the space before. */
function zombieWords(facts: { readonly [name: string]: Fact }): string {
  const longest = numberOf(facts, 'longest_unnoticed_seconds');
  const most = numberOf(facts, 'most_held_at_once');
  if (longest === 0) return '';
  return ` The other end did not notice for up to ${duration(longest)}${most < 2 ? '' : ` and held up to ${count(most)} such zombies at once, a socket each`}.`;
}

class HalfOpen implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly found: Occurrences;
  /** Connections that nobody had noticed to be dead, by server: from the last sign of life to the RST. */
  private readonly zombies = new Spans();
  /** The latest idle time of a flow: when it began and ended. */
  private readonly idle = new Map<number, { began: number; ended: number }>();
  /** Flows that have met a SYN. */
  private readonly syns = new Set<number>();
  /** Flows that a RST has ended: those that follow only answer what was on its way. And those that a forged FIN has: their RSTs answer what comes after it. */
  private readonly reset = new Set<number>();

  constructor(context: RuleContext) {
    this.context = context;
    this.found = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, time, a } = observation;
    if (kind === Kind.IDLE_ENDED) {
      if (this.idle.has(flow) || this.idle.size < MOST_FLOWS) this.idle.set(flow, { began: time - a, ended: time });
    } else if (kind === Kind.SYN_ON_ESTABLISHED) {
      if (this.syns.size < MOST_FLOWS) this.syns.add(flow);
    } else if (kind === Kind.RESET) this.judge(observation);
    else if (kind === Kind.DISOWNED_FIN) this.noteReset(flow);
    else {
      this.syns.delete(flow);
      this.reset.delete(flow);
      this.idle.delete(flow);
    }
  }

  finish(): void {
    reportGroups(this.found.groups.values(), this.context, (group) => ({
      // Clients go away all the time, and a RST of theirs may be lost on the way; servers should not.
      severity: group.count >= this.context.option('many') && this.isNotable(group) ? 'high' : group.byServer > 0 ? 'medium' : 'low',
      confidence: 'high',
      facts: {
        half_open: group.count,
        forgotten_by: group.by(),
        found_by_segment: group.at(BY_SEGMENT),
        found_by_syn: group.at(BY_SYN),
        most_held_at_once: this.zombies.mostAtOnce(group.key),
        longest_unnoticed_seconds: seconds(this.zombies.longest(group.key)),
      },
      doubts: ['A FIN or RST of that end that was lost before it got here leaves the same trace.'],
    }));
  }

  private isNotable(group: Group): boolean {
    return group.byServer > 0 || failureShare(group, this.context).lower >= this.context.option('share');
  }

  private noteReset(flow: number): void {
    if (this.reset.size < MOST_FLOWS) this.reset.add(flow);
  }

  private judge(observation: Observation): void {
    const { flow, side, time, a, b } = observation;
    const isFirst = !this.reset.has(flow);
    this.noteReset(flow);
    if (!isFirst || !isForgotten(a, b)) return;
    const { connections } = this.context;
    // Of an end that sent nothing else nobody knows that it ever had the connection.
    if (connections.packets(flow, side) < 2 || connections.midstream(flow)) return;
    const server = serverOf(this.context, flow);
    this.found.add(server, observation)?.tally(this.syns.has(flow) ? BY_SYN : BY_SEGMENT);
    const idle = this.idle.get(flow);
    this.zombies.note(server, idle !== undefined && time - idle.ended <= AT_ONCE ? idle.began : time, time);
  }
}

/** A RST of `form` with `context` shows that its sender has no such connection (any more), although nobody had closed it. */
export function isForgotten(form: number, context: number): boolean {
  const answers = form === ANSWERS_CHALLENGE || (form === NO_SOCKET && (context & RESET_CONTEXT.ANSWERS) !== 0);
  return answers && (context & CLOSING) === 0;
}
