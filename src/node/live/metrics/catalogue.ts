import { CAPTURE_METRICS } from './capture-metrics.ts';
import { FINDING_METRICS } from './finding-metrics.ts';
import type { Metric } from './metric.ts';
import { PROCESS_METRICS } from './process-metrics.ts';
import { SERVICE_METRICS } from './service-metrics.ts';

/** What synoptic alone can say. */
export const OWN_METRICS: readonly Metric[] = [...CAPTURE_METRICS, ...SERVICE_METRICS, ...FINDING_METRICS];

/** Every metric that there is, in the order of `docs/monitoring.md`. */
export const METRICS: readonly Metric[] = [...OWN_METRICS, ...PROCESS_METRICS];
