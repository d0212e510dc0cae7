import { Mark } from '../flow/columns.ts';
import { peerOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import { ACK, FIN, type Segment } from '../wire/segment.ts';
import { settleCloseWait } from './close-wait.ts';
import type { TcpContext } from './context.ts';
import { exchange } from './exchange.ts';
import { acknowledgeFin } from './fin-acknowledgment.ts';
import { coversFin, passFin } from './fin-passage.ts';
import { answersFromBefore, receiveFromBefore } from './former.ts';
import { completeHandshake, leavesSynReceived, passAckOfSyn } from './handshake.ts';
import { meetMidstream, UNSEEN_CLOSE } from './midstream.ts';
import { disownMissedFin, implyFin, noteOneAgain } from './missed-fin.ts';
import { isLate } from './progress.ts';
import { repeatBeforeFin } from './repeated-fin.ts';
import { surviveReset } from './reset.ts';
import { distance } from './sequence.ts';
import { CLOSED, CLOSE_WAIT, ESTABLISHED, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';
import { SND_ACK, SND_ACK_OF_FIN, SND_DATA } from './states.ts';
import { judgeSynAck } from './syn-ack.ts';
import { disownFin, receiveFin } from './teardown.ts';
import { Acknowledged } from './window.ts';

/** A segment without SYN and RST, where at least one end is not plainly established (RFC 9293 §3.10.7.4, fifth to eighth check). */
export function receiveSynchronized(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  const { flags, number, time } = segment;
  if ((flags & ACK) === 0) {
    context.observe(Kind.INVALID_FLAGS, sender, number, time, flags, segment.payloadLength);
    return;
  }
  if (columns.state[peer] === SYN_SENT && answersFromBefore(context, segment, sender)) {
    receiveFromBefore(context, segment, sender);
    return;
  }
  if ((columns.marks[sender] & Mark.DOUBT) !== 0 && columns.state[sender] === SYN_SENT) {
    judgeSynAck(context, sender, false);
  }
  if (columns.state[sender] === SYN_SENT && !completeHandshake(context, segment, sender)) return;
  if (columns.state[sender] === CLOSED && (columns.marks[sender] & Mark.PRESUMED) !== 0 && (columns.marks[sender] & Mark.FIN) === 0) {
    surviveReset(context, segment, sender);
  }
  if (columns.state[sender] === UNSEEN || columns.state[sender] === LISTEN) {
    meetMidstream(context, segment, sender, (flags & FIN) !== 0 || coversFin(context, peer, segment.ack));
  } else if (columns.state[sender] === SYN_RECEIVED && !answerInSynReceived(context, segment, sender)) return;

  const fin = (flags & FIN) !== 0;
  disownMissedFin(context, segment, peer);
  const hadFin = (columns.marks[peer] & Mark.FIN_ACKED) !== 0;
  if (implyFin(context, segment, peer)) {
    if (fin) receiveFin(context, segment, sender, -1);
    return;
  }
  const before = columns.nxt[sender];
  const incomplete = columns.hole[sender] !== 0;
  const skipped = fin && incomplete && ((segment.seq + segment.payloadLength + 1) | 0) === before ? context.holes.skippedBefore(sender, before) : -1;
  const acknowledged = exchange(context, segment, sender);
  if (acknowledged === Acknowledged.TOO_OLD) return;
  if (columns.packets[peer] === 0) noteOneAgain(context, segment, peer);
  if (acknowledged === Acknowledged.BEYOND && implyFin(context, segment, peer)) {
    if (fin) receiveFin(context, segment, sender, skipped);
    return;
  }
  if (!coversFin(context, peer, segment.ack) && !isLate(columns, segment, sender)) estimates.sent(sender, plainEvent(context, segment, sender));
  showEstablished(context, segment, sender);
  if (columns.packets[peer] === 0 && (columns.marks[sender] & Mark.SYNCHRONIZED) !== 0 && columns.state[peer] === SYN_SENT) {
    // Nothing of the peer was captured, but it must have completed the handshake.
    estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
  }
  if (columns.state[peer] === SYN_RECEIVED && distance(segment.ack, columns.iss[peer]) > 0 && acknowledged !== Acknowledged.BEYOND) {
    passAckOfSyn(context, segment, sender);
  }
  if (coversFin(context, peer, segment.ack) && (!fin || !hadFin || (columns.marks[sender] & Mark.FIN) !== 0)) {
    acknowledgeFin(context, segment, sender);
  }
  if (segment.payloadLength > 0) {
    if (distance((segment.seq + segment.payloadLength) | 0, before) <= 0) repeatBeforeFin(context, segment, sender);
    observeLateData(context, segment, sender, before);
  }
  if ((segment.payloadLength > 0 || fin) && (columns.marks[sender] & Mark.FIN) === 0) settleCloseWait(context, segment, sender, before, !hadFin);
  if (fin) receiveFin(context, segment, sender, skipped);
  else if ((columns.marks[sender] & Mark.FIN) !== 0 && (columns.marks[sender] & Mark.FIN_ACKED) === 0 && segment.payloadLength > 0) {
    // A hole before the FIN may have been filled by this: then the FIN counts from now on.
    if (incomplete && columns.hole[sender] === 0) columns.signalTime[sender] = segment.time;
    passFin(context, segment, sender, coversFin(context, peer, segment.ack));
  }
}

/** What a segment that acknowledges no FIN of this incarnation is in the figure. */
function plainEvent(context: TcpContext, segment: Segment, sender: number): number {
  const { marks, state } = context.columns;
  if (segment.payloadLength > 0) return SND_DATA;
  // TIME_WAIT acknowledges the FIN of the incarnation before, also to an old SYN (RFC 9293 §3.10.7.4).
  return state[sender] === TIME_WAIT && (marks[peerOf(sender)] & Mark.FIN) === 0 ? SND_ACK_OF_FIN : SND_ACK;
}

/** False when the segment leaves its sender in SYN_RECEIVED. */
function answerInSynReceived(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  if ((segment.flags & FIN) === 0 && !leavesSynReceived(context, segment, sender)) {
    exchange(context, segment, sender);
    // Simultaneous open: the ACK of one end is what the other waits for.
    if (columns.state[peer] === SYN_RECEIVED) passAckOfSyn(context, segment, sender);
    return false;
  }
  columns.marks[sender] |= Mark.SYNCHRONIZED;
  // By the ACK seen last; where that was not captured, soon after the SYN-ACK.
  const reached = columns.lastSeen[peer] >= 0 ? Math.max(columns.lastSeen[peer], columns.signalTime[sender], columns.since[sender]) : segment.time;
  if ((segment.flags & FIN) === 0) context.estimates.prove(sender, ESTABLISHED, reached, segment.number);
  return true;
}

/** An end that was presumed to be established shows it. */
function showEstablished(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  if ((columns.marks[sender] & Mark.SYNCHRONIZED) !== 0) return;
  if (columns.state[sender] !== ESTABLISHED && columns.state[sender] !== CLOSE_WAIT) return;
  if ((columns.marks[sender] & Mark.SYN_ACK) !== 0 && !leavesSynReceived(context, segment, sender)) return;
  columns.marks[sender] |= Mark.SYNCHRONIZED;
  if (columns.state[sender] === ESTABLISHED) estimates.confirm(sender, segment.number, UNSEEN_CLOSE);
  else estimates.narrow(sender, 1 << SYN_RECEIVED, segment.number);
}

/** Data of an end that was taken for closing: beyond its own FIN, or in CLOSE_WAIT. `before`: its SND.NXT before them. */
function observeLateData(context: TcpContext, segment: Segment, sender: number, before: number): void {
  const { columns } = context;
  const marks = columns.marks[sender];
  const state = columns.state[sender];
  if ((marks & Mark.FIN) !== 0 && distance((segment.seq + segment.payloadLength) | 0, columns.fin[sender]) > 0) {
    context.observe(Kind.DATA_AFTER_OWN_FIN, sender, segment.number, segment.time, segment.payloadLength);
    // Data in the place of the FIN; an end that sends beyond it has at least counted it.
    if (distance(segment.seq, columns.fin[sender]) < 0) disownFin(context, segment, sender);
  } else if (state === CLOSE_WAIT && (marks & Mark.HALF_CLOSED) !== 0 && distance(columns.nxt[sender], before) > 0) {
    context.observe(Kind.DATA_IN_CLOSE_WAIT, sender, segment.number, segment.time, segment.payloadLength);
  }
}
