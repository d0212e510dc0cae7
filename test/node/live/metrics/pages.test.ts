import { expect } from 'chai';
import { Metrics } from '../../../../src/node/live/metrics/metrics.ts';
import { metricsPages } from '../../../../src/node/live/metrics/pages.ts';
import type { Page } from '../../../../src/node/live/metrics/server.ts';
import { sampleReport } from '../../../support/sample-report.ts';
import { expectValidReport } from '../../../support/validate.ts';
import { FakeView } from './fake-view.ts';

describe('The pages for monitoring', () => {
  let view: FakeView;
  let metrics: Metrics;
  let get: (path: string, accept?: string) => Promise<Page>;

  beforeEach(async () => {
    view = new FakeView();
    metrics = new Metrics(view, 10);
    const pages = await metricsPages(metrics);
    get = async (path, accept) => pages.get(path)!(accept);
  });

  async function health(): Promise<[number, { [name: string]: unknown }]> {
    const { status, body } = await get('/healthz');
    return [status, JSON.parse(body) as { [name: string]: unknown }];
  }

  it('say that the source is well, and how old the latest packet is', async () => {
    expect(await health()).to.deep.equal([200, {
      status: 'ok',
      failure: null,
      interface: 'eth0',
      source: 'tcpdump',
      last_packet_age_seconds: null,
      packets: 12_345,
      dropped: { kernel: 7, interface: 0, own: 0 },
    }]);
    metrics.bytes();
    const [, { last_packet_age_seconds: age }] = await health();
    expect(age).to.be.a('number').that.is.at.least(0);
  });

  it('know no age before the first packet: a file header came', async () => {
    view.latest = null;
    metrics.bytes();
    expect((await health())[1]['last_packet_age_seconds']).to.equal(null);
  });

  it('say 503 and why when the source has died', async () => {
    const died = sampleReport();
    died.capture.files[0].damage = { offset: 9, reason: 'tcpdump: eth0: the network went down' };
    metrics.end(died);
    const [status, { status: word, failure }] = await health();
    expect([status, word, failure]).to.deep.equal([503, 'ended', 'tcpdump: eth0: the network went down']);
    expect((await get('/metrics')).body).to.include('\nsynoptic_source_up 0\n');
  });

  it('say 503 when it ended as it should, and when the audit failed', async () => {
    metrics.end(sampleReport());
    expect(await health()).to.have.nested.property('[1].failure', null);
    metrics.end(null);
    const [status, { failure }] = await health();
    expect([status, failure]).to.deep.equal([503, 'the audit failed']);
  });

  it('give the report that the schema describes', async () => {
    const { status, contentType, body } = await get('/report.json');
    expect([status, contentType]).to.deep.equal([200, 'application/json; charset=utf-8']);
    expectValidReport(body);
  });

  it('give the metrics in the format that is asked for', async () => {
    const plain = await get('/metrics', 'text/plain');
    expect(plain.contentType).to.equal('text/plain; version=0.0.4; charset=utf-8');
    const open = await get('/metrics', 'application/openmetrics-text; version=1.0.0');
    expect(open.contentType).to.equal('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.body).to.match(/# EOF\n$/);
    // prom-client renames counters once it has written OpenMetrics.
    expect((await get('/metrics', 'text/plain')).body).to.include('# TYPE synoptic_packets_total counter');
  });

  it('are made once for all who ask at once', async () => {
    let made = 0;
    view.report = () => {
      made++;
      return sampleReport();
    };
    await Promise.all(Array.from({ length: 100 }, () => get('/report.json')));
    expect(made).to.equal(1);
  });

  it('are made again after one that failed', async () => {
    let fails = true;
    view.report = () => {
      if (fails) throw new Error('no');
      return sampleReport();
    };
    expect(await get('/report.json').then(() => 'given', () => 'failed')).to.equal('failed');
    fails = false;
    let status = 0;
    while (status !== 200) status = await get('/report.json').then((page) => page.status, () => 0);
  });
});
