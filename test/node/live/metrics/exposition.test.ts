import { expect } from 'chai';
import { METRICS, OWN_METRICS } from '../../../../src/node/live/metrics/catalogue.ts';
import { CONTENT_TYPES, Exposition, type ExpositionFormat } from '../../../../src/node/live/metrics/exposition.ts';
import type { Metric } from '../../../../src/node/live/metrics/metric.ts';
import { Metrics } from '../../../../src/node/live/metrics/metrics.ts';
import { sampleFinding, sampleServer } from '../../../support/sample-report.ts';
import { FakeView, meetServices } from './fake-view.ts';
import { describeWith, runProgram } from './programs.ts';

interface TextOptions {
  top?: number;
  format?: ExpositionFormat;
  metrics?: readonly Metric[];
}

/** That of the sample report's server, and the first of those that tests add. */
const SERVICES = ['10.0.0.5:8080', '10.0.0.0:80', '10.0.0.1:80', '10.0.0.2:80'];

async function textOf(view: FakeView, { top = 10, format = 'prometheus', metrics = METRICS }: TextOptions = {}): Promise<string> {
  const source = new Metrics(view, top);
  meetServices(source, SERVICES);
  return (await Exposition.create(format, metrics, () => source.moment())).text();
}

/** The value of a series, as it is written; undefined when there is none. */
function valueOf(text: string, series: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith(`${series} `))?.slice(series.length + 1);
}

/** A view whose every text is as bad as it can be. */
function hostileView(): FakeView {
  const view = new FakeView();
  view.interface = 'e"t\\h\n0{}\u0000\u2028\ud800';
  view.filter = 'tcp port "80"\\\n# TYPE x gauge';
  view.rows = [sampleServer({ endpoint: '"\\\n} 1' })];
  view.found = [sampleFinding({ rule: 'a"\n', facts: {} })];
  return view;
}

