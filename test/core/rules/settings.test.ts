import { expect } from 'chai';
import { nearest, OptionError } from '../../../src/core/rules/errors.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import { Settings } from '../../../src/core/rules/settings.ts';

describe('settings', () => {
  it('runs all rules, only some, or all but some', () => {
    const ids = (options: ConstructorParameters<typeof Settings>[1]): string[] => new Settings(RULES, options).rules.map(({ id }) => id);
    expect(ids({})).to.have.lengthOf(RULES.length);
    expect(ids({ rules: ['syn-flood', 'close-wait-leak'] })).to.deep.equal(['close-wait-leak', 'syn-flood']);
    expect(ids({ rules: ['syn-flood', 'bad-ack'], skip: ['bad-ack'] })).to.deep.equal(['syn-flood']);
  });

  it('gives defaults and what was set', () => {
    const settings = new Settings(RULES, { set: { 'close-wait-leak.policy': 120, 'report.evidence': 3 } });
    const leak = settings.rules[0];
    expect(settings.optionsOf(leak)('policy')).to.equal(120);
    expect(settings.optionsOf(leak)('minimum')).to.equal(5);
    expect(settings.engine('report.evidence')).to.equal(3);
    expect(settings.engine('capture.duplicate-window')).to.equal(0.05);
  });

  const WRONG: [ConstructorParameters<typeof Settings>[1], RegExp, string | null][] = [
    [{ rules: ['close-wait-leek'] }, /no rule "close-wait-leek"; did you mean "close-wait-leak"\?/, 'close-wait-leak'],
    [{ skip: ['nonsense'] }, /no rule "nonsense"/, null],
    [{ set: { 'close-wait-leak.polcy': 3 } }, /it has close-wait-leak.minimum, close-wait-leak.policy/, 'close-wait-leak.policy'],
    [{ set: { 'flows.maximun': 3 } }, /no setting "flows.maximun"/, 'flows.maximum'],
    [{ set: { minimum: 3 } }, /no setting "minimum"; those of a rule are "close-wait-leak\.minimum" and the like, those of the engine capture\.reorder-window, /, null],
    [{ set: { 'bad-ack.anything': 3 } }, /it has no options/, null],
    [{ set: { 'close-wait-leak.policy': -1 } }, /must be a number, 0 or more/, null],
    [{ set: { 'close-wait-leak.policy': Number.NaN } }, /must be a number, 0 or more/, null],
  ];
  for (const [options, problem, suggestion] of WRONG) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new Settings(RULES, options))
        .to.throw(OptionError, problem)
        .with.property('suggestion', suggestion);
    });
  }

  it('suggests only what is near', () => {
    expect(nearest('syn-flod', ['syn-flood', 'bad-ack'])).to.equal('syn-flood');
    expect(nearest('syn', ['bad-ack', 'syn-flood'])).to.equal('syn-flood');
    expect(nearest('zzzzzz', ['syn-flood', 'bad-ack'])).to.equal(null);
  });
});
