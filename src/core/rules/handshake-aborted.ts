import { Kind } from '../observations.ts';
import { failureFacts, failureSentence } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { Intervals } from './intervals.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule } from './rule.ts';
import { floodOf } from './wider-causes.ts';
import { duration, filterOf, numberOf, plural, seconds, textOf } from './words.ts';

const SLOWEST = 0;
/** Share of a server's aborted handshakes that come at regular intervals, from which on they are all taken for health checks. */
const MOSTLY = 0.9;

export const handshakeAborted: Rule = {
  id: 'handshake-aborted',
  title: 'Client resets the handshake',
  summary: 'A client answers the SYN-ACK with a RST instead of completing the handshake.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.5.1', 'RFC 9293 §3.5.2'],
  aliases: ['half-open scan', 'client reset', 'syn rst', 'health check', 'RSTOS0'],
  underFaults: 'Needs the SYN-ACK and the RST. What is part of a flood is left to that.',
  options: {
    many: { default: 10, unit: 'connections', meaning: 'from here on it is more than a remark' },
    regular: { default: 0.25, unit: 'share', meaning: "of the mean by which a client host's intervals may vary (standard deviation): within it they are health checks, and a remark" },
    apart: { default: 0.5, unit: 'seconds', meaning: 'between two health checks of one host, at least: balancers and monitors check every second at the most' },
  },
  watches: [Kind.HANDSHAKE_ABORTED],
  examples: {
    flagged: [
      { title: 'SYN, SYN-ACK, RST', conversation: 'C > S SYN; S > C SYN ACK; C > S RST' },
      { title: 'a balancer looks every two seconds whether the port is open', conversation: 'repeat 30 every 2 { C:# > S SYN; S > C:# SYN ACK; C:# > S RST ACK }' },
    ],
    clean: [{ title: 'completed, then closed', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK' }],
  },
  start(context) {
    const { connections } = context;
    const occurrences = new Occurrences(context);
    const intervals = new Intervals();
    return {
      state: { occurrences, intervals },
      observe(observation) {
        const { flow, side, a } = observation;
        const server = serverOf(context, flow);
        occurrences.add(server, observation)?.most(SLOWEST, a);
        intervals.note(server, connections.hostIndex(flow, side), connections.started(flow));
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => {
          const checks = intervals.regular(group.key, { least: context.option('many'), share: context.option('regular'), apart: context.option('apart') * 1e9 });
          const areChecks = checks.count >= MOSTLY * group.count;
          return {
            severity: group.count >= context.option('many') && !areChecks ? 'low' : 'info',
            confidence: 'high',
            facts: {
              aborted: group.count,
              slowest_seconds: seconds(group.at(SLOWEST)),
              ...(areChecks && { health_checks: checks.count, health_checkers: checks.hosts, check_interval_seconds: seconds(checks.interval) }),
              ...failureFacts(group, context),
            },
          };
        });
      },
    };
  },
  explainedBy: ({ facts }) => [floodOf(textOf(facts, 'server'))],
  explain(facts) {
    const server = textOf(facts, 'server');
    const isChecked = numberOf(facts, 'health_checks') > 0;
    return {
      ...(isChecked && { title: 'Health checks that reset the handshake' }),
      explanation:
        `${plural(numberOf(facts, 'aborted'), 'handshake')} with ${server} ended with the client's RST, up to ${duration(numberOf(facts, 'slowest_seconds'))} after the SYN-ACK. ` +
        (isChecked
          ? `They came about every ${duration(numberOf(facts, 'check_interval_seconds'))} from ${plural(numberOf(facts, 'health_checkers'), 'host')}: load balancers and monitors check so whether a port is open, without a connection for the program to accept.`
          : 'Half-open port scans and some load balancers check ports that way; otherwise the client never sent that SYN (a forged source), or had given up waiting.') +
        failureSentence(facts),
      advice: [`tcpdump -nr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-rst != 0')}`],
    };
  },
};
