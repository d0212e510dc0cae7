import { expect } from 'chai';
import { join } from 'node:path';
import { RULES } from '../../src/core/index.ts';
import { analyse } from '../support/analyse.ts';
import { FIXTURES, fixtureCapture, fixtureNames } from '../support/fixtures.ts';
import { alarms, isAbout, mentions, summaries } from '../support/findings.ts';
import { agreement, coverage, type Score, score } from '../support/truth/score.ts';
import { readExpected, readTruth } from '../support/truth/truth.ts';

/** The rules that exist: what a fixture expects of one that is still to come is asked for from the day it does. */
const known = new Set(RULES.map(({ id }) => id));

describe('every fixture', () => {
  const scores: Score[] = [];

  for (const name of fixtureNames) {
    describe(name, () => {
      const expected = readExpected(join(FIXTURES, name));
      const { report, timeline } = analyse([fixtureCapture(name)]);
      const { findings } = report;
      const result = score(readTruth(join(FIXTURES, name)), timeline);
      scores.push(result);

      it("has the states that the kernels' sockets were in", () => {
        const differences = JSON.stringify([...result.disagreements]);
        expect(agreement(result) ?? 100, differences).to.be.at.least(expected.agreement ?? 100);
        expect(coverage(result) ?? 100, differences).to.be.at.least(expected.covered ?? 100);
      });

      it('counts every packet once', () => {
        const { read, analysed, left_out: leftOut } = report.capture.packets;
        expect(analysed + Object.values(leftOut).reduce((sum, count) => sum + count, 0)).to.equal(read);
      });

      for (const { rule, endpoint } of expected.found.filter((each) => known.has(each.rule))) {
        it(`reports ${rule} ${endpoint ?? ''}`, () => {
          const found = findings.filter((finding) => finding.rule === rule && (endpoint === undefined || mentions(finding, endpoint)));
          expect(found, summaries(findings).join('; ')).to.have.lengthOf.at.least(1);
        });
      }

      for (const { rule, endpoint, why } of expected.not) {
        it(`does not report ${rule} ${endpoint ?? ''}: ${why}`, () => {
          const wrong = findings.filter((finding) => finding.rule === rule && finding.severity !== 'info' && (endpoint === undefined || isAbout(finding, endpoint)));
          expect(summaries(wrong)).to.deep.equal([]);
        });
      }

      if (expected.clean) {
        it('raises no alarm', () => {
          expect(summaries(findings.filter(alarms))).to.deep.equal([]);
        });
      }
    });
  }

  describe('together', () => {
    const shares = scores.map(agreement).filter((share) => share !== null);
    const sum = (pick: (each: Score) => number): number => scores.reduce((total, each) => total + pick(each), 0);

    it('agree with the kernels', () => {
      expect(shares).to.have.lengthOf.at.least(40);
      expect(shares.reduce((total, share) => total + share, 0) / shares.length).to.be.at.least(99);
      expect((100 * sum(({ agreed }) => agreed)) / sum(({ compared }) => compared)).to.be.at.least(99.5);
    });

    it('keep the sets of possible states honest, and small', () => {
      const given = scores.filter(({ sets }) => sets.given > 0);
      const mean = given.reduce((total, { sets }) => total + sets.size / sets.given, 0) / given.length;
      expect((100 * sum(({ sets }) => sets.covered)) / sum(({ sets }) => sets.given)).to.be.at.least(99.5);
      expect(mean).to.be.below(1.3);
    });
  });
});
