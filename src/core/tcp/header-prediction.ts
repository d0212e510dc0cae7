import { Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { ACK, CHECKSUM_GOOD, CHECKSUM_UNKNOWN, CWR, ECE, PSH, type Segment } from '../wire/segment.ts';
import { LETTER_ACK, type TcpContext } from './context.ts';
import { Payloads } from './payloads.ts';
import { isFullSize, TICK_TOLERANCE } from './progress.ts';
import { distance } from './sequence.ts';
import { ESTABLISHED } from './state.ts';

/** A connection on which neither end sent for so long (nanoseconds) was idle: beyond what round trips and common timers explain. */
export const IDLE_NANOSECONDS = 1_000_000_000;

const GOOD_CHECKSUMS = Mark.LAST_CHECKSUM_GOOD | Mark.CHECKSUM_GOOD;
/** What must be known of the sender, and what may not be. */
const SENDER_KNOWN = Mark.SYNCHRONIZED | Mark.NXT | Mark.EDGE;
const SENDER_ODD = Mark.CHALLENGED | Mark.DOUBT | Mark.ZERO_WINDOW;
const PEER_KNOWN = Mark.SYNCHRONIZED | Mark.NXT | Mark.UNA;

/**
 * Header prediction, as Van Jacobson gave it to 4.3BSD: between two established ends, nearly every segment is the next data in
 * sequence or an acknowledgment of what was just sent. Such a one is taken in here, in one place and with one look at each fact;
 * nothing of it is worth an observation. False, with nothing changed, for every other: that goes the long way
 * (`Tracker.follow`), which would do the very same with a segment that was predicted.
 */
export function followPredicted(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  const { flags, ack, time, window, checksumState, payloadLength: length } = segment;
  const marks = columns.marks[sender];
  const nxt = columns.nxt[sender];
  const gain = distance(ack, columns.una[peer]);
  const ticks = distance(segment.tsval, columns.tsval[sender]);
  if (
    (flags & ~(PSH | ECE | CWR)) !== ACK ||
    columns.state[sender] !== ESTABLISHED ||
    columns.state[peer] !== ESTABLISHED ||
    (marks & (SENDER_KNOWN | SENDER_ODD)) !== SENDER_KNOWN ||
    (columns.marks[peer] & (PEER_KNOWN | Mark.ZERO_WINDOW)) !== PEER_KNOWN ||
    segment.seq !== nxt ||
    gain < 0 ||
    distance(ack, columns.nxt[peer]) > 0 ||
    columns.hole[peer] !== 0 ||
    window === 0 ||
    !(checksumState === CHECKSUM_UNKNOWN || (checksumState === CHECKSUM_GOOD && (marks & GOOD_CHECKSUMS) === GOOD_CHECKSUMS)) ||
    !(segment.hasTimestamps ? ticks >= -TICK_TOLERANCE : (marks & Mark.TIMESTAMPS) === 0) ||
    time - columns.lastSeen[sender] >= IDLE_NANOSECONDS ||
    segment.sackCount > 0 ||
    segment.urgentPointer !== 0 ||
    segment.optionsMalformed
  ) {
    return false;
  }

  if (length === 0) {
    if (gain === 0 || (flags & PSH) !== 0 || (columns.letters[sender] & (1 << LETTER_ACK)) === 0) return false;
  } else {
    if ((marks & Mark.DATA) === 0 || ((marks & Mark.FULL_SIZE) === 0 && isFullSize(columns, length, sender)) || columns.contiguous[sender] !== nxt) return false;
    const bytes = columns.bytes[sender] + length;
    columns.bytes[sender] = bytes;
    columns.lastData[sender] = time;
    columns.nxt[sender] = (nxt + length) | 0;
    columns.contiguous[sender] = (nxt + length) | 0;
    if (Payloads.isKept(length, bytes)) context.payloads.keep(segment, sender, columns.number[flowOf(sender)]);
  }
  columns.packets[sender] += 1;
  columns.lastSeen[sender] = time;
  if (segment.hasTimestamps && ticks > 0) columns.tsval[sender] = segment.tsval;
  columns.lastAck[sender] = ack;
  if (gain > 0) {
    columns.una[peer] = ack;
    columns.duplicateAcks[sender] = 0;
  }
  const scaled = (marks & Mark.SCALE) !== 0 ? window << columns.scale[sender] : window;
  columns.lastWindow[sender] = window;
  if (scaled > columns.largestWindow[sender]) columns.largestWindow[sender] = scaled;
  const edge = (ack + scaled) | 0;
  if (distance(edge, columns.edge[sender]) > 0) columns.edge[sender] = edge;
  return true;
}
