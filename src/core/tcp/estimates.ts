import { type Columns, Mark } from '../flow/columns.ts';
import { flowOf, sideOf } from '../flow/end.ts';
import type { Side } from '../observations.ts';
import { STATE_COUNT, type StateSet, UNSEEN } from './state.ts';
import { step } from './states.ts';

/** A change of what is said of one end. Refilled for the next. */
export class StateChange {
  /** Slot of the flow: it may be another's once this one has ended. */
  flow = 0;
  side: Side = 0;
  state = UNSEEN;
  possible: StateSet = 0;
  /** From when on it holds, nanoseconds since the first frame; before `packet`'s time where the past is corrected. */
  time = 0;
  /** Frame that showed it. */
  packet = 0;
}

/** Receives every change in the order in which it became known. `former` is the state said before. */
export type ChangeSink = (change: StateChange, former: number) => void;

const ANY_STATE = (1 << STATE_COUNT) - 1;

/**
 * What is said of each end: the set of states it may be in, and the best estimate within it. An end's own segment proves; what
 * its peer sent only presumes, and can be taken back when a later segment shows that it never arrived.
 */
export class Estimates {
  readonly #columns: Columns;
  readonly #sink: ChangeSink;
  readonly #change = new StateChange();

  constructor(columns: Columns, sink: ChangeSink) {
    this.#columns = columns;
    this.#sink = sink;
  }

  /** Begins an end: nothing is known of it. */
  begin(end: number): void {
    this.#columns.state[end] = UNSEEN;
    this.#columns.possible[end] = 1 << UNSEEN;
    this.#columns.formerState[end] = UNSEEN;
  }

  /** A new incarnation finds an end in what the old one left it in. */
  inherit(end: number, state: number, possible: StateSet, since: number, packet: number): void {
    this.#columns.possible[end] = possible;
    this.#say(end, state, since, packet);
  }

  /**
   * An end has sent what `event` names: other states are disproved. Where no state that it could have been in sends that, another
   * has sent it and the end is where it was, or what was said of it was wrong.
   */
  sent(end: number, event: number): void {
    const { possible, state } = this.#columns;
    const next = step(event, possible[end]);
    possible[end] = next !== 0 ? next : step(event, ANY_STATE) | (1 << state[end]);
  }

  /** What `event` names is on its way to an end: it is in what it was, or in what it becomes. */
  mayHaveReceived(end: number, event: number): void {
    this.#columns.possible[end] = step(event, this.#columns.possible[end]);
  }

