import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Monitoring } from '../../../../src/node/live/metrics/monitoring.ts';
import { temporaryFolder } from '../../sources/temporary.ts';
import { FakeView, meetServices } from './fake-view.ts';
import { freePort } from './ports.ts';
import { describeWith } from './programs.ts';

describeWith(['prometheus-node-exporter'], 'node_exporter', () => {
  const folder = temporaryFolder();
  let exporter: ChildProcess;
  let text = '';

  before(async function () {
    this.timeout(60_000);
    const monitoring = await Monitoring.open(new FakeView(), { listen: null, textfile: join(folder.path, 'synoptic.prom'), top: 10 }, () => undefined);
    meetServices(monitoring, ['10.0.0.5:8080']);
    // The file holds what has come by the interval.
    monitoring.summary();
    const port = await freePort();
    exporter = spawn('prometheus-node-exporter', [
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${folder.path}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ], { stdio: 'ignore' });
    while (text === '' && exporter.exitCode === null) {
      text = await fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text(), () => '');
      await setTimeout(100);
    }
    await monitoring.end(null);
  });

  after(async () => {
    if (exporter.exitCode === null) {
      exporter.kill('SIGKILL');
      await once(exporter, 'exit');
    }
  });

  it('takes the textfile over, whole, beside metrics of its own process', () => {
    const lines = text.split('\n');
    expect(lines).to.include.members(['node_textfile_scrape_error 0', 'synoptic_packets_total 12345', '# TYPE synoptic_packets_total counter']);
    expect(lines).to.include('synoptic_service_ends{service="10.0.0.5:8080",state="CLOSE_WAIT"} 124');
    expect(text).to.match(/^process_start_time_seconds /m).and.to.match(/^node_textfile_mtime_seconds\{file=".*synoptic\.prom"\} /m);
  });
});
