import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import { analyse } from '../../support/analyse.ts';
import { fixtureCapture } from '../../support/fixtures.ts';

function findingsOf(conversation: string): Finding[] {
  return auditConversation(conversation).findings.filter(({ rule }) => rule === 'capture-loss');
}

/** [fault, severity, confidence, count] of each. */
function faults(findings: readonly Finding[]): unknown[] {
  return findings.filter(({ rule }) => rule === 'capture-loss').map(({ facts, severity, confidence, count }) => [facts['fault'], severity, confidence, count]);
}

describe('what is said of the capture itself', () => {
  it('is a remark, whatever the fault', () => {
    const aboutCapture = RULES.filter(({ id }) => ['capture-loss', 'asymmetric-capture', 'midstream', 'duplicate'].includes(id));
    expect(aboutCapture.map(({ severities }) => severities)).to.deep.equal([['info'], ['info'], ['info'], ['info']]);
  });
});

describe('capture-loss', () => {
  const LOSS = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 1000; ~ C > S PSH ACK 1000; S > C ACK; C > S PSH ACK 1000; S > C ACK';

  it('is a hint only where segments are damaged', () => {
    expect(faults(findingsOf(LOSS))).to.deep.equal([['missed', 'info', 'high', 1]]);
    const [{ severity, confidence, doubts }] = findingsOf(`${LOSS}; C > S PSH ACK 10 checksum=0`);
    expect([severity, confidence, doubts]).to.deep.equal(['info', 'low', ['1 segment is damaged: what such segments acknowledge may be, too.']]);
  });

  describe('a filter that left in', () => {
    // Data both ways, then both FINs; what the filter left out stands behind a "~".
    const closed = (rounds: number, filter: string): string => {
      const segments = ['C:# > S SYN', 'S > C:# SYN ACK', 'C:# > S ACK', 'C:# > S PSH ACK 100', 'S > C:# PSH ACK 900', 'C:# > S ACK', 'C:# > S FIN ACK', 'S > C:# FIN ACK', 'C:# > S ACK'];
      const flags = filter.split(' ');
      return `repeat ${rounds} every 0.1 { ${segments.map((segment) => (flags.some((flag) => segment.includes(` ${flag}`)) ? segment : `~ ${segment}`)).join('; ')} }`;
    };
    const heardOf = (conversation: string): string[] => auditConversation(conversation).findings.map(({ rule, severity }) => `${rule} ${severity}`);

    it('SYN, FIN and RST is told, and accuses nobody of what it left out', () => {
      expect(faults(findingsOf(closed(5, 'SYN FIN')))).to.deep.equal([['filtered', 'info', 'high', 5]]);
      expect(findingsOf(closed(5, 'SYN FIN'))[0].facts['kept']).to.equal('SYN, FIN and RST');
      // Aborts whose numbers fit nothing that was captured.
      const aborted = 'repeat 3 { D:# > S SYN; S > D:# SYN ACK; ~ D:# > S ACK; ~ D:# > S PSH ACK 300; ~ S > D:# ACK; +0.5 S > D:# RST ACK seq=+70 }';
      expect(heardOf(`${closed(5, 'SYN FIN')}; ${aborted}`)).to.deep.equal(['capture-loss info']);
      expect(heardOf(`${closed(5, 'SYN ACK')}; ${aborted}`)).to.include('blind-rst low');
    });

    it('SYN, FIN and RST makes no bad acknowledgment of a FIN, be its end the one that sent nothing, and the connections ever so few', () => {
      const greeted = 'C > S SYN; S > C SYN ACK; ~ C > S ACK; ~ S > C PSH ACK 8; ~ C > S ACK; C > S FIN ACK; S > C FIN ACK; ~ C > S ACK';
      expect(heardOf(greeted)).to.deep.equal(['capture-loss info']);
    });

    it('four such connections are too few to tell, and one that shows more proves that there was none', () => {
      expect(faults(findingsOf(closed(4, 'SYN FIN')))).to.deep.equal([['missed', 'info', 'high', 4]]);
      expect(faults(findingsOf(`${closed(5, 'SYN FIN')}; D > S SYN; S > D SYN ACK; D > S ACK; D > S FIN ACK; S > D FIN ACK; D > S ACK`))).to.deep.equal([['missed', 'info', 'high', 5]]);
    });

    it('all but FIN', () => {
      const [{ facts, explanation }] = findingsOf('repeat 5 every 0.1 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; ~ C:# > S FIN ACK; S > C:# ACK; ~ S > C:# FIN ACK; C:# > S ACK }');
      expect([facts['kept'], facts['connections']]).to.deep.equal(['all but FIN', 10]);
      expect(explanation).to.include('Who closed first');
    });

    it('SYN and SYN-ACK is a hint: a flood that SYN cookies answer looks the same', () => {
      const handshakes = 'repeat 40 every 0.2 { C:# > S SYN; S > C:# SYN ACK }';
      // They take 7.8 s. Of the 22 that began 3.5 s before the end, a second SYN-ACK would be in the capture.
      expect(faults(findingsOf(handshakes))).to.deep.equal([['filtered', 'info', 'low', 22]]);
      expect(heardOf(handshakes)).to.not.include('handshake-incomplete low');
      expect(faults(findingsOf(`${handshakes}; D > S SYN; S > D SYN ACK; D > S ACK`))).to.deep.equal([]);
    });
  });

  it('says what a cut, and a clock set back, leave open', () => {
    const { findings } = analyse([fixtureCapture('capture-clock-step')]).report;
    expect(faults(findings)).to.deep.equal([
      ['cut', 'info', 'high', 36],
      ['clock', 'info', 'high', 1],
    ]);
    for (const { rule, explanation } of findings) if (rule === 'capture-loss') expect(explanation).to.match(/cannot be (concluded|relied on)/);
  });
});
