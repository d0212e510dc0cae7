import { Mark } from '../flow/columns.ts';
import { Kind } from '../observations.ts';
import { ACK, FIN, RST, type Segment, SYN } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { distance } from './sequence.ts';
import { CLOSED, CLOSING, ESTABLISHED, FIN_WAIT_1, SYN_RECEIVED, SYN_SENT, TIME_WAIT } from './state.ts';

/**
 * A segment of a connection of a socket with itself: source and destination are the same, and one end is both sender and
 * receiver. It opens and closes simultaneously with itself (RFC 9293 §3.5 Figure 7, §3.6 Figure 13).
 */
export function receiveOwn(context: TcpContext, segment: Segment, end: number): void {
  const { columns, estimates } = context;
  const { flags, number, time } = segment;
  if (segment.payloadLength > 0) {
    columns.bytes[end] += segment.payloadLength;
    columns.lastData[end] = time;
  }
  if ((flags & RST) !== 0) {
    estimates.prove(end, CLOSED, time, number);
    return;
  }
  if ((flags & SYN) !== 0) {
    if ((columns.marks[end] & Mark.ISS) === 0) context.observe(Kind.SELF_CONNECT, end, number, time);
    columns.marks[end] |= Mark.ISS;
    columns.iss[end] = segment.seq;
    estimates.prove(end, (flags & ACK) !== 0 ? SYN_RECEIVED : SYN_SENT, time, number);
    return;
  }
  if ((columns.marks[end] & Mark.FIN) === 0) estimates.prove(end, ESTABLISHED, columns.state[end] === ESTABLISHED ? columns.since[end] : time, number);
  if ((flags & FIN) !== 0) {
    columns.marks[end] |= Mark.FIN | Mark.FIN_CAPTURED;
    columns.fin[end] = (segment.seq + segment.payloadLength + 1) | 0;
    estimates.prove(end, FIN_WAIT_1, time, number);
    estimates.presume(end, CLOSING, time, number);
  } else if ((columns.marks[end] & Mark.FIN) !== 0 && distance(segment.ack, columns.fin[end]) >= 0) {
    columns.marks[end] |= Mark.FIN_ACKED;
    estimates.prove(end, TIME_WAIT, time, number);
  }
}
