import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import { endOf, flowOf, peerOf, SIDES, sideOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import { ACK, FIN, SYN, type Segment } from '../wire/segment.ts';
import { Challenge, challenge } from './challenge.ts';
import { LETTER_SYN, LETTER_SYN_ACK, type TcpContext } from './context.ts';
import { hasOnlyAcknowledged } from './incarnation.ts';
import { observeOpening, observeRewritten, observeUnoffered } from './oddities.ts';
import { isLate } from './progress.ts';
import { observeIsnMove, repeatFormerSynAck } from './former.ts';
import { acknowledge, offer } from './window.ts';
import { distance } from './sequence.ts';
import { CLOSED, ESTABLISHED, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';
import { RCV_ACK_OF_SYN, RCV_SYN, RCV_SYN_ACK, SND_SYN, SND_SYN_ACK } from './states.ts';

/** Notes what a SYN or SYN-ACK says of its sender: ISN, options (RFC 9293 §3.1, RFC 7323 §2.2). */
function noteOpening(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const next = (segment.seq + 1 + segment.payloadLength) | 0;
  columns.marks[sender] = columns.marks[sender]! | Mark.ISS | Mark.NXT;
  columns.iss[sender] = segment.seq;
  columns.nxt[sender] = next;
  columns.contiguous[sender] = next;
  noteOptions(columns, segment, sender);
  if (segment.hasTimestamps) columns.tsval[sender] = segment.tsval;
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  if (columns.synCount[sender] === 0) columns.openedTime[sender] = segment.time;
  if (columns.synCount[sender]! < 255) columns.synCount[sender] = columns.synCount[sender]! + 1;
}

function noteOptions(columns: Columns, segment: Segment, sender: number): void {
  let marks = columns.marks[sender]!;
  if (segment.sackPermitted) marks |= Mark.SACK;
  if (segment.mss > 0) columns.mss[sender] = segment.mss;
  if (segment.hasTimestamps) marks |= Mark.TIMESTAMPS;
  if (segment.windowScale >= 0) {
    marks |= Mark.SCALE_OFFERED;
    columns.scale[sender] = Math.min(segment.windowScale, 14);
  }
  columns.marks[sender] = marks;
}

/** Window scaling holds when both SYNs were captured whole and both offered it; without the offers the shift is 0, surely. */
function agreeOnScale(context: TcpContext, segment: Segment, flow: number): void {
  const columns = context.columns;
  const both = columns.marks[endOf(flow, 0)]! & columns.marks[endOf(flow, 1)]!;
  if ((both & Mark.ISS) === 0 || !segment.optionsComplete || segment.optionsMalformed) return;
  const scaled = (both & Mark.SCALE_OFFERED) !== 0;
  for (const side of SIDES) {
    const end = endOf(flow, side);
    columns.marks[end] = columns.marks[end]! | Mark.SCALE;
    if (!scaled) columns.scale[end] = 0;
  }
}

/** A SYN without ACK, of a flow that is new or whose sender has not gone beyond SYN_SENT. */
export function receiveSyn(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(sender);
  const repeated = (columns.marks[sender]! & Mark.ISS) !== 0 && columns.iss[sender] === segment.seq;
  if (repeated) {
    if (isLate(columns, segment, sender)) return;
    if (columns.synCount[sender] === 0) {
      // Captured after the SYN-ACK by which it is known already: the first, not a repeat.
      columns.synCount[sender] = 1;
      context.history(sender, LETTER_SYN);
      context.observe(Kind.SYN, sender, segment.number, segment.time, segment.seq, segment.payloadLength);
      return;
    }
    if (observeRewritten(context, segment, sender)) return;
    const gap = segment.time - columns.signalTime[sender]!;
    if (columns.synCount[sender]! < 255) columns.synCount[sender] = columns.synCount[sender]! + 1;
    columns.signalTime[sender] = segment.time;
    columns.signalPacket[sender] = segment.number;
    if (segment.hasTimestamps) columns.tsval[sender] = segment.tsval;
    columns.retransmitted[sender] = columns.retransmitted[sender]! + 1;
    context.observe(Kind.SYN_REPEATED, sender, segment.number, segment.time, columns.synCount[sender]!, gap);
    if ((columns.marks[sender]! & Mark.FAST_OPEN) !== 0 && segment.payloadLength === 0) context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, 5, 0);
    // A real stack asks again because nothing came back: the first SYN reached no listener.
    if (columns.state[peer] === SYN_RECEIVED) estimates.takeBack(peer, segment.number);
    if (columns.state[peer] === SYN_SENT) estimates.doubtReceipt(peer, RCV_SYN, segment.time, segment.number);
    // … and what came back (a RST, an ICMP error) did not arrive.
    if (columns.state[sender] === CLOSED) estimates.takeBack(sender, segment.number);
    if (columns.state[sender] === SYN_SENT) estimates.prove(sender, SYN_SENT, segment.time, segment.number);
    return;
  }
  if (columns.state[peer] !== SYN_SENT && (columns.marks[peer]! & Mark.ISS) === 0) showDirection(context, sender);
  const isSplit = hasOnlyAcknowledged(context, sender);
  noteOpening(context, segment, sender);
  observeOpening(context, segment, sender);
  context.history(sender, LETTER_SYN);
  context.observe(Kind.SYN, sender, segment.number, segment.time, segment.seq, segment.payloadLength);
  if (segment.payloadLength > 0) {
    context.observe(Kind.SYN_DATA, sender, segment.number, segment.time, segment.payloadLength, segment.fastOpenCookie);
    columns.bytes[sender] = columns.bytes[sender]! + segment.payloadLength;
    columns.lastData[sender] = segment.time;
    if (segment.fastOpenCookie > 0) columns.marks[sender] = columns.marks[sender]! | Mark.FAST_OPEN;
  } else if (segment.fastOpenCookie === 0) {
    context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, 1, 0);
  }
  estimates.takeBack(sender, segment.number);
  estimates.sent(sender, SND_SYN);
  estimates.prove(sender, SYN_SENT, segment.time, segment.number);
  if (columns.state[peer] === SYN_SENT) {
    // Whether the SYNs, which cross, arrive shows in the answers.
    for (const end of [sender, peer]) estimates.doubtReceipt(end, RCV_SYN, segment.time, segment.number);
    context.observe(Kind.SIMULTANEOUS_OPEN, sender, segment.number, segment.time, isSplit ? 1 : 0);
    return;
  }
  if (columns.state[peer] === TIME_WAIT) {
    estimates.doubtReceipt(peer, RCV_SYN, segment.time, segment.number);
    return;
  }
  estimates.mayHaveReceived(peer, RCV_SYN);
  // A listener that got it holds a half-open connection, even where its answer goes another way (a spoofed source, one direction
  // captured); the SYN again, or a RST, says otherwise.
  const unseen = columns.state[peer] === UNSEEN;
  estimates.presume(peer, SYN_RECEIVED, segment.time, segment.number);
  if (unseen) estimates.ifNot(peer, CLOSED, (1 << UNSEEN) | (1 << LISTEN) | (1 << CLOSED));
}

