import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type METRICS as Catalogue, METRICS } from '../../../../src/node/live/metrics/catalogue.ts';

/** The project's root, from dist/test/node/live/metrics. */
const ROOT = new URL('../../../../../', import.meta.url);

describe('docs/monitoring.md', () => {
  const page = readFileSync(new URL('docs/monitoring.md', ROOT), 'utf8');

  it('lists the metrics that there are: run `node tools/metrics-docs.js` after changing one', async () => {
    const tool: { renderMetrics(page: string, metrics: typeof Catalogue): string } = await import(new URL('tools/metrics-page.js', ROOT).href);
    expect(page).to.equal(tool.renderMetrics(page, METRICS));
    for (const { name } of METRICS) expect(page).to.include(`| \`${name}\` |`);
  });

  it('lists the alerts that there are', () => {
    const alerts = [...readFileSync(new URL('contrib/prometheus/synoptic.rules.yml', ROOT), 'utf8').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const section = page.slice(page.indexOf('### Alerts'), page.indexOf('## node_exporter'));
    expect([...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)).to.deep.equal(alerts);
  });
});
