import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { SEVERITIES } from '../src/core/report/report.ts';
import type { Severity } from '../src/core/report/report.ts';
import { RULES } from '../src/core/rules/index.ts';

const ROOT = new URL('../../', import.meta.url);

interface Compared {
  capture: string;
  rule: string;
  severity: Severity;
  packets: number[];
  peers: { [peer: string]: string };
  why: string;
}

interface Pages {
  renderFindings: (data: unknown) => string;
}

interface Sections {
  withSection: (page: string, name: string, text: string) => string;
}

describe('docs/peers.md', () => {
  const page = readFileSync(fileURLToPath(new URL('docs/peers.md', ROOT)), 'utf8');
  const data = JSON.parse(readFileSync(fileURLToPath(new URL('docs/peers/findings.json', ROOT)), 'utf8')) as { findings: Compared[] };

  it('has what docs/peers/findings.json has (node tools/peers-findings.js)', async () => {
    const { renderFindings } = (await import(new URL('tools/peers-page.js', ROOT).href)) as Pages;
    const { withSection } = (await import(new URL('tools/page-section.js', ROOT).href)) as Sections;
    expect(withSection(page, 'findings', renderFindings(data))).to.equal(page);
  });

  it('defends each finding, with packets and what tshark says', () => {
    expect(data.findings).to.have.lengthOf.at.least(5);
    for (const { capture, rule, severity, packets, peers, why } of data.findings) {
      expect(RULES.map(({ id }) => id)).to.include(rule);
      expect(SEVERITIES.indexOf(severity)).to.be.at.least(SEVERITIES.indexOf('medium'));
      expect(packets, capture).to.have.lengthOf.at.least(1);
      expect(peers['tshark'], capture).not.to.equal('');
      expect(why, capture).to.have.length.above(100);
    }
  });
});

describe('a section of a page', () => {
  it('is put in its place, or at the end', async () => {
    const { withSection } = (await import(new URL('tools/page-section.js', ROOT).href)) as Sections;
    const page = withSection(withSection('# Page\n', 'one', 'First.\n'), 'two', 'Second.\n');
    expect(page).to.equal('# Page\n\n<!-- one -->\nFirst.\n<!-- /one -->\n\n<!-- two -->\nSecond.\n<!-- /two -->\n');
    expect(withSection(page, 'one', 'Anew.\n')).to.equal(page.replace('First.', 'Anew.'));
  });
});
