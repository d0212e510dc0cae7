import { Mark } from '../flow/columns.ts';
import { endOf, peerOf } from '../flow/end.ts';
import { Challenge, Kind } from '../observations.ts';
import { ACK, type Segment } from '../wire/segment.ts';
import { challenge, settleSyn } from './challenge.ts';
import type { TcpContext } from './context.ts';
import { isFormerSyn } from './former.ts';
import { distance } from './sequence.ts';
import { areBothOver, CLOSED, isOver, LISTEN, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';

/** What a SYN means for the flow that its 4-tuple already has. */
export const Incarnation = {
  /** It belongs to the flow: the first SYN, a repeat, or the other half of a simultaneous open. */
  SAME: 0,
  /** A new connection begins; the flow is over. */
  NEW: 1,
  /** It meets a live connection, which does not take it (RFC 9293 §3.10.7.4 fourth check, RFC 5961 §4). */
  ON_ESTABLISHED: 2,
} as const;
export type Incarnation = (typeof Incarnation)[keyof typeof Incarnation];

/** Judges a SYN without ACK by `sender` against the flow of its 4-tuple. */
export function judgeSyn(context: TcpContext, segment: Segment, sender: number): Incarnation {
  const { columns } = context;
  const peer = peerOf(sender);
  const marks = columns.marks[sender];
  const state = columns.state[sender];
  const peerState = columns.state[peer];
  if ((marks & Mark.ISS) !== 0 && columns.iss[sender] === segment.seq) return judgeSameIsn(context, segment, sender);
  if (peerState === SYN_SENT && (columns.packets[sender] === 0 || hasOnlyAcknowledged(context, sender))) return Incarnation.SAME;
  const unopened = state === SYN_SENT || state === UNSEEN || state === LISTEN;
  if (unopened || isOver(state) || isOver(peerState)) return Incarnation.NEW;
  return (marks & Mark.SYNCHRONIZED) !== 0 || (columns.marks[peer] & Mark.SYNCHRONIZED) !== 0 ? Incarnation.ON_ESTABLISHED : Incarnation.NEW;
}

/** All it sent are ACKs of its peer's SYN: the first step of a split handshake (T. Beardsley, J. Qian: The TCP Split Handshake, 2010). */
export function hasOnlyAcknowledged(context: TcpContext, sender: number): boolean {
  const { iss, lastAck, marks, packets } = context.columns;
  const peer = peerOf(sender);
  const hasSpoken = (marks[sender] & (Mark.ISS | Mark.SYNCHRONIZED | Mark.DATA | Mark.FIN | Mark.RST)) !== 0;
  return packets[sender] > 0 && !hasSpoken && (marks[peer] & Mark.ISS) !== 0 && lastAck[sender] === ((iss[peer] + 1) | 0);
}

/**
 * The ISN of the connection once more. Stamped after all else of a connection that is over it is a new one of a host that repeats
 * itself; else the answer tells it from a late copy.
 */
function judgeSameIsn(context: TcpContext, segment: Segment, sender: number): Incarnation {
  const { marks, state, tsval } = context.columns;
  if ((marks[sender] & Mark.SYNCHRONIZED) === 0) return Incarnation.SAME;
  const stamped = (marks[sender] & Mark.TIMESTAMPS) !== 0 && segment.hasTimestamps;
  if (areBothOver(state, sender) && stamped && distance(segment.tsval, tsval[sender]) > 0) return Incarnation.NEW;
  return state[sender] === CLOSED && !isOver(state[peerOf(sender)]) ? Incarnation.SAME : Incarnation.ON_ESTABLISHED;
}

/** A SYN that met a live connection, or came late to one that is over, and was not answered yet. */
export interface PendingSyn {
  isn: number;
  /** What it shows if it is not taken, and the second number of that fact. */
  kind: Kind;
  repeats: 0 | 1;
  packet: number;
  time: number;
  /** When its sender was seen before it. */
  before: number;
}

/** SYNs kept until they are answered; more are judged at once. */
const MOST_PENDING = 10_000;

/**
 * Notes a SYN on a live connection, or a late one, before it is counted there. The peer's answer tells what it was: a SYN-ACK shows that the connection had ended unseen and
 * begins anew, anything else that the SYN was refused (`settleSyn`).
 */
export function meetLiveConnection(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const repeats = (columns.marks[sender] & Mark.ISS) !== 0 && columns.iss[sender] === segment.seq ? 1 : 0;
  const over = areBothOver(columns.state, sender);
  const kind = over || isFormerSyn(context, segment.seq, sender) ? Kind.STALE_SYN : Kind.SYN_ON_ESTABLISHED;
  challenge(context, peerOf(sender), Challenge.SYN);
  settleSyn(context, sender);
  if (context.pendingSyns.size >= MOST_PENDING) {
    context.observe(kind, sender, segment.number, segment.time, segment.seq, kind === Kind.STALE_SYN ? 0 : repeats);
    return;
  }
  columns.marks[sender] |= Mark.SYN_PENDING;
  context.pendingSyns.set(sender, { isn: segment.seq, kind, repeats, packet: segment.number, time: segment.time, before: columns.lastSeen[sender] });
}

/** The SYN of `sender` that `segment` of its peer answers with a SYN-ACK, if it met a live connection. */
export function answeredSyn(context: TcpContext, segment: Segment, sender: number): PendingSyn | undefined {
  if ((context.columns.marks[sender] & Mark.SYN_PENDING) === 0) return undefined;
  const pending = context.pendingSyns.get(sender);
  return pending !== undefined && segment.ack === ((pending.isn + 1) | 0) ? pending : undefined;
}

/** Forgets a SYN that met a live connection: it was taken. */
export function forgetSyn(context: TcpContext, sender: number): void {
  context.columns.marks[sender] &= ~Mark.SYN_PENDING;
  context.pendingSyns.delete(sender);
}

/** Facts about a 4-tuple used again: how long it rested, in what state, and how far its ISN moved (RFC 6191, RFC 9293 §3.4.1). */
export function observeReuse(context: TcpContext, segment: Segment, former: number, sender: number): void {
  const { columns } = context;
  const formerSender = endOf(former, context.table.senderSide(former));
  const formerPeer = peerOf(formerSender);
  if (columns.state[formerSender] === SYN_SENT) {
    const sinceLast = segment.time - columns.signalTime[formerSender];
    context.observe(Kind.SYN_CHANGED, sender, segment.number, segment.time, segment.seq, sinceLast);
    return;
  }
  const rested = segment.time - Math.max(columns.lastSeen[formerSender], columns.lastSeen[formerPeer]);
  context.observe(Kind.TUPLE_REUSED, sender, segment.number, segment.time, rested, columns.state[formerPeer]);
  if ((segment.flags & ACK) === 0 && (columns.marks[formerSender] & Mark.ISS) !== 0 && columns.openedTime[formerSender] >= 0) {
    const moved = distance(segment.seq, columns.iss[formerSender]);
    context.observe(Kind.ISN_PAIR, sender, segment.number, segment.time, moved, segment.time - columns.openedTime[formerSender]);
  }
  const stamped = (columns.marks[formerSender] & Mark.TIMESTAMPS) !== 0 && segment.hasTimestamps;
  const ticks = stamped ? distance(segment.tsval, columns.tsval[formerSender]) : 0;
  const newer = ticks > 0 || (ticks === 0 && distance(segment.seq, columns.nxt[formerSender]) > 0);
  // TIME_WAIT takes only a SYN that is newer than what it remembers (RFC 6191, RFC 9293 §3.10.7.4).
  if (!newer && columns.state[formerPeer] === TIME_WAIT) {
    context.observe(Kind.STALE_SYN, sender, segment.number, segment.time, segment.seq);
  }
}
