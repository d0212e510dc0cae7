import { Mark } from '../flow/columns.ts';
import { flowOf, peerOf, sideOf } from '../flow/end.ts';
import { CloseWaitExit, Kind } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import { leaveCloseWait } from './close-wait.ts';
import { LETTER_FIN, type TcpContext } from './context.ts';
import { coversFin, failsPaws, passAckOfFin, passFin } from './fin-passage.ts';
import { dateLostFin } from './lost-fin.ts';
import { excludeUnseenFin, mayAnswerUnseenFin } from './midstream.ts';
import { implyFirstFin } from './missed-fin.ts';
import { repeatFin, restoreEstablished } from './repeated-fin.ts';
import { CLOSE_WAIT, CLOSED, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, TIME_WAIT } from './state.ts';
import { RCV_FIN, SND_FIN, SND_FIN_ACK_OF_FIN } from './states.ts';

/**
 * A segment with FIN (RFC 9293 §3.6). Its acknowledgment has been followed already. `skipped`: when a segment from beyond the FIN showed that
 * it had been sent, and lost before the capture point; −1 when none did.
 */
export function receiveFin(context: TcpContext, segment: Segment, sender: number, skipped: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  const isReset = columns.state[sender] === CLOSED && (columns.marks[sender] & (Mark.PRESUMED | Mark.FIN)) === Mark.PRESUMED;
  if ((columns.marks[sender] & Mark.FIN_CAPTURED) !== 0) {
    if (columns.fin[sender] === numberAfter(segment) && !context.ipIds.isFromBefore) repeatFin(context, segment, sender);
    return;
  }
  const known = (columns.marks[sender] & Mark.FIN) !== 0;
  implyFirstFin(context, segment, peer);
  excludeUnseenFin(context, sender, segment.number);
  const answersFin = coversFin(context, peer, segment.ack);
  // It had not received the other FIN, whatever was presumed of it.
  if (!answersFin && columns.state[sender] === CLOSE_WAIT && estimates.takeBack(sender, segment.number)) restoreEstablished(context, segment, sender);
  noteFin(context, segment, sender);
  if (known) return;
  leaveCloseWait(context, sender, segment.number, segment.time, CloseWaitExit.FIN);
  context.observe(Kind.FIN, sender, segment.number, segment.time, columns.bytes[sender], answersFin ? 1 : 0);
  const isDated = skipped < 0 && dateLostFin(context, segment, sender, answersFin);
  estimates.sent(sender, answersFin ? SND_FIN_ACK_OF_FIN : SND_FIN);
  if (isDated) estimates.leaveOut(sender, 0, segment.time, segment.number);
  else leaveByFin(context, segment, sender, answersFin, skipped < 0 ? segment.time : Math.max(skipped, columns.since[sender]));
  if (answersFin && columns.packets[peer] === 0) {
    // The acknowledgment of it would not show; unless it comes again it was acknowledged.
    columns.marks[sender] |= Mark.FIN_ACKED;
    passAckOfFin(context, segment, peer);
  }
  if (!answersFin && (columns.marks[peer] & Mark.FIN) !== 0) {
    // The other FIN was on its way when this one was sent.
    context.observe(Kind.SIMULTANEOUS_CLOSE, sender, segment.number, segment.time);
    if (columns.hole[peer] === 0) estimates.presume(sender, CLOSING, segment.time, segment.number);
  }
  if (skipped < 0 && failsPaws(columns, segment, sender)) estimates.admitReceipt(peer, RCV_FIN, segment.time, segment.number);
  else passFin(context, segment, sender, answersFin);
  // It was sent before the RST that passed reached its sender.
  if (isReset) estimates.presume(sender, CLOSED, segment.time, segment.number);
}

/** The number after the FIN of a segment that has one. */
function numberAfter({ payloadLength, seq }: Segment): number {
  return (seq + payloadLength + 1) | 0;
}

/** Notes the FIN that `sender` sends for the first time in sight. */
function noteFin(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  columns.marks[sender] |= Mark.FIN | Mark.FIN_CAPTURED | Mark.SYNCHRONIZED;
  columns.fin[sender] = numberAfter(segment);
  columns.finCount[sender] = 1;
  columns.finTime[sender] = segment.time;
  columns.finTsval[sender] = segment.tsval;
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  if (columns.closedFirst[flowOf(sender)] === 0) columns.closedFirst[flowOf(sender)] = sideOf(sender) + 1;
  context.history(sender, LETTER_FIN);
}

/** The state in which its FIN, sent at `sent`, leaves `sender`. `answersFin`: it acknowledges the FIN of its peer. */
function leaveByFin(context: TcpContext, segment: Segment, sender: number, answersFin: boolean, sent: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  const state = columns.state[sender];
  if (!answersFin && mayAnswerUnseenFin(context, sender)) {
    columns.possible[sender] |= 1 << LAST_ACK;
    estimates.settle(sender, FIN_WAIT_1, sent, segment.number);
  } else if (!answersFin && columns.packets[peer] === 0) {
    // Neither the other FIN nor the acknowledgment of this one would show.
    columns.possible[sender] |= (1 << LAST_ACK) | (1 << FIN_WAIT_2) | (1 << CLOSED);
    columns.possible[peer] |= (1 << FIN_WAIT_2) | (1 << TIME_WAIT);
    estimates.settle(sender, FIN_WAIT_1, sent, segment.number);
  } else if (!answersFin) estimates.prove(sender, FIN_WAIT_1, sent, segment.number);
  else if (state === FIN_WAIT_1 || state === CLOSING) estimates.prove(sender, CLOSING, segment.time, segment.number);
  else if ((columns.possible[sender] & (1 << CLOSING)) !== 0) estimates.settle(sender, LAST_ACK, sent, segment.number);
  else estimates.prove(sender, LAST_ACK, sent, segment.number);
}

/**
 * An end sends data beyond its own FIN: then the FIN was not its own (RFC 9293 §3.6 allows none after it). Its peer has taken it all
 * the same and stays where the FIN put it.
 */
export function disownFin(context: TcpContext, segment: Segment, end: number): void {
  const { columns } = context;
  if ((columns.marks[end] & Mark.FIN_CAPTURED) === 0) return;
  if ((columns.marks[end] & Mark.FIN_ACKED) !== 0) context.observe(Kind.DISOWNED_FIN, end, segment.number, segment.time);
  columns.marks[end] &= ~(Mark.FIN | Mark.FIN_CAPTURED | Mark.FIN_ACKED);
  columns.finCount[end] = 0;
  if (columns.closedFirst[flowOf(end)] === sideOf(end) + 1) columns.closedFirst[flowOf(end)] = 0;
  context.estimates.takeBack(end, segment.number);
  context.estimates.prove(end, ESTABLISHED, columns.finTime[end], segment.number);
}
