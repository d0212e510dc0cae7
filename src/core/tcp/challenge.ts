import { Mark } from '../flow/columns.ts';
import { endOf, peerOf, SIDES } from '../flow/end.ts';
import { Challenge, Kind } from '../observations.ts';
import { ACK, FIN, PSH, type Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';

/** A challenge ACK comes at once; later than this after its cause (nanoseconds) an ACK is one for something else. */
export const PROMPT_NANOSECONDS = 1_000_000_000;

/** Challenge ACKs remembered until their connections end; the answers to more are not told from others. */
const MOST_KEPT = 10_000;

/** Forgets the challenge ACKs of a flow that is over. */
export function forgetChallenges(context: TcpContext, flow: number): void {
  if (context.challengeAcks.size === 0) return;
  for (const side of SIDES) context.challengeAcks.delete(endOf(flow, side));
}

/** `end` was sent a segment that it cannot accept. It answers, unless it is limited in how often it does. */
export function challenge(context: TcpContext, end: number, reason: Challenge): void {
  const { columns } = context;
  columns.marks[end] |= Mark.CHALLENGED;
  columns.challenge[end] = reason;
}

/** A SYN of `sender` that met a live connection was not taken: its peer went on, or nothing more came. */
export function settleSyn(context: TcpContext, sender: number): void {
  const { columns } = context;
  if ((columns.marks[sender] & Mark.SYN_PENDING) === 0) return;
  columns.marks[sender] &= ~Mark.SYN_PENDING;
  const pending = context.pendingSyns.get(sender);
  if (pending === undefined) return;
  context.pendingSyns.delete(sender);
  context.observe(pending.kind, sender, pending.packet, pending.time, pending.isn, pending.kind === Kind.STALE_SYN ? 0 : pending.repeats);
}

/** `sender` was sent something unacceptable and sends now: a pure ACK with its current numbers is the answer to that. */
export function answerChallenge(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  columns.marks[sender] &= ~Mark.CHALLENGED;
  settleSyn(context, peerOf(sender));
  const pure = segment.payloadLength === 0 && (segment.flags & (FIN | PSH | ACK)) === ACK;
  if (!pure || segment.seq !== columns.nxt[sender] || segment.ack !== columns.lastAck[sender]) return;
  if (segment.time - columns.lastSeen[peerOf(sender)] > PROMPT_NANOSECONDS) return;
  if (columns.challenge[sender] !== Challenge.PROBE) {
    if (context.challengeAcks.size < MOST_KEPT) context.challengeAcks.set(sender, segment.time);
    context.observe(Kind.CHALLENGE_ACK, sender, segment.number, segment.time, columns.challenge[sender]);
  } else if ((columns.marks[sender] & Mark.ZERO_WINDOW) === 0) context.observe(Kind.KEEP_ALIVE_ANSWERED, sender, segment.number, segment.time);
}
