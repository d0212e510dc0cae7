import type { Segment } from '../wire/segment.ts';
import { type Columns, FlowMark, HISTORY_LENGTH, KEY_DOMAIN, KEY_FIRST_DOMAIN, KEY_HASH, KEY_WORDS, NUMBERS } from './columns.ts';
import { endOf, SIDES } from './end.ts';
import { domainOf, FlowKey } from './key.ts';

const EMPTY = -1;
/** Small, so that the table grows before V8 compiles the code that uses it: V8 throws code away when a field that never changed does. */
const FIRST_PLACES = 64;

/**
 * Finds the flow of a segment, and manages flow slots. A hash table with open addressing and linear probing; each 4-tuple has at most
 * one flow in it, its latest incarnation.
 *
 * A place holds a flow and its hash, so that a probe need not load the keys of other flows on its way.
 */
export class FlowTable {
  /** The key of the segment last looked up. */
  readonly key = new FlowKey();
  /** Flows that have a slot now, and all flows so far. */
  live = 0;
  numbered = 0;
  readonly #columns: Columns;
  /** Flow and hash alternately. */
  #places = new Int32Array(2 * FIRST_PLACES).fill(EMPTY);
  #mask = FIRST_PLACES - 1;
  #entries = 0;
  /** Slots below this have been used. */
  #used = 0;
  #free: number[] = [];
  /** Domains whose connections are kept apart from others. */
  readonly #separate = new Set<number>();

  constructor(columns: Columns) {
    this.#columns = columns;
  }

