import { Kind, otherSide } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import { RetrySchedules, scheduleSentence, schedulesOf } from './retry-schedule.ts';
import type { Rule } from './rule.ts';
import { count, filterOf, numberOf, partsOf, plural, textOf } from './words.ts';

const AFTER_ACK = 0;
const MOST = 1;
const AFTER_DATA = 2;
/** Tallies from here on: connections by the schedule that their SYN-ACKs fit. */
const FITTING = 3;
/** For want of an ACK it comes again after a second (RFC 6298 §2); what comes sooner answers another SYN (nanoseconds). */
const TIMER = 0.9e9;

export const synAckRetransmit: Rule = {
  id: 'synack-retransmit',
  title: 'SYN-ACK sent again',
  summary: 'A server repeats its SYN-ACK, before or although the client has acknowledged it.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.8.1', 'RFC 6298', 'RFC 9293 §3.10.7.4'],
  aliases: ['synack retransmission', 'defer accept', 'est_synack_resend'],
  underFaults: 'A SYN-ACK captured twice is left out before. Where the client is not captured its ACK cannot be seen: then it is only a remark.',
  options: { many: { default: 3, unit: 'segments', meaning: "repeated for want of an ACK although the client's had been captured, from which on it is low" } },
  watches: [Kind.SYN_ACK_REPEATED],
  afterwards: [Kind.FLOW_ENDED],
  examples: {
    flagged: [
      {
        title: 'the ACK was captured, and is lost behind the capture point',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; +1 S > C SYN ACK again; C > S ACK',
      },
      {
        title: 'the client is gone: three repeats, 1, 2 and 4 s apart',
        conversation: 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again; +2 S > C SYN ACK again; +4 S > C SYN ACK again',
      },
    ],
    clean: [{ title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK' }],
  },
  start(context) {
    const { connections } = context;
    const occurrences = new Occurrences(context);
    const schedules = new RetrySchedules();
    return {
      state: { occurrences, schedules },
      observe(observation) {
        const { kind, flow, side, a: sent, b: gap } = observation;
        if (kind === Kind.FLOW_ENDED) {
          const schedule = schedules.of(flow);
          if (schedule >= 0) occurrences.groups.get(serverOf(context, flow))?.tally(FITTING + schedule);
          schedules.forget(flow);
          return;
        }
        schedules.note(flow, sent - 1, gap);
        const group = occurrences.add(serverOf(context, flow), observation);
        const isAfterAck = gap >= TIMER && connections.handshakeSeen(flow);
        if (isAfterAck) group?.tally(AFTER_ACK);
        if (isAfterAck && connections.bytes(flow, otherSide(side)) > 0) group?.tally(AFTER_DATA);
        group?.most(MOST, sent);
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => ({
          severity: group.at(AFTER_ACK) >= context.option('many') ? 'low' : 'info',
          confidence: 'high',
          facts: {
            repeats: group.count,
            after_clients_ack: group.at(AFTER_ACK),
            after_clients_data: group.at(AFTER_DATA),
            most_for_one: group.at(MOST),
            retry_schedules: schedulesOf(group, FITTING),
          },
          doubts:
            group.at(AFTER_ACK) > 0 && group.at(AFTER_DATA) === 0
              ? ['A listener with TCP_DEFER_ACCEPT repeats its SYN-ACK until data comes.']
              : [],
        }));
      },
    };
  },
  explain(facts) {
    const after = numberOf(facts, 'after_clients_ack');
    const { port } = partsOf(textOf(facts, 'server'));
    return {
      explanation:
        `${textOf(facts, 'server')} sent ${plural(numberOf(facts, 'repeats'), 'SYN-ACK')} again, ${count(after)} of them although the client had acknowledged it at the capture point. ` +
        (after > 0
          ? "Then either the client's ACK was lost on the way from here to the server, or the server dropped it because its accept queue was full."
          : 'The first one, or the answer to it, was lost, and each repeat delays the connection by a second or more; or nobody is there to answer (a client that left, a forged source).') +
        scheduleSentence(facts),
      advice: [
        `ss -tlnp '( sport = :${port} )'   # Recv-Q near Send-Q: the accept queue is full`,
        'nstat -az TcpExtListenOverflows TcpExtListenDrops TcpExtTCPSynRetrans',
        `tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), " and tcp[13] & 0x12 = 0x12")}`,
      ],
    };
  },
};
