import { Kind } from '../observations.ts';
import { perServer } from './occurrences.ts';
import type { Rule } from './rule.ts';
import { filterOf, numberOf, plural, textOf } from './words.ts';

const SYNS = 0;
const SEGMENTS = 1;

export const staleSyn: Rule = {
  id: 'stale-syn',
  title: 'SYN or segment of an earlier connection',
  summary: 'A delayed duplicate from an earlier connection of the same ports arrived.',
  severities: ['low'],
  references: ['RFC 9293 §3.5 (figure 8)', 'RFC 9293 §3.5.1', 'RFC 1337'],
  aliases: ['old duplicate syn', 'delayed duplicate', 'old incarnation'],
  underFaults: 'A frame captured twice is left out before. In a misordered capture the confidence falls.',
  options: {},
  watches: [Kind.STALE_SYN, Kind.STALE_SEGMENT],
  examples: {
    flagged: [
      {
        title: 'a SYN of the connection before arrives within the next one',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK
          +1 C > S SYN
          S > C SYN ACK
          C > S ACK
          C > S PSH ACK 100
          S > C ACK
          +1 C > S SYN seq=1000
          S > C ACK`,
      },
    ],
    clean: [{ title: 'a SYN sent again because the first was lost', conversation: 'C > S SYN; +1 C > S SYN again; S > C SYN ACK; C > S ACK' }],
  },
  start: perServer({
    note: (group, { kind }) => group.tally(kind === Kind.STALE_SYN ? SYNS : SEGMENTS),
    judge: (group) => ({
      severity: 'low',
      confidence: 'medium',
      facts: { old_syns: group.at(SYNS), old_segments: group.at(SEGMENTS) },
      doubts: ['A host that restarted, or a forger, sends the same.'],
    }),
  }),
  explain: (facts) => ({
    explanation:
      `${plural(numberOf(facts, 'old_syns'), 'SYN')} and ${plural(numberOf(facts, 'old_segments'), 'other segment')} between ${textOf(facts, 'example_client')} and ` +
      `${textOf(facts, 'server')} belong to an earlier connection of the same ports. The network held them back, or a host forgot the connection. ` +
      'The receiver answers with an ACK of its own numbers, which a host without such a connection resets; nothing is lost unless that is blocked.',
    advice: [`tcpdump -Snr CAPTURE ${filterOf(textOf(facts, 'example_client'))}`, 'nstat -az TcpExtTCPSYNChallenge TcpExtTCPChallengeACK TcpExtPAWSEstab'],
  }),
};
