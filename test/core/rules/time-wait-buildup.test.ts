import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';

const OPEN = 'C:# > S SYN; S > C:# SYN ACK; C:# > S ACK';
const TALK = 'C:# > S PSH ACK 10; S > C:# PSH ACK 10';
const CLOSE = 'C:# > S FIN ACK; S > C:# FIN ACK; C:# > S ACK';

/** The most TIME_WAIT sockets of each finding, of so many connections that went in order and so many that carried nothing. */
function peaks(orderly: number, others: number): unknown[] {
  const conversation = `repeat ${orderly} every 0.02 { ${OPEN}; ${TALK}; ${CLOSE} }; repeat ${others} every 0.02 { ${OPEN}; ${CLOSE} }`;
  return auditConversation(conversation, { rules: ['time-wait-buildup'] }).findings.map(({ facts }) => facts['peak_in_60_seconds']);
}

describe('time-wait-buildup', () => {
  it('counts orderly connections and others together, whatever it leaves out at servers that have few', () => {
    expect(peaks(249, 0)).to.deep.equal([]);
    expect(peaks(250, 0)).to.deep.equal([250]);
    expect(peaks(200, 50)).to.deep.equal([250]);
    expect(peaks(200, 49)).to.deep.equal([]);
  });
});
