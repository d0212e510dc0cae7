import { Kind, RESET_FORMS } from '../observations.ts';
import { reportGroups } from './folding.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Rule } from './rule.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

const SYNS = 0;
const SEGMENTS = 1;
const DISOWNED = 2;
const NO_SOCKET = RESET_FORMS.indexOf('no-socket');
/** More than this in a capture are forged SYNs or a scan: other rules tell of those. */
const MOST_DISOWNED = 2;

export const staleSyn: Rule = {
  id: 'stale-syn',
  title: 'SYN or segment of an earlier connection',
  summary: 'A delayed duplicate from an earlier connection of the same ports arrived.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.5 (figure 8)', 'RFC 9293 §3.5.1', 'RFC 9293 §3.4.2', 'RFC 1337'],
  aliases: ['old duplicate syn', 'delayed duplicate', 'old incarnation'],
  underFaults:
    'A frame captured twice is left out before. In a misordered capture the confidence falls. A segment counts only when both its numbers lie in what the connection before used, neither fits the present one, its timestamp is none from later, and 2 minutes (MSL) have not passed.',
  options: {},
  watches: [Kind.STALE_SYN, Kind.STALE_SEGMENT, Kind.HANDSHAKE_ABORTED],
  examples: {
    flagged: [
      {
        title: 'an old SYN arrives while its server is in TIME_WAIT',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; S > C FIN ACK; C > S FIN ACK; S > C ACK
          +1 C > S SYN seq=900 ts=0
          S > C ACK`,
      },
      {
        title: 'data of the connection before arrive in the next one, with their old numbers and timestamp',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK
          S > C FIN ACK; C > S FIN ACK; S > C ACK
          +1 C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100 seq=1001 ack=5001 ts=-1007
          S > C ACK`,
      },
    ],
    clean: [
      { title: 'a SYN sent again because the first was lost', conversation: 'C > S SYN; +1 C > S SYN again; S > C SYN ACK; C > S ACK' },
      {
        title: 'a retransmission in a connection that follows another',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK
          +1 C > S SYN; S > C SYN ACK; C > S ACK
          C > S PSH ACK 100
          +0.3 C > S PSH ACK 100 again
          S > C ACK`,
      },
    ],
  },
  start(context) {
    const occurrences = new Occurrences(context);
    const state = { occurrences, disowned: 0 };
    return {
      state,
      observe(observation) {
        const { kind } = observation;
        if (kind === Kind.HANDSHAKE_ABORTED) {
          if (observation.b !== NO_SOCKET) return;
          state.disowned += 1;
        }
        const group = occurrences.add(serverOf(context, observation.flow), observation);
        group?.tally(kind === Kind.STALE_SYN ? SYNS : kind === Kind.STALE_SEGMENT ? SEGMENTS : DISOWNED);
      },
      finish() {
        reportGroups(occurrences.groups.values(), context, (group) => {
          const certain = group.at(SYNS) + group.at(SEGMENTS);
          if (certain === 0 && state.disowned > MOST_DISOWNED) return null;
          return {
            severity: certain > 0 ? 'low' : 'info',
            confidence: certain > 0 ? 'medium' : 'low',
            facts: { old_syns: group.at(SYNS), old_segments: group.at(SEGMENTS), syns_disowned: group.at(DISOWNED) },
            doubts: [certain > 0 ? 'A host that restarted, or a forger, sends the same.' : 'A half-open scan, or a forged source, looks the same.'],
          };
        });
      },
    };
  },
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'old_syns'), 'SYN')} and ${plural(numberOf(facts, 'old_segments'), 'other segment')} between ${textOf(facts, 'example_client')} and ` +
      `${textOf(facts, 'server')} belong to an earlier connection of the same ports; ${countOf(facts, 'syns_disowned')} more may, since their sender knew nothing of them when they were answered. ` +
      'The network held them back, or a host forgot the connection. ' +
      'The receiver answers with an ACK of its own numbers, which a host without such a connection resets; nothing is lost unless that is blocked.',
    advice: [`tcpdump -Snr CAPTURE ${filterOf(textOf(facts, 'example_client'))}`, 'nstat -az TcpExtTCPSYNChallenge TcpExtTCPChallengeACK TcpExtPAWSEstab'],
  }),
};
