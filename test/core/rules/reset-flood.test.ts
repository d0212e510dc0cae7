import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function findingsOf(conversation: string): Finding[] {
  return auditConversation(conversation).findings.filter(({ rule }) => rule === 'ack-flood' || rule === 'backscatter');
}

describe('RSTs that nobody asked for', () => {
  it('from as many hosts and ports to one endpoint are a flood, and no backscatter', () => {
    const findings = findingsOf('repeat 200 every 0.01 { C#:# > S RST ts=0 }');
    expect(findings.map(({ rule, severity }) => [rule, severity])).to.deep.equal([['ack-flood', 'medium']]);
    expect(findings[0].facts).to.include({ victim: '198.51.100.1:443', segments: 200, sources: 200, answered_share: 0 });
    expect(findings[0].facts['flags']).to.deep.equal({ rst: 200 });
  });

  it('are a flood also when there are more of them than ports to draw from', () => {
    expect(findingsOf('repeat 60000 every 0.005 { C#:# > S RST ts=0 }').map(({ rule }) => rule)).to.deep.equal(['ack-flood']);
  });

  it('from the port of a service are the answers of many servers to forged SYNs', () => {
    expect(findingsOf('repeat 200 every 0.01 { C#:80 > S RST ts=0 }').map(({ rule }) => rule)).to.deep.equal(['backscatter']);
  });

  it('from fewer hosts are no flood', () => {
    expect(findingsOf('repeat 90 every 0.01 { C#:# > S RST ts=0 }').map(({ rule }) => rule)).to.deep.equal(['backscatter']);
  });
});
