import { Kind, otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { TIME_WAIT } from '../tcp/state.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { count, countOf, duration, numberOf, plural, seconds, textOf } from './words.ts';

const REUSED = 0;
const WITHIN = 1;
const SHORTEST = 2;
const PAIRS = 3;
const STUCK = 4;
const SMALLEST = 5;
const IN_TIME_WAIT = 6;
/** What became of it: tallies from here on. */
const OUTCOMES: readonly [fact: string, words: string][] = [
  ['accepted_at_once', 'accepted at once'],
  ['accepted_after_repeats', 'accepted when the SYN came again'],
  ['answered_by_former', 'answered by the former connection'],
  ['refused', 'refused'],
  ['unanswered', 'never answered'],
];
const OUTCOME = 7;
const [AT_ONCE, AFTER_REPEATS, BY_FORMER, REFUSED, UNANSWERED] = OUTCOMES.keys();
/** What is kept of a connection that uses ports again until it is answered: its SYN went out once, or again, or is too old for the TIME_WAIT that it meets. */
const SENT = 1;
const SENT_AGAIN = 2;
const TOO_OLD = 3;
/** RFC 9293 §3.4.1: the initial sequence number's clock ticks every 4 µs. */
const TICK = 4_000;
/** A number that moved by less than a tenth of the clock, and by no more than this, hardly moved: chance gives that once in 2e5. */
const HARDLY = 10_000;

export const portReuse: Rule = {
  id: 'port-reuse',
  title: 'Ports used again for a new connection',
  summary: 'The same two addresses and ports opened another connection; how soon, what became of it, and whether the initial sequence number moved on.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 6191', 'RFC 9293 §3.4.1', 'RFC 9293 §3.6.1', 'RFC 6528'],
  aliases: [
    'port numbers reused', 'tuple reuse', 'isn', 'predictable isn', 'tcp.analysis.reused_ports', 'premature_connection_reuse',
    'active_connection_reuse', 'PORT_REUSE', 'SYN_after_close', 'SYN_after_reset', 'shutdown_syn_resend',
  ],
  underFaults: 'A SYN captured twice is left out before. With capture loss a close may be missing; the state it was reused in is then uncertain.',
  options: {
    quiet: { default: 60, unit: 'seconds', meaning: '2 MSL: reuse after a longer rest is not remarked on' },
    many: { default: 3, unit: 'times', meaning: 'that the initial sequence number hardly moved, from which on it is medium' },
  },
  watches: [Kind.TUPLE_REUSED, Kind.ISN_PAIR],
  afterwards: [Kind.SYN_REPEATED, Kind.SYN_ACK, Kind.REFUSED, Kind.STALE_SYN, Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'a new connection from the same port a second after the last',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK
          +1 C > S SYN
          S > C SYN ACK
          C > S ACK`,
      },
    ],
    clean: [
      {
        title: 'another port for the next connection',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK
          C:40001 > S SYN
          S > C:40001 SYN ACK
          C:40001 > S ACK`,
      },
    ],
  },
  start: (context) => new PortReuse(context),
  explain(facts) {
    const stuck = numberOf(facts, 'sequence_hardly_moved');
    return {
      explanation:
        `Ports towards ${textOf(facts, 'server')} were used again ${plural(numberOf(facts, 'reused'), 'time')}, at the soonest after ` +
        `${duration(numberOf(facts, 'shortest_rest_seconds'))}, ${countOf(facts, 'in_time_wait')} of them while the other end was in TIME_WAIT${outcomeWords(facts)}. ` +
        'That is allowed when the new initial sequence number (or timestamp) is ahead of the old. ' +
        (stuck > 0
          ? `On ${count(stuck)} of them it was not: the initial sequence number repeated or hardly moved (smallest move ${countOf(facts, 'smallest_move')}). ` +
            'Old segments can then be taken for new ones, and the number can be guessed by an attacker.'
          : numberOf(facts, 'answered_by_former') > 0
            ? 'Where the former connection answered it was not: the client resets that one and must try again.'
            : 'It was, so nothing is wrong; much reuse means that the client runs short of ports.'),
      advice: [
        'sysctl net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse',
        "ss -tan state time-wait | awk '{print $4}' | sort | uniq -c | sort -rn | head",
        ...(stuck > 0 ? ['Find out which device makes the initial sequence numbers: the host, or a proxy or NAT on the path.'] : []),
      ],
    };
  },
};

