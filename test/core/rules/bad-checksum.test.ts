import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

const OPEN = 'C > S SYN; S > C SYN ACK; C > S ACK';

function find(conversation: string): Finding {
  const [finding, ...others] = auditConversation(conversation).findings.filter(({ rule }) => rule === 'bad-checksum');
  expect(others).to.deep.equal([]);
  return finding;
}

describe('damaged segments', () => {
  it('that must be sent again were damaged on the way to their receiver', () => {
    const finding = find(`${OPEN}; repeat 3 { C > S PSH ACK 100 checksum=0; +0.3 C > S PSH ACK 100 again checksum=1; S > C ACK }`);
    expect([finding.severity, finding.title, finding.facts['damaged'], finding.facts['arrived_all_the_same']]).to.deep.equal(['low', 'Damaged segments', 3, 0]);
  });

  it('that are acknowledged all the same were damaged on the way to the capture', () => {
    const finding = find(`${OPEN}; repeat 3 { C > S PSH ACK 100 checksum=0; S > C ACK; C > S PSH ACK 50; S > C ACK }`);
    expect([finding.severity, finding.title, finding.facts['damaged'], finding.facts['arrived_all_the_same']]).to.deep.equal(['info', 'Segments damaged in the capture', 3, 3]);
  });
});
