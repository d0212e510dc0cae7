import { Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { coversFin, failsPaws, passAckOfFin, passFin } from './fin-passage.ts';
import { isLate } from './progress.ts';
import { roundTripTo } from './round-trip.ts';
import { CLOSE_WAIT, CLOSED, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, SYN_RECEIVED, TIME_WAIT } from './state.ts';
import { SND_FIN, SND_FIN_ACK_OF_FIN } from './states.ts';

/** The same FIN again: it, or its acknowledgment, was lost on the way. */
export function repeatFin(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  const answersFin = coversFin(context, peer, segment.ack);
  if (columns.finCount[sender] < 255) columns.finCount[sender]++;
  context.observe(Kind.FIN_REPEATED, sender, segment.number, segment.time, columns.finCount[sender]);
  if (columns.packets[peer] === 0 && columns.state[sender] === CLOSED && estimates.takeBack(sender, segment.number)) {
    columns.marks[sender] &= ~Mark.FIN_ACKED;
  }
  if ((columns.marks[sender] & Mark.FIN_ACKED) === 0) {
    // No acknowledgment was seen, so it has probably not arrived before.
    if (isPresumedByFin(columns.state[peer]) && takeBackFin(context, peer, segment.number)) restoreEstablished(context, segment, peer);
  } else if ((columns.marks[sender] & Mark.PRESUMED) !== 0) {
    takeBackAckOfFin(context, sender, segment.number);
  }
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  columns.finTsval[sender] = segment.tsval;
  estimates.sent(sender, answersFin ? SND_FIN_ACK_OF_FIN : SND_FIN);
  const state = columns.state[sender];
  if (answersFin && state === FIN_WAIT_1) estimates.prove(sender, CLOSING, segment.time, segment.number);
  else if (state === FIN_WAIT_1 || state === CLOSING || state === LAST_ACK) estimates.prove(sender, state, columns.since[sender], segment.number);
  if (isAckOnItsWay(context, segment, sender)) {
    passAckOfFin(context, segment, peer);
    if ((columns.marks[peer] & Mark.FIN_CAPTURED) !== 0) passFin(context, segment, peer, true);
  }
  if (!failsPaws(columns, segment, sender)) passFin(context, segment, sender, answersFin);
}

/** The acknowledgment of its FIN passed so shortly before that `sender`, which has sent it again, did not have it yet: it says nothing of its arrival. */
function isAckOnItsWay({ columns }: TcpContext, segment: Segment, sender: number): boolean {
  return (columns.marks[sender] & Mark.FIN_ACKED) !== 0 && segment.time - columns.lastSeen[peerOf(sender)] < roundTripTo(columns, sender);
}

/**
 * Data sent again by an end that has sent its FIN. Unacknowledged, they were missing at the peer, and the FIN waited behind the hole
 * (RFC 9293 §3.10.7.4); acknowledged already, it is the acknowledgment that was lost on its way.
 */
export function repeatBeforeFin(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  const marks = columns.marks[sender];
  if ((marks & Mark.FIN_CAPTURED) === 0 || context.ipIds.isFromBefore || isLate(columns, segment, sender)) return;
  if ((marks & Mark.FIN_ACKED) === 0) {
    if (isPresumedByFin(columns.state[peer])) takeBackFin(context, peer, segment.number);
    return;
  }
  const state = columns.state[sender];
  if (state === FIN_WAIT_2 || state === TIME_WAIT || state === CLOSED) takeBackAckOfFin(context, sender, segment.number);
}

/** `end` did not receive its peer's FIN. Where an acknowledgment of its own FIN came after that, it has received this all the same. */
function takeBackFin(context: TcpContext, end: number, packet: number): boolean {
  const { columns, estimates } = context;
  const acknowledged = columns.state[end] === TIME_WAIT && columns.formerState[end] === CLOSING;
  const since = columns.since[end];
  // … or it did, and its answer, be it only an ACK or its own FIN, was lost before the capture point.
  if (columns.formerState[end] === ESTABLISHED) estimates.ifNot(end, ESTABLISHED, columns.formerPossible[end] | (1 << LAST_ACK));
  if (!estimates.takeBack(end, packet)) return false;
  if (acknowledged) {
    estimates.prove(end, FIN_WAIT_1, columns.finTime[end], packet);
    estimates.presume(end, FIN_WAIT_2, since, packet);
  }
  return true;
}

/** `end` did not receive the acknowledgment of its FIN, nor then the other FIN, if that would have brought it. */
function takeBackAckOfFin(context: TcpContext, end: number, packet: number): void {
  const { columns, estimates } = context;
  estimates.takeBack(end, packet);
  if (columns.state[end] === FIN_WAIT_2) estimates.prove(end, FIN_WAIT_1, columns.finTime[end], packet);
}

function isPresumedByFin(state: number): boolean {
  return state === CLOSE_WAIT || state === CLOSING || state === TIME_WAIT;
}

/** `end` did not receive a FIN. It had received the third segment of the handshake, though, or it would have sent its SYN-ACK again. */
export function restoreEstablished(context: TcpContext, segment: Segment, end: number): void {
  const { columns } = context;
  const ackDelay = columns.ackDelay[flowOf(end)];
  if (columns.state[end] !== SYN_RECEIVED || columns.synCount[end] !== 1 || ackDelay < 0) return;
  context.estimates.presume(end, ESTABLISHED, columns.signalTime[end] + ackDelay, segment.number);
}
