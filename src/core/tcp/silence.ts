import { Mark } from '../flow/columns.ts';
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
  const flow = flowOf(end);
  const packet = columns.proof[end];
  const roundTrip = Math.max(0, columns.synAckDelay[flow]) + Math.max(0, columns.ackDelay[flow]);
  const timeout = Math.max(FIRST_TIMEOUT, ROUND_TRIPS * roundTrip);
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
    } else if (rests && !idle && now - columns.since[end] >= timeout) context.estimates.confirm(end, packet, CLOSED_AS_WELL[state] ?? 0);
  } else if (awaitsAckOfFin(context, end) && now - columns.signalTime[end] >= timeout) {
    settleUnansweredFin(context, end, columns.signalTime[end], packet);
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
    // What it sent since may have been lost before the tap.
    context.estimates.admit(end, 1 << ESTABLISHED, answered, packet);
  }
  // Each timeout is twice the one before: after n repeats in a time t the next is due in t · 2^n / (2^n − 1).
  const power = 2 ** Math.min(synCount[end] - 1, 30);
  const due = power === 1 ? 0 : ((signalTime[end] - openedTime[end]) * power) / (power - 1);
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

/** Its FIN was sent once and no acknowledgment of it was captured. */
function awaitsAckOfFin(context: TcpContext, end: number): boolean {
  const { columns } = context;
  const marks = columns.marks[end];
  if ((marks & Mark.FIN_CAPTURED) === 0 || (marks & Mark.FIN_ACKED) !== 0 || columns.finCount[end] !== 1) return false;
  return columns.state[end] === FIN_WAIT_1 || columns.state[end] === LAST_ACK;
}

/** The FIN was not sent again: it was acknowledged, and the capture missed that. */
function settleUnansweredFin(context: TcpContext, end: number, time: number, packet: number): void {
  const { columns } = context;
  const peer = peerOf(end);
  if (columns.state[end] === LAST_ACK) {
    context.estimates.presume(end, CLOSED, time, packet);
    return;
  }
  if (columns.packets[peer] > 0) {
    context.estimates.presume(end, FIN_WAIT_2, time, packet);
    return;
  }
  // Only this end was captured. Had the other closed after it, it would have acknowledged that FIN: so the other closed first,
  // or never has.
  context.estimates.admit(end, (1 << FIN_WAIT_2) | (1 << CLOSED), time, packet);
  context.estimates.presume(end, CLOSED, time, packet);
  context.estimates.admit(peer, (1 << CLOSE_WAIT) | (1 << TIME_WAIT), time, packet);
  context.estimates.presume(peer, TIME_WAIT, time, packet);
}
