import { FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Challenge, FastOpenStep, Kind } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import { challenge } from './challenge.ts';
import { LETTER_SYN_ACK, type TcpContext } from './context.ts';
import { observeIsnMove, repeatFormerSynAck } from './former.ts';
import { noteHandshake } from './handshake.ts';
import { observeOpening, observeRewritten, observeUnoffered } from './oddities.ts';
import { agreeOnScale, noteOpening, noteOptions, showDirection } from './opening.ts';
import { isLate } from './progress.ts';
import { distance } from './sequence.ts';
import { ESTABLISHED, isOver, LISTEN, SYN_RECEIVED, SYN_SENT, UNSEEN } from './state.ts';
import { RCV_SYN_ACK, SND_SYN_ACK } from './states.ts';
import { acknowledge, offer } from './window.ts';

/** A SYN-ACK: its sender has received a SYN (RFC 9293 §3.10.7.2, §3.10.7.3). */
export function receiveSynAck(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  if ((columns.flowMarks[flow] & FlowMark.FORMER) !== 0 && repeatFormerSynAck(context, segment, sender)) return;
  if ((columns.marks[peer] & Mark.ISS) !== 0 && !answersSyn(context, segment, sender)) return;
  const state = columns.state[sender];
  if ((columns.marks[sender] & Mark.SYN_ACK) !== 0 && columns.iss[sender] === segment.seq) {
    if (columns.synCount[sender] === 0) meetLateSynAck(context, segment, sender);
    else repeatSynAck(context, segment, sender);
    return;
  }
  if ((columns.marks[sender] & Mark.SYNCHRONIZED) !== 0 && !isOver(state)) {
    refuseSynAck(context, segment, sender);
    return;
  }

  const simultaneous = state === SYN_SENT && columns.iss[sender] === segment.seq;
  if (!simultaneous) showDirection(context, peer);
  const began = answeredSynTime(context, segment, sender);
  noteOpening(context, segment, sender);
  observeOpening(context, segment, sender);
  columns.synCount[sender] = 1;
  columns.marks[sender] |= Mark.SYN_ACK;
  context.history(sender, LETTER_SYN_ACK);
  estimates.sent(sender, SND_SYN_ACK);
  estimates.prove(sender, SYN_RECEIVED, began, segment.number);
  const synSeen = (columns.marks[peer] & Mark.ISS) !== 0;
  if ((columns.flowMarks[flow] & FlowMark.FORMER) !== 0) observeIsnMove(context, sender, segment.seq, segment.number, segment.time);
  if (!synSeen) {
    columns.marks[peer] |= Mark.ISS;
    columns.iss[peer] = (segment.ack - 1) | 0;
    if (columns.packets[peer] === 0) context.observe(Kind.UNSOLICITED_SYN_ACK, sender, segment.number, segment.time);
  }
  noteFastOpen(context, segment, sender);
  acknowledge(context, segment, sender);
  offer(context, segment, sender);
  if (synSeen) agreeOnScale(context, flow);
  if (synSeen && !simultaneous && columns.packets[peer] > 0) observeUnoffered(context, segment, sender);
  observeSynAck(context, segment, sender, synSeen);
  // In SYN_SENT an end that has it answers at once: whether it does is waited for.
  if (columns.state[peer] !== SYN_SENT) estimates.mayHaveReceived(peer, RCV_SYN_ACK);
  if (columns.state[peer] === SYN_RECEIVED) estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
  else if (columns.state[peer] === UNSEEN || columns.state[peer] === LISTEN || (!synSeen && columns.packets[peer] === 0)) {
    estimates.presume(peer, SYN_SENT, segment.time, segment.number);
  }
  // Both SYN-ACKs of a simultaneous open cross: the other's is on its way to this end, too.
  if (simultaneous && (columns.marks[peer] & Mark.SYN_ACK) !== 0) estimates.presume(sender, ESTABLISHED, segment.time, segment.number);
}

