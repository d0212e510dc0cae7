import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Monitoring } from '../../../../src/node/live/metrics/monitoring.ts';
import { sampleReport } from '../../../support/sample-report.ts';
import { temporaryFolder } from '../../sources/temporary.ts';
import { FakeView } from './fake-view.ts';

describe('Monitoring', () => {
  const folder = temporaryFolder();

  it('writes the file at once, again and again, and a last time when the source has ended', async () => {
    const textfile = join(folder.path, 'a.prom');
    const view = new FakeView();
    const monitoring = await Monitoring.open(view, { listen: null, textfile, top: 10 }, () => undefined);
    expect(monitoring.url).to.equal(null);
    expect(readFileSync(textfile, 'utf8')).to.include('\nsynoptic_packets_total 12345\n').and.to.include('\nsynoptic_source_up 1\n');
    view.total = { ...view.total, packets: 20_000 };
    monitoring.summary();
    while (!readFileSync(textfile, 'utf8').includes('\nsynoptic_packets_total 20000\n')) await setTimeout(5);
    view.total = { ...view.total, packets: 30_000 };
    await monitoring.end(sampleReport());
    expect(readFileSync(textfile, 'utf8')).to.include('\nsynoptic_packets_total 30000\n').and.to.include('\nsynoptic_source_up 0\n');
  });

  it('warns once of a file that cannot be written meanwhile, goes on, and fails if it is so at the end', async () => {
    const place = join(folder.path, 'disk');
    const warnings: string[] = [];
    mkdirSync(place);
    const monitoring = await Monitoring.open(new FakeView(), { listen: null, textfile: join(place, 'b.prom'), top: 10 }, (line) => void warnings.push(line));
    rmSync(place, { recursive: true });
    for (let time = 0; time < 3; time++) monitoring.summary();
    const failure = await monitoring.end(sampleReport()).then(() => '', (error: Error) => error.name);
    expect(failure).to.equal('MetricsError');
    expect(warnings).to.have.lengthOf(1);
    expect(warnings[0]).to.match(/^--textfile .*b\.prom: no such file or directory$/);
  });
});
