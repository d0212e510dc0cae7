import { STATE_COUNT, STATE_NAMES, type StateName, type StateSet } from './state.ts';

/**
 * The figure: RFC 9293 §3.3.2 (Figure 5) as one capture point can see it. The RFC's arrow labels ("rcv SYN / snd SYN,ACK") split at the
 * slash, and each captured segment is two half-edges: `snd` for its sender, which it proves, and `rcv` for its receiver, which
 * may or may not have got it. At load the rows become a table from (event, set of states) to set of states.
 *
 * What acknowledges a FIN that was captured is `ACK of FIN`, with data or without; `ACK`, `data` and `FIN` alone acknowledge none.
 */
export const EVENTS = [
  'snd SYN',
  'rcv SYN',
  'snd SYN,ACK',
  'rcv SYN,ACK',
  'snd ACK',
  'rcv ACK of SYN',
  'snd data',
  'snd FIN',
  'rcv FIN',
  'snd ACK of FIN',
  'rcv ACK of FIN',
  'snd FIN, ACK of FIN',
  'rcv FIN, ACK of FIN',
  'snd RST',
  'rcv RST',
] as const;
export type Event = (typeof EVENTS)[number];

export type Row = readonly [from: StateName, event: Event, to: StateName, source: string];

/** The RFC's own arrows, but for those that no segment goes with: a passive OPEN, CLOSE before anything was sent, and the end of TIME_WAIT. */
export const FIGURE: readonly Row[] = [
  ['CLOSED', 'snd SYN', 'SYN_SENT', 'RFC 9293 §3.10.1, active OPEN'],
  ['LISTEN', 'snd SYN', 'SYN_SENT', 'RFC 9293 §3.10.1 and §3.10.2, OPEN or SEND in LISTEN'],
  ['LISTEN', 'rcv SYN', 'SYN_RECEIVED', 'RFC 9293 §3.10.7.2'],
  ['SYN_SENT', 'rcv SYN', 'SYN_RECEIVED', 'RFC 9293 §3.5, Figure 7, simultaneous open'],
  ['SYN_SENT', 'rcv SYN,ACK', 'ESTABLISHED', 'RFC 9293 §3.10.7.3'],
  ['SYN_RECEIVED', 'rcv ACK of SYN', 'ESTABLISHED', 'RFC 9293 §3.10.7.4, fifth check'],
  ['SYN_RECEIVED', 'snd FIN', 'FIN_WAIT_1', 'RFC 9293 §3.10.4, CLOSE in SYN-RECEIVED'],
  ['SYN_RECEIVED', 'rcv FIN', 'CLOSE_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['ESTABLISHED', 'snd FIN', 'FIN_WAIT_1', 'RFC 9293 §3.6, case 1'],
  ['ESTABLISHED', 'rcv FIN', 'CLOSE_WAIT', 'RFC 9293 §3.6, case 2'],
  ['FIN_WAIT_1', 'rcv ACK of FIN', 'FIN_WAIT_2', 'RFC 9293 §3.10.7.4, fifth check'],
  ['FIN_WAIT_1', 'rcv FIN', 'CLOSING', 'RFC 9293 §3.6, case 3, Figure 13'],
  ['FIN_WAIT_1', 'rcv FIN, ACK of FIN', 'TIME_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['FIN_WAIT_2', 'rcv FIN', 'TIME_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['FIN_WAIT_2', 'rcv FIN, ACK of FIN', 'TIME_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['CLOSE_WAIT', 'snd FIN, ACK of FIN', 'LAST_ACK', 'RFC 9293 §3.10.4, CLOSE in CLOSE-WAIT'],
  ['CLOSING', 'rcv ACK of FIN', 'TIME_WAIT', 'RFC 9293 §3.10.7.4, fifth check'],
  ['LAST_ACK', 'rcv ACK of FIN', 'CLOSED', 'RFC 9293 §3.10.7.4, fifth check'],
  ['LAST_ACK', 'rcv FIN, ACK of FIN', 'CLOSED', 'RFC 9293 §3.10.7.4, fifth check'],
  ['SYN_SENT', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.3, second check'],
  ['SYN_RECEIVED', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check; the listener, where there is one, is another socket'],
  ['ESTABLISHED', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check, and RFC 5961 §3'],
  ['FIN_WAIT_1', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check'],
  ['FIN_WAIT_2', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check'],
  ['CLOSE_WAIT', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check'],
  ['CLOSING', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check'],
  ['LAST_ACK', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check'],
  ['TIME_WAIT', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.4, second check; RFC 1337 §3 advises against'],
];

/** What is legal and moves nothing: repeats, acknowledgments, and what each state may send. */
export const REPEATS: readonly Row[] = [
  ['SYN_SENT', 'snd SYN', 'SYN_SENT', 'RFC 6298, retransmission'],
  ['SYN_RECEIVED', 'rcv SYN', 'SYN_RECEIVED', 'RFC 9293 §3.10.7.4, first check: it lies below RCV.NXT'],
  ['SYN_RECEIVED', 'snd SYN,ACK', 'SYN_RECEIVED', 'RFC 6298, retransmission'],
  ['SYN_RECEIVED', 'snd ACK', 'SYN_RECEIVED', 'RFC 5961 §4, challenge ACK; RFC 7413, ACK of data in the SYN'],
  ['SYN_RECEIVED', 'snd data', 'SYN_RECEIVED', 'RFC 7413 §4.2, answer before the handshake is complete'],
  ['ESTABLISHED', 'rcv SYN,ACK', 'ESTABLISHED', 'RFC 9293 §3.10.7.4, first check: it lies below RCV.NXT'],
  ['ESTABLISHED', 'rcv ACK of SYN', 'ESTABLISHED', 'RFC 9293 §3.10.7.4, fifth check'],
  ['ESTABLISHED', 'snd ACK', 'ESTABLISHED', 'RFC 9293 §3.10.7.4, seventh check'],
  ['ESTABLISHED', 'snd data', 'ESTABLISHED', 'RFC 9293 §3.10.2, SEND'],
  ['CLOSE_WAIT', 'snd ACK of FIN', 'CLOSE_WAIT', 'RFC 9293 §3.10.7.4, eighth check; §3.10.2, SEND in CLOSE-WAIT'],
  ['CLOSE_WAIT', 'rcv FIN', 'CLOSE_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['FIN_WAIT_1', 'snd ACK', 'FIN_WAIT_1', 'RFC 9293 §3.10.7.4, seventh check'],
  ['FIN_WAIT_1', 'snd data', 'FIN_WAIT_1', 'RFC 6298, retransmission'],
  ['FIN_WAIT_1', 'snd FIN', 'FIN_WAIT_1', 'RFC 6298, retransmission'],
  ['FIN_WAIT_2', 'snd ACK', 'FIN_WAIT_2', 'RFC 9293 §3.10.7.4, seventh check'],
  ['CLOSING', 'snd ACK of FIN', 'CLOSING', 'RFC 9293 §3.10.7.4, eighth check; RFC 6298, retransmission'],
  ['CLOSING', 'snd FIN, ACK of FIN', 'CLOSING', 'RFC 6298, retransmission'],
  ['CLOSING', 'rcv FIN', 'CLOSING', 'RFC 9293 §3.10.7.4, eighth check'],
  ['LAST_ACK', 'snd FIN, ACK of FIN', 'LAST_ACK', 'RFC 6298, retransmission'],
  ['LAST_ACK', 'snd ACK of FIN', 'LAST_ACK', 'RFC 9293 §3.10.7.4, eighth check; RFC 6298, retransmission'],
  ['LAST_ACK', 'rcv FIN', 'LAST_ACK', 'RFC 9293 §3.10.7.4, eighth check'],
  ['TIME_WAIT', 'snd ACK of FIN', 'TIME_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['TIME_WAIT', 'rcv FIN', 'TIME_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['TIME_WAIT', 'rcv FIN, ACK of FIN', 'TIME_WAIT', 'RFC 9293 §3.10.7.4, eighth check'],
  ['CLOSED', 'rcv RST', 'CLOSED', 'RFC 9293 §3.10.7.1'],
  ['LISTEN', 'rcv RST', 'LISTEN', 'RFC 9293 §3.10.7.2, first check'],
];

/**
 * What a capture point adds: an end's receipt shown by what it sends (the receipt itself was taken as possible, or was not captured at
 * all), captures that begin midstream, and a sender that is CLOSED once it has sent a RST.
 */
export const OBSERVER: readonly Row[] = [
  ['UNSEEN', 'snd SYN', 'SYN_SENT', 'the capture starts before the connection'],
  ['TIME_WAIT', 'snd SYN', 'SYN_SENT', 'the 4-tuple used again by its holder (Linux: net.ipv4.tcp_tw_reuse)'],
  ['TIME_WAIT', 'rcv SYN', 'SYN_RECEIVED', 'RFC 6191 §2, RFC 9293 §3.6.1'],
  ['CLOSED', 'rcv SYN', 'SYN_RECEIVED', 'a listener behind the closed incarnation'],
  ['UNSEEN', 'rcv SYN', 'SYN_RECEIVED', 'the listener itself is invisible'],
  ['UNSEEN', 'snd SYN,ACK', 'SYN_RECEIVED', 'it received a SYN'],
  ['LISTEN', 'snd SYN,ACK', 'SYN_RECEIVED', 'it received a SYN'],
  ['CLOSED', 'snd SYN,ACK', 'SYN_RECEIVED', 'it received a SYN for a new incarnation'],
  ['TIME_WAIT', 'snd SYN,ACK', 'SYN_RECEIVED', 'RFC 6191 §2: it received a SYN for a new incarnation'],
  ['SYN_SENT', 'snd SYN,ACK', 'SYN_RECEIVED', 'simultaneous open: it received the other SYN'],
  ['UNSEEN', 'rcv SYN,ACK', 'ESTABLISHED', 'its SYN was not captured'],
  ['SYN_RECEIVED', 'rcv SYN,ACK', 'ESTABLISHED', 'RFC 9293 §3.5, Figure 7, simultaneous open'],
  ['SYN_SENT', 'snd ACK', 'ESTABLISHED', 'it received the SYN,ACK'],
  ['SYN_SENT', 'snd data', 'ESTABLISHED', 'it received the SYN,ACK'],
  ['SYN_RECEIVED', 'snd ACK', 'ESTABLISHED', 'it received the ACK of its SYN'],
  ['SYN_RECEIVED', 'snd data', 'ESTABLISHED', 'it received the ACK of its SYN'],
  ['SYN_SENT', 'snd FIN', 'FIN_WAIT_1', 'it received the SYN,ACK'],
  ['UNSEEN', 'rcv ACK of SYN', 'ESTABLISHED', 'its SYN,ACK was not captured'],
  ['UNSEEN', 'snd ACK', 'ESTABLISHED', 'midstream'],
  ['UNSEEN', 'snd ACK', 'CLOSE_WAIT', 'midstream: the FIN may lie before the capture'],
  ['UNSEEN', 'snd ACK', 'FIN_WAIT_2', 'midstream: its own FIN may lie before the capture'],
  ['UNSEEN', 'snd ACK', 'TIME_WAIT', 'midstream: the last ACK of a close'],
  ['UNSEEN', 'snd data', 'ESTABLISHED', 'midstream'],
  ['UNSEEN', 'snd data', 'CLOSE_WAIT', 'midstream: the FIN may lie before the capture'],
  ['UNSEEN', 'snd FIN', 'FIN_WAIT_1', 'midstream'],
  ['UNSEEN', 'snd FIN', 'LAST_ACK', 'midstream: the FIN it answers may lie before the capture'],
  ['UNSEEN', 'snd FIN, ACK of FIN', 'LAST_ACK', 'midstream'],
  ['UNSEEN', 'snd ACK of FIN', 'CLOSE_WAIT', 'midstream'],
  ['UNSEEN', 'snd ACK of FIN', 'TIME_WAIT', 'midstream'],
  ['UNSEEN', 'rcv FIN', 'CLOSE_WAIT', 'midstream'],
  ['CLOSE_WAIT', 'snd ACK', 'CLOSE_WAIT', 'an ACK from before the FIN, or one that the FIN was captured after'],
  ['CLOSE_WAIT', 'snd data', 'CLOSE_WAIT', 'data from before the FIN; or half-closed (RFC 9293 §3.6) by a FIN that was not captured'],
  ['ESTABLISHED', 'snd ACK of FIN', 'CLOSE_WAIT', 'it received the FIN'],
  ['SYN_RECEIVED', 'snd ACK of FIN', 'CLOSE_WAIT', 'it received the ACK and the FIN'],
  ['SYN_SENT', 'snd ACK of FIN', 'CLOSE_WAIT', 'it received the SYN,ACK and the FIN'],
  ['FIN_WAIT_1', 'snd ACK of FIN', 'CLOSING', 'it received the FIN but not the ACK of its own'],
  ['FIN_WAIT_1', 'snd ACK of FIN', 'TIME_WAIT', 'it received the FIN and the ACK of its own'],
  ['FIN_WAIT_2', 'snd ACK of FIN', 'TIME_WAIT', 'it received the FIN'],
  ['ESTABLISHED', 'snd FIN, ACK of FIN', 'LAST_ACK', 'it received the FIN, then closed'],
  ['SYN_RECEIVED', 'snd FIN, ACK of FIN', 'LAST_ACK', 'it received the ACK and the FIN, then closed'],
  ['FIN_WAIT_1', 'snd FIN, ACK of FIN', 'CLOSING', 'its FIN again, now that it has received the other'],
  ['ESTABLISHED', 'rcv FIN, ACK of FIN', 'CLOSE_WAIT', 'the FIN it is said to have sent was not its own'],
  ['CLOSING', 'rcv FIN, ACK of FIN', 'TIME_WAIT', 'the FIN again, with the ACK'],
  ['FIN_WAIT_1', 'snd ACK', 'FIN_WAIT_2', 'it may have received the ACK of its FIN'],
  ['FIN_WAIT_2', 'snd data', 'FIN_WAIT_2', 'sent again before it received the ACK of its FIN, which the capture has first'],
  // A RST that refuses an acknowledgment (§3.10.7.3, first check; §3.10.7.4, fifth check) leaves its sender where it was, and is no event.
  ['CLOSED', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.7.1'],
  ['LISTEN', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.7.2, second check: of the connection there is nothing'],
  ['SYN_SENT', 'snd RST', 'CLOSED', 'it has gone, and the RST answers for want of a socket'],
  ['SYN_RECEIVED', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.5, ABORT'],
  ['ESTABLISHED', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.5, ABORT'],
  ['FIN_WAIT_1', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.5, ABORT'],
  ['FIN_WAIT_2', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.5, ABORT'],
  ['CLOSE_WAIT', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.5, ABORT'],
  ['CLOSING', 'snd RST', 'CLOSED', 'it has gone, and the RST answers for want of a socket'],
  ['LAST_ACK', 'snd RST', 'CLOSED', 'it has gone, and the RST answers for want of a socket'],
  ['TIME_WAIT', 'snd RST', 'CLOSED', 'it has gone, and the RST answers for want of a socket'],
  ['UNSEEN', 'snd RST', 'CLOSED', 'RFC 9293 §3.10.5, ABORT, or for want of a socket'],
  ['UNSEEN', 'rcv RST', 'CLOSED', 'midstream'],
];

/** Sets are looked up in two halves of so many states, so that the table is quick to build: what a set leads to is what its halves do. */
const HALF = STATE_COUNT >> 1;
const HALF_SETS = 1 << (STATE_COUNT - HALF);

function indexOf(event: Event): number {
  return EVENTS.indexOf(event);
}

/** Checks the rows and builds, per event, the set each set of states leads to. Throws when a row stands twice. */
export function compile(rows: readonly Row[]): Uint16Array {
  const arrows = new Uint16Array(EVENTS.length * STATE_COUNT);
  for (const [from, event, to] of rows) {
    const at = indexOf(event) * STATE_COUNT + STATE_NAMES.indexOf(from);
    const bit = 1 << STATE_NAMES.indexOf(to);
    if ((arrows[at] & bit) !== 0) throw new Error(`the figure has "${from}, ${event}, ${to}" twice`);
    arrows[at] |= bit;
  }
  const table = new Uint16Array(EVENTS.length * 2 * HALF_SETS);
  for (let event = 0; event < EVENTS.length; event++) {
    // What was received may have been lost on the way: the receiver is what it was, or what it becomes.
    const received = EVENTS[event].startsWith('rcv');
    for (let state = 0; state < STATE_COUNT; state++) {
      const leads = arrows[event * STATE_COUNT + state] | (received ? 1 << state : 0);
      const [first, bit] = state < HALF ? [event * 2, state] : [event * 2 + 1, state - HALF];
      for (let set = 0; set < HALF_SETS; set++) {
        if ((set & (1 << bit)) !== 0) table[first * HALF_SETS + set] |= leads;
      }
    }
  }
  return table;
}

const TABLE = compile([...FIGURE, ...REPEATS, ...OBSERVER]);

/** Event numbers for the tracker. */
export const SND_SYN = indexOf('snd SYN');
export const RCV_SYN = indexOf('rcv SYN');
export const SND_SYN_ACK = indexOf('snd SYN,ACK');
export const RCV_SYN_ACK = indexOf('rcv SYN,ACK');
export const SND_ACK = indexOf('snd ACK');
export const RCV_ACK_OF_SYN = indexOf('rcv ACK of SYN');
export const SND_DATA = indexOf('snd data');
export const SND_FIN = indexOf('snd FIN');
export const RCV_FIN = indexOf('rcv FIN');
export const SND_ACK_OF_FIN = indexOf('snd ACK of FIN');
export const RCV_ACK_OF_FIN = indexOf('rcv ACK of FIN');
export const SND_FIN_ACK_OF_FIN = indexOf('snd FIN, ACK of FIN');
export const RCV_FIN_ACK_OF_FIN = indexOf('rcv FIN, ACK of FIN');
export const SND_RST = indexOf('snd RST');
export const RCV_RST = indexOf('rcv RST');

/**
 * The set of states an end may be in after an event. 0 for a `snd` event that no state of the set can send: "not in the figure".
 */
export function step(event: number, set: StateSet): StateSet {
  const at = event * 2 * HALF_SETS;
  return TABLE[at + (set & ((1 << HALF) - 1))] | TABLE[at + HALF_SETS + (set >> HALF)];
}