/**
 * Does a SYN-ACK acknowledge x+1, or data of the SYN (RFC 7413 §4.2)? If not it is noted, to be judged by the client's answer, or was
 * sent to an end that has had its answer, and refuses it.
 */
function answersSyn(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  const expected = (columns.iss[peer] + 1) | 0;
  const beyond = distance(segment.ack, expected);
  if (beyond === 0 || (beyond > 0 && distance(segment.ack, columns.nxt[peer]) <= 0)) return true;
  if (columns.state[peer] === SYN_SENT && (columns.marks[sender] & Mark.SYNCHRONIZED) === 0) {
    columns.marks[peer] |= Mark.DOUBT;
    columns.doubtAck[peer] = segment.ack;
    columns.doubtTime[peer] = segment.time;
    columns.doubtPacket[peer] = segment.number;
    columns.lastAck[sender] = segment.ack;
  } else refuseSynAck(context, segment, sender);
  return false;
}

/**
 * A SYN-ACK that begins nothing, to an end beyond SYN_SENT: whatever its number, that answers with its own numbers, unless it is in
 * SYN_RECEIVED and the number within its window (RFC 9293 §3.10.7.4, first and fourth check; RFC 5961 §4.2).
 */
function refuseSynAck(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  const state = columns.state[peer];
  if (state <= SYN_SENT || state === UNSEEN || (columns.marks[sender] & Mark.NXT) === 0) return;
  const beyond = distance(segment.seq, columns.nxt[sender]);
  const outside = beyond < 0 || (columns.marks[peer] & Mark.EDGE) === 0 || distance(segment.seq, columns.edge[peer]) >= 0;
  if (outside || state !== SYN_RECEIVED) challenge(context, peer, Challenge.SYN);
  if (outside) context.observe(Kind.OUT_OF_WINDOW, sender, segment.number, segment.time, beyond);
}

/** The client's next segment judges a SYN-ACK whose acknowledgment did not fit: an RST from there or the SYN again confirms. */
export function judgeSynAck(context: TcpContext, client: number, confirmed: boolean): void {
  const { columns } = context;
  columns.marks[client] &= ~Mark.DOUBT;
  context.observe(
    confirmed ? Kind.BAD_SYN_ACK : Kind.DOUBTFUL_SYN_ACK,
    peerOf(client),
    columns.doubtPacket[client],
    columns.doubtTime[client],
    columns.doubtAck[client],
    (columns.iss[client] + 1) | 0,
  );
}

/** Longer (nanoseconds) than an answer to a SYN is under way, shorter than the first timeout of one that waits for the answer to its own (RFC 6298 §2.1). */
const ANSWERED_AT_ONCE = 500_000_000;

/** A SYN comes again no sooner than this (nanoseconds), which is a little below the first timeout. */
const LEAST_SYN_TIMEOUT = 900_000_000;
/** One tick of a timestamp clock as nearly every stack counts it (nanoseconds). */
const TICK_NANOSECONDS = 1_000_000;

/**
 * When the end that answers with `segment` received the SYN: the timestamp echo tells which of several SYNs it answers; of more than two the
 * ticks between, where they are milliseconds. In a simultaneous open it answers at once; a SYN-ACK that comes later is one sent again, after
 * the first was lost before the capture point.
 */
function answeredSynTime(context: TcpContext, segment: Segment, sender: number): number {
  const { columns } = context;
  const peer = peerOf(sender);
  if ((columns.marks[peer] & Mark.ISS) === 0 || columns.signalTime[peer] < 0) return segment.time;
  if (columns.state[sender] === SYN_SENT) {
    const crossed = Math.max(columns.openedTime[peer], columns.signalTime[sender]);
    return segment.time - crossed < ANSWERED_AT_ONCE ? segment.time : crossed;
  }
  if (columns.synCount[peer] <= 1) return columns.signalTime[peer];
  const echoesLast = !segment.hasTimestamps || (columns.marks[peer] & Mark.TIMESTAMPS) === 0 || segment.tsecr === columns.tsval[peer];
  if (echoesLast) return columns.signalTime[peer];
  const before = distance(columns.tsval[peer], segment.tsecr) * TICK_NANOSECONDS;
  const isBetween = columns.synCount[peer] > 2 && before >= LEAST_SYN_TIMEOUT && before <= columns.signalTime[peer] - columns.openedTime[peer];
  return isBetween ? columns.signalTime[peer] - before : columns.openedTime[peer];
}

