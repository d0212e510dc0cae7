import { Mark } from '../flow/columns.ts';
import { endOf } from '../flow/end.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { distance } from './sequence.ts';

/** Timestamps of the common stacks tick once a millisecond; what they say of more than a minute is not believed. */
const TICK_NANOSECONDS = 1e6;
const MOST_TICKS = 60_000;

/**
 * The time (nanoseconds since the first frame) that a segment has after the capture's clock was set back. Time goes on for the analysis:
 * by the sender's timestamps (RFC 7323 §3) where it had sent before, else without a gap from `latest`. `flow` −1: it has none yet.
 */
export function timeAfterStep({ columns, table }: TcpContext, segment: Segment, flow: number, latest: number): number {
  if (flow < 0 || !segment.hasTimestamps) return latest;
  const sender = endOf(flow, table.senderSide(flow));
  const ticks = distance(segment.tsval, columns.tsval[sender]);
  const isKnown = (columns.marks[sender] & Mark.TIMESTAMPS) !== 0 && columns.lastSeen[sender] >= 0;
  return isKnown && ticks >= 0 && ticks < MOST_TICKS ? Math.max(latest, columns.lastSeen[sender] + ticks * TICK_NANOSECONDS) : latest;
}
