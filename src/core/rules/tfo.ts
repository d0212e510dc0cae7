import { Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { numberOf, plural, textOf } from './words.ts';

/** Tallies by the stage in `a` (1 to 4). */
const ASKED = 1;
const GIVEN = 2;
const ACCEPTED = 3;
const IGNORED = 4;

export const tfo: Rule = {
  id: 'tfo',
  title: 'TCP Fast Open in use',
  summary: 'Clients and a server use TCP Fast Open: cookies are asked for, given and used.',
  severities: ['low', 'info'],
  references: ['RFC 7413'],
  aliases: ['fast open', 'tcp fast open'],
  underFaults: 'Nothing is inferred: only what was captured counts.',
  options: {},
  watches: [Kind.FAST_OPEN],
  examples: {
    flagged: [{ title: 'data in the SYN, accepted', conversation: 'C > S SYN 60 cookie=8; S > C SYN ACK; C > S ACK' }],
    clean: [{ title: 'a plain handshake', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK' }],
  },
  start: perServer({
    note: (group, { a }) => group.tally(a),
    judge(group) {
      // A server that gave cookies and then ignores most of the data makes Fast Open a loss.
      const ignored = group.at(IGNORED);
      return {
        severity: ignored >= 5 && ignored > group.at(ACCEPTED) ? 'low' : 'info',
        confidence: 'high',
        facts: { cookies_asked: group.at(ASKED), cookies_given: group.at(GIVEN), data_accepted: group.at(ACCEPTED), data_ignored: ignored },
      };
    },
  }),
  explain: (facts) => ({
    explanation:
      `${textOf(facts, 'server')} uses TCP Fast Open: ${plural(numberOf(facts, 'cookies_asked'), 'cookie')} asked for, ${numberOf(facts, 'cookies_given')} given; ` +
      `data in the SYN was accepted ${numberOf(facts, 'data_accepted')} times and ignored ${numberOf(facts, 'data_ignored')} times. ` +
      'Accepted data saves one round trip; ignored data is sent again. An application must stand a request that arrives twice.',
    advice: ['sysctl net.ipv4.tcp_fastopen', 'nstat -az TcpExtTCPFastOpenActive TcpExtTCPFastOpenPassive TcpExtTCPFastOpenPassiveFail TcpExtTCPFastOpenBlackhole'],
  }),
};
