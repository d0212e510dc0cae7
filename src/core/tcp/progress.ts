import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Fill, Kind } from '../observations.ts';
import { FIN, RST, SYN, type Segment } from '../wire/segment.ts';
import { LETTER_DATA, LETTER_GAP, LETTER_RETRANSMISSION, type TcpContext } from './context.ts';
import { isOfFormer } from './former.ts';
import { excludeUnseenFin } from './midstream.ts';
import { Payloads } from './payloads.ts';
import { classifyFill, classifyRepeat } from './retransmission.ts';
import { roundTrip } from './round-trip.ts';
import { distance, UNSCALED_WINDOW } from './sequence.ts';

/** Where the window is not known, a segment further away than this must be continued by another before it is believed. */
const LEAP_BYTES = 1 << 24;
/** Where it is, a segment so many windows away: the capture may have missed some, but hardly more. */
const LEAP_WINDOWS = 8;
/** How much later than what was sent after it (nanoseconds) a segment may be captured. */
export const MISORDER_NANOSECONDS = 10_000_000;
/** Segments up to this size in bytes pass every path (RFC 9293 §3.7.1). */
const LEAST_FULL_SIZE = 536;
/** As large as that a segment may be full where the peer's SYN, which would tell, was not captured. */
const LIKELY_FULL_SIZE = 1_200;
/** TCP options take up to so many bytes of what the MSS allows. */
const MOST_OPTIONS = 40;
/** Bytes of a typical full segment, to turn missed bytes into an estimate of missed segments. */
const TYPICAL_SEGMENT = 1448;

/** What a segment's sequence numbers were, against what its sender had sent. */
export const Progress = {
  /** In order, or nothing to send. */
  NEW: 0,
  /** Ahead of a hole. */
  AHEAD: 1,
  /** Bytes that were captured before. */
  REPEAT: 2,
  /** Bytes of a hole, or some of them. */
  FILL: 3,
  /** One byte or none below SND.NXT while nothing is outstanding, or the byte that probes a zero window once more. */
  KEEP_ALIVE: 4,
  /** Too far away to belong to the connection. */
  FAR: 5,
} as const;
export type Progress = (typeof Progress)[keyof typeof Progress];

/** Follows SND.NXT of a sender, its holes and its repeats (RFC 9293 §3.4). */
export function advance(context: TcpContext, segment: Segment, sender: number): Progress {
  const { columns } = context;
  const seq = segment.seq;
  const length = segment.payloadLength;
  const consumed = length + ((segment.flags & FIN) !== 0 ? 1 : 0);
  const marks = columns.marks[sender];
  const lastData = columns.lastData[sender];
  if (length > 0) {
    columns.bytes[sender] += length;
    columns.lastData[sender] = segment.time;
    if ((marks & Mark.DATA) === 0) {
      columns.marks[sender] = marks | Mark.DATA;
      context.history(sender, LETTER_DATA);
      context.observe(Kind.FIRST_DATA, sender, segment.number, segment.time, length);
      excludeUnseenFin(context, sender, segment.number);
    }
    if ((marks & Mark.FULL_SIZE) === 0 && isFullSize(columns, length, sender)) {
      columns.marks[sender] |= Mark.FULL_SIZE;
      columns.fullSize[sender] = (seq + length) | 0;
      columns.fullSizeTime[sender] = segment.time;
    }
  }
  if ((marks & Mark.NXT) === 0) {
    columns.marks[sender] |= Mark.NXT;
    columns.nxt[sender] = (seq + consumed) | 0;
    columns.contiguous[sender] = (seq + consumed) | 0;
    if (length > 0) keepPayload(context, segment, sender);
    return Progress.NEW;
  }
  const nxt = columns.nxt[sender];
  const ahead = distance(seq, nxt);
  if (ahead === 0) {
    if (consumed !== 0) {
      if (columns.contiguous[sender] === nxt) columns.contiguous[sender] = (nxt + consumed) | 0;
      columns.nxt[sender] = (nxt + consumed) | 0;
      if (length > 0) keepPayload(context, segment, sender);
    }
    return Progress.NEW;
  }
  if (ahead > 0) return skip(context, segment, sender, ahead, consumed);
  return goBack(context, segment, sender, ahead, consumed, segment.time - lastData);
}

/** Bytes beyond which a sequence number is not believed at once, by the window that the `receiver` offers. */
function leapLimit(context: TcpContext, receiver: number): number {
  const { columns } = context;
  if ((columns.marks[receiver] & (Mark.SCALE | Mark.EDGE)) !== (Mark.SCALE | Mark.EDGE)) return LEAP_BYTES;
  return LEAP_WINDOWS * Math.max(columns.largestWindow[receiver], UNSCALED_WINDOW);
}

