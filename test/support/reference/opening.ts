import type { StateName } from '../../../src/core/index.ts';
import { after, isSyn, isSynAck, isText, precedes, type View } from './view.ts';
import type { Segment } from './segment.ts';

/** An end in SYN_SENT asks again after this long (nanoseconds). */
const FIRST_TIMEOUT = 1e9;

/** When the SYN sent to an end arrived. One that was sent again reached nobody, unless a SYN-ACK answers it: then the one that this echoes, else the last before it. */
export function synReceipt({ syn, synAck, own, others }: View): number | null {
  const syns = others.filter(isSyn);
  if (synAck === undefined) return syns.length === 1 && syn === undefined && !own.some(({ rst }) => rst) ? syns[0].time : null;
  // In a simultaneous open the SYN-ACK is itself the first sign.
  if (syn !== undefined && precedes(syn, synAck)) return synAck.time;
  const earlier = syns.filter((each) => precedes(each, synAck));
  return (earlier.find(({ stamp }) => stamp !== null && stamp === synAck.echo) ?? earlier.at(-1) ?? synAck).time;
}

/** Since when an end is known to have no socket for the SYN that was sent to it. */
export function synRefusal({ syn, synAck, own, others }: View): number | null {
  const syns = others.filter(isSyn);
  if (syn !== undefined || synAck !== undefined || syns.length === 0) return null;
  return syns.length > 1 || own.some(({ rst }) => rst) ? syns[0].time : null;
}

/**
 * What an end in SYN_SENT may be in by what was sent to it: a SYN that crosses its own; or a SYN-ACK which, as it comes again, was not answered,
 * or the answer was lost before the capture point. Until it asks again: then it had nothing.
 */
export function unanswered(view: View): StateName[] {
  const again = view.own.filter((segment) => isSyn(segment) && segment !== view.syn && !view.isLate(segment)).at(-1);
  const arrived = view.others.filter((other) => again === undefined || precedes(again, other));
  return [...(arrived.some(isSyn) ? (['SYN_RECEIVED'] as const) : []), ...(arrived.some(isSynAck) && view.others.filter(isSynAck).length > 1 ? (['ESTABLISHED'] as const) : [])];
}

/** When an end's SYN was acknowledged, as far as it shows, or what was sent to it makes likely. */
export function synAcknowledgment(view: View): number | null {
  return view.synAck === undefined ? afterSynSent(view) : afterSynReceived(view, view.synAck);
}

/** An end in SYN_SENT answers a SYN-ACK at once: one that has not answered has not got it. */
function afterSynSent({ own, others }: View): number | null {
  const shown = own.find(isText);
  if (shown === undefined) return null;
  const answers = others.filter((other) => isSynAck(other) && precedes(other, shown));
  const echoed = answers.find(({ stamp }) => stamp !== null && stamp === shown.echo);
  // A whole timeout after its only SYN it would have asked again: the answer to the first was lost before the capture point.
  const syns = own.filter((segment) => isSyn(segment) && precedes(segment, shown));
  if (syns.length === 1 && answers.length > 0 && shown.time - syns[0].time > FIRST_TIMEOUT) return answers[0].time;
  // The echo of an earlier one than the last: the answer to that was lost before the capture point.
  return echoed !== undefined && echoed.stamp !== answers.at(-1)!.stamp ? echoed.time : shown.time;
}

/** The ACK has probably reached an end in SYN_RECEIVED, unless its SYN-ACK comes again. */
function afterSynReceived(view: View, synAck: Segment): number | null {
  const shown = view.own.find((segment) => leavesSynReceived(view, segment));
  if (shown !== undefined && precedes(shown, synAck)) return shown.time;
  const again = lastRepeatedSynAck(view);
  const last = again !== undefined && (shown === undefined || precedes(again, shown)) ? again : synAck;
  const acks = view.acknowledgmentsOf(synAck).filter((ack) => shown === undefined || precedes(ack, shown));
  // Of a simultaneous open the other SYN-ACK, which was under way, counts as well.
  const arrived = acks.find((ack) => last === synAck || precedes(last, ack));
  if (arrived !== undefined) return Math.max(arrived.time, synAck.time);
  // It has shown it, though no ACK was captured since: an ACK comes soon after the SYN-ACK.
  return shown === undefined ? null : last.time;
}

/** Only an end whose SYN was acknowledged sends data, a FIN, or an acknowledgment of more than the SYN; in SYN_SENT, anything with ACK but SYN. */
export function leavesSynReceived({ others }: View, segment: Segment): boolean {
  if (!isText(segment)) return false;
  const syn = others.find((other) => other.syn);
  return segment.length > 0 || segment.fin || (syn !== undefined && segment.ack > after(syn));
}

/** The last time that an end sent its SYN-ACK again: it had received nothing since. */
export function lastRepeatedSynAck(view: View): Segment | undefined {
  return view.own.filter((segment) => isSynAck(segment) && segment !== view.synAck && !view.isLate(segment)).at(-1);
}
