import { Kind } from '../observations.ts';
import type { Observation } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule, RuleContext, RunningRule } from './rule.ts';
import { countOf, duration, endOf, filterOf, numberOf, plural, seconds, textOf } from './words.ts';

const ANSWERED = 0;
const GAPS = 1;
const GAP_TOTAL = 2;
const MOST_KNOWN = 65_536;

export const keepalive: Rule = {
  id: 'keepalive',
  title: 'Keep-alive probes',
  summary: 'Ends of idle connections probe whether the peer is still there, how often, and whether it answers.',
  severities: ['info'],
  references: ['RFC 9293 §3.8.4', 'RFC 1122 §4.2.3.6'],
  aliases: ['tcp.analysis.keep_alive', 'keep-alive', 'SO_KEEPALIVE', 'heartbeat', 'tcp.analysis.keep_alive_ack'],
  underFaults: "Linux probes a closed window with the same segment: those are not counted. Probes that nobody answers are peer-vanished's.",
  options: {},
  watches: [Kind.KEEP_ALIVE, Kind.KEEP_ALIVE_ANSWERED],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'three probes, three answers',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          +60 C > S ACK seq=-1
          S > C ACK
          +60 C > S ACK seq=-1
          S > C ACK
          +60 C > S ACK seq=-1
          S > C ACK`,
      },
    ],
    clean: [{ title: 'data, and nothing else', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK' }],
  },
  start: (context) => new Keepalive(context),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'probes'), 'keep-alive probe')} on ${plural(numberOf(facts, 'connections'), 'connection')} with ${textOf(facts, 'server')}, sent by ${endOf(facts)}` +
      `${numberOf(facts, 'interval_seconds') > 0 ? ` about every ${duration(numberOf(facts, 'interval_seconds'))}` : ''}; ${countOf(facts, 'answered')} were answered. ` +
      'They keep entries in firewalls and balancers alive and find out dead peers. An interval longer than the idle timeout of a device on the path is of no use.',
    advice: [
      "ss -tno state established   # timer:(keepalive,…) shows what is set",
      'sysctl net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes',
      `tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'))}`,
    ],
  }),
};

class Keepalive implements RunningRule {
  readonly state = this;
  private readonly context: RuleContext;
  private readonly probes: Occurrences;
  /** Time of the latest probe, by end (flow * 2 + side). */
  private readonly latest = new Map<number, number>();

  constructor(context: RuleContext) {
    this.context = context;
    this.probes = new Occurrences(context);
  }

  observe(observation: Observation): void {
    const { kind, flow, side, time } = observation;
    if (kind === Kind.FLOW_ENDED) {
      this.latest.delete(flow * 2);
      this.latest.delete(flow * 2 + 1);
      return;
    }
    const key = serverOf(this.context, flow);
    if (kind === Kind.KEEP_ALIVE_ANSWERED) {
      this.probes.groups.get(key)?.tally(ANSWERED);
      return;
    }
    const group = this.probes.add(key, observation);
    const end = flow * 2 + side;
    const latest = this.latest.get(end);
    if (latest !== undefined) {
      group?.tally(GAPS);
      group?.tally(GAP_TOTAL, time - latest);
    }
    if (latest !== undefined || this.latest.size < MOST_KNOWN) this.latest.set(end, time);
  }

  finish(): void {
    reportGroups(this.probes.groups.values(), this.context, (group) => ({
      severity: 'info',
      confidence: 'high',
      facts: {
        probes: group.count,
        answered: group.at(ANSWERED),
        interval_seconds: group.at(GAPS) > 0 ? seconds(group.at(GAP_TOTAL) / group.at(GAPS)) : null,
      },
    }));
  }
}
