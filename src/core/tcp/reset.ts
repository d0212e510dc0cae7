import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Challenge, CloseWaitExit, Kind, RESET_CONTEXT, RESET_FORMS } from '../observations.ts';
import { ACK, type Segment } from '../wire/segment.ts';
import { challenge } from './challenge.ts';
import { leaveCloseWait } from './close-wait.ts';
import { LETTER_RST, type TcpContext } from './context.ts';
import { endBefore } from './former.ts';
import { isLate } from './progress.ts';
import { misfitsOf, showOtherSender, ttlDifference } from './origin.ts';
import { roundTrip } from './round-trip.ts';
import { distance } from './sequence.ts';
import { areBothOver, CLOSED, CLOSE_WAIT, CLOSING, isOver, LAST_ACK, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';
import { RCV_RST, SND_RST } from './states.ts';
import { judgeSynAck } from './syn-ack.ts';

const UNKNOWN = RESET_FORMS.indexOf('unknown');
const NO_SOCKET = RESET_FORMS.indexOf('no-socket');
const CLOSED_PORT = RESET_FORMS.indexOf('closed-port');
const ABORT = RESET_FORMS.indexOf('abort');
const MIDDLEBOX = RESET_FORMS.indexOf('middlebox');
const ANSWERS_CHALLENGE = RESET_FORMS.indexOf('answers-challenge');

/** A host that has no socket answers at once: within so many round trips, and so many nanoseconds more, at the capture point. */
const ANSWER_ROUND_TRIPS = 3;
const ANSWER_NANOSECONDS = 50_000_000;

/** A RST: is it one that its receiver takes (RFC 9293 §3.5.3, RFC 5961 §3), who sends such a one, and what was lost by it? */
export function receiveReset(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  context.history(sender, LETTER_RST);
  const peerState = columns.state[peer];
  if (peerState === SYN_SENT && (columns.marks[peer] & Mark.ISS) !== 0 && (columns.marks[sender] & Mark.SYN_ACK) === 0) {
    answerSyn(context, segment, sender);
    return;
  }
  if (refusesBadAck(context, segment, sender)) {
    endBefore(context, segment, peer);
    return;
  }
  if (!isExact(context, segment, sender)) {
    rejectReset(context, segment, sender);
    return;
  }
  const form = formOf(context, segment, sender);
  const misfits = misfitsOf(context, segment, sender, form === ABORT);
  if (!showOtherSender(misfits)) {
    applyReset(context, segment, sender, form);
    return;
  }
  context.observe(Kind.FORGED_HEADER, sender, segment.number, segment.time, ttlDifference(columns, segment, sender), misfits);
  applyReset(context, segment, sender, MIDDLEBOX);
}

/** A RST towards an end in SYN_SENT counts when it acknowledges the SYN (RFC 9293 §3.10.7.3, second check). */
function answerSyn(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  const expected = (columns.iss[peer] + 1) | 0;
  const fits = (segment.flags & ACK) !== 0 && distance(segment.ack, expected) >= 0 && distance(segment.ack, columns.nxt[peer]) <= 0;
  if (!fits) {
    context.observe(Kind.RESET_UNACCEPTABLE, sender, segment.number, segment.time, distance(segment.ack, expected));
    return;
  }
  columns.flowMarks[flow] |= FlowMark.REFUSED;
  columns.marks[sender] |= Mark.RST;
  context.observe(Kind.REFUSED, sender, segment.number, segment.time, segment.time - columns.signalTime[peer], segment.ttl);
  context.estimates.takeBack(sender, segment.number);
  context.estimates.prove(sender, CLOSED, segment.time, segment.number);
  context.estimates.mayHaveReceived(peer, RCV_RST);
  context.estimates.presume(peer, CLOSED, segment.time, segment.number);
}

/**
 * In SYN_SENT and SYN_RECEIVED an unacceptable acknowledgment is answered by a RST from there, and nothing changes
 * (RFC 9293 §3.10.7.3 first check, §3.10.7.4 fifth check).
 */
function refusesBadAck(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  const state = columns.state[sender];
  if ((segment.flags & ACK) !== 0 || segment.seq !== columns.lastAck[peer]) return false;
  if (state === SYN_SENT && (columns.marks[sender] & Mark.DOUBT) !== 0 && (columns.marks[peer] & Mark.SYNCHRONIZED) === 0 && segment.seq === columns.doubtAck[sender]) {
    judgeSynAck(context, sender, true);
    return true;
  }
  if (state === SYN_SENT && (columns.marks[sender] & Mark.ISS) !== 0) {
    const beyond = distance(segment.seq, columns.iss[sender]);
    return beyond <= 0 || distance(segment.seq, columns.nxt[sender]) > 0;
  }
  if (state !== SYN_RECEIVED) return false;
  return segment.seq !== ((columns.iss[sender] + 1) | 0) && distance(segment.seq, columns.nxt[sender]) !== 0;
}

/** Which code path makes such a RST (index into RESET_FORMS). */
function formOf(context: TcpContext, segment: Segment, sender: number): number {
  const { columns } = context;
  const peer = peerOf(sender);
  if ((segment.flags & ACK) === 0) {
    if (segment.seq !== columns.lastAck[peer]) return UNKNOWN;
    return context.challengeAcks.get(peer) === columns.lastSeen[peer] ? ANSWERS_CHALLENGE : NO_SOCKET;
  }
  if (segment.seq === 0 && columns.nxt[sender] !== 0) return CLOSED_PORT;
  if (segment.seq === columns.nxt[sender] || segment.seq === columns.una[sender]) return ABORT;
  return UNKNOWN;
}

/**
 * Is the sequence number one that RCV.NXT of the receiver may be (RFC 5961 §3.2)? What lies between acknowledged and sent may have
 * arrived; a bare RST that answers an ACK overtaken by later ones stands below and is ignored.
 */
function isExact(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const marks = columns.marks[sender];
  if ((marks & Mark.NXT) === 0 || columns.packets[sender] === 1) return true;
  if ((marks & Mark.DOUBT) !== 0 && segment.seq === columns.doubtAck[sender]) return true;
  if (isBeforeFin(context, segment, sender)) return true;
  const low = (marks & Mark.UNA) !== 0 ? columns.una[sender] : columns.contiguous[sender];
  return distance(segment.seq, low) >= 0 && distance(segment.seq, columns.nxt[sender]) <= 0;
}

/** At RCV.NXT − 1 of an end that has taken a FIN Linux takes a RST, too: other stacks number it as if they had not sent the FIN. */
function isBeforeFin(context: TcpContext, segment: Segment, sender: number): boolean {
  const { fin, marks, state } = context.columns;
  const receiver = state[peerOf(sender)];
  const hasFin = receiver === CLOSE_WAIT || receiver === CLOSING || receiver === LAST_ACK;
  return hasFin && (marks[sender] & Mark.FIN) !== 0 && segment.seq === ((fin[sender] - 1) | 0);
}

/**
 * Has the receiver shown, by duplicate acknowledgments, that bytes before the RST are missing? RCV.NXT is below then, and it answers with a
 * challenge ACK (RFC 5961 §3.2). Linux takes a RST at the right edge of what it has reported by SACK, too.
 */
function lacksBytesBefore(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  if (columns.hole[sender] === 0 || columns.duplicateAcks[peer] === 0 || columns.una[sender] !== context.holes.first(sender)) return false;
  const selective = (columns.marks[sender] & columns.marks[peer] & Mark.SACK) !== 0;
  return distance(segment.seq, columns.una[sender]) > 0 && !(selective && segment.seq === columns.nxt[sender]);
}

/** A RST that its receiver does not take: a challenge ACK answers one within the window, nothing one outside it. */
function rejectReset(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  if (answersOvertaken(columns, segment, sender)) return;
  const beyond = distance(segment.seq, columns.nxt[sender]);
  const inWindow = beyond >= 0 && distance(segment.seq, columns.edge[peerOf(sender)]) < 0;
  if (inWindow) challenge(context, peerOf(sender), Challenge.RST);
  context.observe(Kind.RESET_UNACCEPTABLE, sender, segment.number, segment.time, beyond, inWindow ? 1 : 0);
}

/** Its sender has no socket any more and answers, with their own numbers, the acknowledgments that were on their way when its first RST passed. */
function answersOvertaken(columns: Columns, { flags, seq, time }: Segment, sender: number): boolean {
  const isAnswer = (flags & ACK) === 0 && (columns.marks[sender] & Mark.RST) !== 0 && distance(seq, columns.nxt[sender]) < 0;
  return isAnswer && time - columns.since[sender] <= ANSWER_NANOSECONDS + ANSWER_ROUND_TRIPS * roundTrip(columns, flowOf(sender));
}

/** Takes in a RST of a form that its receiver accepts: what it tells, and what it leads both ends to. */
function applyReset(context: TcpContext, segment: Segment, sender: number, form: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  const { number, time } = segment;
  const surroundings = surroundingsOf(context, segment, sender);
  const senderState = columns.state[sender];
  const peerState = columns.state[peer];

  observeReset(context, segment, sender, form, surroundings);
  columns.flowMarks[flow] |= FlowMark.RESET | (isAfterFin(surroundings) ? 0 : FlowMark.ABORTED);
  columns.marks[sender] |= Mark.RST;
  leaveCloseWait(context, sender, number, time, CloseWaitExit.OWN_RST);
  leaveCloseWait(context, peer, number, time, CloseWaitExit.PEERS_RST);
  if (isForWantOfSocket(form, surroundings)) admitNoSocket(context, segment, sender);
  estimates.sent(sender, SND_RST);
  // Presumed even of its sender: anyone can forge a RST, and then the end goes on (see surviveReset).
  if (senderState !== CLOSED) estimates.presume(sender, CLOSED, time, number);
  estimates.mayHaveReceived(peer, RCV_RST);
  if (lacksBytesBefore(context, segment, sender)) challenge(context, peer, Challenge.RST);
  else if (peerState !== CLOSED && peerState !== LISTEN) {
    if (peerState === UNSEEN) estimates.settle(peer, CLOSED, time, number);
    else estimates.presume(peer, CLOSED, time, number);
  }
}

/** The facts about a RST that its receiver accepts; before it changes anything. */
function observeReset(context: TcpContext, { number, time }: Segment, sender: number, form: number, surroundings: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  const isFirst = (columns.flowMarks[flowOf(sender)] & FlowMark.RESET) === 0;
  context.observe(Kind.RESET, sender, number, time, form, surroundings);
  if ((surroundings & RESET_CONTEXT.HANDSHAKE) !== 0 && columns.state[peer] === SYN_RECEIVED && isFirst) {
    context.observe(Kind.HANDSHAKE_ABORTED, sender, number, time, time - columns.signalTime[peer], form);
  }
  if (isAfterFin(surroundings)) context.observe(Kind.RESET_AFTER_FIN, sender, number, time, form, lostBytes(context, sender));
  else if (isFirst && (surroundings & (RESET_CONTEXT.PEER_DATA_UNACKED | RESET_CONTEXT.OWN_DATA_UNACKED)) !== 0) {
    context.observe(Kind.RESET_LOST, sender, number, time, unacknowledgedData(columns, peer), unacknowledgedData(columns, sender));
  }
  if (!isForWantOfSocket(form, surroundings)) return;
  const held = columns.state[peer] === CLOSE_WAIT ? time - columns.since[peer] : 0;
  context.observe(Kind.MET_NO_SOCKET, peer, number, time, held);
  if ((columns.marks[sender] & Mark.FIN) !== 0 && columns.lastData[peer] === columns.lastSeen[peer]) {
    context.observe(Kind.DATA_AFTER_CLOSE, peer, number, time, distance(columns.nxt[peer], columns.una[peer]));
  }
}

/** It answers what its sender was just sent, and has no socket for. */
function isForWantOfSocket(form: number, surroundings: number): boolean {
  return (form === NO_SOCKET || form === ANSWERS_CHALLENGE) && (surroundings & RESET_CONTEXT.ANSWERS) !== 0;
}

function isAfterFin(surroundings: number): boolean {
  return (surroundings & (RESET_CONTEXT.AFTER_OWN_FIN | RESET_CONTEXT.AFTER_PEER_FIN)) !== 0;
}

/**
 * The RST of `sender` answers a segment for which it had no socket: that may have gone at any time since it last showed itself. A FIN that
 * was answered so did not move it, and never will.
 */
function admitNoSocket(context: TcpContext, segment: Segment, sender: number): void {
  const { estimates } = context;
  const { lastData, lastSeen, marks, signalTime, since, state } = context.columns;
  const peer = peerOf(sender);
  const byFin = state[sender];
  const hasMoved = byFin === CLOSE_WAIT || byFin === CLOSING || byFin === TIME_WAIT;
  const answersFin = (marks[peer] & Mark.FIN_CAPTURED) !== 0 && lastSeen[peer] === signalTime[peer];
  if (hasMoved && answersFin && estimates.takeBack(sender, segment.number)) estimates.exclude(sender, 1 << byFin, segment.number);
  const isOpen = !isOver(state[sender]) && (marks[sender] & (Mark.SYNCHRONIZED | Mark.SYN_ACK)) !== 0;
  if (isOpen) estimates.admit(sender, 1 << CLOSED, Math.max(since[sender], lastData[sender]), segment.number);
}

/** What surrounds a RST: bits of RESET_CONTEXT. */
function surroundingsOf(context: TcpContext, segment: Segment, sender: number): number {
  const { columns } = context;
  const peer = peerOf(sender);
  const own = columns.marks[sender];
  const others = columns.marks[peer];
  let bits = 0;
  if ((own & others & Mark.SYNCHRONIZED) === 0 && (columns.flowMarks[flowOf(sender)] & FlowMark.MIDSTREAM) === 0) bits |= RESET_CONTEXT.HANDSHAKE;
  if ((own & Mark.FIN) !== 0) bits |= RESET_CONTEXT.AFTER_OWN_FIN;
  if ((others & Mark.FIN) !== 0) bits |= RESET_CONTEXT.AFTER_PEER_FIN;
  if ((others & Mark.UNA) !== 0 && distance(columns.nxt[peer], columns.una[peer]) > 0) bits |= RESET_CONTEXT.PEER_DATA_UNACKED;
  if ((own & Mark.UNA) !== 0 && distance(columns.nxt[sender], columns.una[sender]) > 0) bits |= RESET_CONTEXT.OWN_DATA_UNACKED;
  if (areBothOver(columns.state, sender)) bits |= RESET_CONTEXT.AFTER_CLOSE;
  const soon = segment.time - columns.lastSeen[peer] <= ANSWER_NANOSECONDS + ANSWER_ROUND_TRIPS * roundTrip(columns, flowOf(sender));
  if (soon && (segment.flags & ACK) === 0 && segment.seq === columns.lastAck[peer]) bits |= RESET_CONTEXT.ANSWERS;
  return bits;
}

/** Application bytes that the RST destroyed: sent by either end and not acknowledged (a FIN counts for none); -1 when unknown. */
function lostBytes(context: TcpContext, sender: number): number {
  const { columns } = context;
  const peer = peerOf(sender);
  const known = Mark.UNA | Mark.NXT;
  if ((columns.marks[sender] & columns.marks[peer] & known) !== known) return -1;
  return unacknowledgedData(columns, sender) + unacknowledgedData(columns, peer);
}

/** Bytes that an end has sent and its peer has not acknowledged; 0 where that is not known. A FIN counts for none. */
function unacknowledgedData(columns: Columns, end: number): number {
  const marks = columns.marks[end];
  if ((marks & Mark.UNA) === 0 || (marks & Mark.NXT) === 0) return 0;
  const bytes = distance(columns.nxt[end], columns.una[end]);
  const hasFin = (marks & Mark.FIN) !== 0 && (marks & Mark.FIN_ACKED) === 0;
  return Math.max(0, hasFin ? bytes - 1 : bytes);
}

/** Round trip assumed here where the handshake was not seen (nanoseconds): long, for a RST that arrived is not to be taken back. */
const ASSUMED_ROUND_TRIP = 200_000_000;
/** A segment this soon after its sender's own RST may merely have been captured late (nanoseconds). */
const CAPTURED_LATE = 2_000_000;

/**
 * `end`, taken for closed by a RST, sends on. What was in flight when the RST passed proves nothing; later than that the RST was
 * forged (when it was the end's own) or never arrived.
 */
export function surviveReset(context: TcpContext, segment: Segment, end: number): void {
  const { columns } = context;
  // Overtaken by what its sender sent later, and that before the RST.
  const peer = peerOf(end);
  const isOvertaken = (columns.marks[peer] & Mark.UNA) !== 0 && distance(segment.ack, columns.una[peer]) < 0;
  if (isOvertaken || isLate(columns, segment, end)) return;
  const flow = flowOf(end);
  const elapsed = segment.time - columns.since[end];
  if ((columns.marks[end] & Mark.RST) !== 0) {
    if (elapsed < CAPTURED_LATE) return;
    columns.marks[end] = (columns.marks[end] & ~Mark.RST) | Mark.DISOWNED;
    context.observe(Kind.RESET_DISOWNED, end, segment.number, segment.time);
    context.estimates.takeBack(end, segment.number);
    columns.flowMarks[flow] &= ~(FlowMark.RESET | FlowMark.ABORTED);
    return;
  }
  if (elapsed > 2 * roundTrip(columns, flow, ASSUMED_ROUND_TRIP) + CAPTURED_LATE) context.estimates.takeBack(end, segment.number);
}
