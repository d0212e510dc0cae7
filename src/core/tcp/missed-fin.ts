import { type Columns, Mark } from '../flow/columns.ts';
import { flowOf, peerOf, sideOf } from '../flow/end.ts';
import { CloseWaitExit } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import { leaveCloseWait } from './close-wait.ts';
import type { TcpContext } from './context.ts';
import { acknowledgeFin } from './fin-acknowledgment.ts';
import { roundTrip } from './round-trip.ts';
import { distance } from './sequence.ts';
import { wasAnsweredInSilence } from './silence.ts';
import { CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, SYN_SENT, TIME_WAIT } from './state.ts';

/**
 * Nothing of `end` was captured. The last sequence number that its peer acknowledges with `segment` came twice, alone (D-SACK,
 * RFC 2883 §4): a FIN that was sent again, or a byte.
 */
export function noteOneAgain(context: TcpContext, { ack, sackCount, sackEdges, time }: Segment, end: number): void {
  const { doubtTime, marks } = context.columns;
  if (sackCount === 0 || sackEdges[1] !== ack || distance(ack, sackEdges[0]) !== 1 || (marks[end] & Mark.GAINED_ONE) !== 0) return;
  marks[end] |= Mark.GAINED_ONE;
  doubtTime[end] = time;
}

/**
 * The peer of `end` sends its FIN after it acknowledged one more of `end` than was captured (or, where nothing of `end` was
 * captured, after the last advance was by one): that was the FIN of `end`, and it came first.
 */
export function implyFirstFin(context: TcpContext, segment: Segment, end: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(end);
  const marks = columns.marks[end];
  // In SYN_SENT it cannot have closed: the acknowledgment is one that it will refuse.
  if ((marks & Mark.FIN) !== 0 || columns.state[end] === SYN_SENT) return;
  const captured = columns.packets[end] > 0;
  if (captured) {
    if ((marks & Mark.DOUBT) === 0 || distance(columns.doubtAck[end], columns.nxt[end]) !== 1) return;
  } else if ((marks & Mark.GAINED_ONE) === 0) return;
  const fin = captured ? columns.doubtAck[end] : columns.una[end];
  const time = columns.doubtTime[end];
  countFin(columns, end, fin);
  columns.closedFirst[flowOf(end)] = sideOf(end) + 1;
  if (captured) context.missedSegments++;
  estimates.prove(peer, CLOSE_WAIT, Math.max(time, columns.since[peer]), segment.number);
  estimates.prove(end, FIN_WAIT_1, Math.max(time, columns.since[end]), segment.number);
  estimates.presume(end, FIN_WAIT_2, columns.since[end], segment.number);
}

/**
 * An acknowledgment one beyond what was captured of `end`, from a peer that is closing too: it acknowledges a FIN that the capture
 * missed. True when that is how it was taken.
 */
export function implyFin(context: TcpContext, segment: Segment, end: number): boolean {
  const { columns, estimates } = context;
  const peer = peerOf(end);
  const marks = columns.marks[end];
  if ((marks & Mark.FIN) !== 0 || (columns.marks[peer] & Mark.FIN) === 0) return false;
  if (distance(segment.ack, columns.nxt[end]) !== 1) return false;
  countFin(columns, end, segment.ack);
  context.missedSegments++;
  leaveCloseWait(context, end, segment.number, segment.time, CloseWaitExit.MISSED_FIN);
  const known = (columns.marks[peer] & Mark.FIN_ACKED) !== 0;
  // Of an end that was never captured its answer to the FIN was not, either.
  const uncaptured = columns.packets[end] === 0;
  const crossed = !known && !uncaptured && !hasHadTimeToAnswer(columns, segment.time, peer);
  if (!crossed) columns.marks[peer] |= Mark.FIN_ACKED;
  if (uncaptured && wasAnsweredInSilence(columns, peer, segment.time)) estimates.presume(peer, FIN_WAIT_2, columns.signalTime[peer], segment.number);
  estimates.prove(end, crossed ? FIN_WAIT_1 : LAST_ACK, segment.time, segment.number);
  acknowledgeFin(context, segment, peer);
  if (!known && !uncaptured && !crossed) {
    // Had they crossed all the same, an acknowledgment of the other FIN would be missing, too.
    estimates.admit(peer, 1 << CLOSING, segment.time, segment.number);
    estimates.admit(end, (1 << CLOSING) | (1 << TIME_WAIT), segment.time, segment.number);
  }
  return true;
}

/** Of round trips that vary, the least (a part of that of the handshake) that an answer takes. */
const LEAST_ROUND_TRIP = 0.8;

/** May a FIN of `end`'s peer, which `end` acknowledges at `now`, be an answer to the FIN of `end`, by the time since that passed the capture point? */
function hasHadTimeToAnswer(columns: Columns, now: number, end: number): boolean {
  return now - columns.finTime[end] >= LEAST_ROUND_TRIP * roundTrip(columns, flowOf(end), 0);
}

/**
 * `sender`, which has sent its FIN, acknowledges more than what was taken for the FIN of `end`, of which nothing was captured: that was a byte
 * of data, and no FIN came before its own.
 */
export function disownMissedFin(context: TcpContext, segment: Segment, end: number): void {
  const { columns, estimates } = context;
  const sender = peerOf(end);
  const isMissed = columns.packets[end] === 0 && (columns.marks[end] & (Mark.FIN | Mark.FIN_CAPTURED)) === Mark.FIN;
  if (!isMissed || (columns.marks[sender] & Mark.FIN_CAPTURED) === 0 || distance(segment.ack, columns.fin[end]) <= 0) return;
  columns.marks[end] &= ~(Mark.FIN | Mark.FIN_ACKED | Mark.GAINED_ONE);
  columns.marks[sender] &= ~Mark.FIN_ACKED;
  columns.closedFirst[flowOf(end)] = sideOf(sender) + 1;
  columns.nxt[end] = columns.fin[end];
  estimates.prove(sender, ESTABLISHED, columns.doubtTime[end], segment.number);
  estimates.prove(sender, FIN_WAIT_1, columns.finTime[sender], segment.number);
  estimates.prove(end, ESTABLISHED, columns.doubtTime[end], segment.number);
  estimates.presume(end, CLOSE_WAIT, columns.finTime[sender], segment.number);
}

/** `end` has sent a FIN that was not captured, and its peer has acknowledged up to `fin`, the number after it. */
function countFin(columns: Columns, end: number, fin: number): void {
  columns.marks[end] = (columns.marks[end] & ~(Mark.DOUBT | Mark.DOUBT_CONTRADICTED)) | Mark.FIN | Mark.FIN_ACKED | Mark.UNA;
  columns.fin[end] = fin;
  columns.nxt[end] = fin;
  columns.contiguous[end] = fin;
  columns.una[end] = fin;
}
