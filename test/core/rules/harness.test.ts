import { expect } from 'chai';
import { Kind, Observation } from '../../../src/core/observations.ts';
import { Dispatcher } from '../../../src/core/rules/dispatch.ts';
import { nearest, OptionError } from '../../../src/core/rules/errors.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import type { Rule, RuleContext } from '../../../src/core/rules/rule.ts';
import { Settings } from '../../../src/core/rules/settings.ts';

function rule(id: string, watches: readonly Kind[], seen: string[] = []): Rule {
  return {
    id,
    title: `Title of ${id}`,
    summary: 'For a test.',
    severities: ['high'],
    references: ['RFC 9293 §3.6'],
    aliases: [],
    underFaults: 'None.',
    options: { minimum: { default: 5, unit: 'connections', meaning: 'for a test' } },
    watches,
    examples: { flagged: [], clean: [] },
    start: () => ({ observe: ({ kind }) => seen.push(`${id} ${kind}`), finish: () => seen.push(`${id} finish`) }),
    explain: () => ({ explanation: `About ${id}.`, advice: ['Look.'] }),
  };
}

describe('dispatch', () => {
  const context = {} as RuleContext;

  it('hands an observation to the rules that watch its kind, in order, once', () => {
    const seen: string[] = [];
    const dispatcher = new Dispatcher([rule('one', [Kind.FIN, Kind.FIN], seen), rule('two', [Kind.SYN, Kind.FIN], seen)], () => context);
    const observation = new Observation();
    observation.kind = Kind.FIN;
    dispatcher.dispatch(observation);
    observation.kind = Kind.SYN;
    dispatcher.dispatch(observation);
    dispatcher.finish();
    expect(seen).to.deep.equal([`one ${Kind.FIN}`, `two ${Kind.FIN}`, `two ${Kind.SYN}`, 'one finish', 'two finish']);
    expect(dispatcher.watches(Kind.SYN)).to.equal(true);
    expect(dispatcher.watches(Kind.RESET)).to.equal(false);
  });

  it('hands what a rule wants afterwards only of the flows of which it was told before, until they end', () => {
    const seen: string[] = [];
    const following: Rule = {
      ...rule('one', [Kind.RESET]),
      afterwards: [Kind.FIN, Kind.FLOW_ENDED],
      start: () => ({ observe: ({ kind, flow }) => seen.push(`${kind} of ${flow}`), finish: () => undefined }),
    };
    const dispatcher = new Dispatcher([following, rule('two', [Kind.FIN])], () => context);
    const observation = new Observation();
    for (const [kind, flow] of [
      [Kind.FIN, 7],
      [Kind.RESET, 7],
      [Kind.FIN, 8],
      [Kind.FIN, 7],
      [Kind.FLOW_ENDED, 8],
      [Kind.FLOW_ENDED, 7],
      // The slot is used again.
      [Kind.FIN, 7],
      [Kind.FLOW_ENDED, 7],
    ] as const) {
      dispatcher.dispatch(Object.assign(observation, { kind, flow }));
    }
    expect(seen).to.deep.equal([`${Kind.RESET} of 7`, `${Kind.FIN} of 7`, `${Kind.FLOW_ENDED} of 7`]);
    expect(dispatcher.watches(Kind.FLOW_ENDED)).to.equal(true);
  });

  it('keeps to what forty rules want afterwards, or tells them all: none misses anything', () => {
    const seen: string[] = [];
    const rules = Array.from({ length: 40 }, (_, index) => ({ ...rule(`rule-${index}`, [Kind.RESET], seen), afterwards: [Kind.FIN] }));
    const dispatcher = new Dispatcher(rules, () => context);
    for (const kind of [Kind.RESET, Kind.FIN]) dispatcher.dispatch(Object.assign(new Observation(), { kind, flow: 3 }));
    expect(seen).to.have.lengthOf(80);
  });

  it('keeps the end of an orderly flow from rules that skip those, and tells all that follow', () => {
    const seen: string[] = [];
    const rules: Rule[] = [
      { ...rule('skipping', [Kind.FIN, Kind.FLOW_ENDED], seen), skipsOrderly: true },
      rule('watching', [Kind.FLOW_ENDED], seen),
      { ...rule('following', [Kind.RESET], seen), afterwards: [Kind.FLOW_ENDED], skipsOrderly: true },
    ];
    const dispatcher = new Dispatcher(rules, () => context, ({ flow }) => flow === 7);
    for (const flow of [7, 8]) {
      for (const kind of [Kind.FIN, Kind.RESET, Kind.FLOW_ENDED]) dispatcher.dispatch(Object.assign(new Observation(), { kind, flow }));
      // The slot is used again.
      dispatcher.dispatch(Object.assign(new Observation(), { kind: Kind.FLOW_ENDED, flow }));
    }
    const before = [`skipping ${Kind.FIN}`, `following ${Kind.RESET}`];
    const skipped = [`watching ${Kind.FLOW_ENDED}`, `following ${Kind.FLOW_ENDED}`];
    const again = `watching ${Kind.FLOW_ENDED}`;
    const skipping = `skipping ${Kind.FLOW_ENDED}`;
    expect(seen).to.deep.equal([...before, ...skipped, again, ...before, skipping, ...skipped, skipping, again]);
  });

  it('refuses two rules of one id', () => {
    expect(() => new Dispatcher([rule('one', []), rule('one', [])], () => context)).to.throw('two rules are called "one"');
  });
});

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