class PortReuse implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly reuses: Occurrences;
  private readonly waiting = new SlotNumbers();

  constructor(context: RuleContext) {
    this.context = context;
    this.reuses = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow } = observation;
    if (kind === Kind.TUPLE_REUSED || kind === Kind.ISN_PAIR) {
      const group = this.reuses.add(serverOf(this.context, flow), observation);
      if (group !== null) note(group, observation, this.context);
      if (kind === Kind.TUPLE_REUSED) this.waiting.note(flow, SENT);
      return;
    }
    const waiting = this.waiting.of(flow);
    if (waiting === 0) return;
    if (kind === Kind.SYN_REPEATED || kind === Kind.STALE_SYN) {
      this.waiting.note(flow, kind === Kind.STALE_SYN || waiting === TOO_OLD ? TOO_OLD : SENT_AGAIN);
      return;
    }
    this.waiting.note(flow, 0);
    const { connections } = this.context;
    const isAnswered = connections.packets(flow, otherSide(connections.client(flow))) > 0;
    this.reuses.groups.get(serverOf(this.context, flow))?.tally(OUTCOME + outcomeOf(kind, waiting, isAnswered));
  }

  finish(): void {
    reportGroups(this.reuses.groups.values(), this.context, (group) => judge(group, this.context));
  }
}

function outcomeOf(kind: Kind, waiting: number, isAnswered: boolean): number {
  if (kind === Kind.SYN_ACK) return waiting === SENT_AGAIN ? AFTER_REPEATS : AT_ONCE;
  if (kind === Kind.REFUSED) return REFUSED;
  return waiting === TOO_OLD && isAnswered ? BY_FORMER : UNANSWERED;
}

function note(group: Group, { kind, a, b }: Observation, context: RuleContext): void {
  if (kind === Kind.TUPLE_REUSED) {
    group.tally(REUSED);
    if (b === TIME_WAIT) group.tally(IN_TIME_WAIT);
    if (a < context.option('quiet') * 1e9) group.tally(WITHIN);
    if (group.at(REUSED) === 1 || a < group.at(SHORTEST)) group.tallies[SHORTEST] = a;
    return;
  }
  const moved = Math.abs(a);
  group.tally(PAIRS);
  if (group.at(PAIRS) === 1 || moved < group.at(SMALLEST)) group.tallies[SMALLEST] = moved;
  if (moved < HARDLY && moved < b / TICK / 10) group.tally(STUCK);
}

function judge(group: Group, context: RuleContext): Verdict | null {
  const stuck = group.at(STUCK);
  if (group.at(WITHIN) === 0 && stuck === 0) return null;
  return {
    severity: stuck === 0 ? 'info' : stuck >= context.option('many') ? 'medium' : 'low',
    confidence: 'high',
    count: Math.max(group.at(REUSED), stuck),
    facts: {
      reused: group.at(REUSED),
      within_quiet_time: group.at(WITHIN),
      in_time_wait: group.at(IN_TIME_WAIT),
      shortest_rest_seconds: seconds(group.at(SHORTEST)),
      ...Object.fromEntries(OUTCOMES.map(([fact], index) => [fact, group.at(OUTCOME + index)])),
      sequence_pairs: group.at(PAIRS),
      sequence_hardly_moved: stuck,
      smallest_move: group.at(PAIRS) > 0 ? group.at(SMALLEST) : null,
    },
  };
}

/** What became of them, as a part of a sentence. */
function outcomeWords(facts: { readonly [name: string]: Fact }): string {
  const parts = OUTCOMES.filter(([fact]) => numberOf(facts, fact) > 0).map(([fact, words]) => `${countOf(facts, fact)} ${words}`);
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}
