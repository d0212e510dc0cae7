import type { LiveAudit } from '../live/live-audit.ts';
import { parseListenAddress } from '../live/metrics/address.ts';
import { Monitoring, type MonitoringOptions } from '../live/metrics/monitoring.ts';
import { checkTextfilePath } from '../live/metrics/textfile.ts';
import { type OptionTable, type Values, wholeNumber } from './options.ts';

const DEFAULT_TOP = 10;
/** Some seventy series a service: more than this is too much for one target of Prometheus. */
const MOST_TOP = 1_000;

/** The options of `synoptic live` for monitoring systems. */
export const MONITORING_OPTIONS = {
  metrics: { kind: 'text', value: 'HOST:PORT', summary: 'serve /metrics for Prometheus, /healthz and /report.json; :PORT is on 127.0.0.1', group: 'Monitoring:' },
  textfile: { kind: 'text', value: 'FILE.prom', summary: "write the metrics to FILE.prom every --interval, for node_exporter's textfile collector", group: 'Monitoring:' },
  top: { kind: 'text', value: 'N', summary: `services that have metrics of their own (${DEFAULT_TOP}); the rest are summed as "other"`, group: 'Monitoring:' },
} as const satisfies OptionTable;

/** What the command line asks for; null when it is nothing. Throws `UsageError` or `MetricsError`. */
export function monitoringOptions(values: Values): MonitoringOptions | null {
  const { texts } = values;
  const metrics = texts.get('metrics');
  const textfile = texts.get('textfile');
  const top = wholeNumber(values, 'top', `a number of services from 1 to ${MOST_TOP}`, 1, MOST_TOP) ?? DEFAULT_TOP;
  if (metrics === undefined && textfile === undefined) return null;
  return {
    listen: metrics === undefined ? null : parseListenAddress(metrics),
    textfile: textfile === undefined ? null : checkTextfilePath(textfile),
    top,
  };
}

/**
 * Makes the audit known to monitoring systems. Gives where they find it, as a URL; null where it is only written to a file. Throws
 * `MetricsError`.
 *
 * @param warn is given what goes wrong meanwhile, a line each
 */
export async function attachMonitoring(audit: LiveAudit, options: MonitoringOptions, warn: (line: string) => void): Promise<string | null> {
  try {
    const monitoring = await Monitoring.open(audit, options, warn);
    audit.attach(monitoring);
    return monitoring.url;
  } catch (error) {
    // The source is open, and nobody will run the audit.
    audit.kill();
    throw error;
  }
}
