import { Mark } from '../flow/columns.ts';
import { Kind } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import { Challenge, challenge } from './challenge.ts';
import type { TcpContext } from './context.ts';
import { distance } from './sequence.ts';
import { CLOSED, LISTEN, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';

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
  const columns = context.columns;
  const peer = sender ^ 1;
  const marks = columns.marks[sender]!;
  const state = columns.state[sender]!;
  const peerState = columns.state[peer]!;
  if ((marks & Mark.ISS) !== 0 && columns.iss[sender] === segment.seq) {
    return (marks & Mark.SYNCHRONIZED) === 0 || state === CLOSED ? Incarnation.SAME : Incarnation.ON_ESTABLISHED;
  }
  if (columns.packets[sender] === 0 && peerState === SYN_SENT) return Incarnation.SAME;
  const over = state === CLOSED || state === TIME_WAIT || state === SYN_SENT || state === UNSEEN || state === LISTEN;
  const peerOver = peerState === CLOSED || peerState === TIME_WAIT;
  if (over || peerOver) return Incarnation.NEW;
  return (marks & Mark.SYNCHRONIZED) !== 0 || (columns.marks[peer]! & Mark.SYNCHRONIZED) !== 0 ? Incarnation.ON_ESTABLISHED : Incarnation.NEW;
}

/** Notes a SYN on a live connection: the peer's answer tells whether it was believed. */
export function meetLiveConnection(context: TcpContext, segment: Segment, sender: number): void {
  const columns = context.columns;
  const own = (columns.marks[sender]! & Mark.ISS) !== 0 && columns.iss[sender] === segment.seq;
  challenge(context, sender ^ 1, Challenge.SYN);
  context.observe(Kind.SYN_ON_ESTABLISHED, sender, segment.number, segment.time, segment.seq, own ? 1 : 0);
}

/** Facts about a 4-tuple used again: how long it rested, in what state, and how far its ISN moved (RFC 6191, RFC 9293 §3.4.1). */
export function observeReuse(context: TcpContext, segment: Segment, former: number, sender: number): void {
  const columns = context.columns;
  const formerSender = (former * 2) | senderSideOf(context, former);
  const formerPeer = formerSender ^ 1;
  if (columns.state[formerSender] === SYN_SENT) {
    const gap = segment.time - columns.signalTime[formerSender]!;
    context.observe(Kind.SYN_CHANGED, sender, segment.number, segment.time, segment.seq, gap);
    return;
  }
  const rested = segment.time - Math.max(columns.lastSeen[formerSender]!, columns.lastSeen[formerPeer]!);
  context.observe(Kind.TUPLE_REUSED, sender, segment.number, segment.time, rested, columns.state[formerPeer]!);
  if ((columns.marks[formerSender]! & Mark.ISS) !== 0 && columns.openedTime[formerSender]! >= 0) {
    const moved = distance(segment.seq, columns.iss[formerSender]!);
    context.observe(Kind.ISN_PAIR, sender, segment.number, segment.time, moved, segment.time - columns.openedTime[formerSender]!);
  }
  const oldTimestamp = (columns.marks[formerSender]! & Mark.TIMESTAMPS) !== 0 && segment.hasTimestamps;
  const newer = oldTimestamp
    ? distance(segment.tsval, columns.tsval[formerSender]!) > 0 || distance(segment.seq, columns.nxt[formerSender]!) > 0
    : distance(segment.seq, columns.nxt[formerSender]!) > 0;
  // TIME_WAIT takes only a SYN that is newer than what it remembers (RFC 6191, RFC 9293 §3.10.7.4).
  if (!newer && columns.state[formerPeer] === TIME_WAIT) {
    context.observe(Kind.STALE_SYN, sender, segment.number, segment.time, segment.seq);
  }
}

function senderSideOf(context: TcpContext, flow: number): 0 | 1 {
  return context.table.senderSide(flow);
}
