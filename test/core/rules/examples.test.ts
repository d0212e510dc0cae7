import { expect } from 'chai';
import { SEVERITIES } from '../../../src/core/report/report.ts';
import type { Finding } from '../../../src/core/report/report.ts';
import { RULES } from '../../../src/core/rules/index.ts';
import type { Rule } from '../../../src/core/rules/rule.ts';
import { auditConversation } from '../../support/conversation-frames.ts';

/** A rule that knows remarks only must be silent on its clean examples; others may remark, but not accuse. */
function accusations(rule: Rule, findings: readonly Finding[]): string[] {
  const remarksOnly = rule.severities.every((severity) => severity === 'info');
  return findings.filter((finding) => finding.rule === rule.id && (remarksOnly || finding.severity !== 'info')).map(({ severity, title }) => `${severity}: ${title}`);
}

describe('every rule', () => {
  for (const rule of RULES) {
    describe(rule.id, () => {
      for (const { title, conversation } of rule.examples.flagged) {
        it(`reports: ${title}`, () => {
          const { findings } = auditConversation(conversation);
          const found = findings.filter((finding) => finding.rule === rule.id);
          expect(found, findings.map((finding) => finding.rule).join(', ')).to.have.lengthOf.at.least(1);
          for (const finding of found) {
            expect(rule.severities).to.include(finding.severity);
            expect(finding.explanation).to.have.length.above(60);
            expect(finding.explanation).not.to.match(/undefined|NaN|\[object| {2}/);
            expect(finding.advice).to.have.lengthOf.at.least(1);
            expect(finding.advice.join(' ')).not.to.match(/undefined|NaN|\[object/);
            expect(finding.count).to.be.above(0);
            expect(finding.last_ns >= finding.first_ns).to.equal(true);
          }
        });
      }
      for (const { title, conversation } of rule.examples.clean) {
        it(`does not accuse: ${title}`, () => {
          expect(accusations(rule, auditConversation(conversation).findings)).to.deep.equal([]);
        });
      }
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
