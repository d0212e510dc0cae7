import { FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import { ACK, FIN, type Segment, SYN } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { distance, UNSCALED_WINDOW } from './sequence.ts';
import { ESTABLISHED, isOver, SYN_SENT } from './state.ts';
import { RCV_ACK_OF_SYN } from './states.ts';

/**
 * A segment with ACK and without SYN from an end in SYN_SENT: the third segment of the handshake, or what follows it if that was
 * not captured. False when it acknowledges something else than the peer's SYN, and so proves nothing.
 */
export function completeHandshake(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  const flow = flowOf(sender);
  if ((columns.marks[peer] & Mark.SYN_ACK) === 0) {
    if (columns.packets[peer] > 0) return columns.state[peer] !== SYN_SENT && !isOver(columns.state[peer]);
    columns.marks[peer] |= Mark.ISS | Mark.SYN_ACK;
    columns.iss[peer] = (segment.ack - 1) | 0;
  } else {
    const beyond = distance(segment.ack, (columns.iss[peer] + 1) | 0);
    // A FIN closes a connection whose data, of either end, were not captured; its own end may have sent none.
    const isLaterFin = (segment.flags & FIN) !== 0 && distance(segment.seq, columns.nxt[sender]) >= 0;
    const unseen = distance(segment.ack, columns.nxt[peer]) > 0 && !isLaterFin;
    if (beyond < 0 || (unseen && segment.payloadLength === 0 && !isPlausible(context, peer, beyond) && !echoesLater(context, segment, peer))) {
      context.observe(Kind.BAD_THIRD_SEGMENT, sender, segment.number, segment.time, segment.ack, (columns.iss[peer] + 1) | 0);
      columns.lastAck[sender] = segment.ack;
      return false;
    }
    if (columns.ackDelay[flow] < 0) noteHandshake(context, sender, segment.number, segment.time, segment.time - columns.signalTime[peer]);
  }
  columns.marks[sender] |= Mark.SYNCHRONIZED;
  context.estimates.prove(sender, ESTABLISHED, answeredSynAckTime(context, segment, sender), segment.number);
  return true;
}

/** The three-way handshake is complete: `client` sent its ACK `delay` nanoseconds after the SYN-ACK. */
export function noteHandshake(context: TcpContext, client: number, packet: number, time: number, delay: number): void {
  const { ackDelay, flowMarks, synAckDelay } = context.columns;
  const flow = flowOf(client);
  ackDelay[flow] = delay;
  flowMarks[flow] |= FlowMark.HANDSHAKE;
  context.observe(Kind.HANDSHAKE_COMPLETED, client, packet, time, delay, synAckDelay[flow]);
}

/** An end in SYN_SENT asks again after this long (nanoseconds; RFC 6298 §2.1). */
const SYN_TIMEOUT = 1_000_000_000;

/**
 * When the end that sends `segment` came to be established. Where the SYN-ACK went out more than once, an echo of an earlier one
 * shows that the end had received that, and that its ACK was lost before the capture point; an echo of the last, that it had none before.
 * Where nothing is echoed, that it never sent its SYN again shows the former.
 */
function answeredSynAckTime(context: TcpContext, segment: Segment, sender: number): number {
  const { columns } = context;
  const peer = peerOf(sender);
  const answered = Math.max(columns.openedTime[peer], columns.signalTime[sender], columns.since[sender]);
  // It goes on beyond what it must have sent first, which was lost before the capture point.
  if (columns.synCount[peer] === 1 && distance(segment.seq, columns.nxt[sender]) > 0) return Math.min(answered, segment.time);
  const echoes = columns.synCount[peer] > 1 && segment.hasTimestamps && (columns.marks[peer] & Mark.TIMESTAMPS) !== 0;
  const hasOnlyAnswered = columns.packets[peer] === columns.synCount[peer] || segment.ack === ((columns.iss[peer] + 1) | 0);
  if (echoes && hasOnlyAnswered && segment.tsecr === columns.tsval[peer]) return segment.time;
  if (columns.synCount[sender] === 1 && columns.synCount[peer] > 0 && segment.time - columns.openedTime[sender] > SYN_TIMEOUT) {
    return Math.min(answered, segment.time);
  }
  return echoes && segment.tsecr !== columns.tsval[peer] ? answered : segment.time;
}

/** Could the capture have missed `beyond` bytes that the peer sent right after its SYN-ACK? Not more than the client's window. */
function isPlausible(context: TcpContext, peer: number, beyond: number): boolean {
  const client = peerOf(peer);
  return (context.columns.marks[client] & Mark.EDGE) !== 0 ? beyond <= context.columns.largestWindow[client] && context.columns.packets[peer] > 1 : beyond <= UNSCALED_WINDOW;
}

/** Does `segment` echo a later timestamp than all that were captured of the peer? Then its sender has received something that the capture missed. */
function echoesLater({ columns }: TcpContext, segment: Segment, peer: number): boolean {
  return segment.hasTimestamps && (columns.marks[peer] & Mark.TIMESTAMPS) !== 0 && distance(segment.tsecr, columns.tsval[peer]) > 0;
}

/** An ACK reached, probably, an end in SYN_RECEIVED. `sender` sent the ACK. */
export function passAckOfSyn(context: TcpContext, segment: Segment, sender: number): void {
  context.estimates.mayHaveReceived(peerOf(sender), RCV_ACK_OF_SYN);
  context.estimates.presume(peerOf(sender), ESTABLISHED, segment.time, segment.number);
}

/** The end in SYN_RECEIVED has sent `segment`: does that show that it has left it? */
export function leavesSynReceived(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  const peer = peerOf(sender);
  if ((columns.marks[peer] & Mark.SYNCHRONIZED) === 0 && (columns.marks[peer] & Mark.FAST_OPEN) !== 0) return false;
  if (segment.payloadLength > 0 || (segment.flags & (SYN | ACK)) !== ACK) return true;
  // A pure ACK of nothing but the SYN may be a challenge ACK; of data it shows that the handshake is over.
  const acknowledgesData = distance(segment.ack, columns.iss[peer]) > 1;
  return acknowledgesData && (columns.marks[peer] & Mark.FAST_OPEN) === 0;
}
