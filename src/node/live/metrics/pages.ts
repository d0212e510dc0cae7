import { prettyJson } from '../../../core/index.ts';
import { METRICS } from './catalogue.ts';
import { CONTENT_TYPES, Exposition } from './exposition.ts';
import type { Moment } from './metric.ts';
import type { Metrics } from './metrics.ts';
import { negotiateFormat } from './negotiation.ts';
import type { Page, PageMaker } from './server.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/*
 * A page is served again to everybody within this many milliseconds, and for this many times as long as it took to make: requests must not
 * stall the analysis.
 */
const LEAST_AGE_MS = 250;
const COST_FACTOR = 9;

const INDEX = `synoptic
/metrics      for Prometheus
/healthz      whether packets can still come
/report.json  the report as it stands
`;

/** Makes a page only so often that making it takes a small share of the time. */
function sparingly(make: () => Page | Promise<Page>): () => Promise<Page> {
  let made: Promise<Page> | null = null;
  let staleAt = 0;
  return () => {
    const began = performance.now();
    if (made !== null && began < staleAt) return made;
    staleAt = Infinity;
    made = Promise.resolve().then(make).finally(() => {
      const ended = performance.now();
      staleAt = ended + Math.max(LEAST_AGE_MS, (ended - began) * COST_FACTOR);
    });
    return made;
  };
}

/** The pages of the metrics server, by path. */
export async function metricsPages(metrics: Metrics): Promise<ReadonlyMap<string, PageMaker>> {
  const read = (): Moment => metrics.moment();
  const expositions = {
    prometheus: await Exposition.create('prometheus', METRICS, read),
    openmetrics: await Exposition.create('openmetrics', METRICS, read),
  };
  const exposed = (format: keyof typeof expositions): (() => Promise<Page>) =>
    sparingly(async () => ({ status: 200, contentType: CONTENT_TYPES[format], body: await expositions[format].text() }));
  const makers = { prometheus: exposed('prometheus'), openmetrics: exposed('openmetrics') };
  const report = sparingly(() => ({ status: 200, contentType: JSON_TYPE, body: `${prettyJson(metrics.view.report())}\n` }));
  return new Map<string, PageMaker>([
    ['/', () => ({ status: 200, contentType: 'text/plain; charset=utf-8', body: INDEX })],
    ['/metrics', (accept) => makers[negotiateFormat(accept)]()],
    ['/healthz', () => healthPage(metrics)],
    ['/report.json', report],
  ]);
}

/** Tells whether packets can still come: status 200 or 503, with JSON for people and probes. */
function healthPage(metrics: Metrics): Page {
  const { view } = metrics;
  const { alive, failure, lastPacketAge } = metrics.status();
  const { packets, drops } = view.counters();
  const health = {
    status: alive ? 'ok' : 'ended',
    failure,
    interface: view.interface,
    source: view.source,
    last_packet_age_seconds: lastPacketAge === null ? null : Math.round(lastPacketAge * 1000) / 1000,
    packets,
    dropped: drops,
  };
  return { status: alive ? 200 : 503, contentType: JSON_TYPE, body: `${prettyJson(health)}\n` };
}
