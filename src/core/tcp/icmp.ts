import { FlowMark, Mark } from '../flow/columns.ts';
import { endOf, peerOf } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';
import { CLOSED, SYN_RECEIVED, SYN_SENT } from './state.ts';

const UNREACHABLE = 3;
const TIME_EXCEEDED = 11;
const UNREACHABLE_V6 = 1;
const TIME_EXCEEDED_V6 = 3;
/** "Fragmentation needed" is a path MTU report, not a failure. */
const FRAGMENTATION_NEEDED = 4;

/**
 * An ICMP error that quotes a segment of a known flow. In SYN_SENT it ends the attempt, whatever its code (Linux does so;
 * RFC 1122 §4.2.3.9 and RFC 5927 §4 leave soft errors to the implementation); later it is only noted.
 */
export function receiveIcmpError(context: TcpContext, segment: Segment): void {
  const { columns, table } = context;
  const flow = table.find(segment);
  if (flow < 0) return;
  const end = endOf(flow, table.senderSide(flow));
  const { icmpType: type, icmpCode: code } = segment;
  context.observe(Kind.ICMP_ERROR, end, segment.number, segment.time, type * 256 + code, segment.ipVersion);
  const failure =
    segment.ipVersion === 6
      ? type === UNREACHABLE_V6 || type === TIME_EXCEEDED_V6
      : (type === UNREACHABLE && code !== FRAGMENTATION_NEEDED) || type === TIME_EXCEEDED;
  if (!failure || columns.state[end] !== SYN_SENT || (columns.marks[end] & Mark.ISS) === 0 || columns.iss[end] !== segment.seq) return;
  columns.flowMarks[flow] |= FlowMark.REJECTED;
  // The SYN had not arrived.
  if (context.estimates.takeBack(peerOf(end), segment.number)) context.estimates.exclude(peerOf(end), 1 << SYN_RECEIVED, segment.number);
  context.estimates.presume(end, CLOSED, segment.time, segment.number);
}
