import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

const accepted = (client: string, times: number): string => `repeat ${times} every 1 { ${client}:# > S SYN; S > ${client}:# SYN ACK; ${client}:# > S ACK }`;
const refused = (client: string, times: number, every: number): string => `repeat ${times} every ${every} { ${client}:# > S SYN; S > ${client}:# RST ACK seq=0 }`;

function refusals(...conversation: string[]): Finding {
  const findings = auditConversation(conversation.join('\n')).findings.filter(({ rule }) => rule === 'connect-refused');
  expect(findings).to.have.length(1);
  return findings[0];
}

describe('a server that refuses connections', () => {
  it('for a while between those that it accepts was restarted, which is low', () => {
    const { severity, facts, explanation } = refusals(accepted('B', 5), refused('C', 30, 0.1), accepted('D', 5));
    expect([severity, facts['refused'], facts['restart_seconds_at_least']]).to.deep.equal(['low', 30, 2.9]);
    expect(explanation).to.include('none in the 2.9 s between: its program was restarted');
  });

  it('and does not come back is medium', () => {
    const { severity, facts } = refusals(accepted('B', 5), refused('C', 30, 0.1));
    expect([severity, facts['restart_seconds_at_least']]).to.deep.equal(['medium', null]);
  });

  it('and accepts others meanwhile is medium: one of several is down', () => {
    expect(refusals(accepted('B', 5), refused('C', 15, 0.1), accepted('D', 1), refused('E', 15, 0.1), accepted('F', 5)).severity).to.equal('medium');
  });

  it('for longer than a restart takes is medium', () => {
    expect(refusals(accepted('B', 5), refused('C', 30, 0.5), accepted('D', 5)).severity).to.equal('medium');
  });
});
