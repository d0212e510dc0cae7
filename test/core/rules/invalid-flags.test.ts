import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding, Report } from '../../../src/core/report/report.ts';

const OPEN = 'C > S SYN; S > C SYN ACK; C > S ACK';

function badHeaders({ findings }: Report): Finding[] {
  return findings.filter(({ facts }) => facts['bad_headers'] !== undefined);
}

describe('invalid-flags: headers whose length cannot be (RFC 9293 §3.1)', () => {
  it('are one finding with their packets, and belong to no connection', () => {
    const report = auditConversation(`${OPEN}; C > S PSH ACK 10 offset=4; C > S PSH ACK 10 offset=15; C > S PSH ACK 10 offset=0; C > S PSH ACK 9 seq=1001; S > C ACK ack=1010`);
    const [finding, ...others] = badHeaders(report);
    expect(others).to.deep.equal([]);
    expect([finding.severity, finding.count, finding.evidence.packets, finding.subject]).to.deep.equal(['low', 3, [4, 5, 6], { kind: 'host', host: '192.0.2.10' }]);
    expect(finding.facts).to.deep.equal({
      bad_headers: 3,
      kinds: { offset_below_5: 2, offset_beyond_segment: 1 },
      sources: 1,
      destinations: 1,
      example_source: '192.0.2.10:40000',
      example_destination: '198.51.100.1:443',
    });
    expect(report.capture.packets.left_out).to.deep.equal({ bad_length: 3 });
    expect(report.totals.flows).to.equal(1);
  });

  it('of many at one host are about that host, of many at many about the capture', () => {
    const subjects = (conversation: string): unknown[] => badHeaders(auditConversation(conversation)).map(({ subject, count }) => [subject, count]);
    expect(subjects('repeat 3 { C# > S SYN offset=3 }')).to.deep.equal([[{ kind: 'host', host: '198.51.100.1' }, 3]]);
    expect(subjects('repeat 3 { C# > S# SYN offset=3 }')).to.deep.equal([[{ kind: 'capture' }, 3]]);
  });

  it('keeps 200 of them and counts the rest', () => {
    const [{ count, evidence }] = badHeaders(auditConversation('repeat 300 { C > S SYN offset=3 }'));
    expect([count, evidence.packets.length + evidence.more.packets]).to.deep.equal([300, 300]);
  });

  it('of the length that it is, with 40 bytes of options, is none', () => {
    expect(badHeaders(auditConversation('C > S SYN nop=18'))).to.deep.equal([]);
  });
});

describe('invalid-flags: odd headers', () => {
  it('come with a display filter for what was odd, and nothing else', () => {
    const adviceOf = (conversation: string): string => {
      const [{ advice }] = auditConversation(conversation).findings.filter(({ rule }) => rule === 'invalid-flags');
      return advice.at(-1)!;
    };
    expect(adviceOf(`${OPEN}; C > S PSH ACK 10 ts=0; S > C ACK`)).to.equal("tshark -r CAPTURE -Y '(tcp.len > 0 && !tcp.options.timestamp.tsval)'");
    expect(adviceOf(`${OPEN}; C > S URG ACK urg=7; S > C ACK; C > S PSH ACK 9 reserved=4`)).to.equal("tshark -r CAPTURE -Y 'tcp.flags.urg == 1 || tcp.flags.res > 0'");
  });
});
