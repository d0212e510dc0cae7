import type { Columns } from '../flow/columns.ts';
import { distance } from './sequence.ts';

/** Holes kept of an end; the oldest is given up beyond that. */
const LIMIT = 256;

/**
 * The ranges of sequence numbers that an end has skipped so far: sent out of order, lost before the capture point, or missed
 * by the capture. A pool of [left, right) intervals linked in order of sequence; `columns.hole[end]` is the first, 0 for none.
 */
export class Holes {
  private readonly columns: Columns;
  private left = new Int32Array(256);
  private right = new Int32Array(256);
  private next = new Int32Array(256);
  /** Time, TSval and IP-ID of the segment that skipped the range: what a filling one is compared with. */
  private time = new Float64Array(256);
  private tsval = new Int32Array(256);
  private ipId = new Int32Array(256);
  /** The same of the hole that was filled last. */
  filledTime = 0;
  filledTsval = 0;
  filledIpId = 0;
  private used = 1;
  private free = 0;

  constructor(columns: Columns) {
    this.columns = columns;
  }

  /** Notes that [left, right), beyond every byte seen so far, was skipped by a segment with this time, TSval and IP-ID. Returns the bytes of a hole given up for it. */
  add(end: number, left: number, right: number, time: number, tsval: number, ipId: number): number {
    const hole = this.take(left, right, time, tsval, ipId);
    const first = this.columns.hole[end];
    if (first === 0) {
      this.columns.hole[end] = hole;
      return 0;
    }
    let last = first;
    let count = 1;
    for (let next = this.next[last]; next !== 0; next = this.next[last]) {
      last = next;
      count++;
    }
    this.next[last] = hole;
    if (count < LIMIT) return 0;
    const lost = distance(this.right[first], this.left[first]);
    this.columns.hole[end] = this.next[first];
    this.give(first);
    return lost;
  }

  /** Closes what [left, right) covers of the holes. Returns how many bytes that were. */
  fill(end: number, left: number, right: number): number {
    let filled = 0;
    let previous = 0;
    let hole = this.columns.hole[end];
    while (hole !== 0) {
      const next = this.next[hole];
      const holeLeft = this.left[hole];
      const holeRight = this.right[hole];
      if (distance(holeLeft, right) >= 0) break;
      if (distance(holeRight, left) > 0) {
        const from = distance(left, holeLeft) > 0 ? left : holeLeft;
        const to = distance(right, holeRight) < 0 ? right : holeRight;
        filled += distance(to, from);
        this.filledTime = this.time[hole];
        this.filledTsval = this.tsval[hole];
        this.filledIpId = this.ipId[hole];
        if (from === holeLeft && to === holeRight) {
          this.unlink(end, previous, hole);
          hole = next;
          continue;
        }
        if (from === holeLeft) this.left[hole] = to;
        else if (to === holeRight) this.right[hole] = from;
        else if (this.count(end) >= LIMIT) {
          // No more pieces: what lies beyond the filled part counts as captured.
          this.right[hole] = from;
        } else {
          const rest = this.take(to, holeRight, this.filledTime, this.filledTsval, this.filledIpId);
          this.right[hole] = from;
          this.next[rest] = next;
          this.next[hole] = rest;
        }
      }
      previous = hole;
      hole = next;
    }
    return filled;
  }

  /** Gives up every hole below `ack`: the receiver has those bytes, so the capture missed them. Returns how many bytes. */
  acknowledge(end: number, ack: number): number {
    let missed = 0;
    let hole = this.columns.hole[end];
    while (hole !== 0 && distance(ack, this.left[hole]) > 0) {
      if (distance(ack, this.right[hole]) < 0) {
        missed += distance(ack, this.left[hole]);
        this.left[hole] = ack;
        break;
      }
      missed += distance(this.right[hole], this.left[hole]);
      const next = this.next[hole];
      this.give(hole);
      this.columns.hole[end] = next;
      hole = next;
    }
    return missed;
  }

  /** First byte of the first hole. Only where `columns.hole[end]` is not 0. */
  first(end: number): number {
    return this.left[this.columns.hole[end]];
  }

  /** Time of the segment that skipped the range right before `nxt`, -1 where that range was captured. */
  skippedBefore(end: number, nxt: number): number {
    let hole = this.columns.hole[end];
    while (hole !== 0 && this.right[hole] !== nxt) hole = this.next[hole];
    return hole === 0 ? -1 : this.time[hole];
  }

  /** Forgets all holes of an end. Returns their bytes. */
  release(end: number): number {
    let bytes = 0;
    let hole = this.columns.hole[end];
    while (hole !== 0) {
      const next = this.next[hole];
      bytes += distance(this.right[hole], this.left[hole]);
      this.give(hole);
      hole = next;
    }
    this.columns.hole[end] = 0;
    return bytes;
  }

  private take(left: number, right: number, time: number, tsval: number, ipId: number): number {
    let hole = this.free;
    if (hole !== 0) {
      this.free = this.next[hole];
    } else {
      hole = this.used++;
      if (hole === this.left.length) {
        const length = this.left.length * 2;
        this.left = larger(this.left, new Int32Array(length));
        this.right = larger(this.right, new Int32Array(length));
        this.next = larger(this.next, new Int32Array(length));
        this.time = larger(this.time, new Float64Array(length));
        this.tsval = larger(this.tsval, new Int32Array(length));
        this.ipId = larger(this.ipId, new Int32Array(length));
      }
    }
    this.left[hole] = left;
    this.right[hole] = right;
    this.next[hole] = 0;
    this.time[hole] = time;
    this.tsval[hole] = tsval;
    this.ipId[hole] = ipId;
    return hole;
  }

  private give(hole: number): void {
    this.next[hole] = this.free;
    this.free = hole;
  }

  private count(end: number): number {
    let count = 0;
    for (let hole = this.columns.hole[end]; hole !== 0; hole = this.next[hole]) count++;
    return count;
  }

  private unlink(end: number, previous: number, hole: number): void {
    const next = this.next[hole];
    if (previous === 0) this.columns.hole[end] = next;
    else this.next[previous] = next;
    this.give(hole);
  }
}

/** `room` with the contents of `old` at its beginning. */
function larger<T extends Int32Array | Float64Array>(old: T, room: T): T {
  room.set(old);
  return room;
}
