import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf, sideOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import { FIN, type Segment } from '../wire/segment.ts';
import { LETTER_FIN, type TcpContext } from './context.ts';
import { excludeUnseenFin } from './midstream.ts';
import { isLate, TICK_TOLERANCE } from './progress.ts';
import { distance } from './sequence.ts';
import { CLOSED, CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, SYN_RECEIVED, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';
import {
  RCV_ACK_OF_FIN,
  RCV_FIN,
  RCV_FIN_ACK_OF_FIN,
  SND_ACK_OF_FIN,
  SND_FIN,
  SND_FIN_ACK_OF_FIN,
} from './states.ts';

/** Does `ack` acknowledge the FIN of `end`? */
export function coversFin(context: TcpContext, end: number, ack: number): boolean {
  return (context.columns.marks[end]! & Mark.FIN) !== 0 && distance(ack, context.columns.fin[end]!) >= 0;
}

/**
 * A segment with FIN (RFC 9293 §3.6). Its acknowledgment has been followed already. `skipped`: when a segment from beyond the FIN showed that
 * it had been sent, and lost before the tap; −1 when none did.
 */
export function receiveFin(context: TcpContext, segment: Segment, sender: number, skipped: number): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(sender);
  const reset = columns.state[sender] === CLOSED && (columns.marks[sender]! & (Mark.PRESUMED | Mark.FIN)) === Mark.PRESUMED;
  const sent = skipped < 0 ? segment.time : Math.max(skipped, columns.since[sender]!);
  const fin = (segment.seq + segment.payloadLength + 1) | 0;
  if ((columns.marks[sender]! & Mark.FIN_CAPTURED) !== 0) {
    if (columns.fin[sender] === fin) repeatFin(context, segment, sender);
    return;
  }
  const known = (columns.marks[sender]! & Mark.FIN) !== 0;
  implyFirstFin(context, segment, peer);
  excludeUnseenFin(context, sender, segment.number);
  const answersFin = coversFin(context, peer, segment.ack);
  // It had not received the other FIN, whatever was presumed of it.
  if (!answersFin && columns.state[sender] === CLOSE_WAIT && estimates.takeBack(sender, segment.number)) restoreEstablished(context, segment, sender);
  columns.marks[sender] = columns.marks[sender]! | Mark.FIN | Mark.FIN_CAPTURED | Mark.SYNCHRONIZED;
  columns.fin[sender] = fin;
  columns.finCount[sender] = 1;
  columns.finTime[sender] = segment.time;
  columns.finTsval[sender] = segment.tsval;
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  if (columns.closedFirst[flowOf(sender)] === 0) columns.closedFirst[flowOf(sender)] = sideOf(sender) + 1;
  context.history(sender, LETTER_FIN);
  if (known) return;
  leaveCloseWait(context, sender, segment.number, segment.time, 1);
  context.observe(Kind.FIN, sender, segment.number, segment.time, columns.bytes[sender]!, answersFin ? 1 : 0);
  estimates.sent(sender, answersFin ? SND_FIN_ACK_OF_FIN : SND_FIN);
  const state = columns.state[sender]!;
  if (!answersFin && mayAnswerUnseenFin(context, sender)) {
    columns.possible[sender] = columns.possible[sender]! | (1 << LAST_ACK);
    estimates.settle(sender, FIN_WAIT_1, sent, segment.number);
  } else if (!answersFin && columns.packets[peer] === 0) {
    // Neither the other FIN nor the acknowledgment of this one would show.
    columns.possible[sender] = columns.possible[sender]! | (1 << LAST_ACK) | (1 << FIN_WAIT_2) | (1 << CLOSED);
    columns.possible[peer] = columns.possible[peer]! | (1 << FIN_WAIT_2) | (1 << TIME_WAIT);
    estimates.settle(sender, FIN_WAIT_1, sent, segment.number);
  } else if (!answersFin) estimates.prove(sender, FIN_WAIT_1, sent, segment.number);
  else if (state === FIN_WAIT_1 || state === CLOSING) estimates.prove(sender, CLOSING, segment.time, segment.number);
  else if ((columns.possible[sender]! & (1 << CLOSING)) !== 0) estimates.settle(sender, LAST_ACK, sent, segment.number);
  else estimates.prove(sender, LAST_ACK, sent, segment.number);
  if (answersFin && columns.packets[peer] === 0) {
    // The acknowledgment of it would not show; unless it comes again it was acknowledged.
    columns.marks[sender] = columns.marks[sender]! | Mark.FIN_ACKED;
    passAckOfFin(context, segment, peer);
  }
  if (!answersFin && (columns.marks[peer]! & Mark.FIN) !== 0) {
    // The other FIN was on its way when this one was sent.
    context.observe(Kind.SIMULTANEOUS_CLOSE, sender, segment.number, segment.time);
    if (columns.hole[peer] === 0) estimates.presume(sender, CLOSING, segment.time, segment.number);
  }
  if (skipped < 0 && failsPaws(columns, segment, sender)) estimates.doubtReceipt(peer, RCV_FIN, segment.time, segment.number);
  else passFin(context, segment, sender, answersFin);
  // It was sent before the RST that passed reached its sender.
  if (reset) estimates.presume(sender, CLOSED, segment.time, segment.number);
}

