import type { EngineCounters, Finding, FlowRow, Ladder, Report, ServerRow } from '../../core/index.ts';

/** What was lost before it could be analysed, in packets; null where the source does not say. */
export interface LiveDrops {
  /** The kernel's buffer was full. */
  kernel: number | null;
  /** The network interface or its driver. */
  interface: number | null;
  /** Ours: read, but thrown away because the analysis was behind. */
  own: number;
}

/** Totals since the start. */
export interface LiveCounters extends EngineCounters {
  drops: LiveDrops;
}

/**
 * A live audit as its onlookers (screen, metrics, streams) may see it: reading changes nothing. What is said is as of the latest
 * packet; all times are capture time.
 */
export interface LiveView {
  /** What is listened to, as it was given: "eth0", "-". */
  readonly interface: string;
  /** "tcpdump", "dumpcap", "cap" or "stdin". */
  readonly source: string;
  /** Whose clock stamped the packets: the kernel's on receipt, or ours on delivery. */
  readonly clock: 'kernel' | 'delivery';
  readonly filter: string;
  /** Epoch nanoseconds of the first packet and of the latest; null before the first. */
  started(): bigint | null;
  now(): bigint | null;
  counters(): LiveCounters;
  /** Ends in each state now; index: `STATE_NAMES`. */
  population(): readonly number[];
  /** What is certain, and what would be reported if the capture ended now; the most severe first. */
  findings(): readonly Finding[];
  /** What is certain, which costs a fraction of all that would be reported; as of a moment ago where that is much, too. */
  certain(): readonly Finding[];
  /** The servers with the most connections. */
  servers(limit: number): readonly ServerRow[];
  /** The flows that are kept now: open ones, and closed ones for a while. `wanted` is asked for the number of each: a row costs more than the question. */
  flows(wanted?: (flow: number) => boolean): Iterable<FlowRow>;
  /** The ladder of one flow from the packets that the ring still holds; null without a ring, or without packets of it. */
  ladder(flow: number): Ladder | null;
  /** The whole report as if the capture ended now; as of a moment ago where making one costs much (at most 2 % of the time goes there). */
  report(): Report;
}
