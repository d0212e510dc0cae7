import { Kind, otherSide } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import { OUTCOMES } from '../report/report.ts';
import { SYN_RECEIVED } from '../tcp/state.ts';
import { failureFacts, failureSentence } from './failure-share.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filteredCapture } from './wider-causes.ts';
import { countOf, numberOf, partsOf, plural, textOf } from './words.ts';

const UNFINISHED = OUTCOMES.indexOf('unfinished-handshake');
/** A handshake that the capture's end cut within this time is no sign of anything. */
const CUT = 3e9;
/** Tally: the SYN-ACK came again more often than the SYN, so that its server shows by itself that it waits. */
const SHOWN = 0;
/** … and the client asked again and again although it had been answered: the answers do not reach it. */
const UNREACHED = 1;
/** SYNs of one client, and SYN-ACKs to it, from which on that is no accident. */
const ASKED_IN_VAIN = 4;

export const handshakeIncomplete: Rule = {
  id: 'handshake-incomplete',
  title: 'Handshakes never completed',
  summary: 'A server answers with SYN-ACK and the client is never heard of again, or asks again and again.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.5', 'RFC 4987'],
  aliases: ['half-open handshake', 'S1', 'embryonic'],
  underFaults: 'Connections captured in one direction, and those cut by the end of the capture, are not counted. Where a filter left in nothing but SYN, FIN and RST, only those whose SYN-ACK came again are.',
  options: { many: { default: 5, unit: 'connections', meaning: 'from here on it is more than a remark' } },
  watches: [Kind.FLOW_ENDED],
  skipsOrderly: true,
  examples: {
    flagged: [
      { title: 'no third segment', conversation: 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again; +2 S > C SYN ACK again; +4 S > C SYN ACK again' },
      {
        title: 'the SYN-ACKs are lost on the way back: the client asks until it gives up',
        conversation: 'C > S SYN; S > C SYN ACK; +1 C > S SYN again; S > C SYN ACK again; +2 C > S SYN again; S > C SYN ACK again; +4 C > S SYN again; S > C SYN ACK again',
      },
    ],
    clean: [
      { title: 'completed', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' },
      { title: 'reset by the client: it was heard of again', conversation: 'C > S SYN; S > C SYN ACK; C > S RST ACK; +9 D > S SYN; S > D SYN ACK; D > S ACK' },
      { title: 'a filter left in only SYNs', conversation: 'C > S SYN; S > C SYN ACK; ~ C > S ACK; ~ C > S PSH ACK 10; +9 D > S SYN; S > D SYN ACK; ~ D > S ACK' },
    ],
  },
  explainedBy: filteredCapture,
  start: perServer({
    counts({ flow, a }, { connections }) {
      if (a !== UNFINISHED || connections.oneWay(flow)) return false;
      const server = otherSide(connections.client(flow));
      // A RST of the client's has ended it: that is handshake-aborted.
      if (connections.state(flow, server) !== SYN_RECEIVED || connections.packets(flow, server) === 0) return false;
      return isUnreached(connections, flow) || connections.now() - connections.lastSeen(flow, connections.client(flow)) > CUT;
    },
    note(group, { flow }, { connections }) {
      const client = connections.client(flow);
      if (isUnreached(connections, flow)) group.tally(UNREACHED);
      else if (connections.packets(flow, otherSide(client)) > connections.packets(flow, client)) group.tally(SHOWN);
    },
    judge(group, context) {
      const unreached = group.at(UNREACHED);
      const incomplete = context.capture.ordinarySegments() > 0 ? group.count : group.at(SHOWN) + unreached;
      if (incomplete === 0) return null;
      return {
        severity: incomplete >= context.option('many') || unreached > 0 ? 'low' : 'info',
        confidence: 'medium',
        count: incomplete,
        facts: { incomplete, asked_again_in_vain: unreached, most_in_syn_received: context.server(group.key).mostIn(SYN_RECEIVED), ...failureFacts(group, context) },
        doubts: unreached === incomplete ? [] : ["The client's ACK may take a path that the capture does not see."],
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'server')} answered ${plural(numberOf(facts, 'incomplete'), 'connection attempt')} with SYN-ACK and got no ACK: the client vanished, the SYN-ACK never reached it, ` +
      `or its address was forged. ${unreachedSentence(numberOf(facts, 'asked_again_in_vain'))}Each holds a place in the SYN queue for about a minute; ${countOf(facts, 'most_in_syn_received')} were in SYN_RECEIVED at once.${failureSentence(facts)}`,
    advice: [`ss -tan state syn-recv '( sport = :${partsOf(textOf(facts, 'server')).port} )'`, 'nstat -az TcpExtTCPTimeouts TcpExtTCPReqQFullDrop'],
  }),
};

/** Does a client go on asking for a connection that the server has answered again and again? */
function isUnreached(connections: ConnectionView, flow: number): boolean {
  const client = connections.client(flow);
  return Math.min(connections.packets(flow, client), connections.packets(flow, otherSide(client))) >= ASKED_IN_VAIN;
}

function unreachedSentence(unreached: number): string {
  if (unreached === 0) return '';
  return `In ${plural(unreached, 'case')} the client asked again and again although it had been answered: what the server sends does not reach it (a filter or a missing route on the way back). `;
}