/** A SYN-ACK: its sender has received a SYN (RFC 9293 §3.10.7.2, §3.10.7.3). */
export function receiveSynAck(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const { estimates } = context;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  if ((columns.flowMarks[flow]! & FlowMark.FORMER) !== 0 && repeatFormerSynAck(context, segment, sender)) return;
  if ((columns.marks[peer]! & Mark.ISS) !== 0 && !answersSyn(context, segment, sender)) return;
  const state = columns.state[sender]!;
  if ((columns.marks[sender]! & Mark.SYN_ACK) !== 0 && columns.iss[sender] === segment.seq) {
    if (columns.synCount[sender] === 0) meetLateSynAck(context, segment, sender);
    else repeatSynAck(context, segment, sender);
    return;
  }
  if ((columns.marks[sender]! & Mark.SYNCHRONIZED) !== 0 && state !== CLOSED && state !== TIME_WAIT) {
    refuseSynAck(context, segment, sender);
    return;
  }

  const simultaneous = state === SYN_SENT && columns.iss[sender] === segment.seq;
  if (!simultaneous) showDirection(context, peer);
  const began = answeredSynTime(context, segment, sender);
  noteOpening(context, segment, sender);
  observeOpening(context, segment, sender);
  columns.synCount[sender] = 1;
  columns.marks[sender] = columns.marks[sender]! | Mark.SYN_ACK;
  context.history(sender, LETTER_SYN_ACK);
  estimates.sent(sender, SND_SYN_ACK);
  estimates.prove(sender, SYN_RECEIVED, began, segment.number);
  const synSeen = (columns.marks[peer]! & Mark.ISS) !== 0;
  if ((columns.flowMarks[flow]! & FlowMark.FORMER) !== 0) observeIsnMove(context, sender, segment.seq, segment.number, segment.time);
  if (!synSeen) {
    columns.marks[peer] = columns.marks[peer]! | Mark.ISS;
    columns.iss[peer] = (segment.ack - 1) | 0;
    if (columns.packets[peer] === 0) context.observe(Kind.UNSOLICITED_SYN_ACK, sender, segment.number, segment.time);
  }
  noteFastOpen(context, segment, sender);
  acknowledge(context, segment, sender);
  offer(context, segment, sender);
  if (synSeen) agreeOnScale(context, segment, flow);
  if (synSeen && !simultaneous && columns.packets[peer]! > 0) observeUnoffered(context, segment, sender);
  const delay = synSeen && columns.signalTime[peer]! >= 0 ? segment.time - columns.signalTime[peer]! : -1;
  if (columns.synAckDelay[flow]! < 0) columns.synAckDelay[flow] = delay;
  context.observe(Kind.SYN_ACK, sender, segment.number, segment.time, segment.seq, delay);
  // In SYN_SENT an end that has it answers at once: whether it does is waited for.
  if (columns.state[peer] !== SYN_SENT) estimates.mayHaveReceived(peer, RCV_SYN_ACK);
  if (columns.state[peer] === SYN_RECEIVED) estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
  else if (columns.state[peer] === UNSEEN || columns.state[peer] === LISTEN || (!synSeen && columns.packets[peer] === 0)) {
    estimates.presume(peer, SYN_SENT, segment.time, segment.number);
  }
  // Both SYN-ACKs of a simultaneous open cross: the other's is on its way to this end, too.
  if (simultaneous && (columns.marks[peer]! & Mark.SYN_ACK) !== 0) estimates.presume(sender, ESTABLISHED, segment.time, segment.number);
}