  /** Slot of the segment's flow, -1 if there is none. Fills `key`. */
  find(segment: Segment): number {
    this.key.fill(segment);
    if (this.#separate.size === 0) return this.#probe();
    return this.#findInDomain(segment);
  }

  /**
   * Keeps connections of the segment's domain apart, from now on, from others with the same addresses and ports: the segment begins one
   * while `flow`, of another domain, is alive. Adjusts `key`. False if both are of the same domain, or the segment has none.
   */
  separate(segment: Segment, flow: number): boolean {
    const domain = domainOf(segment);
    if (domain === 0 || domain === this.#columns.key[flow * KEY_WORDS + KEY_FIRST_DOMAIN]) return false;
    this.#separate.add(domain);
    this.key.enter(domain);
    return true;
  }

  /** Mirror ports may show one connection with different tags, so a domain counts only after `separate`. */
  #findInDomain(segment: Segment): number {
    const domain = domainOf(segment);
    const plain = this.#probe();
    if (!this.#separate.has(domain) || (plain >= 0 && this.#columns.key[plain * KEY_WORDS + KEY_FIRST_DOMAIN] === domain)) return plain;
    this.key.enter(domain);
    return this.#probe();
  }

  #probe(): number {
    const key = this.key;
    const keys = this.#columns.key;
    const places = this.#places;
    const mask = this.#mask;
    const hash = key.hash;
    let place = hash & mask;
    for (;;) {
      const flow = places[place << 1];
      if (flow === EMPTY) return -1;
      if (places[(place << 1) + 1] === hash) {
        const at = flow * KEY_WORDS;
        if (
          keys[at + KEY_DOMAIN] === key.domain &&
          keys[at + 3] === key.lower3 &&
          keys[at + 7] === key.upper3 &&
          keys[at + 8] === key.ports &&
          keys[at] === key.lower0 &&
          keys[at + 1] === key.lower1 &&
          keys[at + 2] === key.lower2 &&
          keys[at + 4] === key.upper0 &&
          keys[at + 5] === key.upper1 &&
          keys[at + 6] === key.upper2
        ) {
          return flow;
        }
      }
      place = (place + 1) & mask;
    }
  }

  /** The side of `flow` that sent the segment looked up last. */
  senderSide(flow: number): 0 | 1 {
    const side0IsUpper = (this.#columns.flowMarks[flow] & FlowMark.SIDE_0_IS_UPPER) !== 0;
    return side0IsUpper === this.key.sourceIsUpper ? 0 : 1;
  }

  /**
   * Adds a flow for the segment looked up last, whose sender is side 0. It replaces `former` in the table (-1: none). Its columns are 0,
   * except those that a mark guards.
   */
  add(segment: Segment, former: number): number {
    const columns = this.#columns;
    let flow = this.#used;
    if (this.#free.length > 0) {
      flow = this.#free.pop()!;
      this.#clear(flow);
    } else columns.reserve(++this.#used);
    this.#begin(flow, segment.time);
    const key = this.key;
    const at = flow * KEY_WORDS;
    columns.key[at] = key.lower0;
    columns.key[at + 1] = key.lower1;
    columns.key[at + 2] = key.lower2;
    columns.key[at + 3] = key.lower3;
    columns.key[at + 4] = key.upper0;
    columns.key[at + 5] = key.upper1;
    columns.key[at + 6] = key.upper2;
    columns.key[at + 7] = key.upper3;
    columns.key[at + 8] = key.ports;
    columns.key[at + KEY_HASH] = key.hash;
    columns.key[at + KEY_DOMAIN] = key.domain;
    columns.key[at + KEY_FIRST_DOMAIN] = domainOf(segment);
    columns.flowMarks[flow] =
      FlowMark.LIVE | (key.sourceIsUpper ? FlowMark.SIDE_0_IS_UPPER : 0) | (key.self ? FlowMark.SELF : 0);
    columns.number[flow] = ++this.numbered;
    columns.vlan[flow] = segment.vlan;
    columns.tunnel[flow] = segment.tunnel;
    columns.tunnelId[flow] = segment.tunnelId;
    columns.synAckDelay[flow] = -1;
    columns.ackDelay[flow] = -1;
    this.live++;
    if (former >= 0) this.#places[this.#placeOf(former) << 1] = flow;
    else this.#insert(flow, key.hash);
    return flow;
  }

  /** Removes a flow from the table, unless a later incarnation has replaced it, and frees its slot. */
  release(flow: number): void {
    const place = this.#placeOf(flow);
    if (place >= 0) this.#remove(place);
    this.#columns.flowMarks[flow] = 0;
    this.#free.push(flow);
    this.live--;
  }

  /** Calls `visit` with every flow that has a slot, in order of slots. */
  forEach(visit: (flow: number) => void): void {
    const marks = this.#columns.flowMarks;
    for (let flow = 0; flow < this.#used; flow++) if ((marks[flow] & FlowMark.LIVE) !== 0) visit(flow);
  }

  /** The highest slot used so far, plus one. */
  get limit(): number {
    return this.#used;
  }

  /** Clears what the former flow left in its slot, except columns that a mark guards. */
  #clear(flow: number): void {
    const columns = this.#columns;
    columns.closedFirst[flow] = 0;
    columns.numbers.fill(0, flow * NUMBERS, (flow + 1) * NUMBERS);
    columns.history.fill(0, flow * HISTORY_LENGTH, (flow + 1) * HISTORY_LENGTH);
    for (const side of SIDES) {
      const end = endOf(flow, side);
      columns.marks[end] = 0;
      columns.hole[end] = 0;
      columns.missed[end] = 0;
      columns.packets[end] = 0;
      columns.bytes[end] = 0;
      columns.retransmitted[end] = 0;
      columns.retransmittedBytes[end] = 0;
      columns.largestWindow[end] = 0;
      columns.scale[end] = 0;
      columns.signalPacket[end] = 0;
      columns.synCount[end] = 0;
      columns.finCount[end] = 0;
      columns.ttl[end] = 0;
      columns.laterTtl[end] = 0;
      columns.ipId[end] = 0;
      columns.ipIdPackets[end] = 0;
      columns.mss[end] = 0;
      columns.challenge[end] = 0;
      columns.lastWindow[end] = 0;
      columns.probes[end] = 0;
      columns.duplicateAcks[end] = 0;
      columns.proof[end] = 0;
      columns.lastAck[end] = 0;
      columns.letters[end] = 0;
    }
  }

  #begin(flow: number, started: number): void {
    const columns = this.#columns;
    columns.started[flow] = started;
    for (const side of SIDES) {
      const end = endOf(flow, side);
      columns.lastSeen[end] = -1;
      columns.lastData[end] = -1;
      columns.signalTime[end] = -1;
      columns.openedTime[end] = -1;
      columns.since[end] = started;
    }
  }

  #placeOf(flow: number): number {
    let place = this.#columns.key[flow * KEY_WORDS + KEY_HASH] & this.#mask;
    for (;;) {
      const found = this.#places[place << 1];
      if (found === flow) return place;
      if (found === EMPTY) return -1;
      place = (place + 1) & this.#mask;
    }
  }

  #insert(flow: number, hash: number): void {
    // At most half full: linear probing stays short.
    if (this.#entries * 4 >= this.#places.length) this.#enlarge();
    this.#put(flow, hash);
    this.#entries++;
  }

  #put(flow: number, hash: number): void {
    let place = hash & this.#mask;
    while (this.#places[place << 1] !== EMPTY) place = (place + 1) & this.#mask;
    this.#places[place << 1] = flow;
    this.#places[(place << 1) + 1] = hash;
  }

  #enlarge(): void {
    const old = this.#places;
    this.#places = new Int32Array(old.length * 2).fill(EMPTY);
    this.#mask = old.length - 1;
    for (let at = 0; at < old.length; at += 2) if (old[at] !== EMPTY) this.#put(old[at], old[at + 1]);
  }

  /** Empties a place, and moves the entries behind it up so that no probe ends too early. */
  #remove(place: number): void {
    const places = this.#places;
    const mask = this.#mask;
    let hole = place;
    let next = (place + 1) & mask;
    while (places[next << 1] !== EMPTY) {
      const home = places[(next << 1) + 1] & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        places[hole << 1] = places[next << 1];
        places[(hole << 1) + 1] = places[(next << 1) + 1];
        hole = next;
      }
      next = (next + 1) & mask;
    }
    places[hole << 1] = EMPTY;
    this.#entries--;
  }
}
