import { expect } from 'chai';
import { checkExamples } from '../../../src/core/examples/check-examples.ts';
import type { Draft, Example, Rule } from '../../../src/core/rules/rule.ts';
import { ownRule } from '../../support/own-rule.ts';

function problems(rule: Rule): (string | null)[] {
  return checkExamples(rule).map(({ problem }) => problem);
}

const SYN: Example = { title: 'a SYN', conversation: 'C > S SYN' };

describe('checking the examples of a rule', () => {
  it('passes what is flagged and clean as it should be', () => {
    expect(checkExamples(ownRule())).to.deep.equal([
      { title: 'a SYN', expected: 'flagged', problem: null },
      { title: 'none', expected: 'clean', problem: null },
    ]);
  });

  it('fails a flagged example without a finding of the rule, and names what else was found', () => {
    const data = { title: 'reset', conversation: 'C > S SYN; S > C RST ACK' };
    const rule = ownRule({ id: 'never', start: () => ({ observe: () => undefined, finish: () => undefined }), examples: { flagged: [SYN, data], clean: [] } });
    expect(problems(rule)).to.deep.equal(['no finding of never', 'no finding of never, but connect-refused']);
  });

  it('fails a clean example with an accusation, but not with a remark', () => {
    expect(problems(ownRule({ examples: { flagged: [], clean: [SYN] } }))).to.deep.equal(['accused all the same: low, A SYN']);
    expect(problems(ownRule({ examples: { flagged: [], clean: [SYN] } }, { severity: 'info' }))).to.deep.equal([null]);
  });

  it('fails a clean example with a remark where the rule knows nothing graver', () => {
    const rule = ownRule({ severities: ['info'], examples: { flagged: [], clean: [SYN] } }, { severity: 'info' });
    expect(problems(rule)).to.deep.equal(['accused all the same: info, A SYN']);
  });

  const WORDS: readonly [string, ReturnType<Rule['explain']>, RegExp][] = [
    ['too few', { explanation: 'Bad.', advice: ['Look.'] }, /^the explanation says too little/],
    ['incomplete', { explanation: `undefined ${'something that is long enough '.repeat(3)}`, advice: ['Look.'] }, /^a word is missing in "undefined something/],
    ['without advice', { explanation: 'something that is long enough '.repeat(3), advice: [] }, /^there is no advice$/],
  ];
  for (const [what, words, problem] of WORDS) {
    it(`fails words that are ${what}`, () => {
      expect(problems(ownRule({ explain: () => words }))[0]).to.match(problem);
    });
  }

  const DRAFTS: readonly [Partial<Draft>, RegExp][] = [
    [{ severity: 'high' }, /reported a finding whose severity must be one of the rule's own: low, info$/],
    [{ count: 0 }, /count must be a whole number above 0$/],
  ];
  for (const [draft, problem] of DRAFTS) {
    it(`fails a draft with ${JSON.stringify(draft)}`, () => {
      expect(problems(ownRule({}, draft))[0]).to.match(problem);
    });
  }

  it('fails what is no conversation', () => {
    const nonsense = { title: 'nonsense', conversation: 'C > S SYM' };
    expect(problems(ownRule({ examples: { flagged: [nonsense], clean: [] } }))[0]).to.match(/^line 1: "SYM" is not understood/);
  });

  it('refuses what is no rule', () => {
    expect(() => checkExamples(ownRule({ id: 'bad-ack' }))).to.throw('the id "bad-ack" is taken');
  });
});
