import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';

function found(rule: string, conversation: string): [string, number, unknown][] {
  return auditConversation(conversation)
    .findings.filter((finding) => finding.rule === rule)
    .map(({ severity, count, facts }) => [severity, count, facts['decided_after_contacts'] ?? null]);
}

const refused = (port: number): string => `+60 C > S:${port} SYN; S:${port} > C RST ACK seq=0`;
const served = (port: number): string => `+60 C > S:${port} SYN; S:${port} > C SYN ACK; C > S:${port} ACK`;
const silent = (port: number): string => `+60 C > S:${port} SYN; +1 C > S:${port} SYN again`;
const ports = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('the sequential test of ports of one host', () => {
  it('decides after four failures, and says so from eight on, however slow the scan is', () => {
    expect(found('syn-scan-vertical', ports(7001, 10).map(refused).join('; '))).to.deep.equal([['low', 10, 4]]);
    expect(found('syn-scan-vertical', ports(7001, 7).map(refused).join('; '))).to.deep.equal([]);
  });

  it('the count decides from fifteen on', () => {
    expect(found('syn-scan-vertical', ports(7001, 15).map(refused).join('; '))).to.deep.equal([['medium', 15, null]]);
  });

  it('says nothing of a host that answers at no port: it is down, or filtered as a whole', () => {
    expect(found('syn-scan-vertical', ports(7001, 10).map(silent).join('; '))).to.deep.equal([]);
  });

  it('says nothing of a client whose connections mostly come about', () => {
    const mixed = ports(0, 10).flatMap((index) => [served(8001 + index), refused(7001 + index)]);
    expect(found('syn-scan-vertical', mixed.join('; '))).to.deep.equal([]);
  });

  it('leaves the refusals to the finding', () => {
    expect(found('connect-refused', ports(7001, 10).map(refused).join('; '))).to.deep.equal([]);
  });
});

describe('SYNs that name their target as their source', () => {
  const LIVE = 'C > S SYN; S > C SYN ACK; C > S ACK';
  const severities = (conversation: string): string[] => found('self-connect', conversation).map(([severity]) => severity);

  it('are forged where the host does not answer them', () => {
    expect(severities(`S > S SYN; +1 S > S SYN again; ${LIVE}`)).to.deep.equal(['medium']);
    expect(auditConversation(`S > S SYN; +1 S > S SYN again; ${LIVE}`).findings.find(({ rule }) => rule === 'self-connect')?.facts['forged']).to.equal(2);
  });

  it('are no attack where it does, nor on loopback', () => {
    expect(severities('S > S SYN; S > S SYN ACK seq=-1; S > S ACK')).to.deep.equal(['info']);
    expect(severities(`L = 127.0.0.1:8080; L > L SYN; ${LIVE}`)).to.deep.equal(['info']);
  });
});
