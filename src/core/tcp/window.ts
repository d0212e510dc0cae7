import { Mark } from '../flow/columns.ts';
import { peerOf } from '../flow/end.ts';
import { Challenge, Kind } from '../observations.ts';
import { FIN, type Segment, SYN } from '../wire/segment.ts';
import { PROMPT_NANOSECONDS, challenge } from './challenge.ts';
import { LETTER_ZERO_WINDOW, type TcpContext } from './context.ts';
import { observeUnagreedTimestamps } from './oddities.ts';
import { acknowledgeHoles, MISORDER_NANOSECONDS, missed } from './progress.ts';
import { distance, UNSCALED_WINDOW } from './sequence.ts';

/** Largest window that TCP can offer (RFC 7323 §2.3). */
const LARGEST_WINDOW = 1 << 30;

/** What an acknowledgment says. */
export const Acknowledged = {
  /** Nothing new. */
  SAME: 0,
  /** SND.UNA of the peer advanced. */
  ADVANCED: 1,
  /** Below SND.UNA, within what the network may have delayed. */
  OLD: 2,
  /** Older than any segment in flight could be, or before the connection (RFC 5961 §5). */
  TOO_OLD: 3,
  /** Beyond everything captured: in doubt until the peer's next segments tell. */
  BEYOND: 4,
} as const;
export type Acknowledged = (typeof Acknowledged)[keyof typeof Acknowledged];

/** Follows SND.UNA of `sender`'s peer by an acknowledgment of `sender` (RFC 9293 §3.10.7.4, RFC 5961 §5). */
export function acknowledge(context: TcpContext, segment: Segment, sender: number): Acknowledged {
  const { columns } = context;
  const peer = peerOf(sender);
  const ack = segment.ack;
  columns.lastAck[sender] = ack;
  const marks = columns.marks[peer];
  if ((marks & Mark.NXT) === 0 || (columns.packets[peer] === 0 && distance(ack, columns.nxt[peer]) > 0)) {
    // Nothing of the peer was captured: what it has sent is known by this alone.
    const one = (marks & Mark.UNA) !== 0 && distance(ack, columns.una[peer]) === 1;
    columns.marks[peer] = (one ? marks | Mark.GAINED_ONE : marks & ~Mark.GAINED_ONE) | Mark.NXT | Mark.UNA;
    if (one) columns.doubtTime[peer] = segment.time;
    columns.nxt[peer] = ack;
    columns.contiguous[peer] = ack;
    columns.una[peer] = ack;
    return Acknowledged.ADVANCED;
  }
  if (distance(ack, columns.nxt[peer]) > 0) {
    if ((marks & (Mark.ISS | Mark.DATA | Mark.FIN | Mark.UNA)) === 0 && distance(ack, columns.nxt[peer]) === 1) {
      // All that was captured of an older connection is a keep-alive: it stands one below SND.NXT (RFC 9293 §3.8.4).
      columns.marks[peer] = marks | Mark.UNA;
      columns.nxt[peer] = ack;
      columns.contiguous[peer] = ack;
      columns.una[peer] = ack;
      return Acknowledged.ADVANCED;
    }
    doubt(context, segment, peer);
    return Acknowledged.BEYOND;
  }
  if ((marks & Mark.UNA) === 0) {
    if ((marks & Mark.ISS) !== 0 && distance(ack, columns.iss[peer]) <= 0) return Acknowledged.TOO_OLD;
    columns.marks[peer] = marks | Mark.UNA;
    columns.una[peer] = ack;
    return Acknowledged.ADVANCED;
  }
  const gain = distance(ack, columns.una[peer]);
  if (gain > 0) {
    columns.una[peer] = ack;
    columns.duplicateAcks[sender] = 0;
    if (columns.hole[peer] !== 0) acknowledgeHoles(context, peer, ack);
    return Acknowledged.ADVANCED;
  }
  if (gain === 0) {
    // A duplicate acknowledgment carries nothing, while something is outstanding (RFC 5681 §2).
    if (segment.payloadLength === 0 && segment.window === columns.lastWindow[sender] && columns.nxt[peer] !== ack && (segment.flags & (SYN | FIN)) === 0) {
      if (columns.duplicateAcks[sender] < 255) columns.duplicateAcks[sender]++;
    }
    return Acknowledged.SAME;
  }
  const beforeStart = (marks & Mark.ISS) !== 0 && distance(ack, columns.iss[peer]) <= 0;
  const largest = (columns.marks[sender] & Mark.SCALE) !== 0 ? columns.largestWindow[sender] : LARGEST_WINDOW;
  if (beforeStart || -gain > Math.max(largest, UNSCALED_WINDOW)) {
    challenge(context, peer, Challenge.ACK);
    context.observe(Kind.OLD_ACK, sender, segment.number, segment.time, -gain, beforeStart ? 1 : 0);
    return Acknowledged.TOO_OLD;
  }
  return Acknowledged.OLD;
}

/** Notes an acknowledgment of bytes of `peer` that were not captured. Either the capture missed them, or they never existed. */
function doubt(context: TcpContext, segment: Segment, peer: number): void {
  const { columns } = context;
  const marks = columns.marks[peer];
  if ((marks & Mark.DOUBT) !== 0 && distance(segment.ack, columns.doubtAck[peer]) <= 0) return;
  if ((marks & Mark.DOUBT_CONTRADICTED) !== 0) return;
  columns.marks[peer] = marks | Mark.DOUBT;
  challenge(context, peer, Challenge.ACK);
  columns.doubtAck[peer] = segment.ack;
  columns.doubtTime[peer] = segment.time;
  columns.doubtPacket[peer] = segment.number;
}

