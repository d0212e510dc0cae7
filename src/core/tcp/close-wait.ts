import { type Columns, Mark } from '../flow/columns.ts';
import { peerOf } from '../flow/end.ts';
import { type CloseWaitExit, Kind } from '../observations.ts';
import { FIN, type Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { coversFin } from './fin-passage.ts';
import { isLate } from './progress.ts';
import { distance } from './sequence.ts';
import { CLOSE_WAIT, CLOSING, LAST_ACK } from './state.ts';

/**
 * `sender` acknowledges its peer's FIN from beyond what was captured of it. What is missing may end with its own FIN, sent before it had
 * the other: then it is in CLOSING. Had it been sent something more meanwhile, it may as well have answered with its FIN, and again since.
 */
export function admitClosing(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates, holes } = context;
  const peer = peerOf(sender);
  const skipped = holes.skippedBefore(sender, columns.nxt[sender]);
  if (skipped < 0) return;
  const crossed = skipped < segment.time || columns.lastSeen[peer] === columns.finTime[peer] || isOfFirstToArrive(columns, segment, sender);
  estimates.admit(sender, crossed ? 1 << CLOSING : (1 << CLOSING) | (1 << LAST_ACK), columns.since[sender], segment.number);
}

/** It acknowledges the last sending of its peer's FIN, and reports no duplicate (D-SACK, RFC 2883): none before that had arrived, and no FIN answered it. */
function isOfFirstToArrive({ finTsval, marks }: Columns, segment: Segment, sender: number): boolean {
  const peer = peerOf(sender);
  const reports = (marks[sender] & marks[peer] & (Mark.SACK | Mark.TIMESTAMPS)) === (Mark.SACK | Mark.TIMESTAMPS);
  return reports && segment.sackCount === 0 && segment.hasTimestamps && segment.tsecr === finTsval[peer];
}

/**
 * What `sender`, in CLOSE_WAIT, sends now settles that: its FIN, if it was missing (`before`: its SND.NXT before the segment; `answers`: no
 * segment before this one acknowledged the other FIN), else the data that were, or new ones.
 */
export function settleCloseWait(context: TcpContext, segment: Segment, sender: number, before: number, answers: boolean): void {
  const { columns, estimates, holes } = context;
  if (columns.state[sender] !== CLOSE_WAIT || (columns.marks[sender] & Mark.PRESUMED) !== 0) return;
  const since = columns.since[sender];
  const possible = columns.possible[sender];
  const fin = (segment.flags & FIN) !== 0;
  const end = (segment.seq + segment.payloadLength + (fin ? 1 : 0)) | 0;
  if (!fin || distance(end, before) > 0 || isLate(columns, segment, sender)) {
    const missing = !fin && distance(end, before) <= 0 && holes.skippedBefore(sender, before) >= 0;
    if (!missing && (possible & (1 << CLOSING)) !== 0) estimates.prove(sender, CLOSE_WAIT, since, segment.number);
  } else if (coversFin(context, peerOf(sender), segment.ack) && (answers || (possible & ((1 << CLOSING) | (1 << LAST_ACK))) === 1 << CLOSING)) {
    estimates.prove(sender, CLOSING, since, segment.number);
    context.observe(Kind.SIMULTANEOUS_CLOSE, sender, segment.number, segment.time);
  }
}

/** `end` leaves CLOSE_WAIT, if it was shown to be there. */
export function leaveCloseWait(context: TcpContext, end: number, packet: number, time: number, how: CloseWaitExit): void {
  const { columns } = context;
  if ((columns.marks[end] & Mark.HALF_CLOSED) === 0) return;
  columns.marks[end] &= ~Mark.HALF_CLOSED;
  const began = columns.state[end] === CLOSE_WAIT ? columns.since[end] : time;
  context.observe(Kind.CLOSE_WAIT_LEFT, end, packet, time, time - began, how);
}
