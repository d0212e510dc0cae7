import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Monitoring } from '../../../../src/node/live/metrics/monitoring.ts';
import { sampleFinding } from '../../../support/sample-report.ts';
import { temporaryFolder } from '../../sources/temporary.ts';
import { FakeView, meetServices } from './fake-view.ts';
import { freePort } from './ports.ts';
import { describeWith } from './programs.ts';

const RULES = fileURLToPath(new URL('../../../../../contrib/prometheus/synoptic.rules.yml', import.meta.url));

interface Result {
  metric: { [label: string]: string };
  value: [number, string];
}

describeWith(['prometheus'], 'Prometheus', function () {
  const folder = temporaryFolder();
  const view = new FakeView();
  let monitoring: Monitoring;
  let prometheus: ChildProcess;
  let api = '';
  let said = '';

  async function ask<Data>(path: string): Promise<Data> {
    const answer = await fetch(`${api}/api/v1/${path}`);
    return ((await answer.json()) as { data: Data }).data;
  }

  async function query(expression: string): Promise<Result[]> {
    return (await ask<{ result: Result[] }>(`query?query=${encodeURIComponent(expression)}`)).result;
  }

  /** Asks again until there is something: Prometheus scrapes when it likes. The test's time-out bounds it. */
  async function eventually<Value>(get: () => Promise<Value>, isEnough: (value: Value) => boolean): Promise<Value> {
    for (;;) {
      if (prometheus.exitCode !== null || prometheus.killed) throw new Error(`prometheus has ended: ${said}`);
      const value = await get().catch(() => null);
      if (value !== null && isEnough(value)) return value;
      await setTimeout(100);
    }
  }

  before(async function () {
    this.timeout(60_000);
    monitoring = await Monitoring.open(view, { listen: { host: '127.0.0.1', port: 0 }, textfile: null, top: 10 }, () => undefined);
    meetServices(monitoring, ['10.0.0.5:8080']);
    const port = await freePort();
    copyFileSync(RULES, join(folder.path, 'synoptic.rules.yml'));
    writeFileSync(
      join(folder.path, 'prometheus.yml'),
      `global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: [synoptic.rules.yml]
scrape_configs:
  - job_name: synoptic
    static_configs: [{ targets: ['${new URL(monitoring.url!).host}'] }]
`,
    );
    prometheus = spawn('prometheus', [
      `--config.file=${join(folder.path, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ], { stdio: ['ignore', 'ignore', 'pipe'] });
    prometheus.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
    api = `http://127.0.0.1:${port}`;
    await eventually(() => query('synoptic_packets_total'), (result) => result.length > 0);
  });

  after(async () => {
    if (prometheus.exitCode === null) {
      prometheus.kill('SIGKILL');
      await once(prometheus, 'exit');
    }
    await monitoring.end(null);
  });

  it('scrapes without an error', async () => {
    const { activeTargets } = await ask<{ activeTargets: { health: string; lastError: string }[] }>('targets');
    expect(activeTargets.map(({ health, lastError }) => ({ health, lastError }))).to.deep.equal([{ health: 'up', lastError: '' }]);
  });

  it('holds what the audit says', async () => {
    const [packets] = await query('synoptic_packets_total');
    expect(packets.metric).to.include({ job: 'synoptic', __name__: 'synoptic_packets_total' });
    expect(packets.value[1]).to.equal('12345');
    const [waiting] = await query('synoptic_service_ends{service="10.0.0.5:8080",state="CLOSE_WAIT"}');
    expect(waiting.value[1]).to.equal('124');
    expect(await query('synoptic_findings{severity="high"} > 0')).to.have.lengthOf(1);
  });

  it('knows the type and meaning of each metric, as OpenMetrics tells them', async () => {
    const metadata = await eventually(
      () => ask<{ metric: string; type: string; help: string }[]>('targets/metadata'),
      (list) => list.length > 0,
    );
    const typeOf = new Map(metadata.map(({ metric, type }) => [metric, type]));
    expect(typeOf.get('synoptic_packets')).to.equal('counter');
    expect(typeOf.get('synoptic_ends')).to.equal('gauge');
    expect(typeOf.get('synoptic_handshake_synack_seconds')).to.equal('histogram');
  });

  it('sees histograms grow as handshakes are seen', async () => {
    const { Engine } = await import('../../../../src/core/index.ts');
    const { captureOf } = await import('../../../support/conversation-frames.ts');
    const engine = new Engine({}, { fact: (observation, connections) => monitoring.fact(observation, connections) });
    engine.open('capture', null);
    engine.push(captureOf('repeat 40 every 0.01 { C# > S SYN; +0.02 S > C# SYN ACK; +0.0002 C# > S ACK }'));
    engine.close();
    engine.finish();
    const service = 'service=~".+:443"';
    await eventually(() => query(`synoptic_handshake_synack_seconds_count{${service}} == 40`), (result) => result.length === 1);
    // All forty took 20 ms and lie in the bucket from 10 to 25 ms, of which the middle is said.
    const [median] = await query(`histogram_quantile(0.5, synoptic_handshake_synack_seconds_bucket{${service}})`);
    expect(Number(median.value[1])).to.be.closeTo(0.0175, 1e-9);
    expect((await query(`synoptic_handshakes_total{outcome="completed",${service}}`))[0].value[1]).to.equal('40');
  });

  it('evaluates the alerts without an error, and one is pending', async () => {
    view.found = [sampleFinding({ severity: 'critical' }), sampleFinding({ severity: 'high' })];
    const { groups } = await eventually(
      () => ask<{ groups: { rules: { name: string; health: string; lastError?: string; state: string }[] }[] }>('rules'),
      (data) => data.groups.length === 2 && data.groups.every(({ rules }) => rules.every(({ health }) => health !== 'unknown')) &&
        data.groups.some(({ rules }) => rules.some(({ name, state }) => name === 'TcpFindingGrave' && state === 'pending')),
    );
    for (const rule of groups.flatMap(({ rules }) => rules)) expect(rule.health, `${rule.name}: ${rule.lastError}`).to.equal('ok');
  });
});
