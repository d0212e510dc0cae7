import type { EngineCounters, Finding, FlowRow, Ladder, Report, ServerRow } from '../../core/index.ts';

/** Packets lost before they could be analysed; null if the source does not say. */
export interface LiveDrops {
  /** By the kernel, whose buffer was full. */
  kernel: number | null;
  /** By the network interface or its driver. */
  interface: number | null;
  /** By us: read, but thrown away because the analysis was behind. */
  own: number;
}

/** Totals since the start. */
export interface LiveCounters extends EngineCounters {
  drops: LiveDrops;
}

/**
 * A live audit as its onlookers (screen, metrics, streams) see it. Reading changes nothing. Answers are as of the latest packet; all times
 * are capture time.
 */
export interface LiveView {
  /** The interface as it was named: "eth0", "-". */
  readonly interface: string;
  /** "tcpdump", "dumpcap", "cap" or "stdin". */
  readonly source: string;
  /** Which clock stamps the packets: the kernel's on arrival, or ours on delivery. */
  readonly clock: 'kernel' | 'delivery';
  readonly filter: string;
  /** Epoch nanoseconds of the first packet and of the latest; null before the first. */
  started(): bigint | null;
  now(): bigint | null;
  counters(): LiveCounters;
  /** How many ends are in each state now, in the order of `STATE_NAMES`. */
  population(): readonly number[];
  /** The findings that would be reported if the capture ended now, the most severe first. */
  findings(): readonly Finding[];
  /** The certain findings, which cost a fraction of `findings`. They may be a moment old, if even that is much. */
  certain(): readonly Finding[];
  /** The servers with the most connections. */
  servers(limit: number): readonly ServerRow[];
  /** Flows that are remembered now: open ones and, for a while, closed ones. `wanted` is called with the number of each: a row costs more. */
  flows(wanted?: (flow: number) => boolean): Iterable<FlowRow>;
  /** The ladder of a flow, from packets that the ring still holds; null without a ring, or without packets of the flow. */
  ladder(flow: number): Ladder | null;
  /** The report as if the capture ended now. It may be a moment old, if it costs much: at most 2 % of the time goes into reports. */
  report(): Report;
}
