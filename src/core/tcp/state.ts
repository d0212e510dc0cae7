import { peerOf } from '../flow/end.ts';

/**
 * The states that one end of a connection can be in: the eleven of RFC 9293 §3.3.2 and UNSEEN, for an end of which the capture
 * has shown nothing that proves a state. The number of a state is its bit in a set of possible states.
 */
export const CLOSED = 0;
export const LISTEN = 1;
export const SYN_SENT = 2;
export const SYN_RECEIVED = 3;
export const ESTABLISHED = 4;
export const FIN_WAIT_1 = 5;
export const FIN_WAIT_2 = 6;
export const CLOSE_WAIT = 7;
export const CLOSING = 8;
export const LAST_ACK = 9;
export const TIME_WAIT = 10;
export const UNSEEN = 11;

/** The contract's name of each state, indexed by its number. */
export const STATE_NAMES = [
  'CLOSED',
  'LISTEN',
  'SYN_SENT',
  'SYN_RECEIVED',
  'ESTABLISHED',
  'FIN_WAIT_1',
  'FIN_WAIT_2',
  'CLOSE_WAIT',
  'CLOSING',
  'LAST_ACK',
  'TIME_WAIT',
  'UNSEEN',
] as const;

export type StateName = (typeof STATE_NAMES)[number];

export const STATE_COUNT = STATE_NAMES.length;

/** An end without a connection: that is over, but for late segments. */
export function isOver(state: number): boolean {
  return state === CLOSED || state === TIME_WAIT;
}

/** The same as a set: bit n stands for state n. */
const OVER = (1 << CLOSED) | (1 << TIME_WAIT);

/** Neither this end nor its peer has a connection. `states`: that of each end. Without a branch that no packet takes before the first FIN: see `EVENTS` in report/accounts.ts. */
export function areBothOver(states: Readonly<Uint8Array>, end: number): boolean {
  return (OVER & (1 << states[end])) * (OVER & (1 << states[peerOf(end)])) !== 0;
}

/** A set of states as 12 bits, bit `n` for state number `n`. */
export type StateSet = number;

/** The names in a set, in the order of RFC 9293's list. */
export function namesOf(set: StateSet): StateName[] {
  return STATE_NAMES.filter((_, state) => (set & (1 << state)) !== 0);
}
