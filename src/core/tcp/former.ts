import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import { endOf, flowOf, peerOf, sideOf } from '../flow/end.ts';
import { Challenge, Kind } from '../observations.ts';
import { ACK, FIN, type Segment, SYN } from '../wire/segment.ts';
import { challenge } from './challenge.ts';
import type { TcpContext } from './context.ts';
import { distance, UNSCALED_WINDOW } from './sequence.ts';
import { CLOSED, ESTABLISHED, FIN_WAIT_1, LISTEN, type StateSet, SYN_RECEIVED, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';
import { RCV_RST, SND_ACK, SND_DATA, SND_FIN } from './states.ts';

/** Maximum segment lifetime (RFC 9293 §3.4.2): nothing of a connection is on its way for longer after its last segment (nanoseconds). */
const MSL = 120e9;
/** Former incarnations kept; the oldest are forgotten first. */
const MOST_KEPT = 65_536;

/** One end of the incarnation before the present one of a 4-tuple: the numbers that it used. */
interface FormerEnd {
  /** Its ISN where that was captured, else the lowest number known. */
  low: number;
  /** The ISN was captured. */
  exact: boolean;
  /** SND.NXT at its end. */
  nxt: number;
  /** Its last TSval; null where it used no timestamps. */
  tsval: number | null;
  /** When it opened the connection, -1 when that was not seen. */
  opened: number;
  /** What it was in, might be in, and since when, as the new incarnation began; where it is only presumed to be CLOSED, before that. */
  state: number;
  possible: StateSet;
  since: number;
}

/** The incarnation before the present one of a 4-tuple, by the side that each end has in the present one. */
export interface FormerIncarnation {
  ends: readonly [FormerEnd, FormerEnd];
  /** When the last segment of it passed. */
  ended: number;
}

/** Keeps of `former` what its late segments may be known by, now that `flow` has its 4-tuple. Side 0 of `flow` sent the segment last looked up. */
export function rememberFormer(context: TcpContext, former: number, flow: number): void {
  const { columns, formers, table } = context;
  const first = endOf(former, table.senderSide(former));
  const second = peerOf(first);
  // A SYN that nobody answered leaves nothing behind.
  if (((columns.marks[first] | columns.marks[second]) & (Mark.SYNCHRONIZED | Mark.SYN_ACK)) === 0) return;
  columns.flowMarks[flow] |= FlowMark.FORMER;
  formers.set(flow, {
    ends: [formerEnd(columns, first), formerEnd(columns, second)],
    ended: Math.max(columns.lastSeen[first], columns.lastSeen[second]),
  });
  if (formers.size > MOST_KEPT) for (const oldest of formers.keys()) return void formers.delete(oldest);
}

/** Forgets what was kept for `flow`: it is over. */
export function forgetFormer(context: TcpContext, flow: number): void {
  const { flowMarks } = context.columns;
  if ((flowMarks[flow] & FlowMark.FORMER) === 0) return;
  flowMarks[flow] &= ~FlowMark.FORMER;
  context.formers.delete(flow);
}

function formerEnd(columns: Columns, end: number): FormerEnd {
  const marks = columns.marks[end];
  const exact = (marks & Mark.ISS) !== 0;
  const ended = columns.state[end] === CLOSED && (marks & Mark.PRESUMED) !== 0;
  return {
    low: exact ? columns.iss[end] : (marks & Mark.UNA) !== 0 ? columns.una[end] : columns.nxt[end],
    exact,
    nxt: columns.nxt[end],
    tsval: (marks & Mark.TIMESTAMPS) !== 0 ? columns.tsval[end] : null,
    opened: columns.openedTime[end],
    state: ended ? columns.formerState[end] : columns.state[end],
    possible: ended ? columns.formerPossible[end] : columns.possible[end],
    since: ended ? columns.formerSince[end] : columns.since[end],
  };
}

/**
 * Does a segment of `sender` belong to the incarnation before the present one, arriving late? Both its numbers lie in what that one
 * used, neither fits the present one, and its timestamp is none from after the end. An end that has not begun the new incarnation
 * may still be in the former one: its segments are not late.
 */
export function isOfFormer(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const former = context.formers.get(flowOf(sender));
  if (former === undefined || segment.time - former.ended > MSL) return false;
  const own = former.ends[sideOf(sender)];
  const other = former.ends[sideOf(sender) ^ 1];
  const consumed = segment.payloadLength + ((segment.flags & FIN) !== 0 ? 1 : 0);
  if ((segment.flags & SYN) !== 0) {
    const waits = isStillOpening(columns, own, sender);
    return !waits && isSynAckOf(segment, own, other) && segment.seq !== columns.iss[sender] && isStampedBefore(segment, own);
  }
  const marks = columns.marks[sender];
  const answered = ((marks | columns.marks[peerOf(sender)]) & Mark.SYN_ACK) !== 0;
  if ((marks & Mark.ISS) === 0 || (!answered && consumed === 0)) return false;
  if ((segment.flags & ACK) === 0 || fitsPresent(columns, segment.seq, sender) || fitsPresent(columns, segment.ack, peerOf(sender))) return false;
  return isWithin(segment.seq, own, consumed) && isWithin(segment.ack, other, 0) && isStampedBefore(segment, own);
}

/** Notes a late segment of the incarnation before. Its receiver answers as to any that it cannot accept. */
export function receiveLate(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const receiver = peerOf(sender);
  context.observe(Kind.STALE_SEGMENT, sender, segment.number, segment.time, segment.seq);
  // In SYN_SENT an RST answers, which takes this for its number (RFC 9293 §3.10.7.3, first check).
  if (columns.state[receiver] === SYN_SENT) columns.lastAck[sender] = segment.ack;
  else if (columns.state[receiver] === ESTABLISHED) challenge(context, receiver, Challenge.OUT_OF_WINDOW);
}

/** The SYN that `end` sends now carries the ISN of the incarnation before: it is a late copy of that one's. */
export function isFormerSyn(context: TcpContext, isn: number, end: number): boolean {
  const former = context.formers.get(flowOf(end))?.ends[sideOf(end)];
  return former !== undefined && former.exact && former.low === isn;
}

/** How far the ISN of `end`, opened by a packet at a time, moved since the incarnation before (RFC 9293 §3.4.1, RFC 6528). */
export function observeIsnMove(context: TcpContext, end: number, isn: number, packet: number, time: number): void {
  const former = context.formers.get(flowOf(end))?.ends[sideOf(end)];
  if (former === undefined || !former.exact || former.opened < 0) return;
  context.observe(Kind.ISN_PAIR, end, packet, time, distance(isn, former.low), time - former.opened);
}

/** An acknowledgment in answer to a SYN that lies further ahead of it (bytes) is none of data that the capture missed since. */
const MOST_MISSED = 65_535;

/**
 * Does a segment without SYN answer the SYN of `sender`'s peer with the numbers of another connection, which its sender still has
 * (RFC 9293 §3.5.1, Figure 10) or keeps in TIME_WAIT? Then it draws an RST, and says nothing of the connection that the SYN asks for.
 */
export function answersFromBefore(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  if (columns.state[peer] !== SYN_SENT || columns.state[sender] === SYN_SENT || (columns.marks[sender] & Mark.SYN_ACK) !== 0) return false;
  if ((columns.marks[peer] & Mark.ISS) === 0 || columns.packets[peer] === 0) return false;
  if (distance(segment.ack, columns.iss[peer]) <= 0 || distance(segment.ack, columns.nxt[peer]) > MOST_MISSED) return true;
  const former = context.formers.get(flowOf(sender));
  if (former === undefined) return false;
  return isWithin(segment.seq, former.ends[sideOf(sender)], 0) && isWithin(segment.ack, former.ends[sideOf(sender) ^ 1], 0);
}

/**
 * Takes in such an answer: its sender is still in the incarnation before, in what that left it in; or, where the numbers are of none
 * that was captured, in some synchronized state.
 */
export function receiveFromBefore(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  columns.lastAck[sender] = segment.ack;
  if (columns.state[sender] === TIME_WAIT) return;
  const former = context.formers.get(flowOf(sender));
  const own = former?.ends[sideOf(sender)];
  const consumed = segment.payloadLength + ((segment.flags & FIN) !== 0 ? 1 : 0);
  if (own !== undefined && own.state !== CLOSED && isWithin(segment.seq, own, consumed) && isWithin(segment.ack, former!.ends[sideOf(sender) ^ 1], 0)) {
    staysBefore(context, own, segment, sender);
    return;
  }
  estimates.takeBack(sender, segment.number);
  const fin = (segment.flags & FIN) !== 0;
  columns.possible[sender] = 1 << UNSEEN;
  estimates.sent(sender, fin ? SND_FIN : segment.payloadLength > 0 ? SND_DATA : SND_ACK);
  estimates.settle(sender, fin ? FIN_WAIT_1 : ESTABLISHED, segment.time, segment.number);
}

/**
 * The SYN-ACK of the incarnation before once more, from an end that still waits there for its acknowledgment: it has not taken the SYN
 * of the present one, which lies outside that one's window (RFC 9293 §3.10.7.4, first check). False for any other SYN-ACK.
 */
export function repeatFormerSynAck(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const former = context.formers.get(flowOf(sender));
  const own = former?.ends[sideOf(sender)];
  if (own === undefined || !isStillOpening(columns, own, sender) || !isSynAckOf(segment, own, former!.ends[sideOf(sender) ^ 1])) return false;
  columns.lastAck[sender] = segment.ack;
  columns.retransmitted[sender]++;
  staysBefore(context, own, segment, sender);
  context.observe(Kind.SYN_ACK_REPEATED, sender, segment.number, segment.time, 2, -1);
  return true;
}

/** `sender` is still in the incarnation before, as `own` has it, and never was in what the new SYN made likely. */
function staysBefore({ columns, estimates }: TcpContext, own: FormerEnd, segment: Segment, sender: number): void {
  estimates.takeBack(sender, segment.number);
  if (columns.state[sender] !== own.state) estimates.inherit(sender, own.state, own.possible, own.since, segment.number);
}

/** The new incarnation found an end in SYN_RECEIVED, and it has not begun that one since. */
function isStillOpening({ marks }: Columns, own: FormerEnd, end: number): boolean {
  return own.state === SYN_RECEIVED && (marks[end] & Mark.ISS) === 0;
}

/** The SYN-ACK by which `own` answered the SYN of `other`. */
function isSynAckOf({ flags, seq, ack }: Segment, own: FormerEnd, other: FormerEnd): boolean {
  return (flags & (SYN | ACK)) === (SYN | ACK) && own.exact && other.exact && seq === own.low && ack === ((other.low + 1) | 0);
}

/** `end` was sent the RST that refuses its answer from another connection: that one is over (RFC 9293 §3.5.1). */
export function endBefore(context: TcpContext, segment: Segment, end: number): void {
  const { columns, estimates } = context;
  const state = columns.state[end];
  const presumed = state === SYN_RECEIVED && (columns.marks[end] & Mark.PRESUMED) !== 0;
  const none = state === CLOSED || state === LISTEN || state === UNSEEN || state === SYN_SENT || presumed;
  if (none || (columns.marks[end] & Mark.SYN_ACK) !== 0 || segment.seq !== columns.lastAck[end]) return;
  // What it sent was of that connection: nothing of it is left in the one that the SYN asks for.
  const asking = peerOf(end);
  columns.marks[end] &= ~(Mark.NXT | Mark.DATA | Mark.FIN | Mark.FIN_CAPTURED | Mark.SYNCHRONIZED);
  columns.marks[asking] &= ~(Mark.DOUBT | Mark.DOUBT_CONTRADICTED);
  columns.finCount[end] = 0;
  if (columns.closedFirst[flowOf(end)] === sideOf(end) + 1) columns.closedFirst[flowOf(end)] = 0;
  estimates.mayHaveReceived(end, RCV_RST);
  estimates.presume(end, CLOSED, segment.time, segment.number);
}

function isWithin(number: number, end: FormerEnd, consumed: number): boolean {
  return distance(number, end.low) > 0 && distance((number + consumed) | 0, end.nxt) <= 0;
}

/** May `number` be one that `end` sends in the present incarnation? From its ISN to what its peer's window allows. */
function fitsPresent(columns: Columns, number: number, end: number): boolean {
  const marks = columns.marks[end];
  if ((marks & (Mark.ISS | Mark.NXT)) === 0) return false;
  const low = (marks & Mark.ISS) !== 0 ? columns.iss[end] : columns.una[end];
  const window = Math.max(columns.largestWindow[peerOf(end)], UNSCALED_WINDOW);
  return distance(number, low) >= 0 && distance(number, columns.nxt[end]) <= window;
}

function isStampedBefore(segment: Segment, end: FormerEnd): boolean {
  if (end.tsval === null) return !segment.hasTimestamps;
  return segment.hasTimestamps && distance(segment.tsval, end.tsval) <= 0;
}
