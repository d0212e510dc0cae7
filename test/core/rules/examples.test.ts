import { expect } from 'chai';
import { checkExamples } from '../../../src/core/examples/check-examples.ts';
import type { ExampleResult } from '../../../src/core/examples/check-examples.ts';
import { SEVERITIES } from '../../../src/core/report/report.ts';
import { RULES } from '../../../src/core/rules/index.ts';

describe('every rule', () => {
  for (const rule of RULES) {
    describe(rule.id, () => {
      let results: readonly ExampleResult[] = [];

      before(() => {
        results = checkExamples(rule);
      });

      const { flagged, clean } = rule.examples;
      [...flagged, ...clean].forEach(({ title }, index) => {
        it(`${index < flagged.length ? 'reports' : 'does not accuse'}: ${title}`, () => {
          expect(results[index]).to.deep.equal({ title, expected: index < flagged.length ? 'flagged' : 'clean', problem: null });
        });
      });

      it('is documented', () => {
        expect(rule.id).to.match(/^[a-z]+(-[a-z0-9]+)*$/);
        expect(rule.severities).to.have.lengthOf.at.least(1);
        for (const severity of rule.severities) expect(SEVERITIES).to.include(severity);
        expect(rule.summary).to.match(/\.$/);
        expect(rule.underFaults).to.match(/\.$/);
        expect(rule.watches).to.have.lengthOf.at.least(1);
        expect(rule.examples.flagged).to.have.lengthOf.at.least(1);
        expect(rule.examples.clean).to.have.lengthOf.at.least(1);
        for (const option of Object.values(rule.options)) expect(option.unit).not.to.equal('');
      });
    });
  }

  it('has an id of its own', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).to.equal(RULES.length);
  });
});
