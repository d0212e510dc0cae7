import { Kind } from '../observations.ts';
import type { Side } from '../observations.ts';
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

export const handshakeIncomplete: Rule = {
  id: 'handshake-incomplete',
  title: 'Handshakes never completed',
  summary: 'A server answers with SYN-ACK and the client is never heard of again.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.5', 'RFC 4987'],
  aliases: ['half-open handshake', 'S1', 'embryonic'],
  underFaults: 'Connections captured in one direction, and those cut by the end of the capture, are not counted.',
  options: { many: { default: 5, unit: 'connections', meaning: 'from here on it is more than a remark' } },
  watches: [Kind.FLOW_ENDED],
  examples: {
    flagged: [{ title: 'no third segment', conversation: 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again; +2 S > C SYN ACK again; +4 S > C SYN ACK again' }],
    clean: [{ title: 'completed', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  explainedBy: filteredCapture,
  start: perServer({
    counts({ flow, a }, { connections }) {
      if (a !== UNFINISHED || connections.oneWay(flow)) return false;
      const server = (connections.client(flow) ^ 1) as Side;
      return connections.packets(flow, server) > 0 && connections.now() - connections.lastSeen(flow, (server ^ 1) as Side) > CUT;
    },
    judge: (group, context) => ({
      severity: group.count >= context.option('many') ? 'low' : 'info',
      confidence: 'medium',
      facts: { incomplete: group.count, most_in_syn_received: context.server(group.key).mostIn(SYN_RECEIVED), ...failureFacts(group, context) },
      doubts: ["The client's ACK may take a path that the capture does not see."],
    }),
  }),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'server')} answered ${plural(numberOf(facts, 'incomplete'), 'connection attempt')} with SYN-ACK and got no ACK: the client vanished, the SYN-ACK never reached it, ` +
      `or its address was forged. Each holds a place in the SYN queue for about a minute; ${countOf(facts, 'most_in_syn_received')} were in SYN_RECEIVED at once.${failureSentence(facts)}`,
    advice: [`ss -tan state syn-recv '( sport = :${partsOf(textOf(facts, 'server')).port} )'`, 'nstat -az TcpExtTCPTimeouts TcpExtTCPReqQFullDrop'],
  }),
};
