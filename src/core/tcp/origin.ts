import { type Columns, Mark } from '../flow/columns.ts';
import { peerOf } from '../flow/end.ts';
import { MISFIT } from '../observations.ts';
import { ACK, type Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { isOtherCount } from './ip-ids.ts';
import { roundTripTo } from './round-trip.ts';
import { distance } from './sequence.ts';

/** Hops by which two segments of one sender may differ without proof of another: a route may change. */
const TTL_TOLERANCE = 4;
/** A window field so many times larger or smaller than the last is no update. */
const WINDOW_FACTOR = 8;
/** Round trips below this (nanoseconds) are too short to be compared with an answer. */
const LEAST_ROUND_TRIP = 4_000_000;
/** An answer sooner than this share of the handshake's round trip cannot have been sent by the end itself. */
const SOON = 0.5;

/**
 * Remembers what the header of a segment says of the host that made it, for comparison with a RST in its name. Called for all but the
 * ordinary segments of an established connection.
 */
export function noteHeader({ columns, ipIds }: TcpContext, segment: Segment, sender: number): void {
  ipIds.note(columns, segment, sender);
  columns.laterTtl[sender] = segment.ttl;
}

/**
 * What of a RST does not fit the other segments of its claimed sender (bits of MISFIT). `aborts`: it claims to come from a live
 * socket (RST+ACK at SND.NXT), which keeps its options and window.
 */
export function misfitsOf(context: TcpContext, segment: Segment, sender: number, aborts: boolean): number {
  const { columns } = context;
  if (columns.packets[sender] < 2) return 0;
  let misfits = 0;
  const off = ttlDifference(columns, segment, sender);
  if (off !== 0) misfits |= Math.abs(off) > TTL_TOLERANCE ? MISFIT.TTL : MISFIT.TTL_NEAR;
  const stamped = columns.marks[sender] & columns.marks[peerOf(sender)] & Mark.TIMESTAMPS;
  if (aborts && stamped !== 0 && !segment.hasTimestamps && segment.optionsComplete) misfits |= MISFIT.OPTIONS;
  if (aborts ? isOtherWindow(segment.window, columns.lastWindow[sender]) : (segment.flags & ACK) === 0 && segment.window !== 0) misfits |= MISFIT.WINDOW;
  if (isOtherCount(columns, segment, sender, aborts)) misfits |= MISFIT.IP_ID;
  if (isTooSoon(columns, segment, sender)) misfits |= MISFIT.TIMING;
  return misfits;
}

/** Do misfits show another sender? A foreign TTL does; of the others, which one stack or another has now and then, it takes two. */
export function showOtherSender(misfits: number): boolean {
  const others = misfits & ~MISFIT.TTL;
  return (misfits & MISFIT.TTL) !== 0 || (others & (others - 1)) !== 0;
}

/** By how much the TTL is off what its sender had, first and latest; the nearer counts: a proxy may have opened in its name. */
export function ttlDifference(columns: Columns, segment: Segment, sender: number): number {
  const first = segment.ttl - columns.ttl[sender];
  const later = segment.ttl - columns.laterTtl[sender];
  return Math.abs(first) < Math.abs(later) ? first : later;
}

function isOtherWindow(window: number, last: number): boolean {
  return window !== 0 && last !== 0 && (window > last * WINDOW_FACTOR || last > window * WINDOW_FACTOR);
}

/** It acknowledges data that passed the capture point so shortly before that its claimed sender cannot have received them yet. */
function isTooSoon(columns: Columns, segment: Segment, sender: number): boolean {
  const peer = peerOf(sender);
  const roundTrip = roundTripTo(columns, sender);
  if (roundTrip < LEAST_ROUND_TRIP || columns.lastData[peer] < 0 || (segment.flags & ACK) === 0) return false;
  if (distance(segment.ack, columns.nxt[peer]) !== 0 || columns.una[peer] === columns.nxt[peer]) return false;
  return segment.time - columns.lastData[peer] < roundTrip * SOON;
}
