import { FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Challenge, Kind } from '../observations.ts';
import { FIN, PSH, type Segment, URG } from '../wire/segment.ts';
import { answerChallenge, challenge } from './challenge.ts';
import { LETTER_ACK, type TcpContext } from './context.ts';
import { isOfFormer, receiveLate } from './former.ts';
import { observeNoTimestamps, observeSack, observeUrgent, RESERVED } from './oddities.ts';
import { advance, Progress, TICK_TOLERANCE } from './progress.ts';
import { distance } from './sequence.ts';
import { Acknowledged, acknowledge, offer, weighDoubt } from './window.ts';

/** Follows the numbers of a segment with ACK and without SYN and RST: those of both ends, the window and the timestamps. Says what it acknowledges. */
export function exchange(context: TcpContext, segment: Segment, sender: number): Acknowledged {
  const { columns } = context;
  const marks = columns.marks[sender];
  if ((marks & Mark.CHALLENGED) !== 0) answerChallenge(context, segment, sender);
  if ((marks & Mark.DOUBT) !== 0) weighDoubt(context, segment, sender);
  const progress = advance(context, segment, sender);
  if (progress === Progress.FAR) {
    if ((columns.flowMarks[flowOf(sender)] & FlowMark.FORMER) !== 0 && isOfFormer(context, segment, sender)) {
      receiveLate(context, segment, sender);
      return Acknowledged.TOO_OLD;
    }
    challenge(context, peerOf(sender), Challenge.OUT_OF_WINDOW);
    context.observe(Kind.OUT_OF_WINDOW, sender, segment.number, segment.time, distance(segment.seq, columns.nxt[sender]));
    return Acknowledged.TOO_OLD;
  }
  if (progress === Progress.KEEP_ALIVE || isWindowProbe(context, segment, sender)) probe(context, segment, sender);
  const acknowledged = acknowledge(context, segment, sender);
  offer(context, segment, sender);
  if ((marks & Mark.CHALLENGED) !== 0) columns.probes[peerOf(sender)] = 0;
  if (segment.hasTimestamps) {
    const ticks = distance(segment.tsval, columns.tsval[sender]);
    if (ticks > 0) columns.tsval[sender] = segment.tsval;
    else if (ticks < -TICK_TOLERANCE && progress === Progress.NEW) timestampBack(context, segment, sender, -ticks);
  } else if ((marks & Mark.TIMESTAMPS) !== 0) observeNoTimestamps(context, segment, sender);
  if (segment.sackCount > 0) observeSack(context, segment, sender);
  if (((segment.flags & (URG | RESERVED)) | segment.urgentPointer) !== 0) observeUrgent(context, segment, sender);
  if (segment.payloadLength === 0) {
    // Zeek gives a FIN one letter, whatever it acknowledges.
    if ((segment.flags & FIN) === 0) context.history(sender, LETTER_ACK);
    if ((segment.flags & PSH) !== 0) context.observe(Kind.PSH_WITHOUT_DATA, sender, segment.number, segment.time);
  }
  if (segment.optionsMalformed) context.observe(Kind.MALFORMED_OPTIONS, sender, segment.number, segment.time);
  return acknowledged;
}

/** A segment that goes on in sequence, but back in time (RFC 7323 §5.3). */
function timestampBack(context: TcpContext, segment: Segment, sender: number, ticks: number): void {
  if (segment.payloadLength === 0 || (context.columns.marks[sender] & Mark.TIMESTAMPS) === 0) return;
  context.observe(Kind.TIMESTAMP_BACK, sender, segment.number, segment.time, ticks);
}

/** A new byte for a window of zero (RFC 9293 §3.8.6.1). */
function isWindowProbe(context: TcpContext, segment: Segment, sender: number): boolean {
  return segment.payloadLength === 1 && (context.columns.marks[peerOf(sender)] & Mark.ZERO_WINDOW) !== 0;
}

/** A keep-alive, or the probe of a zero window (Linux probes with nothing at SND.UNA − 1; RFC 9293 §3.8.4, §3.8.6.1). */
function probe(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  if (columns.probes[sender] < 255) columns.probes[sender]++;
  challenge(context, peerOf(sender), Challenge.PROBE);
  const kind = (columns.marks[peerOf(sender)] & Mark.ZERO_WINDOW) === 0 ? Kind.KEEP_ALIVE : Kind.WINDOW_PROBE;
  context.observe(kind, sender, segment.number, segment.time, columns.probes[sender]);
}
