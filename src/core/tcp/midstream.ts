import { FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { CLOSE_WAIT, CLOSING, ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, TIME_WAIT, UNSEEN } from './state.ts';
import { SND_ACK, SND_DATA } from './states.ts';

/** What an end may be in, instead of ESTABLISHED, where a FIN lies before the capture. */
export const UNSEEN_CLOSE = (1 << CLOSE_WAIT) | (1 << FIN_WAIT_2) | (1 << TIME_WAIT);
/** What it can be in only if it has received its peer's FIN, or sent its own; and UNSEEN, which may be any of them. */
const AFTER_PEER_FIN = (1 << CLOSE_WAIT) | (1 << CLOSING) | (1 << LAST_ACK) | (1 << TIME_WAIT) | (1 << UNSEEN);
const AFTER_OWN_FIN = (1 << FIN_WAIT_1) | (1 << FIN_WAIT_2) | (1 << CLOSING) | (1 << LAST_ACK) | (1 << TIME_WAIT) | (1 << UNSEEN);

/** First segment of an end of which no handshake was seen. `closes`: it has a FIN, or acknowledges one, which shows more. */
export function meetMidstream(context: TcpContext, segment: Segment, sender: number, closes: boolean): void {
  const { columns, estimates } = context;
  const peer = peerOf(sender);
  columns.marks[sender] |= Mark.SYNCHRONIZED;
  if (!closes) {
    estimates.sent(sender, segment.payloadLength > 0 ? SND_DATA : SND_ACK);
    estimates.settle(sender, ESTABLISHED, segment.time, segment.number);
  }
  if (columns.state[peer] === UNSEEN) {
    // What the sender acknowledges was sent by somebody: its peer is synchronized, too, in some state.
    columns.possible[peer] = (1 << ESTABLISHED) | (1 << CLOSE_WAIT) | (1 << FIN_WAIT_2) | (1 << UNSEEN);
    estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
  }
}

/**
 * In midstream `sender` sends data, or its FIN, for the first time in sight: it has sent no FIN before, so its peer has received none. Data
 * that are sent again prove that as well: an end that lacks them waits with the FIN (RFC 9293 §3.10.7.4).
 */
export function excludeUnseenFin(context: TcpContext, sender: number, packet: number): void {
  const { flowMarks, marks, state } = context.columns;
  const peer = peerOf(sender);
  if ((flowMarks[flowOf(sender)] & FlowMark.MIDSTREAM) === 0 || (marks[sender] & Mark.FIN) !== 0) return;
  if ((AFTER_OWN_FIN & (1 << state[sender])) === 0) context.estimates.exclude(sender, AFTER_OWN_FIN, packet);
  if ((AFTER_PEER_FIN & (1 << state[peer])) === 0) context.estimates.exclude(peer, AFTER_PEER_FIN, packet);
}

/** May the peer's FIN lie before the capture? Not if the peer was seen to open, or to send data. */
export function mayAnswerUnseenFin(context: TcpContext, sender: number): boolean {
  const midstream = (context.columns.flowMarks[flowOf(sender)] & FlowMark.MIDSTREAM) !== 0;
  return midstream && (context.columns.marks[peerOf(sender)] & (Mark.FIN | Mark.DATA | Mark.SYN_ACK | Mark.ISS)) === 0;
}