/**
 * Nothing of `end` was captured. The last sequence number that its peer acknowledges with `segment` came twice, alone (D-SACK,
 * RFC 2883 §4): a FIN that was sent again, or a byte.
 */
export function noteOneAgain(context: TcpContext, { ack, sackCount, sackEdges, time }: Segment, end: number): void {
  const { doubtTime, marks } = context.columns;
  if (sackCount === 0 || sackEdges[1] !== ack || distance(ack, sackEdges[0]!) !== 1 || (marks[end]! & Mark.GAINED_ONE) !== 0) return;
  marks[end] = marks[end]! | Mark.GAINED_ONE;
  doubtTime[end] = time;
}

/** May the peer's FIN lie before the capture? Not if the peer was seen to open, or to send data. */
function mayAnswerUnseenFin(context: TcpContext, sender: number): boolean {
  const midstream = (context.columns.flowMarks[flowOf(sender)]! & FlowMark.MIDSTREAM) !== 0;
  return midstream && (context.columns.marks[peerOf(sender)]! & (Mark.FIN | Mark.DATA | Mark.SYN_ACK | Mark.ISS)) === 0;
}

/**
 * The peer of `end` sends its FIN after it acknowledged one more of `end` than was captured (or, where nothing of `end` was
 * captured, after the last advance was by one): that was the FIN of `end`, and it came first.
 */
function implyFirstFin(context: TcpContext, segment: Segment, end: number): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(end);
  const marks = columns.marks[end]!;
  // In SYN_SENT it cannot have closed: the acknowledgment is one that it will refuse.
  if ((marks & Mark.FIN) !== 0 || columns.state[end] === SYN_SENT) return;
  const captured = columns.packets[end]! > 0;
  if (captured) {
    if ((marks & Mark.DOUBT) === 0 || distance(columns.doubtAck[end]!, columns.nxt[end]!) !== 1) return;
  } else if ((marks & Mark.GAINED_ONE) === 0) return;
  const fin = captured ? columns.doubtAck[end]! : columns.una[end]!;
  const time = columns.doubtTime[end]!;
  columns.marks[end] = (marks & ~(Mark.DOUBT | Mark.DOUBT_CONTRADICTED)) | Mark.FIN | Mark.FIN_ACKED | Mark.UNA;
  columns.fin[end] = fin;
  columns.nxt[end] = fin;
  columns.contiguous[end] = fin;
  columns.una[end] = fin;
  columns.closedFirst[flowOf(end)] = sideOf(end) + 1;
  if (captured) context.missedSegments++;
  estimates.prove(peer, CLOSE_WAIT, Math.max(time, columns.since[peer]!), segment.number);
  estimates.prove(end, FIN_WAIT_1, Math.max(time, columns.since[end]!), segment.number);
  estimates.presume(end, FIN_WAIT_2, segment.time, segment.number);
}

/**
 * An end sends data beyond its own FIN: then the FIN was not its own (RFC 9293 §3.6 allows none after it). Its peer has taken it all
 * the same and stays where the FIN put it.
 */
export function disownFin(context: TcpContext, segment: Segment, end: number): void {
  const columns = context.columns;
  if ((columns.marks[end]! & Mark.FIN_CAPTURED) === 0) return;
  columns.marks[end] = columns.marks[end]! & ~(Mark.FIN | Mark.FIN_CAPTURED | Mark.FIN_ACKED);
  columns.finCount[end] = 0;
  if (columns.closedFirst[flowOf(end)] === sideOf(end) + 1) columns.closedFirst[flowOf(end)] = 0;
  context.estimates.takeBack(end, segment.number);
  context.estimates.prove(end, ESTABLISHED, columns.finTime[end]!, segment.number);
}

