import type { Side } from '../observations.ts';
import type { PacketRow } from './rows.ts';

/** A packet of the ladder's flow. */
export interface LadderRow {
  row: PacketRow;
  side: Side;
  /** Relative; see `PacketStep`. */
  seq: number;
  ack: number | null;
}

/** A stretch of packets folded into counts. Arrays are by side. */
export interface Stretch {
  first: PacketRow;
  last: PacketRow;
  segments: [number, number];
  bytes: [number, number];
  labels: Map<string, number>;
}

/** How many plain packets are shown before and after one that is worth a look. */
const CONTEXT = 2;
/** Fewer packets than this are shown instead of folded. */
const LEAST_FOLDED = 4;
/** A packet after a silence of this many nanoseconds is worth a look. */
const SILENCE = 1_000_000_000n;
/** How often each label, flag or circumstance makes a packet worth a look. This bounds the ladder, however long the flow is. */
const SHOWN_OF_A_KIND = 12;
/** Labels that never do, since healthy flows have plenty of them. */
const QUIET = new Set(['window-update', 'keep-alive-ack']);

/**
 * Chooses the packets of a flow to show, as they come: openings, closings and incidents, with some context. Everything between is folded
 * into counts, so that a flow of millions of packets needs no more memory than one of a thousand.
 */
export class Stretches {
  readonly shown: (LadderRow | Stretch)[] = [];
  readonly #budget = new Map<string, number>();
  readonly #evidence: ReadonlySet<number>;
  /** The packets after the last one shown: the first few until they are folded, what has been folded, and the latest few. */
  #early: LadderRow[] = [];
  #folded: Stretch | null = null;
  #late: LadderRow[] = [];
  #context = CONTEXT;
  #before: PacketRow | null = null;

  /** @param evidence numbers of packets that are shown in any case */
  constructor(evidence: ReadonlySet<number>) {
    this.#evidence = evidence;
  }

  /** @param changed an end's state changes with this packet */
  add(packet: LadderRow, changed: boolean): void {
    const { row } = packet;
    const isWorth = this.#isWorth(row, changed);
    this.#before = row;
    if (isWorth) {
      this.finish();
      this.shown.push(packet);
      this.#context = CONTEXT;
    } else if (this.#context > 0) {
      this.#context--;
      this.shown.push(packet);
    } else {
      this.#late.push(packet);
      if (this.#late.length > CONTEXT) this.#fold(this.#late.shift()!);
    }
  }

  /** Ends the stretch: the flow has ended, or a packet comes that is worth a look. */
  finish(): void {
    if (this.#folded !== null) this.shown.push(this.#folded);
    this.shown.push(...this.#early, ...this.#late);
    this.#early = [];
    this.#folded = null;
    this.#late = [];
  }

  #fold(packet: LadderRow): void {
    if (this.#folded === null) {
      this.#early.push(packet);
      if (this.#early.length < LEAST_FOLDED) return;
      const [{ row }] = this.#early;
      this.#folded = { first: row, last: row, segments: [0, 0], bytes: [0, 0], labels: new Map() };
      for (const early of this.#early) count(this.#folded, early);
      this.#early = [];
    } else {
      count(this.#folded, packet);
    }
  }

  #isWorth(row: PacketRow, changed: boolean): boolean {
    const reasons = row.labels.filter((label) => !QUIET.has(label));
    for (const flag of 'SFR') if (row.flags.includes(flag)) reasons.push(flag);
    if (changed) reasons.push('change');
    if (this.#before !== null && row.t_ns - this.#before.t_ns >= SILENCE) reasons.push('silence');
    let isWorth = this.#evidence.has(row.packet) || this.#before === null;
    for (const reason of reasons) {
      const spent = this.#budget.get(reason) ?? 0;
      this.#budget.set(reason, spent + 1);
      if (spent < SHOWN_OF_A_KIND) isWorth = true;
    }
    return isWorth;
  }
}

function count(stretch: Stretch, { row, side }: LadderRow): void {
  stretch.last = row;
  stretch.segments[side]++;
  stretch.bytes[side] += row.len;
  for (const label of row.labels) stretch.labels.set(label, (stretch.labels.get(label) ?? 0) + 1);
}
