import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';

const CLOSED = 'C > S SYN; S > C SYN ACK; C > S ACK; S > C FIN ACK; C > S FIN ACK; S > C ACK';
const OUTCOMES = ['accepted_at_once', 'accepted_after_repeats', 'answered_by_former', 'refused', 'unanswered'];

/** What became of the connection that uses the ports again. */
function outcomes(again: string): [string, unknown][] {
  const finding = auditConversation(`${CLOSED}; +1 ${again}`).findings.find(({ rule }) => rule === 'port-reuse');
  return OUTCOMES.map((name): [string, unknown] => [name, finding?.facts[name]]).filter(([, count]) => count !== 0);
}

describe('ports used again', () => {
  const CASES: readonly [again: string, outcome: string][] = [
    ['C > S SYN; S > C SYN ACK; C > S ACK', 'accepted_at_once'],
    ['C > S SYN; +1 C > S SYN again; S > C SYN ACK; C > S ACK', 'accepted_after_repeats'],
    ['C > S SYN; S > C RST ACK seq=0', 'refused'],
    ['C > S SYN; +1 C > S SYN again; +1 C > S SYN again', 'unanswered'],
    // Older than what TIME_WAIT remembers, by number and timestamp.
    ['C > S SYN seq=900 ts=0; S > C ACK', 'answered_by_former'],
    ['C > S SYN seq=900 ts=0; S > C SYN ACK ack=901; C > S ACK seq=901', 'accepted_at_once'],
  ];
  for (const [again, outcome] of CASES) {
    it(`${again} is ${outcome}`, () => expect(outcomes(again)).to.deep.equal([[outcome, 1]]));
  }
});