/** The first SYN-ACK, captured after the ACK of it by which it is known already. */
function meetLateSynAck(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  const { number, time } = segment;
  noteOptions(columns, segment, sender);
  if (segment.hasTimestamps && columns.packets[sender] === 1) columns.tsval[sender] = segment.tsval;
  columns.synCount[sender] = 1;
  observeOpening(context, segment, sender);
  context.history(sender, LETTER_SYN_ACK);
  agreeOnScale(context, flow);
  observeSynAck(context, segment, sender, (columns.marks[peer] & Mark.ISS) !== 0);
  if (columns.ackDelay[flow] < 0) noteHandshake(context, peer, number, time, 0);
  context.estimates.narrow(sender, 1 << UNSEEN, number);
}

function repeatSynAck(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  if (isLate(columns, segment, sender) || observeRewritten(context, segment, sender)) return;
  if (segment.hasTimestamps) columns.tsval[sender] = segment.tsval;
  if (columns.synCount[sender] < 255) columns.synCount[sender]++;
  columns.retransmitted[sender]++;
  context.observe(Kind.SYN_ACK_REPEATED, sender, segment.number, segment.time, columns.synCount[sender], segment.time - columns.signalTime[sender]);
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  if ((columns.marks[sender] & Mark.SYNCHRONIZED) !== 0) return;
  // It still waits for the ACK: what was presumed of it since the first SYN-ACK did not happen.
  context.estimates.takeBack(sender, segment.number);
  const began = columns.state[sender] === SYN_RECEIVED ? columns.since[sender] : columns.openedTime[sender];
  context.estimates.prove(sender, SYN_RECEIVED, began, segment.number);
  acknowledge(context, segment, sender);
  if (columns.state[peer] === SYN_RECEIVED) context.estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
  else if (columns.state[peer] === SYN_SENT) {
    // Either did not get there, or the answer to the first was lost before the capture point.
    context.estimates.admitReceipt(peer, RCV_SYN_ACK, Math.max(columns.openedTime[sender], columns.signalTime[peer]), segment.number);
  }
}

/** Tells of the first SYN-ACK, and how long after the SYN it came where that was captured. */
function observeSynAck(context: TcpContext, segment: Segment, sender: number, synSeen: boolean): void {
  const { signalTime, synAckDelay } = context.columns;
  const flow = flowOf(sender);
  const asked = signalTime[peerOf(sender)];
  const delay = synSeen && asked >= 0 ? segment.time - asked : -1;
  if (synAckDelay[flow] < 0) synAckDelay[flow] = delay;
  context.observe(Kind.SYN_ACK, sender, segment.number, segment.time, segment.seq, delay);
}

function noteFastOpen(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const peer = peerOf(sender);
  if (segment.fastOpenCookie > 0) context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, FastOpenStep.GIVEN);
  const data = distance(columns.nxt[peer], (columns.iss[peer] + 1) | 0);
  if ((columns.marks[peer] & Mark.ISS) === 0 || data <= 0 || columns.packets[peer] === 0) return;
  const accepted = distance(segment.ack, columns.iss[peer]) > 1;
  if ((columns.marks[peer] & Mark.FAST_OPEN) !== 0) context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, accepted ? FastOpenStep.ACCEPTED : FastOpenStep.IGNORED, data);
  if (!accepted) {
    // The data were not taken: the client sends them again as new (RFC 7413 §4.2.1).
    columns.nxt[peer] = segment.ack;
    columns.contiguous[peer] = segment.ack;
    columns.marks[peer] &= ~Mark.FAST_OPEN;
  }
}
