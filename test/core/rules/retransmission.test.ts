import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function findingsOf(conversation: string): Finding[] {
  return auditConversation(conversation).findings.filter(({ rule }) => rule === 'retransmission');
}

const OPEN = 'C > S SYN; S > C SYN ACK; C > S ACK';

describe('retransmission', () => {
  it('measures a sender by what it sent itself, not by the ACKs of its peer', () => {
    // 52 segments of the server, 41 of the client: 10 of 52 are 19 %, 10 of 93 would be 11 %.
    const download = `${OPEN}; C > S PSH ACK 50; S > C ACK
      repeat 10 { S > C PSH ACK 100; S > C PSH ACK 100; C > S ACK; S > C PSH ACK 100; C > S ACK; S > C PSH ACK 100; +0.25 S > C PSH ACK 100 again; C > S ACK; C > S ACK }`;
    const [finding, ...others] = findingsOf(download);
    expect(others).to.deep.equal([]);
    const { severity, subject, facts } = finding;
    expect([severity, subject.kind]).to.deep.equal(['medium', 'flow']);
    expect([facts['by'], facts['segments_sent_again'], facts['segments_sent'], facts['share_of_segments']]).to.deep.equal(['server', 10, 52, 0.192]);
    expect([facts['lost_after_capture_point'], facts['lost_before_capture_point']]).to.deep.equal([10, 0]);
    expect(finding.explanation).to.include('the server sent 10 segments again, 19 % of the 52 sent that way: 10 had been captured before, so the first copy was lost between here and the client');
  });

  it('of what ICMP said was too big is no loss', () => {
    // Twelve segments of 1,448 bytes are too big for a link behind the router, and go again in pieces of 1,200.
    const pieces = Array.from({ length: 14 }, (_, index) => `C > S ACK 1200 seq=${1_201 + 1_200 * index}`).join('; ');
    const upload = (told: string): string => `${OPEN}; C > S PSH ACK 200; S > C ACK; repeat 12 { C > S ACK 1448 }; ${told}; ${pieces}; S > C ACK`;
    const [silent] = findingsOf(upload(''));
    expect(silent.severity).to.equal('medium');
    const [told] = findingsOf(upload('R > C ICMP 3/4 S'));
    expect([told.severity, told.facts['segments_sent_again'], told.facts['after_packet_too_big']]).to.deep.equal(['info', 14, 14]);
    expect(told.explanation).to.include('came after ICMP had said that packets were too big for a link on the way');
  });

  it('to a client that is out of reach for a while tells how long that took, not how much is lost', () => {
    const tries = (last: string): string =>
      [0.3, 0.6, 1.2, 2.4].map((gap) => `+${gap} S > C:# PSH ACK 100 again`).join('; ') + last;
    const asleep = (last: string): string => `repeat 3 every 10 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 50; S > C:# ACK; S > C:# PSH ACK 100; ${tries(last)} }`;
    const [back] = findingsOf(asleep('; C:# > S ACK'));
    expect([back.severity, back.facts['segments_sent_again'], back.facts['in_outages'], back.facts['never_answered']]).to.deep.equal(['info', 12, 9, 0]);
    expect(back.explanation).to.include('9 went out on timeouts in a row while the client could not be reached for a while');
    const [gone] = findingsOf(asleep(''));
    expect([gone.severity, gone.facts['in_outages'], gone.facts['never_answered']]).to.deep.equal(['info', 0, 12]);
  });

  it('tells both senders of a server apart, and a host from many', () => {
    const both = `
      repeat 3 every 5 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 50; +0.3 C:# > S PSH ACK 50 again; S > C:# ACK; S > C:# PSH ACK 70; C:# > S ACK }
      repeat 3 every 5 { D# > S SYN; S > D# SYN ACK; D# > S ACK; D# > S PSH ACK 50; S > D# ACK; S > D# PSH ACK 70; +0.3 S > D# PSH ACK 70 again; D# > S ACK }`;
    expect(findingsOf(both).map(({ subject, count, facts }) => [subject, count, facts['by']])).to.deep.equal([
      [{ kind: 'host', host: '192.0.2.10' }, 3, 'client'],
      [{ kind: 'endpoint', endpoint: '198.51.100.1:443' }, 3, 'server'],
    ]);
  });

  it("counts a SYN sent again as its client's", () => {
    const [{ facts, evidence }] = findingsOf('C > S SYN; +1 C > S SYN again; S > C SYN ACK; C > S ACK');
    expect([facts['by'], facts['syns'], facts['segments_sent'], evidence.packets]).to.deep.equal(['client', 1, 3, [2]]);
  });

  it('says "both" where single ones of both senders come as one', () => {
    const mixed = `
      repeat 2 { C > S:# SYN; S:# > C SYN ACK; C > S:# ACK; C > S:# PSH ACK 9; +0.3 C > S:# PSH ACK 9 again; S:# > C ACK }
      repeat 2 { C > R:# SYN; R:# > C SYN ACK; C > R:# ACK; R:# > C PSH ACK 9; +0.3 R:# > C PSH ACK 9 again; C > R:# ACK }`;
    expect(findingsOf(mixed).map(({ count, facts }) => [count, facts['by'], facts['server_count']])).to.deep.equal([[4, 'both', 4]]);
  });
});