function skip(context: TcpContext, segment: Segment, sender: number, ahead: number, consumed: number): Progress {
  const { columns } = context;
  const peer = peerOf(sender);
  const nxt = columns.nxt[sender];
  const acknowledged = (columns.marks[sender] & Mark.DOUBT) !== 0 && distance(columns.doubtAck[sender], segment.seq) >= 0;
  const limit = leapLimit(context, peer);
  if (!acknowledged && ahead > limit) {
    const continues = (columns.marks[sender] & Mark.LEAP) !== 0 && segment.payloadLength > 0 && Math.abs(distance(segment.seq, columns.leap[sender])) < limit;
    if ((columns.flowMarks[flowOf(sender)] & FlowMark.FORMER) !== 0 && isOfFormer(context, segment, sender)) return Progress.FAR;
    columns.leap[sender] = (segment.seq + consumed) | 0;
    columns.marks[sender] |= Mark.LEAP;
    if (!continues) return Progress.FAR;
    // The numbers really moved: the capture (or the flow) lost too much to follow. Start again from here.
    columns.marks[sender] &= ~Mark.LEAP;
    missed(context, sender, context.holes.release(sender));
    columns.nxt[sender] = (segment.seq + consumed) | 0;
    columns.contiguous[sender] = columns.nxt[sender];
    columns.una[sender] = segment.seq;
    return Progress.AHEAD;
  }
  if ((segment.flags & RST) !== 0) return Progress.AHEAD;
  missed(context, sender, context.holes.add(sender, nxt, segment.seq, segment.time, segment.tsval, segment.ipId));
  columns.nxt[sender] = (segment.seq + consumed) | 0;
  if (segment.payloadLength > 0) keepPayload(context, segment, sender);
  if ((columns.marks[sender] & Mark.UNA) !== 0 && distance(columns.una[sender], nxt) > 0) acknowledgeHoles(context, sender, columns.una[sender]);
  return Progress.AHEAD;
}

function keepPayload(context: TcpContext, segment: Segment, sender: number): void {
  const { bytes, number } = context.columns;
  if (Payloads.isKept(segment.payloadLength, bytes[sender])) context.payloads.keep(segment, sender, number[flowOf(sender)]);
}

/** Bytes sent again that are not what they were. */
function observeConflict(context: TcpContext, segment: Segment, sender: number): void {
  const { compared, ttlDifference } = context.payloads;
  context.observe(Kind.OVERLAP_CONFLICT, sender, segment.number, segment.time, compared, ttlDifference);
}

/** `idle`: nanoseconds since the sender's last payload. */
function goBack(context: TcpContext, segment: Segment, sender: number, ahead: number, consumed: number, idle: number): Progress {
  const { columns } = context;
  const nxt = columns.nxt[sender];
  if (-ahead > leapLimit(context, peerOf(sender))) return Progress.FAR;
  if ((columns.marks[sender] & Mark.ISS) !== 0 && distance(segment.seq, columns.iss[sender]) < 0) return Progress.FAR;
  if (segment.payloadLength > 1 && context.payloads.conflicts(segment, sender, columns.number[flowOf(sender)])) observeConflict(context, segment, sender);
  const right = (segment.seq + consumed) | 0;
  const beyond = distance(right, nxt);
  let filled = 0;
  if (columns.hole[sender] !== 0 && consumed > 0) {
    filled = context.holes.fill(sender, segment.seq, right);
    if (filled > 0) {
      // With bytes that were captured before it is no late original, whatever its stamp: a sender cut it anew.
      const how = filled < Math.min(consumed, -ahead) ? Fill.RETRANSMITTED : classifyFill(context, segment, sender);
      if (how === Fill.RETRANSMITTED) columns.retransmitted[sender]++;
      context.observe(Kind.HOLE_FILLED, sender, segment.number, segment.time, filled, how);
      columns.contiguous[sender] = columns.hole[sender] !== 0 ? context.holes.first(sender) : nxt;
    }
  }
  if (beyond > 0) {
    if (columns.contiguous[sender] === nxt) columns.contiguous[sender] = right;
    columns.nxt[sender] = right;
  }
  if (filled > 0) {
    keepPayload(context, segment, sender);
    return Progress.FILL;
  }
  if (segment.payloadLength <= 1 && ahead === -1 && beyond <= 0 && (segment.flags & (SYN | FIN | RST)) === 0) {
    const isProbeAgain = columns.una[sender] === segment.seq && consumed === 1 && (columns.marks[peerOf(sender)] & Mark.ZERO_WINDOW) !== 0;
    if (columns.una[sender] === nxt || isProbeAgain) return Progress.KEEP_ALIVE;
  }
  if (consumed === 0) {
    disown(context, segment, sender, ahead);
    return Progress.REPEAT;
  }
  const repeated = Math.min(segment.payloadLength, -ahead);
  if (repeated > 0 && isLate(columns, segment, sender)) {
    context.observe(Kind.LATE_ORIGINAL, sender, segment.number, segment.time, repeated);
  } else if (repeated > 0) {
    const kind = classifyRepeat(context, sender, right, idle);
    columns.retransmitted[sender]++;
    columns.retransmittedBytes[sender] += repeated;
    context.history(sender, LETTER_RETRANSMISSION);
    context.observe(Kind.RETRANSMITTED, sender, segment.number, segment.time, repeated, kind);
    if ((columns.marks[sender] & Mark.FULL_SIZE) !== 0) observeFullSize(context, segment, sender);
  }
  return beyond > 0 ? Progress.NEW : Progress.REPEAT;
}

