import { lastRepeatedSynAck } from './opening.ts';
import type { Segment } from './segment.ts';
import { after, isText, precedes, type View } from './view.ts';

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

/** When an end sent its FIN, after what it closes upon: before whatever stands beyond it, where its first sending was lost before the capture point. */
export function finSending({ own }: View, fin: Segment, answered: number | null): number {
  const beyond = own.find((segment) => isText(segment) && segment.seq >= after(fin));
  return beyond === undefined || precedes(fin, beyond) ? fin.time : Math.max(beyond.time, answered ?? 0);
}

/**
 * Did the end send a FIN that was lost before the capture point, ahead of its receipt of the other? Then it stood beyond that FIN when it acknowledged
 * the other for the first time. Perhaps, if it had been sent more meanwhile: it may have answered the other FIN, and sent this acknowledgment again.
 */
export function crossedUnseen(view: View): 'no' | 'perhaps' | 'yes' {
  const { fin, own, others, otherFin, receiptOfFin: receipt } = view;
  if (otherFin === undefined || receipt === undefined || (fin !== undefined && (fin.ack < after(otherFin) || view.isLate(fin)))) return 'no';
  const end = fin === undefined ? Math.max(...own.map(after)) : after(fin);
  const beyond = own.find((segment) => isText(segment) && segment !== fin && segment.seq >= end && (fin === undefined || precedes(segment, fin)));
  if (beyond === undefined || own.some((segment) => segment !== fin && segment.seq < end && after(segment) >= end)) return 'no';
  if (beyond !== receipt) return precedes(beyond, receipt) ? 'yes' : 'no';
  return others.some((other) => precedes(otherFin, other) && precedes(other, receipt)) ? 'perhaps' : 'yes';
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

/** Has the other end sent its FIN, or data before it, again once all of that had passed? */
export function isFinRepeated({ others, otherFin }: View): boolean {
  if (otherFin === undefined) return false;
  const sentAfter = others.filter((other) => precedes(otherFin, other) && (other.fin || other.length > 0));
  return sentAfter.some((again) => !isByteMissing(others.filter((other) => precedes(other, again)), otherFin));
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
