import { expect } from 'chai';
import { analyse } from '../../support/analyse.ts';
import { captureOf } from '../../support/conversation-frames.ts';

const OPEN = 'C > S SYN; S > C SYN ACK; C > S ACK';

/** Conversations, what became of them, and what Zeek's manual calls that: its `conn_state` and `history` (base/protocols/conn). */
const CASES: readonly (readonly [what: string, conversation: string, outcome: string, connState: string, history: string])[] = [
  ['a SYN that a listener may have got, and answered another way', 'C > S SYN', 'unfinished-handshake', 'S0', 'S'],
  ['a SYN that comes again: there was no answer', 'C > S SYN; +1 C > S SYN again', 'unanswered', 'S0', 'S'],
  ['one that an ICMP error answers', 'C > S SYN; R > C ICMP 3/1 S', 'rejected', 'S0', 'S'],
  ['one that a RST answers', 'C > S SYN; S > C RST ACK', 'refused', 'REJ', 'Sr'],
  ['an answer that nobody acknowledges', 'C > S SYN; S > C SYN ACK', 'unfinished-handshake', 'S1', 'Sh'],
  ['an open connection', OPEN, 'open', 'S1', 'ShA'],
  [
    'one that both ends close, after data both ways',
    `${OPEN}; C > S PSH ACK 10; S > C ACK; S > C PSH ACK 20; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK`,
    'closed',
    'SF',
    'ShADadFf',
  ],
  ['one that only the client closes', `${OPEN}; C > S FIN ACK; S > C ACK`, 'half-closed', 'S2', 'ShAFa'],
  ['one that only the server closes', `${OPEN}; S > C FIN ACK; C > S ACK`, 'half-closed', 'S3', 'ShAf'],
  ['one that the client aborts', `${OPEN}; C > S RST ACK`, 'aborted', 'RSTO', 'ShAR'],
  ['one that the server aborts', `${OPEN}; S > C RST ACK`, 'aborted', 'RSTR', 'ShAr'],
  ['one that is reset after a FIN', `${OPEN}; C > S FIN ACK; S > C ACK; S > C RST ACK`, 'reset', 'RSTR', 'ShAFar'],
  ['an attempt that the client gives up by a RST, without an answer', 'C > S SYN; C > S RST', 'unfinished-handshake', 'RSTOS0', 'SR'],
  ['an answer and a RST, without the SYN', '~ C > S SYN; S > C SYN ACK; S > C RST', 'unfinished-handshake', 'RSTRH', 'hr'],
  ['a SYN and a FIN, without the answer', 'C > S SYN; ~ S > C SYN ACK; C > S FIN ACK', 'half-closed', 'SH', 'SF'],
  ['an answer and a FIN, without the SYN', '~ C > S SYN; S > C SYN ACK; ~ C > S ACK; S > C FIN ACK', 'half-closed', 'SHR', 'hf'],
  ['the middle of a connection', 'C > S PSH ACK 10; S > C ACK', 'midstream', 'OTH', 'Da'],
];

describe('the outcome of a flow, in our words and in those of Zeek', () => {
  for (const [what, conversation, outcome, connState, history] of CASES) {
    it(`is told of ${what}`, () => {
      const { open } = analyse([captureOf(conversation)], { rules: [] });
      expect(open.map((row) => [row.outcome, row.conn_state, row.history])).to.deep.equal([[outcome, connState, history]]);
    });
  }
});
