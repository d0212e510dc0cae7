import { expect } from 'chai';
import { Engine } from '../../../src/core/engine.ts';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import { conversationCapture } from '../../../src/core/examples/conversation-capture.ts';
import { RuleError } from '../../../src/core/rules/errors.ts';
import { checkRules } from '../../../src/core/rules/extra-rules.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import type { Draft, Rule } from '../../../src/core/rules/rule.ts';
import type { Fact } from '../../../src/core/report/report.ts';
import { ownRule } from '../../support/own-rule.ts';

const TWO_SYNS = 'C > S SYN; +1 C2 > S SYN';

/** The rule with a field as JavaScript might have it. */
function spoiled(field: string, value: unknown): unknown {
  return { ...ownRule(), [field]: value };
}

function errorOf(rule: Rule, conversation = TWO_SYNS): RuleError {
  try {
    auditConversation(conversation, { extraRules: [rule] });
  } catch (error) {
    if (error instanceof RuleError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe("a caller's own rule", () => {
  it('reports like ours, knows its settings, and can be left out', () => {
    const extraRules = [ownRule()];
    const { findings, tool } = auditConversation(TWO_SYNS, { extraRules });
    const own = findings.filter(({ rule }) => rule === 'any-syn');
    expect(own.map(({ severity, count, title, evidence }) => [severity, count, title, evidence.packets])).to.deep.equal([['low', 2, 'A SYN', [1, 2]]]);
    expect(tool.options).to.deep.equal({ extra_rules: ['any-syn'] });
    const rules = (options: object): string[] => auditConversation(TWO_SYNS, { extraRules, ...options }).findings.map(({ rule }) => rule);
    expect(rules({ rules: ['any-syn'] })).to.deep.equal(['any-syn']);
    expect(rules({ skip: ['any-syn'] })).not.to.include('any-syn');
    expect(rules({ set: { 'any-syn.minimum': 3 } })).not.to.include('any-syn');
  });

  it('that judges by short times is doubted where packets were stamped when they were delivered', () => {
    const doubtsOf = (fields: Partial<Rule>): readonly string[] => {
      const engine = new Engine({ extraRules: [ownRule(fields, { subject: { kind: 'host', host: '192.0.2.1' } })] });
      engine.noteDeliveryClock(10e6);
      engine.open('a conversation', null);
      engine.push(conversationCapture(TWO_SYNS));
      engine.close();
      return engine.finish().findings.find(({ rule }) => rule === 'any-syn')?.doubts ?? ['not reported'];
    };
    expect(doubtsOf({})).to.deep.equal([]);
    expect(doubtsOf({ timed: true }).map((doubt) => doubt.slice(0, 45))).to.deep.equal(['Packets were stamped when they were delivered']);
  });

  const SPOILED: readonly [string, unknown, string][] = [
    ['id', undefined, 'the rule: "id" is missing; it must be a name of lower-case letters, digits and hyphens, like "slow-handshake"'],
    ['id', 'Any SYN', 'rule "Any SYN": "id" is wrong; it must be a name of lower-case letters, digits and hyphens, like "slow-handshake"'],
    ['title', '', 'rule "any-syn": "title" is wrong; it must be a text that is not empty'],
    ['severities', [], 'rule "any-syn": "severities" is wrong; it must be a list of info, low, medium, high, critical, the gravest first'],
    ['severities', ['grave'], 'rule "any-syn": "severities" is wrong; it must be a list of info, low, medium, high, critical, the gravest first'],
    ['aliases', undefined, 'rule "any-syn": "aliases" is missing; it must be a list of texts (it may be empty)'],
    ['options', { limit: { default: '5', unit: 's', meaning: 'm' } }, 'rule "any-syn": "options" is wrong; it must be an object of { default: number, unit: text, meaning: text } by name'],
    ['options', { limit: { default: -1, unit: 's', meaning: 'm' } }, 'rule "any-syn": "options" is wrong; it must be an object of { default: number, unit: text, meaning: text } by name'],
    ['watches', [999], 'rule "any-syn": "watches" is wrong; it must be a list of values of Kind that is not empty'],
    ['watches', [undefined], 'rule "any-syn": "watches" is wrong; it must be a list of values of Kind that is not empty'],
    ['skipsOrderly', false, 'rule "any-syn": "skipsOrderly" is wrong; it must be true, or left out'],
    ['timed', 'yes', 'rule "any-syn": "timed" is wrong; it must be true, or left out'],
    ['afterwards', [999], 'rule "any-syn": "afterwards" is wrong; it must be a list of values of Kind, or left out'],
    ['examples', [], 'rule "any-syn": "examples" is wrong; it must be { flagged: [], clean: [] } with examples { title: text, conversation: text }'],
    ['start', {}, 'rule "any-syn": "start" is wrong; it must be a function'],
    ['explain', undefined, 'rule "any-syn": "explain" is missing; it must be a function'],
  ];
  for (const [field, value, message] of SPOILED) {
    it(`is refused with ${field} = ${JSON.stringify(value)}`, () => {
      expect(() => checkRules([spoiled(field, value)], RULES)).to.throw(RuleError, message);
    });
  }

  it('is refused where it is no object, or its id is taken', () => {
    expect(() => checkRules([ownRule(), null], RULES)).to.throw(RuleError, /^rule 2 of 2 is no object; a rule has id, title, /);
    expect(() => checkRules([ownRule({ id: 'syn-flood' })], RULES)).to.throw(RuleError, 'the id "syn-flood" is taken; call the rule something else');
    expect(() => checkRules([ownRule(), ownRule()], RULES)).to.throw(RuleError, 'the id "any-syn" is taken; call the rule something else');
    expect(() => checkRules([ownRule({ id: 'capture' })], RULES)).to.throw(RuleError, 'the id "capture" is the name of a group of settings');
  });

  describe('that fails', () => {
    const fail = (): never => {
      throw new TypeError('no\nway');
    };

    it('names itself, the packet and the line', () => {
      let seen = 0;
      const { message, rule, packet } = errorOf(ownRule({
        start: () => ({
          observe() {
            seen += 1;
            if (seen === 2) fail();
          },
          finish: () => undefined,
        }),
      }));
      expect(message).to.match(/^rule any-syn failed at packet 2: TypeError: no way \(extra-rules\.test\.js:\d+\)$/);
      expect([rule, packet]).to.deep.equal(['any-syn', 2]);
    });

    const PLACES: readonly [string, Partial<Rule>][] = [
      ['as it started', { start: fail }],
      ['at the end of the capture', { start: () => ({ observe: () => undefined, finish: fail }) }],
      ['in explain()', { explain: fail }],
    ];
    for (const [when, fields] of PLACES) {
      it(`says that it was ${when}`, () => {
        const { message, packet } = errorOf(ownRule(fields));
        expect(message.startsWith(`rule any-syn failed ${when}: TypeError: no way (`), message).to.equal(true);
        expect(packet).to.equal(null);
      });
    }

    it('says that it asked for a setting that it has not', () => {
      expect(errorOf(ownRule({ start: (context) => ({ observe: () => context.option('limit'), finish: () => undefined }) })).message)
        .to.include('failed at packet 1: OptionError: any-syn has no option "limit"');
    });
  });

  it('must return what observes, and words', () => {
    expect(errorOf(ownRule({ start: () => ({}) as ReturnType<Rule['start']> })).message).to.equal('rule any-syn: start() must return an object with the functions observe and finish');
    expect(errorOf(ownRule({ explain: () => ({ explanation: 'x' }) as ReturnType<Rule['explain']> })).message)
      .to.equal('rule any-syn: explain() must return { explanation: text, advice: list of texts }: advice is no list of texts');
  });

  describe('that reports a draft', () => {
    const endless: Fact[] = [];
    endless.push(endless);
    const WRONG: readonly [string, { readonly [field in keyof Draft]?: unknown }, string][] = [
      ['of a severity that it does not name', { severity: 'high' }, "severity must be one of the rule's own: low, info"],
      ['of no confidence', { confidence: 'sure' }, 'confidence must be one of low, medium, high'],
      ['about nobody', { subject: { kind: 'flow', flow: 1 } }, 'subject must be { kind:'],
      ['whose times are no numbers', { first: Number.NaN }, 'first and last must be'],
      ['that ends before it begins', { first: 2e9 }, 'first and last must be'],
      ['of nothing', { count: 0 }, 'count must be a whole number above 0'],
      ['without flows', { flows: undefined }, 'flows and packets must be lists of whole numbers'],
      ['with a fraction of a packet', { packets: [1.5] }, 'flows and packets must be lists of whole numbers'],
      ['with less than no further flows', { moreFlows: -1 }, 'moreFlows and morePackets must be whole numbers'],
      ['with facts that are no JSON', { facts: { time: 1n } }, 'facts must be plain JSON'],
      ['with facts that never end', { facts: { endless } }, 'facts must be plain JSON'],
      ['with facts that are not finite', { facts: { share: Infinity } }, 'facts must be plain JSON'],
      ['with doubts that are no texts', { doubts: [1] }, 'doubts must be a list of texts'],
    ];
    for (const [what, draft, problem] of WRONG) {
      it(`${what} is refused`, () => {
        const { message } = errorOf(ownRule({}, draft as Partial<Draft>));
        expect(message.startsWith(`rule any-syn reported a finding whose ${problem}`), message).to.equal(true);
      });
    }
  });
});
