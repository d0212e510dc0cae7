import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function find(conversation: string): Finding {
  const [finding, ...others] = auditConversation(conversation).findings.filter(({ rule }) => rule === 'synack-retransmit');
  expect(others).to.deep.equal([]);
  return finding;
}

/** The SYN-ACK again so many seconds after the first, and after the ACK of it. */
function again(seconds: number, count: number): string {
  return `repeat ${count} every 3 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; +${seconds} S > C:# SYN ACK again; C:# > S ACK }`;
}

describe('SYN-ACKs sent again', () => {
  it('although the ACK was captured are a remark once or twice, and low from three on', () => {
    expect([1, 2, 3].map((count) => find(again(1, count)).severity)).to.deep.equal(['info', 'info', 'low']);
    expect(find(again(1, 3)).facts).to.include({ repeats: 3, after_clients_ack: 3 });
  });

  it('sooner than a second answer a SYN that came again: they are not for want of the ACK', () => {
    const finding = find(again(0.3, 5));
    expect([finding.severity, finding.facts['repeats'], finding.facts['after_clients_ack']]).to.deep.equal(['info', 5, 0]);
  });
});
