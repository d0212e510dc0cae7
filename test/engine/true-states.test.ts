import { expect } from 'chai';
import fc from 'fast-check';
import { analyse } from '../support/analyse.ts';
import { captureFile, capturePackets, converse, type Fate, plans } from '../support/simulation/conversations.ts';
import { judge } from '../support/simulation/judge.ts';
import { singleFaults } from '../support/simulation/single-faults.ts';

const FATES: readonly Fate[] = ['lost-upstream', 'lost-downstream', 'missed', 'twice', 'late', 'stale'];

function several(fates: readonly Fate[]): fc.Arbitrary<ReturnType<typeof converse>[]> {
  return fc.array(plans(fates), { minLength: 1, maxLength: 5 }).map((all) => all.map(converse));
}

describe('simulated conversations', () => {
  it('without loss have the states that their ends know', () => {
    let [compared, agreed] = [0, 0];
    fc.assert(
      fc.property(several([]), (conversations) => {
        const verdict = judge(conversations, analyse([captureFile(capturePackets(conversations))]).timeline);
        expect(verdict.covered, JSON.stringify([...verdict.misses])).to.equal(verdict.compared);
        compared += verdict.compared;
        agreed += verdict.agreed;
      }),
      { seed: 20_260_101, numRuns: 40 },
    );
    expect(agreed / compared).to.be.above(0.999);
  });

  it('with loss on both sides of the capture point, reordering and gaps in the capture are mostly followed', () => {
    let [compared, agreed, covered] = [0, 0, 0];
    fc.assert(
      fc.property(several(FATES), (conversations) => {
        const verdict = judge(conversations, analyse([captureFile(capturePackets(conversations))]).timeline);
        compared += verdict.compared;
        agreed += verdict.agreed;
        covered += verdict.covered;
      }),
      { seed: 20_260_102, numRuns: 60 },
    );
    expect(agreed / compared).to.be.above(0.97);
    expect(covered / compared).to.be.above(0.975);
  });

  it('are never said to be in a state that is not among the possible ones', () => {
    fc.assert(
      fc.property(several(FATES), (conversations) => {
        const { timeline } = analyse([captureFile(capturePackets(conversations))]);
        for (const { state, possible } of timeline) expect(possible).to.include(state);
      }),
      { seed: 20_260_103, numRuns: 50 },
    );
  });
});

/**
 * Least shares of instants, over all conversations in which one segment meets the fault: the estimate is true, the true state is among
 * the possible ones. What is lost before the capture point, or missed by it, nobody there can know until something else shows it.
 */
const SINGLE_FAULTS: readonly { fate: Fate; agreed: number; covered: number }[] = [
  { fate: 'twice', agreed: 1, covered: 1 },
  { fate: 'late', agreed: 0.999, covered: 0.999 },
  { fate: 'lost-upstream', agreed: 0.98, covered: 0.98 },
  { fate: 'lost-downstream', agreed: 0.99, covered: 0.993 },
  { fate: 'missed', agreed: 0.955, covered: 0.955 },
  { fate: 'stale', agreed: 0.999, covered: 0.999 },
];

describe('a single fault in a simulated conversation', () => {
  for (const { fate, covered, agreed } of SINGLE_FAULTS) {
    it(`a segment ${fate}`, () => {
      const verdicts = singleFaults(fate).map(({ verdict }) => verdict);
      const sum = (what: 'compared' | 'covered' | 'agreed'): number => verdicts.reduce((total, verdict) => total + verdict[what], 0);
      expect(sum('covered') / sum('compared')).to.be.at.least(covered);
      expect(sum('agreed') / sum('compared')).to.be.at.least(agreed);
    });
  }
});
