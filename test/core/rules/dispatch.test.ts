import { expect } from 'chai';
import { ENDING, Kind, Observation } from '../../../src/core/observations.ts';
import { Dispatcher } from '../../../src/core/rules/dispatch.ts';
import type { Rule, RuleContext } from '../../../src/core/rules/rule.ts';

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
    const dispatcher = new Dispatcher(rules, () => context);
    for (const flow of [7, 8]) {
      const b = flow === 7 ? ENDING.ORDERLY : 0;
      for (const kind of [Kind.FIN, Kind.RESET, Kind.FLOW_ENDED]) dispatcher.dispatch(Object.assign(new Observation(), { kind, flow, b }));
      // The slot is used again.
      dispatcher.dispatch(Object.assign(new Observation(), { kind: Kind.FLOW_ENDED, flow, b }));
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
