import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import { Engine } from '../../../src/core/engine.ts';
import { Kind } from '../../../src/core/observations.ts';
import { OUTCOMES } from '../../../src/core/report/report.ts';
import type { Finding } from '../../../src/core/report/report.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import type { Rule } from '../../../src/core/rules/rule.ts';
import { toJson } from '../../support/analyse.ts';
import { fixtureCapture, fixtureNames } from '../../support/fixtures.ts';
import { ownRule } from '../../support/own-rule.ts';

const ORDERLY = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C PSH ACK 10; C > S FIN ACK; S > C FIN ACK; C > S ACK';

/** The outcomes of the flows of whose end a rule that skips orderly ones is told. */
function told(conversation: string, fields: Partial<Rule> = { skipsOrderly: true }): (string | undefined)[] {
  const outcomes: (string | undefined)[] = [];
  const rule = ownRule({
    watches: [Kind.FLOW_ENDED],
    start: () => ({ observe: ({ a }) => outcomes.push(OUTCOMES[a]), finish: () => undefined }),
    ...fields,
  });
  auditConversation(conversation, { extraRules: [rule] });
  return outcomes;
}

describe('a rule that skips orderly flows', () => {
  it('is not told of the end of a flow that was opened, captured both ways and closed', () => {
    expect(told(ORDERLY)).to.deep.equal([]);
    expect(told(ORDERLY, {})).to.deep.equal(['closed']);
  });

  const OTHERS: readonly [string, string, string][] = [
    ['began before the capture', ORDERLY.replace(/.*?(?=C > S PSH)/, ''), 'closed'],
    ['has a handshake that was not captured whole', ORDERLY.replace('S > C SYN ACK', '~ S > C SYN ACK'), 'closed'],
    ['was captured one way', ORDERLY.replaceAll('S > C', '~ S > C'), 'closed'],
    ['shows data of one end only', ORDERLY.replace('S > C PSH ACK 10', 'S > C ACK'), 'closed'],
    ['was closed by one end', ORDERLY.replace(/S > C FIN ACK.*/, 'S > C ACK'), 'half-closed'],
    ['was reset', ORDERLY.replace(/C > S FIN.*/, 'C > S RST ACK'), 'aborted'],
    ['is open', ORDERLY.replace(/; C > S FIN.*/, ''), 'open'],
    ['got no answer', 'C > S SYN; +1 C > S SYN again', 'unanswered'],
  ];
  for (const [what, conversation, outcome] of OTHERS) {
    it(`is told of one that ${what}`, () => {
      expect(told(conversation)).to.deep.equal([outcome]);
    });
  }

  describe('finds the same as if it were told of them:', () => {
    for (const rule of RULES.filter(({ skipsOrderly }) => skipsOrderly === true)) {
      it(rule.id, () => {
        const { skipsOrderly: _, ...all } = rule;
        const found = (id: string, one: Rule, capture: Uint8Array): Finding[] => {
          const engine = new Engine({ rules: [id], extraRules: [{ ...one, id }] });
          engine.open('capture', null);
          engine.push(capture);
          engine.close();
          return engine.finish().findings;
        };
        for (const name of fixtureNames) {
          const capture = fixtureCapture(name);
          expect(toJson(found('own', rule, capture)), name).to.equal(toJson(found('own', all, capture)));
        }
      });
    }
  });
});
