import { type Columns, Mark } from './columns.ts';
import { endOf } from './end.ts';
import type { FlowTable } from './table.ts';

/** Share of the flows that one eviction frees: large enough for evictions to be rare, small enough to lose little. */
const SHARE = 1 / 16;

/**
 * Chooses the flows to forget when `flows.maximum` is reached: those idle longest, half-closed ones last, since ends in CLOSE_WAIT are
 * what a leak consists of. Returns slots, the longest idle first.
 */
export function chooseEvicted(columns: Columns, table: FlowTable): number[] {
  const idle: { flow: number; seen: number; halfClosed: boolean }[] = [];
  table.forEach((flow) => {
    const marks = columns.marks[endOf(flow, 0)] | columns.marks[endOf(flow, 1)];
    idle.push({
      flow,
      seen: Math.max(columns.lastSeen[endOf(flow, 0)], columns.lastSeen[endOf(flow, 1)]),
      halfClosed: (marks & Mark.HALF_CLOSED) !== 0,
    });
  });
  idle.sort((one, other) => Number(one.halfClosed) - Number(other.halfClosed) || one.seen - other.seen || one.flow - other.flow);
  return idle.slice(0, Math.max(1, Math.floor(idle.length * SHARE))).map(({ flow }) => flow);
}
