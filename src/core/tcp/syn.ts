import { Mark } from '../flow/columns.ts';
import { peerOf } from '../flow/end.ts';
import { FastOpenStep, Kind } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import { LETTER_SYN, type TcpContext } from './context.ts';
import { hasOnlyAcknowledged } from './incarnation.ts';
import { observeOpening, observeRewritten } from './oddities.ts';
import { noteOpening, showDirection } from './opening.ts';
import { isLate } from './progress.ts';
import { CLOSED, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';
import { RCV_SYN, SND_SYN } from './states.ts';

/** A SYN without ACK, of a flow that is new or whose sender has not gone beyond SYN_SENT. */
export function receiveSyn(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  if ((columns.marks[sender] & Mark.ISS) !== 0 && columns.iss[sender] === segment.seq) {
    repeatSyn(context, segment, sender);
    return;
  }
  if (columns.state[peer] !== SYN_SENT && (columns.marks[peer] & Mark.ISS) === 0) showDirection(context, sender);
  const isSplit = hasOnlyAcknowledged(context, sender);
  noteOpening(context, segment, sender);
  observeOpening(context, segment, sender);
  context.history(sender, LETTER_SYN);
  context.observe(Kind.SYN, sender, segment.number, segment.time, segment.seq, segment.payloadLength);
  if (segment.payloadLength > 0) {
    context.observe(Kind.SYN_DATA, sender, segment.number, segment.time, segment.payloadLength, segment.fastOpenCookie);
    columns.bytes[sender] += segment.payloadLength;
    columns.lastData[sender] = segment.time;
    if (segment.fastOpenCookie > 0) columns.marks[sender] |= Mark.FAST_OPEN;
  } else if (segment.fastOpenCookie === 0) {
    context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, FastOpenStep.ASKED);
  }
  estimates.takeBack(sender, segment.number);
  estimates.sent(sender, SND_SYN);
  estimates.prove(sender, SYN_SENT, segment.time, segment.number);
  if (columns.state[peer] === SYN_SENT) {
    // Whether the SYNs, which cross, arrive shows in the answers.
    for (const end of [sender, peer]) estimates.admitReceipt(end, RCV_SYN, segment.time, segment.number);
    context.observe(Kind.SIMULTANEOUS_OPEN, sender, segment.number, segment.time, isSplit ? 1 : 0);
    return;
  }
  if (columns.state[peer] === TIME_WAIT) {
    estimates.admitReceipt(peer, RCV_SYN, segment.time, segment.number);
    return;
  }
  estimates.mayHaveReceived(peer, RCV_SYN);
  // A listener that got it holds a half-open connection, even where its answer goes another way (a spoofed source, one direction
  // captured); the SYN again, or a RST, says otherwise.
  const unseen = columns.state[peer] === UNSEEN;
  estimates.presume(peer, SYN_RECEIVED, segment.time, segment.number);
  // … unless it was its answer that was lost before the capture point.
  if (unseen) estimates.ifNot(peer, CLOSED, (1 << UNSEEN) | (1 << LISTEN) | (1 << CLOSED) | (1 << SYN_RECEIVED));
}

/** The same SYN again, or the first one captured late. */
function repeatSyn(context: TcpContext, segment: Segment, sender: number): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  if (isLate(columns, segment, sender)) return;
  if (columns.synCount[sender] === 0) {
    // Captured after the SYN-ACK by which it is known already: the first, not a repeat.
    columns.synCount[sender] = 1;
    context.history(sender, LETTER_SYN);
    context.observe(Kind.SYN, sender, segment.number, segment.time, segment.seq, segment.payloadLength);
    return;
  }
  if (observeRewritten(context, segment, sender)) return;
  const sinceLast = segment.time - columns.signalTime[sender];
  if (columns.synCount[sender] < 255) columns.synCount[sender]++;
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  if (segment.hasTimestamps) columns.tsval[sender] = segment.tsval;
  columns.retransmitted[sender]++;
  context.observe(Kind.SYN_REPEATED, sender, segment.number, segment.time, columns.synCount[sender], sinceLast);
  if ((columns.marks[sender] & Mark.FAST_OPEN) !== 0 && segment.payloadLength === 0) context.observe(Kind.FAST_OPEN, sender, segment.number, segment.time, FastOpenStep.DROPPED);
  // A real stack asks again because nothing came back: the first SYN reached no listener.
  if (columns.state[peer] === SYN_RECEIVED) estimates.takeBack(peer, segment.number);
  if (columns.state[peer] === SYN_SENT) estimates.admitReceipt(peer, RCV_SYN, segment.time, segment.number);
  // … and what came back (a RST, an ICMP error) did not arrive.
  if (columns.state[sender] === CLOSED) estimates.takeBack(sender, segment.number);
  if (columns.state[sender] === SYN_SENT) estimates.prove(sender, SYN_SENT, segment.time, segment.number);
}
