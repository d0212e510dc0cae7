import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { RULES } from '../../../src/core/rules/index.ts';
import type { Rule } from '../../../src/core/rules/rule.ts';

/** The project's root, from dist/test/core/rules. */
const ROOT = new URL('../../../../', import.meta.url);

describe('docs/rules.md', () => {
  it('is what the rules say: run `node tools/rules-docs.js` after changing one', async () => {
    const page: { renderRules(rules: readonly Rule[]): string } = await import(new URL('tools/rules-page.js', ROOT).href);
    expect(readFileSync(new URL('docs/rules.md', ROOT), 'utf8')).to.equal(page.renderRules(RULES));
  });

  it('holds every rule and setting', () => {
    const text = readFileSync(new URL('docs/rules.md', ROOT), 'utf8');
    for (const rule of RULES) {
      expect(text).to.include(`## ${rule.id}\n`);
      for (const name of Object.keys(rule.options)) expect(text).to.include(`\`${rule.id}.${name}\``);
    }
  });
});
