import { Kind, RESET_CONTEXT } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { failureShare } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { LargestOfFlow } from './largest-of-flow.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import { formsOf, formWords, noteForm } from './reset-forms.ts';
import type { Explanation, Rule, RuleContext, RunningRule } from './rule.ts';
import { count, endOf, filterOf, hostOf, numberOf, plural, textOf } from './words.ts';

/** Tallies: one a form (0 to 6), then lost bytes, connections that lost some, and those of which it is unknown. */
const LOST_BYTES = 8;
const LOST = 9;
const UNKNOWN = 10;
/** Connections that lost only what a client did not wait for: it had closed its socket before. */
const UNWANTED = 11;

export const rstAfterFin: Rule = {
  id: 'rst-after-fin',
  title: 'Connection reset after a FIN',
  summary: 'A close that had begun in order with a FIN ended with a RST.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.5.2', 'RFC 9293 §3.6', 'RFC 2525 §2.17'],
  aliases: ['rst after fin', 'fin then rst', 'unclean close', 'pending_data_when_closed'],
  underFaults: 'Lost bytes count only where the capture shows that they were sent and never acknowledged; with capture loss the confidence falls.',
  options: {
    many: { default: 3, unit: 'connections', meaning: 'on which data that somebody waited for was lost, from which on it is medium' },
    share: { default: 0.01, unit: 'share', meaning: "of the server's connections that these are, at least (95 % confidence): below it they are low" },
  },
  watches: [Kind.RESET, Kind.RESET_AFTER_FIN],
  examples: {
    flagged: [
      {
        title: 'the client closes, the server still sends, and the client has no socket any more',
        conversation: `
          C > S  SYN
          S > C  SYN ACK
          C > S  ACK
          C > S  PSH ACK 100
          C > S  FIN ACK
          S > C  ACK
          S > C  PSH ACK 500
          C > S  RST`,
      },
    ],
    clean: [
      {
        title: 'both ends close in order',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK',
      },
    ],
  },
  start: (context) => new RstAfterFin(context),
  explain,
};

class RstAfterFin implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly resets: Occurrences;
  /** Bytes lost by each connection: every RST tells of all until then. */
  private readonly lost: LargestOfFlow;
  /** The latest RST, and what surrounded it (RESET_CONTEXT). */
  private packet = -1;
  private surroundings = 0;

  constructor(context: RuleContext) {
    this.context = context;
    this.resets = new Occurrences(context);
    this.lost = new LargestOfFlow(context.connections);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, packet, a, b } = observation;
    if (kind === Kind.RESET) {
      this.packet = packet;
      this.surroundings = b;
      return;
    }
    const group = this.resets.add(serverOf(this.context, flow), observation);
    if (group === null) return;
    noteForm(group, a);
    if (b < 0) group.tally(UNKNOWN);
    if (b <= 0) return;
    const { by, isFirst } = this.lost.raise(flow, b);
    group.tally(LOST_BYTES, by);
    if (!isFirst) return;
    group.tally(LOST);
    const hadClosed = packet === this.packet && (this.surroundings & RESET_CONTEXT.AFTER_OWN_FIN) !== 0;
    if (hadClosed && side === this.context.connections.client(flow)) group.tally(UNWANTED);
  }

  finish(): void {
    reportGroups(this.resets.groups.values(), this.context, (group) => judge(group, this.context));
  }
}

function judge(group: Group, context: RuleContext): Verdict {
  const lost = group.at(LOST);
  const missed = lost - group.at(UNWANTED);
  return {
    // A RST instead of the last ACK is everyday, and so is a client that leaves before its answer comes; data that somebody waited for is not.
    severity: missed === 0 ? 'info' : missed >= context.option('many') && failureShare(group, context, missed).lower >= context.option('share') ? 'medium' : 'low',
    confidence: lost > 0 && group.at(UNKNOWN) > lost ? 'medium' : 'high',
    facts: {
      forms: formsOf(group),
      with_lost_data: lost,
      with_data_for_a_client_that_had_left: group.at(UNWANTED),
      lost_bytes: group.at(LOST_BYTES),
      loss_unknown: group.at(UNKNOWN),
    },
  };
}

function explain(facts: { readonly [name: string]: Fact }): Explanation {
  const lost = numberOf(facts, 'with_lost_data');
  const unwanted = numberOf(facts, 'with_data_for_a_client_that_had_left');
  return {
    explanation:
      `${plural(numberOf(facts, 'connections'), 'connection')} with ${textOf(facts, 'server')} ended with a RST from ${endOf(facts)} although one end had already sent its FIN. ` +
      `${formWords(facts)} ` +
      (lost > 0
        ? `On ${count(lost)} of them ${plural(numberOf(facts, 'lost_bytes'), 'byte')} of application data never arrived${unwanted === 0 ? '' : `; on ${unwanted === lost ? 'all' : count(unwanted)} of those the client had closed its socket before, and waited for nothing`}.`
        : 'No application data is known to be lost: this is untidy, seldom harmful.'),
    advice: [
      `tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & (tcp-rst|tcp-fin) != 0')}`,
      'nstat -az TcpExtTCPAbortOnData TcpExtTCPAbortOnClose TcpEstabResets',
      lost > unwanted ? `Let the program at ${hostOf(facts)} read until end-of-file before it closes, or shut down one direction first.` : 'Nothing needs to be done.',
    ],
  };
}