/** The FIN of `sender` reaches its peer, once every byte before it has. */
export function passFin(context: TcpContext, segment: Segment, sender: number, acknowledgesFin: boolean): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(sender);
  // A FIN waits at the receiver for the gap before it to be filled (RFC 9293 §3.10.7.4).
  if (columns.hole[sender] !== 0 && distance(columns.contiguous[sender]!, columns.fin[sender]!) < 0) return;
  estimates.mayHaveReceived(peer, acknowledgesFin ? RCV_FIN_ACK_OF_FIN : RCV_FIN);
  const next = afterFin(columns.state[peer]!, acknowledgesFin);
  if (next >= 0) estimates.presume(peer, next, segment.time, segment.number);
}

/** The state that a FIN leads to, -1 where it changes nothing. */
function afterFin(state: number, acknowledgesFin: boolean): number {
  switch (state) {
    case UNSEEN:
    case SYN_RECEIVED:
    case ESTABLISHED:
      return CLOSE_WAIT;
    case FIN_WAIT_1:
      return acknowledgesFin ? TIME_WAIT : CLOSING;
    case FIN_WAIT_2:
      return TIME_WAIT;
    case CLOSING:
      return acknowledgesFin ? TIME_WAIT : -1;
    default:
      return -1;
  }
}

/** The same FIN again: it, or its acknowledgment, was lost on the way. */
function repeatFin(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(sender);
  const answersFin = coversFin(context, peer, segment.ack);
  if (columns.finCount[sender]! < 255) columns.finCount[sender] = columns.finCount[sender]! + 1;
  context.observe(Kind.FIN_REPEATED, sender, segment.number, segment.time, columns.finCount[sender]!, 0);
  if (columns.packets[peer] === 0 && columns.state[sender] === CLOSED && estimates.takeBack(sender, segment.number)) {
    columns.marks[sender] = columns.marks[sender]! & ~Mark.FIN_ACKED;
  }
  if ((columns.marks[sender]! & Mark.FIN_ACKED) === 0) {
    // No acknowledgment was seen, so it has probably not arrived before.
    if (isPresumedByFin(columns.state[peer]!) && takeBackFin(context, peer, segment.number)) restoreEstablished(context, segment, peer);
  } else if ((columns.marks[sender]! & Mark.PRESUMED) !== 0) {
    takeBackAckOfFin(context, sender, segment.number);
  }
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  columns.finTsval[sender] = segment.tsval;
  estimates.sent(sender, answersFin ? SND_FIN_ACK_OF_FIN : SND_FIN);
  const state = columns.state[sender]!;
  if (answersFin && state === FIN_WAIT_1) estimates.prove(sender, CLOSING, segment.time, segment.number);
  else if (state === FIN_WAIT_1 || state === CLOSING || state === LAST_ACK) estimates.prove(sender, state, columns.since[sender]!, segment.number);
  if (!failsPaws(columns, segment, sender)) passFin(context, segment, sender, answersFin);
}

/**
 * Is a FIN, which follows all that its sender has sent, stamped before something that stood ahead of it (RFC 7323 §5.3)? TS.Recent of its
 * receiver is later then, and it is refused.
 */
function failsPaws(columns: Columns, segment: Segment, sender: number): boolean {
  const agreed = (columns.marks[sender]! & columns.marks[peerOf(sender)]! & Mark.TIMESTAMPS) !== 0;
  return agreed && segment.hasTimestamps && columns.hole[sender] === 0 && distance(segment.tsval, columns.tsval[sender]!) < -TICK_TOLERANCE;
}

/** `end` did not receive a FIN. It had received the third segment of the handshake, though, or it would have sent its SYN-ACK again. */
function restoreEstablished(context: TcpContext, segment: Segment, end: number): void {
  const columns = context.columns;
  const ackDelay = columns.ackDelay[flowOf(end)]!;
  if (columns.state[end] !== SYN_RECEIVED || columns.synCount[end] !== 1 || ackDelay < 0) return;
  context.estimates.presume(end, ESTABLISHED, columns.signalTime[end]! + ackDelay, segment.number);
}