describe('The metrics as text', () => {
  it('give what the audit says', async () => {
    const text = await textOf(new FakeView());
    const expected: [string, string][] = [
      ['synoptic_packets_total', '12345'],
      ['synoptic_packet_bytes_total', '1234567'],
      ['synoptic_dropped_packets_total{where="kernel"}', '7'],
      ['synoptic_dropped_packets_total{where="own"}', '0'],
      ['synoptic_segments_total{kind="synack"}', '205'],
      ['synoptic_retransmitted_segments_total', '17'],
      // 210 ends, two a connection.
      ['synoptic_flows', '105'],
      ['synoptic_ends{state="CLOSE_WAIT"}', '124'],
      ['synoptic_service_ends{service="10.0.0.5:8080",state="CLOSE_WAIT"}', '124'],
      ['synoptic_service_ends{service="other",state="CLOSE_WAIT"}', '0'],
      ['synoptic_findings{rule="close-wait-leak",severity="high"}', '1'],
      ['synoptic_finding_occurrences{rule="close-wait-leak",severity="high"}', '124'],
      ['synoptic_source_info{interface="eth0",source="tcpdump",clock="kernel",filter="tcp port 8080"}', '1'],
      ['synoptic_source_up', '1'],
    ];
    for (const [series, value] of expected) expect(valueOf(text, series), series).to.equal(value);
  });

  it('leave out what the source does not say', async () => {
    const view = new FakeView();
    view.total = { ...view.total, drops: { kernel: null, interface: null, own: 3 } };
    const text = await textOf(view);
    expect(valueOf(text, 'synoptic_dropped_packets_total{where="kernel"}')).to.equal(undefined);
    expect(valueOf(text, 'synoptic_dropped_packets_total{where="own"}')).to.equal('3');
  });

  it('tell how a leak grows, by service; those beyond the top as one', async () => {
    const leak = (server: string, open: number, perSecond: number, until: number): ReturnType<typeof sampleFinding> =>
      sampleFinding({
        facts: { verdict: 'leak', end: 'server', server, open, growth_per_second: perSecond, seconds_until_open_files: { '1024': until, '4096': until * 4 } },
      });
    const view = new FakeView();
    view.found = [leak('10.0.0.1:80', 10, 0.5, 2000), leak('10.0.0.2:80', 300, 4, 180), leak('10.0.0.3:80', 20, 1.25, 900)];
    view.found.push(sampleFinding({ facts: { verdict: 'slow close', end: 'server', server: '10.0.0.9:80', open: 3 } }));
    const text = await textOf(view, { top: 1 });
    const about = (metric: string): string[] => text.split('\n').filter((line) => line.startsWith(`${metric}{`)).sort();
    expect(about('synoptic_close_wait_leak_connections')).to.deep.equal([
      'synoptic_close_wait_leak_connections{service="10.0.0.2:80",end="server"} 300',
      'synoptic_close_wait_leak_connections{service="other",end="server"} 30',
    ]);
    expect(about('synoptic_close_wait_leak_connections_per_second')).to.deep.equal([
      'synoptic_close_wait_leak_connections_per_second{service="10.0.0.2:80",end="server"} 4',
      'synoptic_close_wait_leak_connections_per_second{service="other",end="server"} 1.75',
    ]);
    expect(about('synoptic_close_wait_leak_exhaustion_seconds')).to.deep.equal([
      'synoptic_close_wait_leak_exhaustion_seconds{service="10.0.0.2:80",end="server",limit="1024"} 180',
      'synoptic_close_wait_leak_exhaustion_seconds{service="10.0.0.2:80",end="server",limit="4096"} 720',
      'synoptic_close_wait_leak_exhaustion_seconds{service="other",end="server",limit="1024"} 900',
      'synoptic_close_wait_leak_exhaustion_seconds{service="other",end="server",limit="4096"} 3600',
    ]);
  });

  it('let a finding that is no more fall to 0', async () => {
    const view = new FakeView();
    const source = new Metrics(view, 10);
    const exposition = await Exposition.create('prometheus', METRICS, () => source.moment());
    await exposition.text();
    view.found = [];
    expect(valueOf(await exposition.text(), 'synoptic_findings{rule="close-wait-leak",severity="high"}')).to.equal('0');
  });

  it('have a bounded number of series, however many services there are', async () => {
    const view = new FakeView();
    view.rows = Array.from({ length: 5000 }, (_, index) => sampleServer({ endpoint: `10.0.${index >> 8}.${index & 255}:${index === 5 ? 8080 : 80}`, flows: 5000 - index, states_at_end: { ESTABLISHED: 1 } }));
    view.found = [];
    const text = await textOf(view, { top: 3 });
    expect(text.match(/^synoptic_service_ends\{.*state="ESTABLISHED"\} .*$/gm)).to.deep.equal([
      'synoptic_service_ends{service="10.0.0.0:80",state="ESTABLISHED"} 1',
      'synoptic_service_ends{service="10.0.0.1:80",state="ESTABLISHED"} 1',
      'synoptic_service_ends{service="10.0.0.5:8080",state="ESTABLISHED"} 1',
      'synoptic_service_ends{service="other",state="ESTABLISHED"} 4997',
    ]);
    expect(new Set([...text.matchAll(/service="([^"]*)"/g)].map(([, service]) => service)).size).to.equal(4);
  });

  it('name counters in each format as that wants it, whichever was asked for first', async () => {
    const source = new Metrics(new FakeView(), 10);
    const read = (): ReturnType<Metrics['moment']> => source.moment();
    const openMetrics = await (await Exposition.create('openmetrics', METRICS, read)).text();
    const plain = await (await Exposition.create('prometheus', METRICS, read)).text();
    expect(openMetrics).to.include('# TYPE synoptic_packets counter\nsynoptic_packets_total 12345\n').and.to.match(/\n# EOF\n$/);
    expect(plain).to.include('# TYPE synoptic_packets_total counter\nsynoptic_packets_total 12345\n').and.not.to.include('# EOF');
  });

  it('have the content types that prom-client knows', async () => {
    const { Registry } = await import('prom-client');
    expect(Object.values(CONTENT_TYPES)).to.deep.equal([Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE]);
  });

  it('show every metric of the catalogue, with its labels and no others', async () => {
    const leak = sampleFinding({ facts: { verdict: 'leak', end: 'server', server: 'x', open: 9, growth_per_second: 1, seconds_until_open_files: { '1024': 9 } } });
    const view = new FakeView();
    view.found = [leak];
    const text = await textOf(view);
    for (const { name, type, labels } of METRICS) {
      expect(text).to.match(new RegExp(`^# TYPE ${name} ${type}$`, 'm'));
      const lines = text.split('\n').filter((line) => line.startsWith(`${name}${type === 'histogram' ? '_count' : ''}`) && /^[\w]+(\{| )/.test(line));
      const own = lines.filter((line) => [name, `${name}_count`].includes(line.split(/[{ ]/)[0]));
      expect(own, name).not.to.have.lengthOf(0);
      for (const line of own) expect([...line.matchAll(/(\w+)="/g)].map(([, label]) => label), line).to.deep.equal([...labels]);
    }
    expect(new Set(METRICS.map(({ name }) => name)).size).to.equal(METRICS.length);
  });

  it('leave out the process where node_exporter has its own', async () => {
    expect(await textOf(new FakeView(), { metrics: OWN_METRICS })).not.to.match(/^(?!synoptic_|# (HELP|TYPE) synoptic_|$)/m);
  });
});

describeWith(['promtool'], 'The metrics as promtool sees them', () => {
  const views: [string, FakeView][] = [
    ['of an audit', new FakeView()],
    ['before the first packet', Object.assign(new FakeView(), { latest: null, found: [], rows: [], ends: [] })],
    ['with hostile names', hostileView()],
  ];
  for (const [what, view] of views) {
    it(`are well made ${what}`, async () => {
      expect(runProgram('promtool', ['check', 'metrics'], await textOf(view))).to.deep.equal({ status: 0, output: '' });
    });
  }
});
