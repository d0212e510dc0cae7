import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function findings(conversation: string): Finding[] {
  return auditConversation(conversation).findings.filter(({ rule, facts }) => rule === 'window-scale-mismatch' && facts['syns_without'] !== undefined);
}

const whole = (client: string, ttl = 64): string => `${client} > R:443 SYN ttl=${ttl}; R:443 > ${client} SYN ACK; ${client} > R:443 ACK`;
const bare = (client: string, what: string): string => `${client} > S SYN ${what}; S > ${client} SYN ACK ${what}; ${client} > S ACK ts=0`;

describe("SYNs that lack what the same client's others have", () => {
  it('are told, with the options and the host', () => {
    const [finding, ...others] = findings(`repeat 8 every 1 { ${whole('C:#')}; ${bare('C:#', 'ws=-8 ts=0')} }`);
    expect(others).to.deep.equal([]);
    expect([finding.severity, finding.confidence, finding.subject]).to.deep.equal(['low', 'low', { kind: 'host', host: '198.51.100.1' }]);
    expect(finding.facts).to.deep.include({ syns_without: 8, client_hosts: 1, missing_options: ['window_scale', 'timestamps'] });
  });

  it('are not when they are fewer than five', () => {
    expect(findings(`repeat 4 every 1 { ${whole('C:#')}; ${bare('C:#', 'sack=0')} }`)).to.deep.equal([]);
  });

  it('are not when some to that host have them: those are two systems', () => {
    expect(findings(`repeat 8 every 1 { ${whole('C:#')}; ${bare('C:#', 'sack=0')} }; C:9 > S SYN; S > C:9 SYN ACK; C:9 > S ACK`)).to.deep.equal([]);
  });

  it('are not when the others come from another distance: so are those', () => {
    expect(findings(`repeat 8 every 1 { ${whole('C:#', 128)}; ${bare('C:#', 'sack=0')} }`)).to.deep.equal([]);
  });

  it('are not of other clients', () => {
    expect(findings(`repeat 8 every 1 { ${whole('C:#')}; ${bare('D:#', 'sack=0')} }`)).to.deep.equal([]);
  });
});