/**
 * Data sent again by an end that has sent its FIN. Unacknowledged, they were missing at the peer, and the FIN waited behind the gap
 * (RFC 9293 §3.10.7.4); acknowledged already, it is the acknowledgment that was lost on its way.
 */
export function repeatBeforeFin(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const peer = peerOf(sender);
  const marks = columns.marks[sender]!;
  if ((marks & Mark.FIN_CAPTURED) === 0 || isLate(columns, segment, sender)) return;
  if ((marks & Mark.FIN_ACKED) === 0) {
    if (isPresumedByFin(columns.state[peer]!)) takeBackFin(context, peer, segment.number);
    return;
  }
  const state = columns.state[sender]!;
  if (state === FIN_WAIT_2 || state === TIME_WAIT || state === CLOSED) takeBackAckOfFin(context, sender, segment.number);
}

/** `end` did not receive its peer's FIN. Where an acknowledgment of its own FIN came after that, it has received this all the same. */
function takeBackFin(context: TcpContext, end: number, packet: number): boolean {
  const { columns, estimates } = context;
  const acknowledged = columns.state[end] === TIME_WAIT && columns.formerState[end] === CLOSING;
  const since = columns.since[end]!;
  if (!estimates.takeBack(end, packet)) return false;
  if (acknowledged) {
    estimates.prove(end, FIN_WAIT_1, columns.finTime[end]!, packet);
    estimates.presume(end, FIN_WAIT_2, since, packet);
  }
  return true;
}

/** `end` did not receive the acknowledgment of its FIN, nor then the other FIN, if that would have brought it. */
function takeBackAckOfFin(context: TcpContext, end: number, packet: number): void {
  const { columns, estimates } = context;
  estimates.takeBack(end, packet);
  if (columns.state[end] === FIN_WAIT_2) estimates.prove(end, FIN_WAIT_1, columns.finTime[end]!, packet);
}

function isPresumedByFin(state: number): boolean {
  return state === CLOSE_WAIT || state === CLOSING || state === TIME_WAIT;
}

/** `sender` acknowledges its peer's FIN: it has received it (RFC 9293 §3.6). */
export function acknowledgeFin(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(sender);
  const { number, time } = segment;
  const first = (columns.marks[peer]! & Mark.FIN_ACKED) === 0;
  columns.marks[peer] = columns.marks[peer]! | Mark.FIN_ACKED;
  estimates.sent(sender, SND_ACK_OF_FIN);
  if (hadFirstFin(context, segment, sender)) {
    // The FIN sent again need not have been: the first one had arrived, its acknowledgment was lost.
    const state = columns.state[sender]!;
    if ((state === CLOSE_WAIT || state === TIME_WAIT) && estimates.takeBack(sender, number)) {
      estimates.prove(sender, state, Math.max(columns.finTime[peer]!, columns.since[sender]!), number);
    }
  }
  switch (columns.state[sender]!) {
    case UNSEEN:
    case SYN_RECEIVED:
    case ESTABLISHED:
      // The FIN got there by its last sending, or when the gap before it was filled.
      estimates.prove(sender, CLOSE_WAIT, columns.signalTime[peer]! >= 0 && columns.hole[peer] === 0 ? Math.max(columns.signalTime[peer]!, columns.since[sender]!) : time, number);
      break;
    case FIN_WAIT_1:
      estimates.prove(sender, (columns.marks[sender]! & Mark.FIN_ACKED) !== 0 ? TIME_WAIT : CLOSING, time, number);
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
  if (first && columns.state[sender] === CLOSE_WAIT) doubtCloseWait(context, segment, sender);
  if (first && columns.state[sender] === CLOSE_WAIT && (columns.marks[sender]! & Mark.HALF_CLOSED) === 0) {
    columns.marks[sender] = columns.marks[sender]! | Mark.HALF_CLOSED;
    context.observe(Kind.HALF_CLOSED, sender, number, columns.since[sender]!, columns.bytes[sender]!, 0);
  }
  passAckOfFin(context, segment, sender);
}

/**
 * `sender` acknowledges its peer's FIN from beyond what was captured of it. What is missing may end with its own FIN, sent before it had
 * the other: then it is in CLOSING. Had it been sent something more meanwhile, it may as well have answered with its FIN, and again since.
 */
function doubtCloseWait(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates, holes } = context;
  const peer = peerOf(sender);
  const skipped = holes.skippedBefore(sender, columns.nxt[sender]!);
  if (skipped < 0) return;
  const crossed = skipped < segment.time || columns.lastSeen[peer] === columns.finTime[peer];
  estimates.doubt(sender, crossed ? 1 << CLOSING : (1 << CLOSING) | (1 << LAST_ACK), columns.since[sender]!, segment.number);
}

