import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Severity } from '../report/report.ts';
import { failureShare } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { LargestOfFlow } from './largest-of-flow.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { endOf, filterOf, numberOf, plural, textOf } from './words.ts';

const BYTES = 0;
/** Connections on which the client sent it, and the server had closed: requests that nobody reads. */
const REQUESTS = 1;

export const dataAfterClose: Rule = {
  id: 'data-after-close',
  title: 'Data sent to an end that had closed',
  summary: 'One end sends data to a peer that has closed its socket altogether and answers with RST: the data is lost.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.6', 'RFC 1122 §4.2.2.13'],
  aliases: ['write after close', 'EPIPE', 'broken pipe'],
  underFaults: 'A late segment that lies before the FIN in sequence is not counted.',
  options: {
    many: { default: 20, unit: 'connections', meaning: 'on which the server had closed, and a request was lost: from here on it is medium' },
    share: { default: 0.01, unit: 'share', meaning: "of the server's connections that these are, at least (95 % confidence): below it they are low" },
  },
  watches: [Kind.DATA_AFTER_CLOSE],
  examples: {
    flagged: [
      {
        title: 'the server closes an idle connection, and the next request comes too late',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C PSH ACK 500; C > S ACK
          +60 S > C FIN ACK
          C > S ACK
          C > S PSH ACK 100
          S > C RST`,
      },
      {
        title: 'the answer comes after the client has gone',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100
          C > S FIN ACK
          S > C ACK
          +1 S > C PSH ACK 500
          C > S RST`,
      },
    ],
    clean: [
      {
        title: 'a half-close that is honoured',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C ACK; S > C PSH ACK 500; C > S ACK; S > C FIN ACK; C > S ACK',
      },
    ],
  },
  start: (context) => new DataAfterClose(context),
  explain: (facts) => ({
    explanation:
      `On ${plural(numberOf(facts, 'connections'), 'connection')} of ${textOf(facts, 'server')}, ${plural(numberOf(facts, 'lost_bytes'), 'byte was', 'bytes were')} sent by ${endOf(facts)} to a peer that had closed ` +
      'its socket in full and answered with RST. Those bytes are lost, and the sender learns it only when it next writes or reads. Browsers that leave early cause a few; many point to a protocol in which one end does not wait.',
    advice: [`tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & (tcp-rst|tcp-fin) != 0')}`],
  }),
};

class DataAfterClose implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly occurrences: Occurrences;
  /** Bytes lost by each connection: every RST tells of all until then. */
  private readonly lost: LargestOfFlow;

  constructor(context: RuleContext) {
    this.context = context;
    this.occurrences = new Occurrences(context);
    this.lost = new LargestOfFlow(context.connections);
  }

  observe(observation: Observation): void {
    const { flow, side, a } = observation;
    const group = this.occurrences.add(serverOf(this.context, flow), observation);
    if (group === null) return;
    const { by, isFirst } = this.lost.raise(flow, Math.max(0, a));
    group.tally(BYTES, by);
    if (isFirst && side === this.context.connections.client(flow)) group.tally(REQUESTS);
  }

  finish(): void {
    reportGroups(this.occurrences.groups.values(), this.context, (group) => ({
      severity: this.severityOf(group),
      confidence: 'high',
      facts: { segments: group.count, lost_bytes: group.at(BYTES), connections_with_lost_requests: group.at(REQUESTS) },
    }));
  }

  private severityOf(group: Group): Severity {
    const { context } = this;
    const requests = group.at(REQUESTS);
    // A client that leaves before its answer comes waits for nothing; who sends a request does.
    if (requests === 0) return 'info';
    return requests >= context.option('many') && failureShare(group, context, requests).lower >= context.option('share') ? 'medium' : 'low';
  }
}
