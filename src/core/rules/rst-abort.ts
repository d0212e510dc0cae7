import { Kind, otherSide, RESET_CONTEXT, RESET_FORMS } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { failureFacts, failureSentence } from './failure-share.ts';
import { reportGroups } from './folding.ts';
import { isForgotten } from './half-open.ts';
import { Occurrences, serverOf } from './occurrences.ts';
import type { Group, Verdict } from './occurrences.ts';
import { formsOf, formWords, noteForm } from './reset-forms.ts';
import type { Rule, RuleContext } from './rule.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

/** What makes it another finding: a close that had begun. */
const OTHER_RULES = RESET_CONTEXT.AFTER_OWN_FIN | RESET_CONTEXT.AFTER_PEER_FIN | RESET_CONTEXT.AFTER_CLOSE;
/** Tallies: one a form (0 to 6), then these. */
const UNREAD = 8;
const UNSENT = 9;
/** … and bytes of the peer's, and of its own, that the sender of the RST let go. */
const UNREAD_BYTES = 10;
const UNSENT_BYTES = 11;
const MIDDLEBOX = RESET_FORMS.indexOf('middlebox');

export const rstAbort: Rule = {
  id: 'rst-abort',
  title: 'Connection aborted with RST',
  summary: 'One end ended an established connection with a RST instead of a FIN.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.5.2', 'RFC 9293 §3.10.5', 'RFC 2525 §2.17'],
  aliases: ['connection reset by peer', 'ECONNRESET', 'linger 0', 'RSTO', 'RSTR', 'pending_data_when_closed'],
  underFaults: 'A RST captured twice is left out before. Where one direction is missing, what was lost is unknown.',
  options: {},
  watches: [Kind.RESET, Kind.RESET_LOST],
  examples: {
    flagged: [
      {
        title: 'the server aborts with the request unread',
        conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C RST ACK',
      },
    ],
    clean: [{ title: 'closed in order', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK' }],
  },
  start(context) {
    const aborts = new Occurrences(context);
    const state = { aborts, packet: -1 };
    return {
      state,
      observe(observation) {
        const key = serverOf(context, observation.flow);
        if (observation.kind === Kind.RESET_LOST) {
          // It follows its RST, and counts where that did.
          if (state.packet === observation.packet) noteLost(aborts.groups.get(key), observation);
          return;
        }
        if (!isAbort(observation, context)) return;
        state.packet = observation.packet;
        const group = aborts.add(key, observation);
        if (group !== null) note(group, observation);
      },
      finish: () => reportGroups(aborts.groups.values(), context, (group) => judge(group, context)),
    };
  },
  explain(facts) {
    const server = textOf(facts, 'server');
    return {
      explanation:
        `${plural(numberOf(facts, 'aborted'), 'connection')} with ${server} ended with a RST: ${countOf(facts, 'by_client')} by the client, ${countOf(facts, 'by_server')} by the server. ` +
        `${formWords(facts)} Data on its way at that moment is lost` +
        `${lostWords(facts)}; the peer's program sees "connection reset by peer".${failureSentence(facts)}`,
      advice: [
        `tcpdump -nvr CAPTURE ${filterOf(server, ' and tcp[tcpflags] & tcp-rst != 0')}`,
        'nstat -az TcpExtTCPAbortOnData TcpExtTCPAbortOnClose TcpExtTCPAbortOnTimeout TcpEstabResets',
        "Compare the RST's TTL and IP identification with the end's other packets: tshark -r CAPTURE -T fields -e ip.src -e ip.ttl -e ip.id -e tcp.flags.str",
      ],
    };
  },
};

function isAbort({ flow, side, a, b }: Observation, { connections }: RuleContext): boolean {
  if (a === MIDDLEBOX || (b & OTHER_RULES) !== 0) return false;
  // An end that has forgotten the connection aborts nothing: half-open says so.
  if (isForgotten(a, b) && connections.packets(flow, side) > 1 && !connections.midstream(flow)) return false;
  // The answer to a stray segment, of which nothing else is captured, ends no connection.
  if (connections.midstream(flow) && connections.packets(flow, 0) + connections.packets(flow, 1) <= 2) return false;
  // Nothing may show that the handshake ended before the RST; but where data was sent, it had.
  return (b & RESET_CONTEXT.HANDSHAKE) === 0 || connections.bytes(flow, side) + connections.bytes(flow, otherSide(side)) > 0;
}

function note(group: Group, { a, b }: Observation): void {
  noteForm(group, a);
  if ((b & RESET_CONTEXT.PEER_DATA_UNACKED) !== 0) group.tally(UNREAD);
  if ((b & RESET_CONTEXT.OWN_DATA_UNACKED) !== 0) group.tally(UNSENT);
}

function noteLost(group: Group | undefined, { a, b }: Observation): void {
  group?.tally(UNREAD_BYTES, a);
  group?.tally(UNSENT_BYTES, b);
}

function judge(group: Group, context: RuleContext): Verdict {
  // What a client does not want to read any more is no loss; what it had sent may be.
  const isLossy = group.at(UNSENT) > 0 || group.byServer > 0;
  return {
    severity: isLossy ? 'low' : 'info',
    confidence: 'high',
    facts: {
      aborted: group.count,
      by_client: group.byClient,
      by_server: group.byServer,
      forms: formsOf(group),
      with_unacknowledged_data_of_peer: group.at(UNREAD),
      unacknowledged_data_of_peer_bytes: group.at(UNREAD_BYTES),
      with_unacknowledged_data_of_its_own: group.at(UNSENT),
      unacknowledged_data_of_its_own_bytes: group.at(UNSENT_BYTES),
      ...failureFacts(group, context),
    },
  };
}

/** What was on its way at the RST, in brackets, with the space before; empty where there was nothing. */
function lostWords(facts: { readonly [name: string]: Fact }): string {
  const kinds: readonly [string, string][] = [
    ['unacknowledged_data_of_peer', 'that of its peer'],
    ['unacknowledged_data_of_its_own', 'its own'],
  ];
  const parts = kinds
    .filter(([name]) => numberOf(facts, `with_${name}`) > 0)
    .map(([name, whose]) => `${plural(numberOf(facts, `with_${name}`), 'time')} ${whose}, ${plural(numberOf(facts, `${name}_bytes`), 'byte')} in all`);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}