/** Timestamps of segments sent together on several queues may be swapped by so many ticks. */
export const TICK_TOLERANCE = 1;

/** Stamped before a segment that has passed already: late on its way, not sent again (RFC 7323 §3.1 stamps each sending anew). */
export function isLate(columns: Columns, segment: Segment, sender: number): boolean {
  return segment.hasTimestamps && (columns.marks[sender] & Mark.TIMESTAMPS) !== 0 && distance(segment.tsval, columns.tsval[sender]) < 0;
}

/** As large as the receiver's MSS allows, or may allow. */
export function isFullSize(columns: Columns, length: number, sender: number): boolean {
  if (length <= LEAST_FULL_SIZE) return false;
  const mss = columns.mss[peerOf(sender)];
  if (mss > 0) return length >= mss - MOST_OPTIONS;
  return (columns.flowMarks[flowOf(sender)] & FlowMark.MIDSTREAM) !== 0 && length >= LIKELY_FULL_SIZE;
}

/** A segment of full size again, where none has been acknowledged so far, though smaller ones were: the path may be too narrow for it (RFC 2923 §2.1). */
function observeFullSize(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const marks = columns.marks[sender];
  // Only the first one outstanding comes again and again; others that follow it may be a fast retransmission of a whole flight.
  if ((marks & Mark.UNA) === 0 || segment.seq !== columns.una[sender] || distance(columns.una[sender], columns.fullSize[sender]) >= 0) return;
  if (!isFullSize(columns, segment.payloadLength, sender)) return;
  const heard = columns.lastSeen[peerOf(sender)] > columns.fullSizeTime[sender];
  context.observe(Kind.FULL_SIZE_LOST, sender, segment.number, segment.time, segment.payloadLength, heard ? 1 : 0);
}

/** The peer has acknowledged up to `ack`: holes below it were received, so it is the capture that missed them. */
export function acknowledgeHoles(context: TcpContext, sender: number, ack: number): void {
  const { columns } = context;
  missed(context, sender, context.holes.acknowledge(sender, ack));
  columns.contiguous[sender] = columns.hole[sender] !== 0 ? context.holes.first(sender) : columns.nxt[sender];
}

/** Counts bytes of `sender` that the capture missed. */
export function missed(context: TcpContext, sender: number, bytes: number): void {
  if (bytes <= 0) return;
  context.columns.missed[sender] += bytes;
  context.missedSegments += Math.ceil(bytes / TYPICAL_SEGMENT);
  context.history(sender, LETTER_GAP);
}

/**
 * A pure ACK stands at SND.NXT. One that stands below data captured as its sender's, later than any misorder and with a newer
 * timestamp, shows that it never sent those data: somebody else did, and the peer has taken them.
 */
function disown(context: TcpContext, segment: Segment, sender: number, ahead: number): void {
  const { columns } = context;
  const acknowledged = distance(columns.una[sender], segment.seq);
  if ((segment.flags & (SYN | FIN | RST)) !== 0 || acknowledged <= 1 || (columns.marks[sender] & Mark.UNA) === 0) return;
  // A path may hold a packet up for a part of its round trip, hardly for all of it.
  const heldUp = Math.max(MISORDER_NANOSECONDS, roundTrip(columns, flowOf(sender)));
  if (columns.hole[sender] !== 0 || segment.time - columns.lastData[sender] < heldUp) return;
  // A sender whose window was taken back acknowledges from the window's edge (RFC 9293 §3.8.6).
  if (distance(columns.edge[peerOf(sender)], columns.nxt[sender]) < 0) return;
  // Stamped no later than those data it was sent with them or before, and held up on its way.
  if (segment.hasTimestamps && (columns.marks[sender] & Mark.TIMESTAMPS) !== 0 && distance(segment.tsval, columns.tsval[sender]) <= 0) return;
  // One that takes back what its sender had acknowledged is old, or broken in itself.
  if (distance(segment.ack, columns.lastAck[sender]) < 0) return;
  context.observe(Kind.DISOWNED_DATA, sender, segment.number, segment.time, -ahead, acknowledged);
}