/**
 * Does a SYN-ACK acknowledge x+1, or data of the SYN (RFC 7413 §4.2)? If not it is noted, to be judged by the client's answer, or was
 * sent to an end that has had its answer, and refuses it.
 */
function answersSyn(context: TcpContext, segment: Segment, sender: number): boolean {
  const columns = context.columns;
  const peer = peerOf(sender);
  const expected = (columns.iss[peer]! + 1) | 0;
  const beyond = distance(segment.ack, expected);
  if (beyond === 0 || (beyond > 0 && distance(segment.ack, columns.nxt[peer]!) <= 0)) return true;
  if (columns.state[peer] === SYN_SENT && (columns.marks[sender]! & Mark.SYNCHRONIZED) === 0) {
    columns.marks[peer] = columns.marks[peer]! | Mark.DOUBT;
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
  const columns = context.columns;
  const peer = peerOf(sender);
  const state = columns.state[peer]!;
  if (state <= SYN_SENT || state === UNSEEN || (columns.marks[sender]! & Mark.NXT) === 0) return;
  const beyond = distance(segment.seq, columns.nxt[sender]!);
  const outside = beyond < 0 || (columns.marks[peer]! & Mark.EDGE) === 0 || distance(segment.seq, columns.edge[peer]!) >= 0;
  if (outside || state !== SYN_RECEIVED) challenge(context, peer, Challenge.SYN);
  if (outside) context.observe(Kind.OUT_OF_WINDOW, sender, segment.number, segment.time, beyond, 0);
}

/** The client's next segment judges a SYN-ACK whose acknowledgment did not fit: an RST from there or the SYN again confirms. */
export function judgeSynAck(context: TcpContext, client: number, confirmed: boolean): void {
  const columns = context.columns;
  columns.marks[client] = columns.marks[client]! & ~Mark.DOUBT;
  context.observe(
    confirmed ? Kind.BAD_SYN_ACK : Kind.DOUBTFUL_SYN_ACK,
    peerOf(client),
    columns.doubtPacket[client]!,
    columns.doubtTime[client]!,
    columns.doubtAck[client]!,
    (columns.iss[client]! + 1) | 0,
  );
}

/** Longer (nanoseconds) than an answer to a SYN is under way, shorter than the first timeout of one that waits for the answer to its own (RFC 6298 §2.1). */
const ANSWERED_AT_ONCE = 500_000_000;

/**
 * When the end that answers with `segment` received the SYN: the timestamp echo tells which of several SYNs it answers. In a simultaneous
 * open it answers at once; a SYN-ACK that comes later is one sent again, after the first was lost before the tap.
 */
function answeredSynTime(context: TcpContext, segment: Segment, sender: number): number {
  const columns = context.columns;
  const peer = peerOf(sender);
  if ((columns.marks[peer]! & Mark.ISS) === 0 || columns.signalTime[peer]! < 0) return segment.time;
  if (columns.state[sender] === SYN_SENT) {
    const crossed = Math.max(columns.openedTime[peer]!, columns.signalTime[sender]!);
    return segment.time - crossed < ANSWERED_AT_ONCE ? segment.time : crossed;
  }
  if (columns.synCount[peer]! <= 1) return columns.signalTime[peer]!;
  const echoesLast = !segment.hasTimestamps || (columns.marks[peer]! & Mark.TIMESTAMPS) === 0 || segment.tsecr === columns.tsval[peer];
  return echoesLast ? columns.signalTime[peer]! : columns.openedTime[peer]!;
}

/** The first SYN-ACK, captured after the ACK of it by which it is known already. */
function meetLateSynAck(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  const { number, time } = segment;
  noteOptions(columns, segment, sender);
  if (segment.hasTimestamps && columns.packets[sender] === 1) columns.tsval[sender] = segment.tsval;
  columns.synCount[sender] = 1;
  observeOpening(context, segment, sender);
  context.history(sender, LETTER_SYN_ACK);
  agreeOnScale(context, segment, flow);
  const delay = columns.signalTime[peer]! >= 0 ? time - columns.signalTime[peer]! : -1;
  if (columns.synAckDelay[flow]! < 0) columns.synAckDelay[flow] = delay;
  context.observe(Kind.SYN_ACK, sender, number, time, segment.seq, delay);
  if (columns.ackDelay[flow]! < 0) noteHandshake(context, peer, number, time, 0);
  context.estimates.narrow(sender, 1 << UNSEEN, number);
}

/** The three-way handshake is complete: `client` sent its ACK `delay` nanoseconds after the SYN-ACK. */
function noteHandshake(context: TcpContext, client: number, packet: number, time: number, delay: number): void {
  const { ackDelay, flowMarks, synAckDelay } = context.columns;
  const flow = flowOf(client);
  ackDelay[flow] = delay;
  flowMarks[flow] = flowMarks[flow]! | FlowMark.HANDSHAKE;
  context.observe(Kind.HANDSHAKE_COMPLETED, client, packet, time, delay, synAckDelay[flow]!);
}

function repeatSynAck(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const peer = peerOf(sender);
  if (isLate(columns, segment, sender) || observeRewritten(context, segment, sender)) return;
  if (segment.hasTimestamps) columns.tsval[sender] = segment.tsval;
  if (columns.synCount[sender]! < 255) columns.synCount[sender] = columns.synCount[sender]! + 1;
  const completed = columns.ackDelay[flowOf(sender)]! >= 0;
  columns.retransmitted[sender] = columns.retransmitted[sender]! + 1;
  context.observe(Kind.SYN_ACK_REPEATED, sender, segment.number, segment.time, columns.synCount[sender]!, completed ? 1 : 0);
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  if ((columns.marks[sender]! & Mark.SYNCHRONIZED) !== 0) return;
  // It still waits for the ACK: what was presumed of it since the first SYN-ACK did not happen.
  context.estimates.takeBack(sender, segment.number);
  const began = columns.state[sender] === SYN_RECEIVED ? columns.since[sender]! : columns.openedTime[sender]!;
  context.estimates.prove(sender, SYN_RECEIVED, began, segment.number);
  acknowledge(context, segment, sender);
  if (columns.state[peer] === SYN_RECEIVED) context.estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
  else if (columns.state[peer] === SYN_SENT) {
    // Either did not get there, or the answer to the first was lost before the tap.
    context.estimates.doubtReceipt(peer, RCV_SYN_ACK, Math.max(columns.openedTime[sender]!, columns.signalTime[peer]!), segment.number);
  }
}

function noteFastOpen(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const peer = peerOf(sender);
  if (segment.fastOpenCookie > 0) context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, 2, 0);
  const data = distance(columns.nxt[peer]!, (columns.iss[peer]! + 1) | 0);
  if ((columns.marks[peer]! & Mark.ISS) === 0 || data <= 0 || columns.packets[peer] === 0) return;
  const accepted = distance(segment.ack, columns.iss[peer]!) > 1;
  if ((columns.marks[peer]! & Mark.FAST_OPEN) !== 0) context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, accepted ? 3 : 4, data);
  if (!accepted) {
    // The data were not taken: the client sends them again as new (RFC 7413 §4.2.1).
    columns.nxt[peer] = segment.ack;
    columns.contiguous[peer] = segment.ack;
    columns.marks[peer] = columns.marks[peer]! & ~Mark.FAST_OPEN;
  }
}

