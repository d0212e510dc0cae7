import { Challenge, Kind } from '../observations.ts';
import { perServer } from './per-server.ts';
import type { Rule } from './rule.ts';
import { filteredCapture } from './wider-causes.ts';
import { countOf, filterOf, numberOf, plural, textOf } from './words.ts';

/** Facts by what was answered, which is the number of the tally, too. */
const ANSWERED = [
  ['answered_resets', Challenge.RST],
  ['answered_syns', Challenge.SYN],
  ['answered_acks', Challenge.ACK],
  ['answered_out_of_window', Challenge.OUT_OF_WINDOW],
] as const;

export const challengeAck: Rule = {
  id: 'challenge-ack',
  title: 'Challenge ACKs',
  summary: 'An end answered a RST, SYN or ACK that did not fit with an ACK of its present numbers, as RFC 5961 asks.',
  severities: ['low', 'info'],
  references: ['RFC 5961 §3', 'RFC 5961 §4', 'RFC 5961 §5'],
  aliases: ['challenge ack', 'rfc 5961', 'rsts_in_window'],
  underFaults: 'Stacks limit the rate of challenge ACKs: their absence proves nothing.',
  options: { many: { default: 20, unit: 'segments', meaning: 'from here on it is more than a remark' } },
  watches: [Kind.CHALLENGE_ACK],
  examples: {
    flagged: [
      {
        title: 'a RST in the window, not exact',
        conversation: `
          C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK
          +0.2 C > S RST seq=9000
          S > C ACK
          C > S PSH ACK 10
          S > C ACK`,
      },
    ],
    clean: [{ title: 'data and its ACKs', conversation: 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK' }],
  },
  explainedBy: filteredCapture,
  start: perServer({
    note: (group, { a }) => group.tally(a),
    judge: (group, context) => ({
      severity: group.count >= context.option('many') ? 'low' : 'info',
      confidence: 'high',
      facts: Object.fromEntries(ANSWERED.map(([fact, tally]) => [fact, group.at(tally)])),
    }),
  }),
  explain: (facts) => ({
    explanation:
      `Ends of connections with ${textOf(facts, 'server')} sent ${plural(ANSWERED.reduce((sum, [fact]) => sum + numberOf(facts, fact), 0), 'challenge ACK')}: ` +
      `${countOf(facts, 'answered_resets')} for RSTs, ${countOf(facts, 'answered_syns')} for SYNs, ${countOf(facts, 'answered_acks')} for ACKs out of range, ${countOf(facts, 'answered_out_of_window')} for segments outside the window. ` +
      'The defence works. What draws them is of interest: a peer that lost its state, or somebody who guesses.',
    advice: ['nstat -az TcpExtTCPChallengeACK TcpExtTCPSYNChallenge', `tcpdump -Snr CAPTURE ${filterOf(textOf(facts, 'server'))}`],
  }),
};
