import { expect } from 'chai';
import { boundaryPValue, chiSquareBelow, chiSquareQuantile, meanLowerBound } from '../../../../src/core/rules/statistics/chi-square.ts';
import { entropyRatio } from '../../../../src/core/rules/statistics/entropy.ts';
import { logGamma, regularisedGamma } from '../../../../src/core/rules/statistics/gamma.ts';
import { growthScore } from '../../../../src/core/rules/statistics/growth.ts';
import { QuantileSketch, waitsOf } from '../../../../src/core/rules/statistics/quantile-sketch.ts';
import { followUpDoubt, kaplanMeier } from '../../../../src/core/rules/statistics/survival.ts';
import type { Waits } from '../../../../src/core/rules/statistics/survival.ts';
import { cureTest, fitWeibull, fitWeibullCure } from '../../../../src/core/rules/statistics/weibull-cure.ts';
import { wilson, Z_95_TWO_SIDED } from '../../../../src/core/rules/statistics/wilson.ts';

function waits(ended: readonly number[], watched: readonly number[] = []): Waits[] {
  const times = [...new Set([...ended, ...watched])].sort((one, other) => one - other);
  return times.map((time) => ({
    time,
    ended: ended.filter((value) => value === time).length,
    watched: watched.filter((value) => value === time).length,
  }));
}