/**
 * A segment with ACK and without SYN from an end in SYN_SENT: the third segment of the handshake, or what follows it if that was
 * not captured. False when it acknowledges something else than the peer's SYN, and so proves nothing.
 */
export function completeHandshake(context: TcpContext, segment: Segment, sender: number): boolean {
  const columns = context.columns;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  if ((columns.marks[peer]! & Mark.SYN_ACK) === 0) {
    if (columns.packets[peer]! > 0) return columns.state[peer] !== SYN_SENT && columns.state[peer] !== CLOSED && columns.state[peer] !== TIME_WAIT;
    columns.marks[peer] = columns.marks[peer]! | Mark.ISS | Mark.SYN_ACK;
    columns.iss[peer] = (segment.ack - 1) | 0;
  } else {
    const beyond = distance(segment.ack, (columns.iss[peer]! + 1) | 0);
    // A FIN closes a connection whose data, of either end, were not captured; its own end may have sent none.
    const isLaterFin = (segment.flags & FIN) !== 0 && distance(segment.seq, columns.nxt[sender]!) >= 0;
    const unseen = distance(segment.ack, columns.nxt[peer]!) > 0 && !isLaterFin;
    if (beyond < 0 || (unseen && segment.payloadLength === 0 && !plausible(context, peer, beyond))) {
      context.observe(Kind.BAD_THIRD_SEGMENT, sender, segment.number, segment.time, segment.ack, (columns.iss[peer]! + 1) | 0);
      columns.lastAck[sender] = segment.ack;
      return false;
    }
    if (columns.ackDelay[flow]! < 0) noteHandshake(context, sender, segment.number, segment.time, segment.time - columns.signalTime[peer]!);
  }
  columns.marks[sender] = columns.marks[sender]! | Mark.SYNCHRONIZED;
  context.estimates.prove(sender, ESTABLISHED, answeredSynAckTime(context, segment, sender), segment.number);
  return true;
}

