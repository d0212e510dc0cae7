import { Kind, otherSide } from '../observations.ts';
import { failureFacts, failureWords } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import { RetrySchedules, scheduleSentence, schedulesOf } from './retry-schedule.ts';
import type { Rule } from './rule.ts';
import { isUnanswered } from './unanswered.ts';
import { floodOf, scansAround } from './wider-causes.ts';
import { countOf, filterOf, numberOf, partsOf, plural, textOf } from './words.ts';

/** Tallies: SYNs sent; the server's host (an index); from here on attempts by the schedule that their SYNs fit. */
const TRIES = 0;
const HOST = 1;
const FITTING = 2;
const MOST_KNOWN = 65_536;

export const connectFiltered: Rule = {
  id: 'connect-filtered',
  title: 'Connection attempts get no answer',
  summary: 'A SYN is sent again and again and nothing comes back: the packets are dropped on the way or at the host.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 9293 §3.8.3', 'RFC 9293 §3.8.1'],
  aliases: ['filtered', 'connection timed out', 'ETIMEDOUT', 'S0', 'blackhole', 'REQ', 'syn_sent'],
  underFaults: 'Where only the client is captured, an answer may exist: clients that go on are not counted. A single SYN without a retry is not, either. What is part of a scan or a flood is left to that.',
  options: { many: { default: 10, unit: 'connections', meaning: 'without answer, and none served: from here on it is medium' } },
  watches: [Kind.SYN_REPEATED, Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [{ title: 'three SYNs, no answer', conversation: 'C > S SYN; +1 C > S SYN again; +2 C > S SYN again' }],
    clean: [{ title: 'the second SYN is answered', conversation: 'C > S SYN; +1 C > S SYN again; S > C SYN ACK; C > S ACK' }],
  },
  start(context) {
    const { connections } = context;
    const occurrences = new Occurrences(context);
    /** Hosts that sent anything on a connection that was not orderly. */
    const hosts = new Set<number>();
    const schedules = new RetrySchedules();
    return {
      state: { occurrences, hosts, schedules },
      observe(observation) {
        const { flow } = observation;
        if (observation.kind === Kind.SYN_REPEATED) {
          schedules.note(flow, observation.a - 1, observation.b);
          return;
        }
        const server = otherSide(connections.client(flow));
        if (connections.packets(flow, server) > 0) {
          if (hosts.size < MOST_KNOWN) hosts.add(connections.hostIndex(flow, server));
          return;
        }
        if (!isUnanswered(connections, flow) || connections.packets(flow, otherSide(server)) < 2) return;
        const group = occurrences.add(serverOf(context, flow), observation);
        group?.most(HOST, connections.hostIndex(flow, server));
        group?.tally(TRIES, connections.packets(flow, otherSide(server)));
        const schedule = schedules.of(flow);
        if (schedule >= 0) group?.tally(FITTING + schedule);
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => {
          const wasServed = context.server(group.key).accepted > 0;
          const host = group.at(HOST);
          return {
            // A port that serves others is overloaded: accept-queue-overflow says so.
            severity: wasServed ? 'info' : group.count >= context.option('many') ? 'medium' : 'low',
            confidence: 'high',
            facts: {
              unanswered: group.count,
              syns: group.at(TRIES),
              retry_schedules: schedulesOf(group, FITTING),
              others_served: wasServed,
              host_answers_elsewhere: hosts.has(host) || context.host(host).accepted > 0,
              ...failureFacts(group, context),
            },
          };
        });
      },
    };
  },
  explainedBy: (draft) => [...scansAround(draft), floodOf(textOf(draft.facts, 'server'))],
  explain(facts) {
    const server = textOf(facts, 'server');
    const { host, port } = partsOf(server);
    const words = failureWords(facts);
    const why =
      facts['others_served'] === true
        ? 'The same port served other clients, so it is overloaded, drops these clients only, or was down for a while.'
        : facts['host_answers_elsewhere'] === true
          ? 'The host answers on other ports, so a firewall drops this one.'
          : 'Nothing else of that host is captured: it may be down, unreachable, or behind a firewall that drops.';
    return {
      explanation: `${plural(numberOf(facts, 'unanswered'), 'connection attempt')} to ${server} got no answer although the SYN was sent ${countOf(facts, 'syns')} times in all${words === '' ? '' : ` (${words})`}. ${why} Programs hang for minutes in connect().${scheduleSentence(facts)}`,
      advice: [`traceroute -T -p ${port} ${host}`, `tcpdump -ni any ${filterOf(server)}   # on the server: do the SYNs arrive?`, 'nft list ruleset | grep -n drop'],
    };
  },
};
