import type { Counter, Gauge, Histogram, Registry, RegistryContentType } from 'prom-client';
import { LATENCY_BOUNDS, type LatencyHistogram } from './latency-histogram.ts';
import type { HistogramMetric, Labels, Metric, Moment, ScalarMetric } from './metric.ts';

type PromClient = typeof import('prom-client');

/** The two text formats in which Prometheus reads metrics. */
export type ExpositionFormat = 'prometheus' | 'openmetrics';

/** Media types by format. */
export const CONTENT_TYPES = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies { [format in ExpositionFormat]: RegistryContentType };

/**
 * Metrics as text in one format. Values are read when the text is requested; nothing is kept up to date before.
 *
 * Each format needs an instance of its own: prom-client renames counters permanently when it first writes OpenMetrics.
 */
export class Exposition {
  readonly #registry: Registry<RegistryContentType>;
  readonly #read: () => Moment;
  #moment: Moment | null = null;

  private constructor(client: PromClient, format: ExpositionFormat, metrics: readonly Metric[], read: () => Moment) {
    this.#registry = new client.Registry<RegistryContentType>();
    this.#registry.setContentType(CONTENT_TYPES[format]);
    this.#read = read;
    for (const metric of metrics) {
      this.#registry.registerMetric(metric.type === 'histogram' ? this.#histogram(client, metric) : this.#scalar(client, metric));
    }
  }

  /** Loads prom-client, which takes some 70 ms, only when metrics are requested. */
  static async create(format: ExpositionFormat, metrics: readonly Metric[], read: () => Moment): Promise<Exposition> {
    return new Exposition(await import('prom-client'), format, metrics, read);
  }

  /** All metrics as of now. */
  async text(): Promise<string> {
    this.#moment = this.#read();
    return this.#registry.metrics();
  }

  #samples<Value>(metric: { read(moment: Moment): Iterable<readonly [Labels, Value]> }): Iterable<readonly [Labels, Value]> {
    return this.#moment === null ? [] : metric.read(this.#moment);
  }

  #scalar(client: PromClient, metric: ScalarMetric): Counter | Gauge {
    const samples = (): Iterable<readonly [Labels, number]> => this.#samples(metric);
    const description = { name: metric.name, help: metric.help, labelNames: metric.labels, registers: [] };
    if (metric.type === 'counter') {
      return new client.Counter({
        ...description,
        collect() {
          this.reset();
          for (const [labels, value] of samples()) this.inc(labels, value);
        },
      });
    }
    return new client.Gauge({
      ...description,
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.set(labels, value);
      },
    });
  }

  /** The histogram of prom-client can only observe value by value, but ours are counted already. */
  #histogram(client: PromClient, metric: HistogramMetric): Histogram {
    const { name, help, labels: labelNames } = metric;
    const samples = (): Iterable<readonly [Labels, LatencyHistogram]> => this.#samples(metric);
    class CountedHistogram extends client.Histogram {
      async getForPromString(): Promise<object> {
        return { name, help, type: 'histogram', values: [...samples()].flatMap(([labels, histogram]) => [...series(name, labels, histogram)]) };
      }
    }
    return new CountedHistogram({ name, help, labelNames, registers: [] });
  }
}

/** The series of one histogram. Buckets are cumulative. */
function* series(name: string, labels: Labels, { buckets, sum }: LatencyHistogram): Iterable<object> {
  let count = 0;
  for (const [index, bucket] of buckets.entries()) {
    count += bucket;
    yield { metricName: `${name}_bucket`, labels: { ...labels, le: String(LATENCY_BOUNDS[index] ?? '+Inf') }, value: count };
  }
  yield { metricName: `${name}_sum`, labels, value: sum };
  yield { metricName: `${name}_count`, labels, value: count };
}
