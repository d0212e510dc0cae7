import { FlowMark, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { SynOption, synOptionsOf } from '../flow/syn-options.ts';
import { HEADER_ODDITIES, Kind, STRIPPED } from '../observations.ts';
import { ACK, FIN, RST, type Segment, SYN, URG } from '../wire/segment.ts';
import { hasOverwrittenOptions } from '../wire/tcp-options.ts';
import type { TcpContext } from './context.ts';
import { LARGEST_SHIFT } from './opening.ts';

/** The three bits above the flags, without a meaning (RFC 9293 §3.1; the nine others are FIN … AE). */
export const RESERVED = 0xe00;
/** Less than the 536 bytes that every host takes (RFC 9293 §3.7.1) by far; some stacks of tiny devices announce 216 and more. */
const LEAST_MSS = 216;

type Oddity = (typeof HEADER_ODDITIES)[number];

function odd(context: TcpContext, segment: Segment, sender: number, oddity: Oddity, value: number): void {
  context.observe(Kind.ODD_HEADER, sender, segment.number, segment.time, HEADER_ODDITIES.indexOf(oddity), value);
}

/** What is odd in a flow's first segment. */
export function observePorts(context: TcpContext, segment: Segment, sender: number): void {
  if (segment.sourcePort === 0 || segment.destinationPort === 0) odd(context, segment, sender, 'port_zero', segment.flags);
}

/** A segment with URG, an urgent pointer or reserved bits (RFC 9293 §3.1, §3.8.5, RFC 6093). */
export function observeUrgent(context: TcpContext, segment: Segment, sender: number): void {
  const { flags, urgentPointer, payloadLength } = segment;
  if ((flags & RESERVED) !== 0) odd(context, segment, sender, 'reserved_bits', flags);
  if ((flags & URG) === 0) {
    if (urgentPointer !== 0) odd(context, segment, sender, 'urgent_pointer_without_flag', urgentPointer);
    return;
  }
  if ((flags & (SYN | RST | ACK)) !== ACK) return;
  const taken = context.columns.largestWindow[peerOf(sender)];
  if (payloadLength === 0 || urgentPointer === 0) odd(context, segment, sender, 'urgent_without_data', urgentPointer);
  else if (taken > 0 && urgentPointer > payloadLength + taken) odd(context, segment, sender, 'urgent_beyond_window', urgentPointer);
}

/** What is odd in the options of a SYN or SYN-ACK (RFC 9293 §3.2, §3.7.1, RFC 7323 §2.3). */
export function observeOpening(context: TcpContext, segment: Segment, sender: number): void {
  if (segment.optionsMalformed) context.observe(Kind.MALFORMED_OPTIONS, sender, segment.number, segment.time);
  if (segment.mss >= 0 && segment.mss < LEAST_MSS) odd(context, segment, sender, 'tiny_mss', segment.mss);
  if (segment.windowScale > LARGEST_SHIFT) odd(context, segment, sender, 'window_scale_above_14', segment.windowScale);
  if (hasOverwrittenOptions(segment)) context.observe(Kind.OPTION_STRIPPED, sender, segment.number, segment.time, STRIPPED.indexOf('overwritten'));
  if (isMssMissing(segment)) context.observe(Kind.OPTION_STRIPPED, sender, segment.number, segment.time, STRIPPED.indexOf('mss_missing'));
}

/** A SYN without any option may be handmade; who offers more than an MSS offers that, too. */
function isMssMissing(segment: Segment): boolean {
  return segment.optionsComplete && !segment.optionsMalformed && segment.mss < 0 && optionsIn(segment) !== 0;
}

/** Data without timestamps on a connection that agreed on them. Bare ACKs are left alone: some stacks' probes have none. */
export function observeNoTimestamps(context: TcpContext, segment: Segment, sender: number): void {
  const { marks } = context.columns;
  if ((marks[sender] & marks[peerOf(sender)] & Mark.TIMESTAMPS) === 0 || !areOptionsKnown(context, segment, sender)) return;
  if (segment.payloadLength > 0 || (segment.flags & FIN) !== 0) odd(context, segment, sender, 'timestamps_missing', segment.payloadLength);
}

/** The first segment after an end's SYN: timestamps in it, when one end offered them and the other's SYN had none as captured. */
export function observeUnagreedTimestamps(context: TcpContext, segment: Segment, sender: number): void {
  const { marks } = context.columns;
  const offered = (marks[sender] ^ marks[peerOf(sender)]) & Mark.TIMESTAMPS;
  if (offered === 0 || !segment.hasTimestamps || !areOptionsKnown(context, segment, sender)) return;
  context.observe(Kind.OPTION_STRIPPED, sender, segment.number, segment.time, STRIPPED.indexOf('timestamps'));
}

/** SACK blocks, when one end permitted them and the other's SYN did not as captured. */
export function observeSack(context: TcpContext, segment: Segment, sender: number): void {
  const { marks } = context.columns;
  const permitted = (marks[sender] ^ marks[peerOf(sender)]) & Mark.SACK;
  if (permitted === 0 || !areOptionsKnown(context, segment, sender)) return;
  context.observe(Kind.OPTION_STRIPPED, sender, segment.number, segment.time, STRIPPED.indexOf('sack'));
}

/** How soon after a SYN (nanoseconds) the same one is another sight of it: stacks wait 200 ms and longer before they send it again. */
const SAME_NANOSECONDS = 50_000_000;

/**
 * True when a SYN or SYN-ACK that `sender` has just sent was captured once more with other options. That is no second sending: a capture
 * at two places shows it before and behind a device that changed them, and its receiver got the smaller MSS.
 */
export function observeRewritten(context: TcpContext, segment: Segment, sender: number): boolean {
  const { columns } = context;
  if (segment.time - columns.signalTime[sender] > SAME_NANOSECONDS || !segment.optionsComplete || segment.optionsMalformed) return false;
  const changed = synOptionsOf(columns, sender) ^ optionsIn(segment);
  const set = segment.mss > 0 && segment.mss !== columns.mss[sender] ? changed | SynOption.MSS : changed;
  if (set === 0) return false;
  columns.packets[sender]--;
  if (segment.mss > 0) columns.mss[sender] = Math.min(segment.mss, columns.mss[sender] || segment.mss);
  context.observe(Kind.OPTION_STRIPPED, sender, segment.number, segment.time, STRIPPED.indexOf('rewritten'), set);
  return true;
}

/** Options in a SYN-ACK that no SYN before it, as captured, had. */
export function observeUnoffered(context: TcpContext, segment: Segment, sender: number): void {
  if ((context.columns.flowMarks[flowOf(sender)] & FlowMark.OPTIONS_CUT) !== 0) return;
  const set = optionsIn(segment) & ~synOptionsOf(context.columns, peerOf(sender)) & ~SynOption.MSS;
  if (set !== 0) context.observe(Kind.OPTION_STRIPPED, sender, segment.number, segment.time, STRIPPED.indexOf('unoffered'), set);
}

function optionsIn({ mss, windowScale, sackPermitted, hasTimestamps }: Segment): number {
  return (mss > 0 ? SynOption.MSS : 0) | (windowScale >= 0 ? SynOption.WINDOW_SCALE : 0) | (sackPermitted ? SynOption.SACK : 0) | (hasTimestamps ? SynOption.TIMESTAMPS : 0);
}

/** Both SYNs, and this segment, were captured with all their options. */
function areOptionsKnown(context: TcpContext, segment: Segment, sender: number): boolean {
  const { marks } = context.columns;
  const both = marks[sender] & marks[peerOf(sender)];
  return segment.optionsComplete && (both & Mark.ISS) !== 0 && (both & Mark.SCALE) !== 0;
}
