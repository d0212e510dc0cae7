import type { Finding, ServerRow } from '../../../core/index.ts';
import type { LiveCounters, LiveView } from '../live-view.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import type { TopServices } from './top-services.ts';

/** Values of a series' labels by name. */
export type Labels = { readonly [label: string]: string };

/** The health of the source: of the program that captures, not of the capture. */
export interface SourceStatus {
  /** Packets may still come. */
  alive: boolean;
  /** Why it is not alive, in one line; null while it is, or if it ended as it should. */
  failure: string | null;
  /** Seconds of this machine's clock since the latest packet was read; null before the first. */
  lastPacketAge: number | null;
}

/** What all metrics of one response are read from, so that they are consistent. */
export interface Moment {
  readonly view: LiveView;
  readonly status: SourceStatus;
  readonly counters: LiveCounters;
  readonly findings: readonly Finding[];
  readonly servers: readonly ServerRow[];
  readonly services: TopServices;
  /** How many services are named. */
  readonly top: number;
  /** Rule and severity of every finding so far: the series of one that is gone falls to 0 instead of ending. */
  readonly knownFindings: Map<string, Labels>;
}

interface Described {
  readonly name: string;
  /** One sentence, without quotation marks or backslashes. */
  readonly help: string;
  /** Names of its labels. */
  readonly labels: readonly string[];
}

export interface ScalarMetric extends Described {
  /** A counter never falls while the program runs. */
  readonly type: 'counter' | 'gauge';
  read(moment: Moment): Iterable<readonly [Labels, number]>;
}

export interface HistogramMetric extends Described {
  readonly type: 'histogram';
  read(moment: Moment): Iterable<readonly [Labels, LatencyHistogram]>;
}

/** One metric: its name, its meaning, and how it is read. */
export type Metric = ScalarMetric | HistogramMetric;

/** The value of the label `service` for all services that are not named. */
export const OTHER = 'other';
