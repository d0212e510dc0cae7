import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function findingOf(rule: string, conversation: string): Finding | undefined {
  return auditConversation(conversation).findings.find((finding) => finding.rule === rule);
}

const USED = 'C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 100; S > C:# ACK';

describe('what is lost when a connection is closed', () => {
  // Thirty visitors leave before their answer comes, each time in three segments: three RSTs.
  const LEFT = `repeat 30 every 0.5 { ${USED}; C:# > S FIN ACK; S > C:# ACK; +0.1 S > C:# PSH ACK 500; C:# > S RST seq=1102; S > C:# PSH ACK 500; C:# > S RST seq=1102 }`;
  // Thirty requests cross the FIN of a server that closes idle connections.
  const CROSSED = `repeat 30 every 0.5 { ${USED}; S > C:# PSH ACK 500; C:# > S ACK; +0.1 S > C:# FIN ACK; C:# > S ACK; C:# > S PSH ACK 70; S > C:# RST }`;

  it('to clients that have left is a remark: nobody waits for it', () => {
    expect(findingOf('data-after-close', LEFT)?.severity).to.equal('info');
    expect(findingOf('rst-after-fin', LEFT)?.severity).to.equal('info');
    expect(findingOf('rst-after-fin', LEFT)?.facts).to.include({ with_lost_data: 30, with_data_for_a_client_that_had_left: 30 });
  });

  it('of requests is medium', () => {
    expect(findingOf('data-after-close', CROSSED)?.severity).to.equal('medium');
    expect(findingOf('data-after-close', CROSSED)?.facts).to.include({ connections_with_lost_requests: 30, lost_bytes: 2_100 });
    expect(findingOf('rst-after-fin', CROSSED)?.severity).to.equal('medium');
    expect(findingOf('rst-after-fin', CROSSED)?.facts).to.include({ with_lost_data: 30, with_data_for_a_client_that_had_left: 0, lost_bytes: 2_100 });
  });

  it('of a few requests among very many that went well is low: some always cross the close', () => {
    const well = `repeat 3000 every 0.01 { ${USED.replaceAll('C:', 'D:')}; D:# > S FIN ACK; S > D:# FIN ACK; D:# > S ACK }`;
    for (const rule of ['data-after-close', 'rst-after-fin']) expect(findingOf(rule, `${CROSSED}; ${well}`)?.severity, rule).to.equal('low');
  });

  it('counts once for each connection, however many RSTs tell of it', () => {
    // 500 bytes at the first RST, 1,000 with those before at the second.
    expect(findingOf('rst-after-fin', LEFT)?.facts['lost_bytes']).to.equal(30 * 1_000);
    expect(findingOf('data-after-close', LEFT)?.facts['lost_bytes']).to.equal(30 * 1_000);
  });
});

describe('clients that vanish', () => {
  const ANSWERED = 'S > C:# PSH ACK 500; C:# > S ACK; C:# > S FIN ACK; S > C:# FIN ACK; C:# > S ACK';
  const VANISHED = 'S > C:# PSH ACK 500; +0.3 S > C:# PSH ACK 500 again; +0.6 S > C:# PSH ACK 500 again; +1.2 S > C:# PSH ACK 500 again; +2.4 S > C:# PSH ACK 500 again';
  const clients = (well: number, gone: number): string => `repeat ${well} every 0.1 { ${USED}; ${ANSWERED} }; repeat ${gone} every 0.1 { ${USED.replaceAll('C:', 'D:')}; ${VANISHED.replaceAll('C:', 'D:')} }`;

  it('are low among many that do not: phones lose their network', () => {
    const finding = findingOf('peer-vanished', clients(200, 5));
    expect([finding?.severity, finding?.facts['vanished'], finding?.facts['vanished_side']]).to.deep.equal(['low', 5, 'client']);
  });

  it('are high where they are a good part of all', () => {
    expect(findingOf('peer-vanished', clients(20, 20))?.severity).to.equal('high');
  });
});
