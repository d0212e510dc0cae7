import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function find(conversation: string): Finding {
  const [finding, ...others] = auditConversation(conversation).findings.filter(({ rule }) => rule === 'handshake-aborted');
  expect(others).to.deep.equal([]);
  return finding;
}

const RESET = 'S > C:# SYN ACK; C:# > S RST ACK';

describe('handshakes that clients reset', () => {
  it('at regular intervals are health checks, and a remark', () => {
    const finding = find(`repeat 40 every 2 { C:# > S SYN; ${RESET} }`);
    expect([finding.severity, finding.title]).to.deep.equal(['info', 'Health checks that reset the handshake']);
    expect(finding.facts).to.include({ health_checks: 40, health_checkers: 1, check_interval_seconds: 2 });
    expect(finding.explanation).to.include('about every 2 s from 1 host');
  });

  it('are no scan, whatever the number of ports', () => {
    const ports = (count: number): string =>
      Array.from({ length: count }, (_, index) => `C > S:${8001 + index} SYN; S:${8001 + index} > C SYN ACK; C > S:${8001 + index} RST`).join('; ');
    const scans = (conversation: string): string[] => auditConversation(conversation).findings.map(({ rule }) => rule).filter((rule) => rule.startsWith('syn-scan'));
    expect(scans(`repeat 8 every 10 { ${ports(20)} }`)).to.deep.equal([]);
    expect(scans(`repeat 8 every 10 { ${ports(10)} }`)).to.deep.equal([]);
    // Once or twice it is how a half-open scan finds open ports.
    expect(scans(`repeat 2 every 10 { ${ports(20)} }`)).to.deep.equal(['syn-scan-vertical']);
  });

  it('at random times are more', () => {
    const gaps = [0.1, 9, 0.3, 4, 0.2, 7, 0.1, 0.1, 12, 0.4, 3, 0.2, 8, 0.1, 5];
    const finding = find(gaps.map((gap, index) => `+${gap} C:${40_001 + index} > S SYN; S > C:${40_001 + index} SYN ACK; C:${40_001 + index} > S RST ACK`).join('; '));
    expect([finding.severity, finding.facts['aborted'], finding.facts['health_checks']]).to.deep.equal(['low', 15, undefined]);
  });

  it('come every second at the most: as often as a program can, they are more', () => {
    const finding = find(`repeat 40 every 0.05 { C:# > S SYN; ${RESET} }`);
    expect([finding.severity, finding.title, finding.facts['health_checks']]).to.deep.equal(['low', 'Client resets the handshake', undefined]);
  });

  it('are part of a flood, where there is one', () => {
    const rules = auditConversation(`repeat 300 every 0.005 { C:# > S SYN; S > C:# SYN ACK; C:# > S RST }`).findings.map(({ rule }) => rule);
    expect(rules).to.include('syn-flood').and.not.include('handshake-aborted');
  });

  it('of many hosts, once each, are more', () => {
    expect(find('repeat 40 every 2 { C# > S SYN; S > C# SYN ACK; C# > S RST }').severity).to.equal('low');
  });

  it('are no incomplete ones', () => {
    const { findings } = auditConversation(`repeat 40 every 2 { C:# > S SYN; ${RESET} }`);
    expect(findings.map(({ rule }) => rule)).to.not.include('handshake-incomplete');
  });
});
