import { type Columns, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { roundTrip } from './round-trip.ts';
import { CLOSED, FIN_WAIT_1, LAST_ACK } from './state.ts';

/** A FIN comes again after this long and a round trip at the least (nanoseconds): the least RTO of Linux, which others do not go below. */
const LEAST_TIMEOUT = 200_000_000;
/** More sendings than this without one that passed the capture point are not thought of. */
const MOST_LOST = 4;
/** A time that a timeout explains may differ from it by this share. */
const TOLERANCE = 0.25;

/**
 * `sender` has sent its FIN, in sight for the first time with `segment`. Where the IP-IDs show that packets before it were lost on their way
 * to the capture point, and the time since its last one is long enough for a timeout, it may have sent it before: that becomes possible, and
 * is said where the time, or that nothing else can have been lost, shows it. True then: it is in that state already.
 */
export function dateLostFin(context: TcpContext, segment: Segment, sender: number, answersFin: boolean): boolean {
  const { columns, estimates, seenBefore } = context;
  const { skipped } = context.ipIds;
  const { number, time } = segment;
  const isCounted = skipped >= 1 && skipped <= MOST_LOST && seenBefore >= 0 && !mayBeOffloaded(context, sender);
  if (!isCounted || columns.state[sender] === CLOSED || columns.packets[peerOf(sender)] === 0) return false;
  const asked = answersFin ? columns.finTime[peerOf(sender)] : -1;
  const earliest = Math.max(seenBefore, asked, columns.since[sender]);
  if (time - earliest < LEAST_TIMEOUT) return false;
  const closed = answersFin ? LAST_ACK : FIN_WAIT_1;
  estimates.admit(sender, 1 << closed, earliest, number);
  // A tail loss probe (RFC 8985 §7) and then timeouts, each twice the one before.
  const away = (LEAST_TIMEOUT + roundTrip(columns, flowOf(sender), 0)) * 2 ** (skipped - 1);
  const isTimeout = Math.abs(time - earliest - away) <= TOLERANCE * away;
  if (!isTimeout && !isNothingElse(context, sender)) return false;
  estimates.settle(sender, closed, isTimeout ? earliest : Math.max(earliest, time - away), number);
  return true;
}

/** Segmentation offload gives a frame of many segments as many numbers: then none need be missing. */
function mayBeOffloaded({ columns, ipIds, seenBefore }: TcpContext, sender: number): boolean {
  return (columns.marks[sender] & Mark.FULL_SIZE) !== 0 && !(ipIds.areSkippedLast && columns.lastData[sender] < seenBefore);
}

/** It counts its packets one by one, and was sent nothing since its last that it acknowledges. */
function isNothingElse({ columns, ipIds, seenBefore }: TcpContext, sender: number): boolean {
  return ipIds.areSkippedLast && (columns.marks[sender] & Mark.COUNTS_IDS) !== 0 && !wasSentSince(columns, peerOf(sender), seenBefore);
}

/** Has `end` sent data or its FIN since a time? */
function wasSentSince({ lastData, marks, signalTime }: Columns, end: number, time: number): boolean {
  return lastData[end] >= time || ((marks[end] & Mark.FIN_CAPTURED) !== 0 && signalTime[end] >= time);
}
