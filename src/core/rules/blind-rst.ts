import { Kind, RESET_CONTEXT } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filteredCapture } from './wider-causes.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

const IN_WINDOW = 0;
const FARTHEST = 1;
/** RSTs to a connection that was closed in full and at rest. */
const AFTER_CLOSE = 2;

export const blindRst: Rule = {
  id: 'blind-rst',
  title: 'RSTs that do not fit the connection',
  summary: 'A RST whose sequence number is not the next expected one, so that a correct receiver does not apply it; or one that hits a TIME_WAIT out of nowhere.',
  severities: ['medium', 'low', 'info'],
  references: ['RFC 5961 §3', 'RFC 9293 §3.5.3', 'RFC 1337'],
  aliases: ['blind reset', 'rst out of window', 'BAD_RST', 'rst_invalid_ack', 'rsts_bad_seq'],
  underFaults: 'After capture loss the expected number may be uncertain; the confidence falls.',
  options: { many: { default: 3, unit: 'segments', meaning: 'on one connection: from here on somebody is guessing, and it is medium' } },
  watches: [Kind.RESET_UNACCEPTABLE, Kind.RESET],
  examples: {
    flagged: [
      {
        title: 'three guesses, answered by challenge ACKs; the connection goes on',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          repeat 3 { +0.2 C > S RST seq=9000; S > C ACK }
          C > S PSH ACK 10
          S > C ACK`,
      },
    ],
    clean: [
      { title: 'a RST that fits', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK; C > S RST ACK' },
      {
        title: 'a server that aborts answers the ACKs that were on their way, each with its number',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10
          S > C PSH ACK 1000; S > C PSH ACK 1000; S > C PSH ACK 1000; C > S ACK
          S > C RST ACK; S > C RST seq=-3000; S > C RST seq=-2000; S > C RST seq=-1000`,
      },
    ],
  },
  explainedBy: filteredCapture,
  start: perServer({
    // Both ends had closed: neither has anything left to reset, and it answers nothing.
    counts: ({ kind, b }) => kind === Kind.RESET_UNACCEPTABLE || (b & (RESET_CONTEXT.AFTER_CLOSE | RESET_CONTEXT.ANSWERS)) === RESET_CONTEXT.AFTER_CLOSE,
    note(group, { kind, a, b }) {
      if (kind === Kind.RESET) {
        group.tally(AFTER_CLOSE);
        return;
      }
      if (b === 1) group.tally(IN_WINDOW);
      group.most(FARTHEST, Math.abs(a));
    },
    judge(group, context) {
      const guesses = group.count - group.at(AFTER_CLOSE);
      const each = guesses / group.flowCount();
      return {
        severity: each >= context.option('many') ? 'medium' : group.at(IN_WINDOW) > 0 ? 'low' : 'info',
        confidence: each >= context.option('many') ? 'high' : 'medium',
        facts: { resets: guesses, into_time_wait: group.at(AFTER_CLOSE), in_window: group.at(IN_WINDOW), farthest_bytes: group.at(FARTHEST) },
        doubts: each >= context.option('many') ? [] : ['A single one may be a late RST of a host that had lost the connection.'],
      };
    },
  }),
  explain: (facts) => ({
    explanation: [...closedWords(facts), ...guessWords(facts)].join(' '),
    advice: [
      `tcpdump -Snvr CAPTURE ${filterOf(textOf(facts, 'server'), ' and tcp[tcpflags] & tcp-rst != 0')}`,
      'nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge',
      'Compare TTL and IP identification with the other packets of the claimed sender.',
    ],
  }),
};

type Facts = { readonly [name: string]: Fact };

function closedWords(facts: Facts): string[] {
  const resets = numberOf(facts, 'into_time_wait');
  if (resets === 0) return [];
  return [`${plural(resets, 'RST')} came for connections of ${textOf(facts, 'server')} that both ends had closed in full, in answer to nothing: TIME_WAIT may be cut short by it (RFC 1337).`];
}

function guessWords(facts: Facts): string[] {
  const resets = numberOf(facts, 'resets');
  if (resets === 0) return [];
  return [
    `${plural(resets, 'RST')} on ${plural(numberOf(facts, 'connections'), 'connection')} of ${textOf(facts, 'server')} did not carry the next expected number (${countOf(facts, 'in_window')} lay within the window).`,
    'RFC 5961 has the receiver answer those within the window with a challenge ACK and drop the others, so the connection goes on.',
    'Several on one connection are the mark of somebody who cannot see the traffic and guesses; old stacks apply them.',
  ];
}
