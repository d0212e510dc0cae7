import { Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Fill, RETRANSMISSION } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { roundTrip } from './round-trip.ts';
import { distance } from './sequence.ts';

/** Least retransmission timeout of common stacks, in nanoseconds (Linux; RFC 6298 §2.4 asks for 1 s). */
const LEAST_TIMEOUT = 200_000_000;
/** Segments closer together than this (nanoseconds), where nothing else tells, were reordered. */
const CLOSE_TOGETHER = 3_000_000;
/** Duplicate acknowledgments that make a sender retransmit at once (RFC 5681 §3.2). */
export const DUPLICATE_THRESHOLD = 3;
/** IP-IDs further apart than this say nothing of order. */
const IP_ID_REACH = 4096;

const UNKNOWN = RETRANSMISSION.indexOf('unknown');
const TIMEOUT = RETRANSMISSION.indexOf('timeout');
const FAST = RETRANSMISSION.indexOf('fast');
const SPURIOUS = RETRANSMISSION.indexOf('spurious');
const TAIL_LOSS_PROBE = RETRANSMISSION.indexOf('tail-loss-probe');
const GO_BACK_N = RETRANSMISSION.indexOf('go-back-n');

/**
 * Why `sender` sent bytes again that were captured before. `idle`: nanoseconds since its last payload; `right`: one after the
 * segment's last byte.
 */
export function classifyRepeat(context: TcpContext, sender: number, right: number, idle: number): number {
  const { columns } = context;
  const peer = peerOf(sender);
  if ((columns.marks[sender] & Mark.UNA) !== 0 && distance(columns.una[sender], right) >= 0) return SPURIOUS;
  const trip = roundTrip(columns, flowOf(sender));
  const duplicates = columns.duplicateAcks[peer];
  const selective = (columns.marks[peer] & Mark.SACK) !== 0;
  const error = context.clockError;
  if (duplicates >= (selective ? 1 : DUPLICATE_THRESHOLD) && idle + error < LEAST_TIMEOUT + trip) return FAST;
  if (idle - error >= LEAST_TIMEOUT) return TIMEOUT;
  if (duplicates === 0 && right === columns.nxt[sender] && idle - error >= trip) return TAIL_LOSS_PROBE;
  return columns.retransmitted[sender] > 0 && idle + error < trip ? GO_BACK_N : UNKNOWN;
}

/** Whether the bytes of a hole come late or come again: by timestamps, else by IP-ID, else by how long the hole stood (RFC 7323 §3). */
export function classifyFill(context: TcpContext, segment: Segment, sender: number): Fill {
  const { columns, holes } = context;
  if (segment.hasTimestamps && holes.filledTsval !== 0) {
    const newer = distance(segment.tsval, holes.filledTsval);
    if (newer !== 0) return newer > 0 ? Fill.RETRANSMITTED : Fill.REORDERED;
  }
  const stood = segment.time - holes.filledTime;
  if (segment.ipId !== 0 && holes.filledIpId !== 0) {
    const later = ((segment.ipId - holes.filledIpId) << 16) >> 16;
    if (later !== 0 && Math.abs(later) < IP_ID_REACH) return later > 0 ? Fill.RETRANSMITTED : Fill.REORDERED;
  }
  const trip = roundTrip(columns, flowOf(sender));
  const error = context.clockError;
  if (stood + error < Math.max(CLOSE_TOGETHER, trip * 0.5)) return Fill.REORDERED;
  return stood - error >= trip * 0.9 || columns.duplicateAcks[peerOf(sender)] > 0 ? Fill.RETRANSMITTED : Fill.UNKNOWN;
}