/** An end in SYN_SENT asks again after this long (nanoseconds; RFC 6298 §2.1). */
const FIRST_TIMEOUT = 1_000_000_000;

/**
 * When the end that sends `segment` came to be established. Where the SYN-ACK went out more than once, an echo of an earlier one
 * shows that the end had received that, and that its ACK was lost before the capture point. So does that it never sent its SYN again.
 */
function answeredSynAckTime(context: TcpContext, segment: Segment, sender: number): number {
  const columns = context.columns;
  const peer = peerOf(sender);
  const answered = Math.max(columns.openedTime[peer]!, columns.signalTime[sender]!, columns.since[sender]!);
  if (columns.synCount[sender] === 1 && columns.synCount[peer]! > 0 && segment.time - columns.openedTime[sender]! > FIRST_TIMEOUT) {
    return Math.min(answered, segment.time);
  }
  if (columns.synCount[peer]! < 2 || !segment.hasTimestamps || (columns.marks[peer]! & Mark.TIMESTAMPS) === 0) return segment.time;
  return segment.tsecr === columns.tsval[peer] ? segment.time : answered;
}

/** Could the capture have missed `beyond` bytes that the peer sent right after its SYN-ACK? Not more than the client's window. */
function plausible(context: TcpContext, peer: number, beyond: number): boolean {
  const client = peerOf(peer);
  return (context.columns.marks[client]! & Mark.EDGE) !== 0 ? beyond <= context.columns.largestWindow[client]! && context.columns.packets[peer]! > 1 : beyond < 65_536;
}