  /** The same where nothing is presumed of the end: from `time` on it may be in what that leads to, too. */
  admitReceipt(end: number, event: number, time: number, packet: number): void {
    this.admit(end, step(event, this.#columns.possible[end]), time, packet);
  }

  /** The end is in `state` from `time` on, and nothing else is possible. */
  prove(end: number, state: number, time: number, packet: number): void {
    const columns = this.#columns;
    const presumed = (columns.marks[end] & Mark.PRESUMED) !== 0;
    columns.marks[end] &= ~Mark.PRESUMED;
    const possible = 1 << state;
    if (columns.state[end] === state && columns.possible[end] === possible && !presumed) return;
    const since = columns.state[end] === state ? columns.since[end] : time;
    columns.possible[end] = possible;
    this.#say(end, state, since, packet);
  }

  /** The end is in `state` as far as its own segment tells; `possible` (already stepped) keeps the other candidates. */
  settle(end: number, state: number, time: number, packet: number): void {
    const columns = this.#columns;
    columns.marks[end] &= ~Mark.PRESUMED;
    columns.possible[end] |= 1 << state;
    if (columns.state[end] !== state) this.#say(end, state, time, packet);
  }

  /** The end has probably come to `state` at `time`, by what was sent to it; `packet` is that segment. */
  presume(end: number, state: number, time: number, packet: number): void {
    const columns = this.#columns;
    if (columns.state[end] === state) return;
    // Only the last presumption can be taken back: what led to the one before it (the ACK before a FIN) was another segment.
    columns.formerState[end] = columns.state[end];
    columns.formerSince[end] = columns.since[end];
    columns.formerPossible[end] = columns.possible[end];
    columns.formerProof[end] = columns.proof[end];
    columns.marks[end] |= Mark.PRESUMED;
    columns.possible[end] |= (1 << columns.state[end]) | (1 << state);
    this.#say(end, state, time, packet);
  }

  /** Says where to go back to, should what was just presumed of an end never have happened. */
  ifNot(end: number, state: number, possible: StateSet): void {
    this.#columns.formerState[end] = state;
    this.#columns.formerPossible[end] = possible;
  }

  /** What was presumed is true after all: the end shows it, or one of the states `besides` that were possible, too. */
  confirm(end: number, packet: number, besides: StateSet = 0): void {
    const columns = this.#columns;
    if ((columns.marks[end] & Mark.PRESUMED) === 0) return;
    columns.marks[end] &= ~Mark.PRESUMED;
    columns.possible[end] = (columns.possible[end] & besides) | (1 << columns.state[end]);
    this.#say(end, columns.state[end], columns.since[end], packet);
  }

  /** What was seen since shows that the end was in none of the states of `excluded`; the estimate, which is another, stays. */
  exclude(end: number, excluded: StateSet, packet: number): void {
    const columns = this.#columns;
    columns.formerPossible[end] &= ~excluded;
    if ((columns.possible[end] & excluded) === 0) return;
    columns.possible[end] &= ~excluded;
    this.#say(end, columns.state[end], columns.since[end], packet);
  }

  /** From `time` on the states of `set` are possible, too; the estimate stays. */
  admit(end: number, set: StateSet, time: number, packet: number): void {
    const columns = this.#columns;
    if ((columns.possible[end] | set) === columns.possible[end]) return;
    columns.possible[end] |= set;
    this.#goOn(end, columns.state[end], time, columns.since[end], columns.proof[end], packet);
  }

  /** From `time` on the end is in none of the states of `excluded` any more; the estimate, which is another, stays. */
  leaveOut(end: number, excluded: StateSet, time: number, packet: number): void {
    const columns = this.#columns;
    columns.possible[end] &= ~excluded;
    this.#goOn(end, columns.state[end], time, columns.since[end], columns.proof[end], packet);
  }

  /**
   * What was presumed stays so, but what the end has sent shows that it is in none of the states of `excluded`, besides those that `sent`
   * has ruled out: says which are left.
   */
  narrow(end: number, excluded: StateSet, packet: number): void {
    const columns = this.#columns;
    if ((columns.marks[end] & Mark.PRESUMED) === 0) return;
    columns.possible[end] &= ~excluded;
    columns.formerPossible[end] &= ~excluded;
    this.#say(end, columns.state[end], columns.since[end], packet);
  }

  /** What was presumed never happened: the state before goes on, since when that began. False when nothing was presumed. */
  takeBack(end: number, packet: number): boolean {
    const columns = this.#columns;
    if ((columns.marks[end] & Mark.PRESUMED) === 0) return false;
    columns.marks[end] &= ~Mark.PRESUMED;
    // The set as it was, less nothing: the segment may have arrived all the same, and the answer to it been lost before the capture point.
    columns.possible[end] = columns.formerPossible[end] | (1 << columns.formerState[end]);
    this.#goOn(end, columns.formerState[end], columns.since[end], columns.formerSince[end], columns.formerProof[end], packet);
    return true;
  }

  /** Says from `time` on what is possible beside a state that began before, by another packet. */
  #goOn(end: number, state: number, time: number, since: number, proof: number, packet: number): void {
    this.#say(end, state, time, packet);
    this.#columns.since[end] = since;
    this.#columns.proof[end] = proof;
  }

  #say(end: number, state: number, time: number, packet: number): void {
    const columns = this.#columns;
    const former = columns.state[end];
    columns.state[end] = state;
    columns.since[end] = time;
    columns.proof[end] = packet;
    const change = this.#change;
    change.flow = flowOf(end);
    change.side = sideOf(end);
    change.state = state;
    change.possible = columns.possible[end];
    change.time = time;
    change.packet = packet;
    this.#sink(change, former);
  }
}
