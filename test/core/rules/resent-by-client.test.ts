import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

/** A connection of `client` on which the server sends 100 bytes, `again` times once more, and five segments that pass. */
function download(client: string, again: number): string {
  const repeats = Array.from({ length: again }, () => `+0.3 S > ${client} PSH ACK 100 again`).join('; ');
  const passed = Array.from({ length: 5 }, () => `S > ${client} PSH ACK 50; ${client} > S ACK`).join('; ');
  return `${client} > S SYN; S > ${client} SYN ACK; ${client} > S ACK; ${passed}; S > ${client} PSH ACK 100; ${repeats}; ${client} > S ACK`;
}

function find(conversation: string): Finding {
  const [finding, ...others] = auditConversation(conversation).findings.filter(({ rule }) => rule === 'retransmission');
  expect(others).to.deep.equal([]);
  return finding;
}

describe('segments sent again, by client host', () => {
  it('names the client that has most of them', () => {
    const finding = find([download('C', 8), download('D', 1), download('E', 1)].join('; '));
    // A SYN-ACK, five segments, the one sent again, and that eight times more.
    expect(finding.facts).to.include({ segments_sent_again: 10, client_hosts: 3, worst_client_sent_again: 8, worst_client_share: 0.533 });
    expect(finding.facts['worst_client']).to.equal('192.0.2.10');
    expect(finding.explanation).to.include('look at its link first');
  });

  it('says where they are spread', () => {
    const finding = find([download('C', 3), download('D', 2), download('E', 2), download('F', 2)].join('; '));
    expect(finding.facts).to.include({ client_hosts: 4, worst_client_sent_again: 3 });
    expect(finding.explanation).to.include('spread over 4 client hosts');
  });

  it('says nothing of it where there is but one', () => {
    const { facts, explanation } = find(download('C', 4));
    expect(facts).to.not.have.any.keys('client_hosts', 'worst_client');
    expect(explanation).to.not.include('client host');
  });
});
