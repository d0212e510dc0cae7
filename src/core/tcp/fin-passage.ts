import { type Columns, Mark } from '../flow/columns.ts';
import { peerOf } from '../flow/end.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { TICK_TOLERANCE } from './progress.ts';
import { distance } from './sequence.ts';
import { CLOSE_WAIT, CLOSED, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, SYN_RECEIVED, TIME_WAIT, UNSEEN } from './state.ts';
import { RCV_ACK_OF_FIN, RCV_FIN, RCV_FIN_ACK_OF_FIN } from './states.ts';

/** Does `ack` acknowledge the FIN of `end`? */
export function coversFin(context: TcpContext, end: number, ack: number): boolean {
  return (context.columns.marks[end] & Mark.FIN) !== 0 && distance(ack, context.columns.fin[end]) >= 0;
}

/** The FIN of `sender` reaches its peer, once every byte before it has. */
export function passFin(context: TcpContext, segment: Segment, sender: number, acknowledgesFin: boolean): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  // A FIN waits at the receiver for the hole before it to be filled (RFC 9293 §3.10.7.4).
  if (columns.hole[sender] !== 0 && distance(columns.contiguous[sender], columns.fin[sender]) < 0) return;
  estimates.mayHaveReceived(peer, acknowledgesFin ? RCV_FIN_ACK_OF_FIN : RCV_FIN);
  const next = afterFin(columns.state[peer], acknowledgesFin);
  if (next >= 0) estimates.presume(peer, next, segment.time, segment.number);
}

/** The state that a FIN leads to, -1 where it changes nothing. */
function afterFin(state: number, acknowledgesFin: boolean): number {
  switch (state) {
    case UNSEEN:
    case SYN_RECEIVED:
    case ESTABLISHED:
      return CLOSE_WAIT;
    case FIN_WAIT_1:
      return acknowledgesFin ? TIME_WAIT : CLOSING;
    case FIN_WAIT_2:
      return TIME_WAIT;
    case CLOSING:
      return acknowledgesFin ? TIME_WAIT : -1;
    default:
      return -1;
  }
}

/**
 * Is a FIN, which follows all that its sender has sent, stamped before something that stood ahead of it (RFC 7323 §5.3)? TS.Recent of its
 * receiver is later then, and it is refused.
 */
export function failsPaws(columns: Columns, segment: Segment, sender: number): boolean {
  const agreed = (columns.marks[sender] & columns.marks[peerOf(sender)] & Mark.TIMESTAMPS) !== 0;
  return agreed && segment.hasTimestamps && columns.hole[sender] === 0 && distance(segment.tsval, columns.tsval[sender]) < -TICK_TOLERANCE;
}

/** The acknowledgment of the peer's FIN, captured or not, passes at `time` and reaches the peer, probably. */
export function passAckOfFin(context: TcpContext, segment: Segment, sender: number, time = segment.time): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  estimates.mayHaveReceived(peer, RCV_ACK_OF_FIN);
  const state = columns.state[peer];
  const next = state === FIN_WAIT_1 ? FIN_WAIT_2 : state === CLOSING ? TIME_WAIT : state === LAST_ACK ? CLOSED : -1;
  if (next >= 0) estimates.presume(peer, next, time, segment.number);
}
