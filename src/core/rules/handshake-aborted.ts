import { Kind } from '../observations.ts';
import { failureFacts, failureSentence } from './failure-share.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { duration, filterOf, numberOf, plural, seconds, textOf } from './words.ts';

const SLOWEST = 0;

export const handshakeAborted: Rule = {
  id: 'handshake-aborted',
  title: 'Client resets the handshake',
  summary: 'A client answers the SYN-ACK with a RST instead of completing the handshake.',
  severities: ['low', 'info'],
  references: ['RFC 9293 §3.5.1', 'RFC 9293 §3.5.2'],
  aliases: ['half-open scan', 'client reset', 'syn rst', 'RSTOS0'],
  underFaults: 'Needs the SYN-ACK and the RST.',
  options: { many: { default: 10, unit: 'connections', meaning: 'from here on it is more than a remark' } },
  watches: [Kind.HANDSHAKE_ABORTED],
  examples: {
    flagged: [{ title: 'SYN, SYN-ACK, RST', conversation: 'C > S SYN; S > C SYN ACK; C > S RST' }],
    clean: [{ title: 'completed, then closed', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK' }],
  },
  start: perServer({
    note: (group, { a }) => group.most(SLOWEST, a),
    judge: (group, context) => ({
      severity: group.count >= context.option('many') ? 'low' : 'info',
      confidence: 'high',
      facts: { aborted: group.count, slowest_seconds: seconds(group.at(SLOWEST)), ...failureFacts(group, context) },
    }),
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'aborted'), 'handshake')} with ${textOf(facts, 'server')} ended with the client's RST, up to ${duration(numberOf(facts, 'slowest_seconds'))} after the SYN-ACK. ` +
      'Half-open port scans and some load balancers check ports that way; otherwise the client never sent that SYN (a forged source), or had given up waiting.' +
      failureSentence(facts),
    advice: [`tcpdump -nr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & tcp-rst != 0')}`],
  }),
};