/** An ACK reached, probably, an end in SYN_RECEIVED. `sender` sent the ACK. */
export function passAckOfSyn(context: TcpContext, segment: Segment, sender: number): void {
  context.estimates.mayHaveReceived(peerOf(sender), RCV_ACK_OF_SYN);
  context.estimates.presume(peerOf(sender), ESTABLISHED, segment.time, segment.number);
}

/** The end in SYN_RECEIVED has sent `segment`: does that show that it has left it? */
export function leavesSynReceived(context: TcpContext, segment: Segment, sender: number): boolean {
  const columns = context.columns;
  const peer = peerOf(sender);
  if ((columns.marks[peer]! & Mark.SYNCHRONIZED) === 0 && (columns.marks[peer]! & Mark.FAST_OPEN) !== 0) return false;
  if (segment.payloadLength > 0 || (segment.flags & (SYN | ACK)) !== ACK) return true;
  // A pure ACK of nothing but the SYN may be a challenge ACK; of data it shows that the handshake is over.
  const acknowledgesData = distance(segment.ack, columns.iss[peer]!) > 1;
  return acknowledgesData && (columns.marks[peer]! & Mark.FAST_OPEN) === 0;
}

/** The handshake shows that `client` opened the connection. */
function showDirection(context: TcpContext, client: number): void {
  const columns = context.columns;
  const flow = flowOf(client);
  if ((columns.flowMarks[flow]! & FlowMark.DIRECTION_SEEN) !== 0) return;
  let marks = columns.flowMarks[flow]! | FlowMark.DIRECTION_SEEN;
  if (sideOf(client) === 1) marks |= FlowMark.CLIENT_IS_SIDE_1;
  else marks &= ~FlowMark.CLIENT_IS_SIDE_1;
  columns.flowMarks[flow] = marks;
}