/** Remission in weeks under 6-mercaptopurine (E. J. Freireich and others, Blood 21, 1963): the textbooks' censored sample. */
const REMISSION = waits([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);

/** Millions of revolutions to the failure of 23 ball bearings (J. Lieblein and M. Zelen, 1956). */
const BEARINGS = waits([
  17.88, 28.92, 33, 41.52, 42.12, 45.6, 48.4, 51.84, 51.96, 54.12, 55.56, 67.8, 68.64, 68.64, 68.88, 84.12, 93.12, 98.64, 105.12,
  105.84, 127.92, 128.04, 173.4,
]);

describe('statistics', () => {
  describe('wilson', () => {
    it('agrees with the published interval of 10 in 20', () => {
      const { lower, upper } = wilson(10, 20, Z_95_TWO_SIDED);
      expect(lower).to.be.closeTo(0.2993, 5e-5);
      expect(upper).to.be.closeTo(0.7007, 5e-5);
    });
    it('is wide, not empty, at no success', () => {
      const { lower, upper } = wilson(0, 10, Z_95_TWO_SIDED);
      expect(lower).to.be.closeTo(0, 1e-12);
      expect(upper).to.be.closeTo(0.27753, 5e-6);
    });
    it('says nothing without trials', () => {
      expect(wilson(0, 0, Z_95_TWO_SIDED)).to.deep.equal({ lower: 0, upper: 1 });
    });
  });

  describe('gamma', () => {
    it('gives Γ(1/2) = √π, Γ(100) = 99!', () => {
      expect(logGamma(0.5)).to.be.closeTo(0.5723649429247, 1e-13);
      expect(logGamma(100)).to.be.closeTo(359.1342053695754, 1e-10);
    });
    it('agrees with the erf and Poisson identities and with tables, on both sides of the turning point', () => {
      expect(regularisedGamma(0.5, 0.5)).to.be.closeTo(0.6826894921370859, 1e-12);
      expect(regularisedGamma(3, 2)).to.be.closeTo(1 - Math.exp(-2) * 5, 1e-13);
      expect(regularisedGamma(50, 60)).to.be.closeTo(0.9155933189063082, 1e-10);
      expect(regularisedGamma(10_000, 10_050)).to.be.closeTo(0.6923424407025657, 1e-8);
      expect(regularisedGamma(2, 0)).to.equal(0);
    });
  });

  describe('chi-square', () => {
    it('agrees with the printed table', () => {
      expect(chiSquareQuantile(0.95, 1)).to.be.closeTo(3.841, 5e-4);
      expect(chiSquareQuantile(0.95, 2)).to.be.closeTo(5.991, 5e-4);
      expect(chiSquareQuantile(0.95, 10)).to.be.closeTo(18.307, 5e-4);
      expect(chiSquareQuantile(0.99, 100)).to.be.closeTo(135.807, 5e-4);
      expect(chiSquareBelow(3.841458821, 1)).to.be.closeTo(0.95, 1e-9);
    });
    it('bounds a mean hold by the rule of three and by χ²', () => {
      expect(meanLowerBound(636, 0)).to.equal(212);
      expect(meanLowerBound(100, 4)).to.be.closeTo(200 / 18.307, 1e-3);
    });
    it('halves the p-value on the boundary', () => {
      expect(boundaryPValue(2.705543454)).to.be.closeTo(0.05, 1e-9);
      expect(boundaryPValue(0)).to.equal(1);
    });
  });

  describe('Kaplan-Meier', () => {
    it('gives the textbook curve of the remission sample', () => {
      const shares = kaplanMeier(REMISSION).map(({ time, share }) => [time, Number(share.toFixed(4))]);
      expect(shares).to.deep.equal([
        [6, 0.8571],
        [7, 0.8067],
        [10, 0.7529],
        [13, 0.6902],
        [16, 0.6275],
        [22, 0.5378],
        [23, 0.4482],
      ]);
    });
  });

  describe('follow-up', () => {
    it('is (1 − N/n)^n with the ends in the last stretch', () => {
      // Longest watch 35, last end 23: the ends in (11, 35] are 13, 16, 22 and 23, of 21 patients.
      expect(followUpDoubt(REMISSION)).to.be.closeTo((1 - 4 / 21) ** 21, 1e-12);
    });
    it('is small when all ends came early in a long watch', () => {
      const early = waits([1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2], [40, 40, 40]);
      expect(followUpDoubt(early)).to.be.below(0.05);
    });
    it('cannot say "never" when nothing ended or the longest wait ended', () => {
      expect(followUpDoubt(waits([], [5, 6]))).to.equal(1);
      expect(followUpDoubt(waits([1, 9], [5]))).to.equal(1);
    });
  });

  describe('Weibull', () => {
    it('fits the ball bearings: shape 2.10, scale 81.87 (J. F. Lawless)', () => {
      const fit = fitWeibull(BEARINGS);
      expect(fit?.shape).to.be.closeTo(2.10185, 1e-4);
      expect(fit?.scale).to.be.closeTo(81.8746, 1e-3);
      expect(fit?.logLikelihood).to.be.closeTo(-113.69196, 1e-4);
    });
    it('fits the censored remission sample: shape 1.354, scale 33.77', () => {
      const fit = fitWeibull(REMISSION);
      expect(fit?.shape).to.be.closeTo(1.353735, 1e-4);
      expect(fit?.scale).to.be.closeTo(33.76515, 1e-2);
      expect(fit?.logLikelihood).to.be.closeTo(-41.658678, 1e-5);
    });
    // Expected values of the mixture: maximised by Nelder and Mead in another language (SciPy), not by this code.
    it('finds the share that never ends', () => {
      const fit = fitWeibullCure(REMISSION);
      expect(fit?.never).to.be.closeTo(0.44143, 2e-3);
      expect(fit?.logLikelihood).to.be.closeTo(-40.52978, 1e-4);
      const test = cureTest(REMISSION);
      expect(test?.ratio).to.be.closeTo(2.2578, 1e-3);
      expect(test?.pValue).to.be.closeTo(0.06647, 1e-3);
    });
    it('is certain where a third runs on long after all others ended', () => {
      const test = cureTest(waits([0.5, 0.8, 0.9, 1, 1.1, 1.3, 1.5, 1.7, 2, 2.4], [8, 9, 10, 11, 12]));
      expect(test?.never).to.be.closeTo(1 / 3, 1e-4);
      expect(test?.ratio).to.be.closeTo(19.3928, 1e-3);
      expect(test?.pValue).to.be.below(1e-5);
    });
    it('sees no such share when all ended, and refuses a sample without two ends', () => {
      expect(cureTest(BEARINGS)).to.deep.include({ ratio: 0, pValue: 1 });
      expect(cureTest(waits([3], [4, 5]))).to.equal(null);
    });
  });

  describe('growth', () => {
    it('is 0 at balance, √n without departures', () => {
      expect(growthScore(50, 50)).to.equal(0);
      expect(growthScore(36, 0)).to.equal(6);
      expect(growthScore(0, 0)).to.equal(0);
    });
  });

  describe('entropy', () => {
    it('is 1 when all differ, 0 when all are one', () => {
      expect(entropyRatio([1, 1, 1, 1])).to.equal(1);
      expect(entropyRatio([8, 0, 0, 0])).to.equal(0);
      expect(entropyRatio([2, 2, 0, 0])).to.equal(0.5);
    });
  });

  describe('quantile sketch', () => {
    it('is within 2 % over eight decades', () => {
      const sketch = new QuantileSketch();
      for (let n = 1; n <= 1000; n += 1) sketch.add(n * 1e6);
      expect(sketch.quantile(0.5)).to.be.closeTo(500e6, 11e6);
      expect(sketch.quantile(0.95)).to.be.closeTo(950e6, 20e6);
      expect(sketch.quantile(1)).to.equal(1e9);
      expect(new QuantileSketch().quantile(0.5)).to.equal(0);
    });
    it('does not depend on order, and takes zero, negative and endless', () => {
      const one = new QuantileSketch();
      const other = new QuantileSketch();
      const values = [0, -5, 1e3, 7e9, Infinity, 3e12];
      for (const value of values) one.add(value);
      for (const value of values.reverse()) other.add(value);
      expect(one.counts).to.deep.equal(other.counts);
      expect(one.total).to.equal(6);
    });
    it('hands grouped waits to the survival functions', () => {
      const ended = new QuantileSketch();
      const watched = new QuantileSketch();
      ended.add(1e9);
      watched.add(1e9);
      watched.add(60e9);
      const [first, last] = waitsOf(ended, watched);
      expect(first).to.include({ ended: 1, watched: 1 });
      expect(last).to.include({ ended: 0, watched: 1 });
      expect(last?.time).to.be.closeTo(60e9, 1.2e9);
    });
  });
});
