import { lastRepeatedSynAck } from './opening.ts';
import type { Segment } from './segment.ts';
import { after, precedes, type View } from './view.ts';

/** When the other FIN, and all before it, had arrived at an end. */
export function finReceipt(view: View): number | null {
  const { fin, otherFin, receiptOfFin: receipt } = view;
  if (otherFin === undefined) return null;
  if (receipt === undefined && isByteMissing(view.others, otherFin)) return null;
  const arrivals = arrivalsOfFin(view, otherFin);
  const echo = receipt?.echo ?? null;
  const echoed = arrivals.filter(({ stamp }) => stamp === null || echo === null || stamp <= echo);
  const time = (echoed.at(-1) ?? arrivals[0])?.time ?? null;
  // FINs that do not acknowledge each other show that both were under way.
  const crossed = fin !== undefined && fin.ack < after(otherFin) && otherFin.ack < after(fin) && (receipt === undefined || precedes(fin, receipt));
  return crossed ? Math.max(fin.time, time ?? otherFin.time) : time;
}

/** When the acknowledgment of an end's FIN had arrived: unless the FIN, or data before it, is sent again after it. */
export function finAcknowledgment(view: View): number | null {
  const { fin } = view;
  if (fin === undefined) return null;
  const last = lastSendingBeforeFin(view, fin);
  return view.acknowledgmentsOf(fin).find((ack) => precedes(last, ack))?.time ?? null;
}

/** Does every sending of the other FIN that an end may have received acknowledge its own FIN as well? */
export function finBringsAcknowledgment({ fin, others, receiptOfFin: receipt }: View): boolean {
  if (fin === undefined) return false;
  const sendings = others.filter((other) => other.fin && (receipt === undefined || precedes(other, receipt)));
  return sendings.every((sending) => sending.ack >= after(fin));
}

/**
 * The segments that may have completed what was sent up to the other FIN: the FIN, and what was missing before it and came later.
 * Nothing has arrived of what was sent before the end itself sent something again, for want of an answer.
 */
function arrivalsOfFin(view: View, otherFin: Segment): Segment[] {
  const { fin, receiptOfFin: receipt } = view;
  const completing = view.others.filter((other) => other === otherFin || (precedes(otherFin, other) && (other.fin || other.length > 0)));
  if (receipt !== undefined) return completing.filter((other) => precedes(other, receipt));
  const open = lastRepeatedSynAck(view);
  const last = fin === undefined ? undefined : lastSendingBeforeFin(view, fin);
  return completing.filter(
    (other) => (open === undefined || precedes(open, other)) && (fin === undefined || other.ack < after(fin) || precedes(last!, other)),
  );
}

/** The last segment by which an end sent its FIN, or data before it. */
function lastSendingBeforeFin({ own }: View, fin: Segment): Segment {
  return own.filter((segment) => segment === fin || (precedes(fin, segment) && (segment.fin || segment.length > 0))).at(-1)!;
}

/** Is a byte before the FIN missing in the capture? A FIN waits at its receiver until all before it is there (RFC 9293 §3.10.7.4). */
function isByteMissing(sent: readonly Segment[], fin: Segment): boolean {
  let next = Math.min(...sent.filter(({ rst }) => !rst).map(({ seq }) => seq));
  for (;;) {
    const following = sent.filter((segment) => !segment.rst && segment.seq <= next && after(segment) > next);
    if (following.length === 0) return next < after(fin);
    next = Math.max(...following.map(after));
  }
}
