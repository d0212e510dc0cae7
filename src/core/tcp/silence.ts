import { type Columns, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import type { TcpContext } from './context.ts';
import { CLOSED, CLOSE_WAIT, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, type StateSet, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from './state.ts';

/**
 * An end that still waits for an acknowledgment sends again after about this long at first, in nanoseconds: stacks start from a
 * least RTO of 200 ms (Linux) to 300 ms (Windows), well below the 1 s of RFC 6298 §2.4.
 */
const FIRST_TIMEOUT = 300_000_000;
/** … or after so many round trips, where they are longer. */
const ROUND_TRIPS = 4;
/** An end of which it was open whether it closed first or second: the acknowledgment of its FIN leads here, too. */
const CLOSED_AS_WELL: { readonly [state: number]: StateSet } = { [FIN_WAIT_2]: 1 << CLOSED, [CLOSED]: 1 << TIME_WAIT };
/** … and for an answer to its SYN or SYN-ACK after about this long at first (1 s, RFC 6298 §2.1). */
const OPENING_TIMEOUT = 1_500_000_000;
/** How much longer (a factor) than expected the next sending may take. */
const TOLERANCE = 1.1;
/** Linux keeps TIME_WAIT for this long, whatever its settings, and FIN_WAIT_2 of a socket that nobody holds any more unless told otherwise (nanoseconds). */
const EXPIRY_ON_LINUX = 60e9;

/**
 * What silence proves, once an end's capture is over at `now`: an end that waits for an acknowledgment sends again, so one that
 * did not has received it (or the RST), whether or not the capture shows it.
 */
export function settleSilence(context: TcpContext, end: number, now: number): void {
  const { columns } = context;
  const packet = columns.proof[end];
  const timeout = firstTimeout(columns, end);
  if ((columns.marks[end] & Mark.PRESUMED) !== 0) {
    const state = columns.state[end];
    const rests = state === ESTABLISHED || state === FIN_WAIT_2 || state === TIME_WAIT || state === CLOSED;
    // An end with nothing to send again is silent in any case: whether it got a RST, that does not tell.
    const former = columns.formerState[end];
    const waits = former === ESTABLISHED || former === CLOSE_WAIT || former === FIN_WAIT_2;
    const idle = state === CLOSED && waits && columns.una[end] === columns.nxt[end];
    if (state === ESTABLISHED && isUnserved(context, peerOf(end))) {
      // Its accept queue may be full, or its SYN-ACK have been a cookie.
      context.estimates.admit(end, 1 << CLOSED, columns.since[end], packet);
    } else if (rests && !idle && now - columns.since[end] >= Math.max(timeout, longestWait(columns, end))) context.estimates.confirm(end, packet, CLOSED_AS_WELL[state] ?? 0);
  } else if (awaitsAckOfFin(columns, end)) {
    const due = nextSending(columns.finTime[end], columns.signalTime[end], columns.finCount[end]);
    const stopped = columns.signalTime[end] + Math.max(timeout, TOLERANCE * due);
    if (now >= stopped) settleUnansweredFin(context, end, stopped, packet);
  } else settleOpening(context, end, now, packet);
  const state = columns.state[end];
  const expires = Math.max(columns.since[end], columns.lastSeen[end]) + EXPIRY_ON_LINUX;
  if ((state === TIME_WAIT || state === FIN_WAIT_2) && now > expires) context.estimates.admit(end, 1 << CLOSED, expires, packet);
}

/** An end in SYN_SENT or SYN_RECEIVED that has stopped asking: it has its answer, or has given up. */
function settleOpening(context: TcpContext, end: number, now: number, packet: number): void {
  const { marks, openedTime, packets, signalTime, state, synCount } = context.columns;
  if ((state[end] !== SYN_SENT && state[end] !== SYN_RECEIVED) || synCount[end] === 0) return;
  const peer = peerOf(end);
  const answered = signalTime[peer];
  if (state[end] === SYN_SENT && (marks[peer] & Mark.SYN_ACK) !== 0 && answered > signalTime[end]) {
    // What it sent since may have been lost before the capture point.
    context.estimates.admit(end, 1 << ESTABLISHED, answered, packet);
  }
  const due = nextSending(openedTime[end], signalTime[end], synCount[end]);
  const stopped = signalTime[end] + Math.max(OPENING_TIMEOUT, TOLERANCE * due);
  if (now < stopped) return;
  context.estimates.admit(end, (1 << CLOSED) | (1 << ESTABLISHED), stopped, packet);
  // Where only this end was captured, the answer would not show.
  if (state[end] === SYN_RECEIVED && packets[peer] === 0) context.estimates.admit(peer, 1 << ESTABLISHED, signalTime[end], packet);
}

/** Data that `client` sent again and again to a server that answered its SYN, and then nothing more. */
export function settleUnserved(context: TcpContext, client: number): void {
  const { columns } = context;
  const server = peerOf(client);
  if (!isUnserved(context, client) || columns.packets[server] === 0 || (columns.marks[server] & Mark.RST) !== 0) return;
  context.observe(Kind.UNSERVED_DATA, client, columns.signalPacket[server], columns.lastData[client], columns.retransmitted[client]);
}

/** It sent data again and again to a server that answered its SYN, and then nothing more. */
function isUnserved({ columns }: TcpContext, client: number): boolean {
  const { marks, retransmittedBytes } = columns;
  return retransmittedBytes[client] > 0 && (marks[peerOf(client)] & (Mark.SYN_ACK | Mark.SYNCHRONIZED)) === Mark.SYN_ACK;
}

/** How long an end that waits for an acknowledgment does so before it sends again for the first time, at most (nanoseconds). */
function firstTimeout({ ackDelay, synAckDelay }: Columns, end: number): number {
  const flow = flowOf(end);
  return Math.max(FIRST_TIMEOUT, ROUND_TRIPS * (Math.max(0, synAckDelay[flow]) + Math.max(0, ackDelay[flow])));
}

/**
 * How long after the `last` of `count` sendings of the same, since the `first` (both times in nanoseconds), the next is due: each timeout is
 * twice the one before, so after n repeats in a time t that is t · 2^n / (2^n − 1). 0 where it was sent once.
 */
function nextSending(first: number, last: number, count: number): number {
  const power = 2 ** Math.min(count - 1, 30);
  return power === 1 ? 0 : ((last - first) * power) / (power - 1);
}

/**
 * How long `end`, which has sent its SYN-ACK, or its FIN or data before that, more than once, may wait until it sends that again (nanoseconds):
 * twice what lies between two sendings, and where some were lost before the capture point no more is known of that than the first and the last. 0 where
 * it was sent once.
 */
function longestWait({ finTime, lastData, marks, openedTime, signalTime }: Columns, end: number): number {
  const hasClosed = (marks[end] & Mark.FIN_CAPTURED) !== 0;
  const first = hasClosed ? finTime[end] : openedTime[end];
  const last = hasClosed ? Math.max(signalTime[end], lastData[end]) : signalTime[end];
  return first < 0 ? 0 : 2 * TOLERANCE * (last - first);
}

/** `end` has sent its FIN once and nothing of it again until `now`, for so long that it must have been acknowledged soon. */
export function wasAnsweredInSilence(columns: Columns, end: number, now: number): boolean {
  const sent = columns.signalTime[end];
  const isSentOnce = (columns.marks[end] & Mark.FIN_CAPTURED) !== 0 && columns.finCount[end] === 1 && columns.hole[end] === 0 && columns.lastData[end] <= sent;
  return isSentOnce && columns.state[end] === FIN_WAIT_1 && now - sent >= firstTimeout(columns, end);
}

/** Its FIN was captured and the acknowledgment of its last sending was not. */
function awaitsAckOfFin({ finCount, marks, state }: Columns, end: number): boolean {
  const isAcknowledged = (marks[end] & Mark.FIN_ACKED) !== 0 && finCount[end] === 1;
  if ((marks[end] & Mark.FIN_CAPTURED) === 0 || isAcknowledged) return false;
  return state[end] === FIN_WAIT_1 || state[end] === LAST_ACK;
}

/** From so many sendings of a FIN on, none of which was acknowledged in sight, the end may as well have given up. */
const SENT_IN_VAIN = 4;

/** The FIN was not sent again until `stopped`, when it would have been: it was acknowledged, and the capture missed that, or its sender has given up. */
function settleUnansweredFin(context: TcpContext, end: number, stopped: number, packet: number): void {
  const { columns } = context;
  const peer = peerOf(end);
  const time = columns.signalTime[end];
  if (columns.finCount[end] >= SENT_IN_VAIN && (columns.marks[end] & Mark.FIN_ACKED) === 0) {
    context.estimates.admit(end, (1 << CLOSED) | (columns.state[end] === FIN_WAIT_1 ? 1 << FIN_WAIT_2 : 0), stopped, packet);
    return;
  }
  if (columns.state[end] === LAST_ACK) {
    context.estimates.presume(end, CLOSED, time, packet);
    return;
  }
  if (columns.packets[peer] > 0) {
    context.estimates.presume(end, FIN_WAIT_2, time, packet);
    if (columns.finCount[end] > 1) context.estimates.admit(end, 1 << CLOSED, stopped, packet);
    return;
  }
  // Only this end was captured. Had the other closed after it, it would have acknowledged that FIN: so the other closed first,
  // or never has.
  context.estimates.admit(end, (1 << FIN_WAIT_2) | (1 << CLOSED), time, packet);
  context.estimates.presume(end, CLOSED, time, packet);
  context.estimates.admit(peer, (1 << CLOSE_WAIT) | (1 << TIME_WAIT), time, packet);
  context.estimates.presume(peer, TIME_WAIT, time, packet);
}
