import { expect } from 'chai';
import { analyse } from '../support/analyse.ts';
import { accuses, summaries } from '../support/findings.ts';
import { fixtureCapture } from '../support/fixtures.ts';
import { packetsOf, SPOILS } from '../support/mutate.ts';
import { pcap } from '../support/pcap-writer.ts';

/** Captures of traffic without any fault. */
const CLEAN = ['flash-crowd', 'close-wait-slow', 'half-close', 'close-client', 'mss-clamped', 'sequence-wrap', 'nat-inside', 'ipv6-close-client'];

describe('a bad capture of clean traffic accuses nobody', () => {
  for (const name of CLEAN) {
    describe(name, () => {
      const packets = packetsOf(fixtureCapture(name));

      it('as it is', () => {
        expect(summaries(analyse([fixtureCapture(name)]).report.findings.filter(accuses))).to.deep.equal([]);
      });

      for (const { title, spoil } of SPOILS) {
        it(title, () => {
          const { report } = analyse([pcap(spoil(packets), { variant: 'nanosecond' })]);
          expect(summaries(report.findings.filter(accuses))).to.deep.equal([]);
        });
      }
    });
  }
});
