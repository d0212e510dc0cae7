import { Mark } from '../flow/columns.ts';
import { peerOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import { FIN, type Segment } from '../wire/segment.ts';
import { admitClosing } from './close-wait.ts';
import type { TcpContext } from './context.ts';
import { passAckOfFin } from './fin-passage.ts';
import { distance } from './sequence.ts';
import { wasAnsweredInSilence } from './silence.ts';
import { CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, SYN_RECEIVED, TIME_WAIT, UNSEEN } from './state.ts';
import { SND_ACK_OF_FIN } from './states.ts';

/** `sender` acknowledges its peer's FIN: it has received it (RFC 9293 §3.6). */
export function acknowledgeFin(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  const { number, time } = segment;
  const first = (columns.marks[peer] & Mark.FIN_ACKED) === 0;
  columns.marks[peer] |= Mark.FIN_ACKED;
  estimates.sent(sender, SND_ACK_OF_FIN);
  if (hadFirstFin(context, segment, sender)) {
    // The FIN sent again need not have been: the first one had arrived, its acknowledgment was lost.
    const state = columns.state[sender];
    if ((state === CLOSE_WAIT || state === TIME_WAIT) && estimates.takeBack(sender, number)) {
      // Its own FIN with that, sent again, was not acknowledged yet: they crossed.
      proveEarlier(context, segment, sender, state === TIME_WAIT && (segment.flags & FIN) !== 0 ? CLOSING : state);
    }
  }
  switch (columns.state[sender]) {
    case UNSEEN:
    case SYN_RECEIVED:
    case ESTABLISHED:
      // The FIN got there by its last sending, or when the hole before it was filled.
      estimates.prove(sender, CLOSE_WAIT, columns.signalTime[peer] >= 0 && columns.hole[peer] === 0 ? Math.max(columns.signalTime[peer], columns.since[sender]) : time, number);
      break;
    case FIN_WAIT_1:
      estimates.prove(sender, (columns.marks[sender] & Mark.FIN_ACKED) !== 0 ? TIME_WAIT : CLOSING, time, number);
      break;
    case FIN_WAIT_2:
      estimates.prove(sender, TIME_WAIT, time, number);
      break;
    case CLOSE_WAIT:
      // In midstream the end that closed first, before the capture, comes to TIME_WAIT by this FIN.
      estimates.confirm(sender, number, 1 << TIME_WAIT);
      break;
    case CLOSING:
      estimates.confirm(sender, number);
      break;
    case TIME_WAIT:
      // An end whose FIN was acknowledged does not send it again.
      if ((segment.flags & FIN) !== 0) break;
      // Where the FINs crossed it shows the receipt of the other, not of the ACK of its own, which was another segment.
      if (columns.formerState[sender] === CLOSING) estimates.narrow(sender, 0, number);
      else estimates.confirm(sender, number);
      break;
    default:
      break;
  }
  if (first && columns.state[sender] === CLOSE_WAIT) admitClosing(context, segment, sender);
  if (first && columns.state[sender] === CLOSE_WAIT && (columns.marks[sender] & Mark.HALF_CLOSED) === 0) {
    columns.marks[sender] |= Mark.HALF_CLOSED;
    context.observe(Kind.HALF_CLOSED, sender, number, columns.since[sender], columns.bytes[sender]);
  }
  // Where the FIN was not sent again for long, it was acknowledged soon, and the capture missed that.
  passAckOfFin(context, segment, sender, first && wasAnsweredInSilence(columns, peer, time) ? columns.signalTime[peer] : time);
}

/** `sender` came to `state` by an earlier sending of its peer's FIN than the last. Of more than two it is open which one; the first is the likeliest. */
function proveEarlier({ columns, estimates }: TcpContext, { number }: Segment, sender: number, state: number): void {
  const peer = peerOf(sender);
  const former = columns.state[sender];
  const began = Math.max(columns.finTime[peer], state === CLOSING ? columns.finTime[sender] : columns.since[sender]);
  estimates.prove(sender, state, began, number);
  if (columns.finCount[peer] === 2) return;
  estimates.admit(sender, 1 << former, began, number);
  estimates.leaveOut(sender, 1 << former, columns.signalTime[peer], number);
}

/**
 * Does the acknowledgment of a FIN that was sent more than once show that an earlier sending of it had arrived? It echoes an
 * older timestamp than the last one has (RFC 7323 §4.3), or reports a duplicate (D-SACK, RFC 2883).
 */
function hadFirstFin(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  if (columns.finCount[peer] < 2) return false;
  if (segment.sackCount > 0 && distance(segment.sackEdges[1], segment.ack) <= 0) return true;
  if (!segment.hasTimestamps || (columns.marks[peer] & Mark.TIMESTAMPS) === 0) return false;
  return distance(segment.tsecr, columns.finTsval[peer]) < 0;
}
