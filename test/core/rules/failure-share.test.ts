import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function finding(rule: string, conversation: string): Finding {
  const [found] = auditConversation(conversation).findings.filter((each) => each.rule === rule);
  expect(found, rule).not.to.equal(undefined);
  return found;
}

function connections(count: number): string {
  return `repeat ${count} every 0.05 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK; C:# > S FIN ACK; S > C:# FIN ACK; C:# > S ACK }`;
}

describe('the share of connections that fail', () => {
  // The intervals by the formula of Wilson (1927), worked out by hand in Python: centre (p + z²/2n) and spread over 1 + z²/n.
  it('is said with its interval, in facts and in words', () => {
    const { facts, explanation } = finding('connect-refused', `${connections(96)}; repeat 4 every 1 { D:# > S SYN; S > D:# RST ACK seq=0 }`);
    expect(facts).to.include({ refused: 4, connections_of_server: 100, failed_share: 0.04, failed_share_lower: 0.0157, failed_share_upper: 0.0984 });
    expect(explanation).to.include('refused 4 connections with RST: 4 of 100 connections, 4 % (95 % confidence: 1.6 % to 9.8 %).');
  });

  it('makes refusals by a server that accepts others medium only where it is more than a chance', () => {
    const refused = 'D > S SYN; S > D RST ACK seq=0';
    // 1 of 10: at least 1.8 %. 1 of 400: at least 0.04 %.
    expect(finding('connect-refused', `${connections(9)}; ${refused}`).severity).to.equal('medium');
    expect(finding('connect-refused', `${connections(399)}; ${refused}`).severity).to.equal('low');
  });

  it('is said of aborted connections and handshakes, too', () => {
    const aborted = finding('rst-abort', `${connections(3)}; D > S SYN; S > D SYN ACK; D > S ACK; D > S PSH ACK 100; S > D RST ACK`);
    expect(aborted.facts).to.include({ connections_of_server: 4, failed_share: 0.25, failed_share_lower: 0.0456, failed_share_upper: 0.699 });
    const handshake = finding('handshake-aborted', `${connections(3)}; D > S SYN; S > D SYN ACK; D > S RST`);
    expect(handshake.explanation).to.match(/ That is 1 of 4 connections, 25 % \(95 % confidence: 4\.6 % to 70 %\)\.$/);
  });

  it('is no sum where single ones of several servers are one finding', () => {
    const { facts, explanation } = finding('connect-refused', 'repeat 5 every 1 { C > S#:81 SYN; S#:81 > C RST ACK seq=0 }; repeat 1 { C > S1:82 SYN; S1:82 > C RST ACK seq=0 }');
    expect(facts['server_count']).to.equal(6);
    expect(facts['failed_share']).to.equal(1);
    expect(explanation).not.to.include('confidence');
  });
});

describe('build-ups say how many there were at once', () => {
  it('of handshakes that the client never completes', () => {
    const waiting = `repeat 7 every 0.1 { C# > S SYN; S > C# SYN ACK; +1 S > C# SYN ACK again; +2 S > C# SYN ACK again }; +60 D > S2 SYN; S2 > D RST ACK seq=0`;
    expect(finding('handshake-incomplete', waiting).facts).to.include({ incomplete: 7, most_in_syn_received: 7 });
  });

  it('of connections that a server cannot close', () => {
    const OPEN = 'C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK';
    const stuck = `repeat 6 every 0.01 { ${OPEN}; S > C:# FIN ACK; +0.2 S > C:# FIN ACK again; +0.4 S > C:# FIN ACK again; +0.8 S > C:# FIN ACK again }`;
    expect(finding('fin-wait-1-stuck', stuck).facts).to.include({ stuck: 6, most_in_fin_wait_1: 6, most_in_last_ack: 0 });
  });
});
