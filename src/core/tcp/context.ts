import { Columns, HISTORY_LENGTH } from '../flow/columns.ts';
import { flowOf, sideOf } from '../flow/end.ts';
import { FlowTable } from '../flow/table.ts';
import { type Kind, Observation } from '../observations.ts';
import { type ChangeSink, Estimates } from './estimates.ts';
import type { FormerIncarnation } from './former.ts';
import { Holes } from './holes.ts';
import type { PendingSyn } from './incarnation.ts';
import { IpIds } from './ip-ids.ts';
import { Payloads } from './payloads.ts';

/** Letters of Zeek's `history` (base/protocols/conn), an event each; an upper-case letter is the client's. */
export const HISTORY_LETTERS = 'shadfrctwgq';
export const LETTER_SYN = HISTORY_LETTERS.indexOf('s');
export const LETTER_SYN_ACK = HISTORY_LETTERS.indexOf('h');
export const LETTER_ACK = HISTORY_LETTERS.indexOf('a');
export const LETTER_DATA = HISTORY_LETTERS.indexOf('d');
export const LETTER_FIN = HISTORY_LETTERS.indexOf('f');
export const LETTER_RST = HISTORY_LETTERS.indexOf('r');
export const LETTER_CHECKSUM = HISTORY_LETTERS.indexOf('c');
export const LETTER_RETRANSMISSION = HISTORY_LETTERS.indexOf('t');
export const LETTER_ZERO_WINDOW = HISTORY_LETTERS.indexOf('w');
export const LETTER_GAP = HISTORY_LETTERS.indexOf('g');
export const LETTER_MULTIPLE_FLAGS = HISTORY_LETTERS.indexOf('q');

/** What the parts of the tracker share: the columns, the table of flows, and the way out for facts. */
export class TcpContext {
  readonly columns = new Columns();
  readonly table = new FlowTable(this.columns);
  readonly holes = new Holes(this.columns);
  readonly payloads = new Payloads();
  /** SYNs that met live connections (Mark.SYN_PENDING), by end. */
  readonly pendingSyns = new Map<number, PendingSyn>();
  /** What the flows of a 4-tuple used again (FlowMark.FORMER) know of the connection before, by flow. */
  readonly formers = new Map<number, FormerIncarnation>();
  /** When ends sent their latest challenge ACK, by end: a RST may answer it. */
  readonly challengeAcks = new Map<number, number>();
  readonly estimates: Estimates;
  /** Estimate of the segments that the ends exchanged and the capture missed. */
  missedSegments = 0;
  /** When the sender of the present segment was seen before it (nanoseconds; −1: never). */
  seenBefore = -1;
  /** What the IP-ID of the present segment tells. */
  readonly ipIds = new IpIds();
  /** How much later than it came a packet may have been stamped (nanoseconds): what that leaves open is not decided by time. */
  clockError = 0;
  readonly #observation = new Observation();
  readonly #observe: (observation: Observation) => void;

  constructor(observe: (observation: Observation) => void, changed: ChangeSink) {
    this.#observe = observe;
    this.estimates = new Estimates(this.columns, changed);
  }

  /** Hands a fact about `end` to the rules. */
  observe(kind: Kind, end: number, packet: number, time: number, a = 0, b = 0): void {
    const observation = this.#observation;
    observation.kind = kind;
    observation.flow = flowOf(end);
    observation.side = sideOf(end);
    observation.packet = packet;
    observation.time = time;
    observation.a = a;
    observation.b = b;
    this.#observe(observation);
  }

  /** Notes a letter of the flow's history, the first time that an end earns it. `letter` indexes HISTORY_LETTERS. */
  history(end: number, letter: number): void {
    const columns = this.columns;
    const bit = 1 << letter;
    if ((columns.letters[end] & bit) !== 0) return;
    columns.letters[end] |= bit;
    const at = flowOf(end) * HISTORY_LENGTH;
    for (let place = at; place < at + HISTORY_LENGTH; place++) {
      if (columns.history[place] === 0) {
        columns.history[place] = ((letter + 1) << 1) | sideOf(end);
        return;
      }
    }
  }
}
