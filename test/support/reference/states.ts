import type { StateName } from '../../../src/core/index.ts';
import { crossedUnseen, finAcknowledgment, finBringsAcknowledgment, finReceipt, finSending, isFinRepeated } from './closing.ts';
import type { Connection } from './connection.ts';
import { leavesSynReceived, synAcknowledgment, synReceipt, synRefusal, unanswered } from './opening.ts';
import { closingReset } from './resetting.ts';
import { after, isSynAck, isText, View } from './view.ts';

/**
 * The reference version of the state engine: slow, and as plain as may be. It knows no table of states and keeps nothing from one segment to
 * the next. Each question is answered from the whole list of segments, by the sentence that docs/states.md begins with: what an end sends
 * proves; what it was sent has arrived, unless something sent later shows that it has not.
 *
 * What has happened to one end, each as the time at which it passed the capture point, null where it has not. The states of RFC 9293 §3.3.2 are no
 * more than which of these lie behind.
 */
interface Moments {
  synRefused: number | null;
  synSent: number | null;
  synReceived: number | null;
  synAcknowledged: number | null;
  finSent: number | null;
  finReceived: number | null;
  finAcknowledged: number | null;
  /** It took or sent a RST. */
  reset: number | null;
  /** Its FIN acknowledges the other: it was in CLOSE_WAIT. */
  closesSecond: boolean;
}

function momentsOf(view: View, peer: View): Moments {
  const { syn, fin, otherFin } = view;
  const received = finReceipt(view);
  const crossed = crossedUnseen(view) === 'yes';
  const closesSecond = fin !== undefined && otherFin !== undefined && fin.ack >= after(otherFin) && !crossed;
  return {
    synRefused: synRefusal(view),
    synSent: syn?.time ?? null,
    synReceived: synReceipt(view),
    synAcknowledged: synAcknowledgment(view),
    finSent: fin === undefined ? null : crossed ? Math.min(fin.time, received ?? fin.time) : finSending(view, fin, closesSecond ? received : null),
    finReceived: received,
    finAcknowledged: finAcknowledgment(view),
    reset: closingReset(view, peer)?.time ?? null,
    closesSecond,
  };
}

/** UNSEEN: nothing of the end is known by then. */
function stateAt(moments: Moments, time: number): StateName {
  const behind = (moment: number | null): boolean => moment !== null && moment <= time;
  if (behind(moments.reset)) return 'CLOSED';
  if (behind(moments.finSent)) {
    if (behind(moments.finAcknowledged)) {
      if (!behind(moments.finReceived)) return 'FIN_WAIT_2';
      return moments.closesSecond ? 'CLOSED' : 'TIME_WAIT';
    }
    if (!behind(moments.finReceived)) return 'FIN_WAIT_1';
    return moments.closesSecond ? 'LAST_ACK' : 'CLOSING';
  }
  if (behind(moments.finReceived)) return 'CLOSE_WAIT';
  if (behind(moments.synAcknowledged)) return 'ESTABLISHED';
  if (behind(moments.synReceived)) return 'SYN_RECEIVED';
  if (behind(moments.synSent)) return 'SYN_SENT';
  return behind(moments.synRefused) ? 'CLOSED' : 'UNSEEN';
}

/** What the whole list shows of an end. */
export interface ReferenceStates {
  /** Every state that it was in, with since when. */
  history: { time: number; state: StateName }[];
  /** The state that it is in at the end of the list, and every one that it may be in. */
  state: StateName;
  possible: Set<StateName>;
}

export function referenceStates(connection: Connection, end: string): ReferenceStates {
  const [view, peer] = [end, connection.ends.find((each) => each !== end)!].map((each) => new View(connection, each)) as [View, View];
  const moments = momentsOf(view, peer);
  const history: ReferenceStates['history'] = [];
  for (const { time } of connection.segments) {
    const state = stateAt(moments, time);
    if (state !== (history.at(-1)?.state ?? 'UNSEEN')) history.push({ time, state });
  }
  return { history, state: stateAt(moments, Infinity), possible: possibleStates(view, peer, moments) };
}

/** Each thing that was sent to the end, and that it has not shown to have received, has arrived or has not. */
function possibleStates(view: View, peer: View, moments: Moments): Set<StateName> {
  const states = new Set([stateAt(moments, Infinity)]);
  if (states.has('SYN_SENT')) for (const state of unanswered(view)) states.add(state);
  // What comes again for want of an answer may have had one that was lost before the capture point.
  if (moments.synRefused !== null && !view.own.some(({ rst }) => rst)) states.add('SYN_RECEIVED');
  if (view.fin === undefined && view.receiptOfFin === undefined && isFinRepeated(view)) states.add('LAST_ACK');
  // Of a RST either it counts, or all is as before it.
  if (moments.reset !== null) {
    const before = { ...moments, reset: null };
    return closingReset(view, peer)!.from === view.end ? states.add(stateAt(before, Infinity)) : new Set([...states, ...possibleStates(view, peer, before)]);
  }
  const shown = shownBy(view);
  const crossed = crossedUnseen(view);
  const open = (['synReceived', 'synAcknowledged', 'finReceived', 'finAcknowledged'] as const).filter((name) => moments[name] !== null && !shown.has(name));
  for (let choice = 0; choice < 1 << open.length; choice++) {
    const chosen = { ...moments };
    for (const [index, name] of open.entries()) if ((choice & (1 << index)) !== 0) chosen[name] = null;
    // The other FIN brings the acknowledgment of the SYN, and perhaps that of the own FIN.
    if (chosen.finReceived !== null && (chosen.synAcknowledged === null || (finBringsAcknowledgment(view) && chosen.finAcknowledged === null))) continue;
    states.add(stateAt(chosen, Infinity));
    if (crossed === 'perhaps') states.add(stateAt({ ...chosen, closesSecond: false }, Infinity));
  }
  if (view.fin === undefined && crossed !== 'no') states.add('CLOSING');
  if (view.fin === undefined && crossed === 'perhaps') states.add('LAST_ACK');
  return states;
}

/** What an end shows to have received by what it sends. */
function shownBy(view: View): Set<keyof Moments> {
  const shown = new Set<keyof Moments>();
  if (view.own.some((segment) => isText(segment) || isSynAck(segment))) shown.add('synReceived');
  if (view.own.some((segment) => (view.synAck === undefined ? isText(segment) : leavesSynReceived(view, segment)))) shown.add('synAcknowledged');
  if (view.receiptOfFin === undefined) return shown;
  shown.add('finReceived');
  if (finBringsAcknowledgment(view)) shown.add('finAcknowledged');
  return shown;
}