/**
 * `sender` sends again after an acknowledgment of bytes that were not captured of it. A segment from beyond those bytes shows that
 * it sent them and the capture missed them; a pure ACK, which stands at SND.NXT, from below them shows that it never did.
 */
export function weighDoubt(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const nxt = columns.nxt[sender];
  const doubted = columns.doubtAck[sender];
  const consumed = segment.payloadLength + ((segment.flags & FIN) !== 0 ? 1 : 0);
  if ((columns.marks[sender] & Mark.DOUBT_CONTRADICTED) !== 0 && segment.time - columns.doubtTime[sender] > MISORDER_NANOSECONDS) {
    proveDoubt(context, sender);
    return;
  }
  if (distance((segment.seq + consumed) | 0, doubted) >= 0) {
    if (distance(segment.seq, nxt) > 0) believeDoubt(context, sender, distance(segment.seq, doubted) < 0 ? segment.seq : doubted);
    else forgetDoubt(context, sender);
    return;
  }
  if (consumed === 0 && segment.seq === nxt && (segment.flags & SYN) === 0) {
    columns.marks[sender] |= Mark.DOUBT_CONTRADICTED;
    if (segment.time - columns.doubtTime[sender] > MISORDER_NANOSECONDS) proveDoubt(context, sender);
  }
}

/** The flow ends with a doubt open: contradicted it was a bad acknowledgment, else the capture missed the bytes. */
export function endDoubt(context: TcpContext, end: number): void {
  if ((context.columns.marks[end] & Mark.DOUBT) === 0) return;
  if ((context.columns.marks[end] & Mark.DOUBT_CONTRADICTED) !== 0) proveDoubt(context, end);
  else believeDoubt(context, end, context.columns.doubtAck[end]);
}

function forgetDoubt(context: TcpContext, end: number): void {
  context.columns.marks[end] &= ~(Mark.DOUBT | Mark.DOUBT_CONTRADICTED);
}

function proveDoubt(context: TcpContext, end: number): void {
  const { columns } = context;
  const beyond = distance(columns.doubtAck[end], columns.nxt[end]);
  context.observe(Kind.BAD_ACK, peerOf(end), columns.doubtPacket[end], columns.doubtTime[end], beyond);
  forgetDoubt(context, end);
}

/** The bytes up to `to` existed: the receiver has them, the capture does not. */
function believeDoubt(context: TcpContext, end: number, to: number): void {
  const { columns } = context;
  const bytes = distance(to, columns.nxt[end]);
  forgetDoubt(context, end);
  if (bytes <= 0) return;
  context.observe(Kind.ACK_UNSEEN, peerOf(end), columns.doubtPacket[end], columns.doubtTime[end], bytes);
  missed(context, end, bytes);
  if (columns.contiguous[end] === columns.nxt[end]) columns.contiguous[end] = to;
  columns.nxt[end] = to;
  if (distance(to, columns.una[end]) > 0) columns.una[end] = to;
}

/** Windows in SYNs are at least this where hosts use scaling, and the next one is smaller by at least this factor where it is scaled. */
const LEAST_SYN_WINDOW = 4096;
const LEAST_FALL = 4;

/**
 * The first segment after an end's SYN: where the SYNs as captured agree on no scaling although one offered it, a window that falls
 * by a power of two before any data came is one that its sender scales: the option was taken out behind its back.
 */
function observeScale(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const offered = (columns.marks[sender] | columns.marks[peerOf(sender)]) & Mark.SCALE_OFFERED;
  if ((columns.marks[sender] & Mark.SCALE) === 0 || columns.scale[sender] !== 0 || offered === 0) return;
  const before = columns.lastWindow[sender];
  if (before < LEAST_SYN_WINDOW || segment.window === 0 || segment.window * LEAST_FALL > before || columns.bytes[peerOf(sender)] > 0) return;
  context.observe(Kind.SCALE_MISMATCH, sender, segment.number, segment.time, before, segment.window);
}

/** Follows the window that `sender` offers (RFC 9293 §3.8.6, RFC 7323 §2). */
export function offer(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const marks = columns.marks[sender];
  const scaled = (segment.flags & SYN) === 0 && (marks & Mark.SCALE) !== 0 ? segment.window << columns.scale[sender] : segment.window;
  if (columns.packets[sender] === columns.synCount[sender] + 1) {
    observeScale(context, segment, sender);
    observeUnagreedTimestamps(context, segment, sender);
  }
  columns.lastWindow[sender] = segment.window;
  if (scaled > columns.largestWindow[sender]) columns.largestWindow[sender] = scaled;
  const edge = (segment.ack + scaled) | 0;
  if ((marks & Mark.EDGE) === 0 || distance(edge, columns.edge[sender]) > 0) {
    columns.edge[sender] = edge;
    columns.marks[sender] |= Mark.EDGE;
  }
  if (segment.window === 0) {
    if ((marks & Mark.ZERO_WINDOW) === 0) {
      columns.marks[sender] |= Mark.ZERO_WINDOW;
      context.history(sender, LETTER_ZERO_WINDOW);
      context.observe(Kind.ZERO_WINDOW, sender, segment.number, segment.time, 1);
    }
  } else if ((marks & Mark.ZERO_WINDOW) !== 0) {
    columns.marks[sender] &= ~Mark.ZERO_WINDOW;
    const peer = peerOf(sender);
    const isAnswer = columns.probes[peer] > 0 && segment.time - columns.lastSeen[peer] <= PROMPT_NANOSECONDS;
    context.observe(Kind.WINDOW_OPENED, sender, segment.number, segment.time, isAnswer ? 1 : 0);
  }
}
