import type { Segment } from './segment.ts';
import { after, isSyn, isSynAck, isText, precedes, type View } from './view.ts';

/** A segment this soon after its sender's RST was under way before it (nanoseconds). */
const UNDER_WAY = 2e6;
/** Where the handshake was not captured (nanoseconds). */
const ASSUMED_ROUND_TRIP = 200e6;

/**
 * The RST that closed an end: one that it sent itself, or one that it must accept (RFC 9293 §3.10.7.3, RFC 5961 §3). An end that goes on
 * afterwards shows that this one did not.
 */
export function closingReset(view: View, peer: View): Segment | undefined {
  const resets = view.all.filter((segment) => segment.rst && mustAccept(segment.from === view.end ? peer : view, segment));
  return resets.find((reset) => !goesOnAfter(view, reset));
}

function goesOnAfter(view: View, reset: Segment): boolean {
  const grace = UNDER_WAY + (reset.from === view.end ? 0 : 2 * roundTrip(view.all));
  return view.own.some(
    (segment) => !segment.rst && precedes(reset, segment) && !view.isLate(segment) && (segment.syn || segment.time - reset.time > grace),
  );
}

/** Round trip of the handshake as the capture point saw it. */
function roundTrip(all: readonly Segment[]): number {
  const synAck = all.find(isSynAck);
  if (synAck === undefined) return ASSUMED_ROUND_TRIP;
  const syn = all.filter((segment) => isSyn(segment) && segment.from === synAck.to && precedes(segment, synAck)).at(-1);
  const ack = all.find((segment) => isText(segment) && segment.from === synAck.to);
  return syn === undefined || ack === undefined ? ASSUMED_ROUND_TRIP : ack.time - syn.time;
}

/** Must the receiver accept a RST, by what was captured before it? */
function mustAccept(receiver: View, reset: Segment): boolean {
  const sent = receiver.others.filter((segment) => precedes(segment, reset) && !segment.rst);
  const own = receiver.own.filter((segment) => precedes(segment, reset));
  const syn = own.find((segment) => segment.syn);
  // In SYN_SENT it must acknowledge the SYN, else stand where the next segment would.
  if (sent.length === 0) return syn === undefined || (reset.acknowledges && reset.ack === after(syn));
  const acknowledged = Math.max(sent[0].seq, ...own.filter(isText).map(({ ack }) => ack));
  return reset.seq >= acknowledged && reset.seq <= Math.max(...sent.map(after));
}