/**
 * What `sender`, in CLOSE_WAIT, sends now settles that: its FIN, if it was missing (`before`: its SND.NXT before the segment; `answers`: no
 * segment before this one acknowledged the other FIN), else the data that were, or new ones.
 */
export function settleCloseWait(context: TcpContext, segment: Segment, sender: number, before: number, answers: boolean): void {
  const { columns, estimates, holes } = context;
  if (columns.state[sender] !== CLOSE_WAIT || (columns.marks[sender]! & Mark.PRESUMED) !== 0) return;
  const since = columns.since[sender]!;
  const possible = columns.possible[sender]!;
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

/**
 * Does the acknowledgment of a FIN that was sent more than once show that an earlier sending of it had arrived? It echoes an
 * older timestamp than the last one has (RFC 7323 §4.3), or reports a duplicate (D-SACK, RFC 2883).
 */
function hadFirstFin(context: TcpContext, segment: Segment, sender: number): boolean {
  const columns = context.columns;
  const peer = peerOf(sender);
  if (columns.finCount[peer]! < 2) return false;
  if (segment.sackCount > 0 && distance(segment.sackEdges[1]!, segment.ack) <= 0) return true;
  if (!segment.hasTimestamps || (columns.marks[peer]! & Mark.TIMESTAMPS) === 0) return false;
  return distance(segment.tsecr, columns.finTsval[peer]!) < 0;
}

/** The acknowledgment of the peer's FIN reaches the peer, probably. */
function passAckOfFin(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(sender);
  estimates.mayHaveReceived(peer, RCV_ACK_OF_FIN);
  const state = columns.state[peer]!;
  const next = state === FIN_WAIT_1 ? FIN_WAIT_2 : state === CLOSING ? TIME_WAIT : state === LAST_ACK ? CLOSED : -1;
  if (next >= 0) estimates.presume(peer, next, segment.time, segment.number);
}

/** `end` leaves CLOSE_WAIT, if it was shown to be there. `how` as in Kind.CLOSE_WAIT_LEFT. */
export function leaveCloseWait(context: TcpContext, end: number, packet: number, time: number, how: number): void {
  const columns = context.columns;
  if ((columns.marks[end]! & Mark.HALF_CLOSED) === 0) return;
  columns.marks[end] = columns.marks[end]! & ~Mark.HALF_CLOSED;
  const began = columns.state[end] === CLOSE_WAIT ? columns.since[end]! : time;
  context.observe(Kind.CLOSE_WAIT_LEFT, end, packet, time, time - began, how);
}

/**
 * An acknowledgment one beyond what was captured of `end`, from a peer that is closing too: it acknowledges a FIN that the capture
 * missed. True when that is how it was taken.
 */
export function implyFin(context: TcpContext, segment: Segment, end: number): boolean {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(end);
  const marks = columns.marks[end]!;
  if ((marks & Mark.FIN) !== 0 || (columns.marks[peer]! & Mark.FIN) === 0) return false;
  if (distance(segment.ack, columns.nxt[end]!) !== 1) return false;
  columns.marks[end] = (marks & ~(Mark.DOUBT | Mark.DOUBT_CONTRADICTED)) | Mark.FIN | Mark.FIN_ACKED | Mark.UNA;
  columns.fin[end] = segment.ack;
  columns.nxt[end] = segment.ack;
  columns.contiguous[end] = segment.ack;
  columns.una[end] = segment.ack;
  context.missedSegments++;
  leaveCloseWait(context, end, segment.number, segment.time, 4);
  // Of an end that was never captured its answer to the FIN was not, either.
  if (columns.packets[end] === 0) columns.marks[peer] = columns.marks[peer]! | Mark.FIN_ACKED;
  const answered = (columns.marks[peer]! & Mark.FIN_ACKED) !== 0;
  estimates.prove(end, answered ? LAST_ACK : FIN_WAIT_1, segment.time, segment.number);
  acknowledgeFin(context, segment, peer);
  return true;
}
