import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import { endOf, flowOf, sideOf, SIDES } from '../flow/end.ts';
import type { Segment } from '../wire/segment.ts';
import type { TcpContext } from './context.ts';

/** The largest shift of window scaling; a greater one counts as this (RFC 7323 §2.3). */
export const LARGEST_SHIFT = 14;

/** Notes what a SYN or SYN-ACK says of its sender: ISN, options (RFC 9293 §3.1, RFC 7323 §2.2). */
export function noteOpening(context: TcpContext, segment: Segment, sender: number): void {
  const { columns } = context;
  const next = (segment.seq + 1 + segment.payloadLength) | 0;
  columns.marks[sender] |= Mark.ISS | Mark.NXT;
  columns.iss[sender] = segment.seq;
  columns.nxt[sender] = next;
  columns.contiguous[sender] = next;
  noteOptions(columns, segment, sender);
  if (segment.hasTimestamps) columns.tsval[sender] = segment.tsval;
  columns.signalTime[sender] = segment.time;
  columns.signalPacket[sender] = segment.number;
  if (columns.synCount[sender] === 0) columns.openedTime[sender] = segment.time;
  if (columns.synCount[sender] < 255) columns.synCount[sender]++;
}

/** Notes the options of a SYN or SYN-ACK. */
export function noteOptions(columns: Columns, segment: Segment, sender: number): void {
  let marks = columns.marks[sender];
  if (segment.sackPermitted) marks |= Mark.SACK;
  if (segment.mss > 0) columns.mss[sender] = segment.mss;
  if (segment.hasTimestamps) marks |= Mark.TIMESTAMPS;
  if (segment.windowScale >= 0) {
    marks |= Mark.SCALE_OFFERED;
    columns.scale[sender] = Math.min(segment.windowScale, LARGEST_SHIFT);
  }
  columns.marks[sender] = marks;
  if (!segment.optionsComplete || segment.optionsMalformed) columns.flowMarks[flowOf(sender)] |= FlowMark.OPTIONS_CUT;
}

/** Window scaling holds when both SYNs were captured whole and both offered it; without the offers the shift is 0, surely. */
export function agreeOnScale({ columns }: TcpContext, flow: number): void {
  const both = columns.marks[endOf(flow, 0)] & columns.marks[endOf(flow, 1)];
  if ((both & Mark.ISS) === 0 || (columns.flowMarks[flow] & FlowMark.OPTIONS_CUT) !== 0) return;
  const scaled = (both & Mark.SCALE_OFFERED) !== 0;
  for (const side of SIDES) {
    const end = endOf(flow, side);
    columns.marks[end] |= Mark.SCALE;
    if (!scaled) columns.scale[end] = 0;
  }
}

/** The handshake shows that `client` opened the connection. */
export function showDirection(context: TcpContext, client: number): void {
  const { columns } = context;
  const flow = flowOf(client);
  if ((columns.flowMarks[flow] & FlowMark.DIRECTION_SEEN) !== 0) return;
  let marks = columns.flowMarks[flow] | FlowMark.DIRECTION_SEEN;
  if (sideOf(client) === 1) marks |= FlowMark.CLIENT_IS_SIDE_1;
  else marks &= ~FlowMark.CLIENT_IS_SIDE_1;
  columns.flowMarks[flow] = marks;
}
