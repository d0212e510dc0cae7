import type { FlowRow } from '../../../core/index.ts';
import type { FlowTest } from './flow-filter.ts';
import { type Completion, FirstFlows, type FlowOrder, FlowScan, type FlowSource } from './flow-scan.ts';

/** Most flows that can be scrolled through; a filter or another order shows others. */
const KEPT = 500;
/** Milliseconds of scanning in each frame: in the background, and while somebody waits for a new order or filter. */
const SLICE = 2;
const HURRIED_SLICE = 40;
/** From one scan to the next (milliseconds). */
const REST = 1000;

/** The flows of the table, kept up to date at a bounded cost for any number of flows. */
export class FlowList {
  rows: readonly FlowRow[] = [];
  /** Flows in the last scan, and how many of them passed the filter. */
  total = 0;
  matching = 0;
  /** The rows still have the former filter or order: the scan is not finished. */
  isStale = true;
  readonly #clock: () => number;
  #order: FlowOrder;
  #test: FlowTest | null = null;
  #scan: FlowScan | null = null;
  /** Most rows of the last scan, or of the current one. */
  #most = 0;
  #due = -Infinity;

  /** @param clock milliseconds */
  constructor(order: FlowOrder, clock: () => number) {
    this.#order = order;
    this.#clock = clock;
  }

  /** Sets order and filter. They apply to the known rows at once. */
  ask(order: FlowOrder, test: FlowTest | null): void {
    this.#order = order;
    this.#test = test;
    this.#scan = null;
    this.#due = -Infinity;
    this.isStale = true;
    const known = new FirstFlows(order, KEPT);
    for (const row of this.rows) if (test === null || test(row)) known.add(row);
    this.rows = known.rows();
  }

  /**
   * Goes on with a scan, or begins one when it is time.
   *
   * @param wanted so many rows are looked at: to make more is for nothing, where it is known beforehand which are the first
   */
  refresh(flows: FlowSource, wanted = Infinity, complete?: Completion): void {
    const now = this.#clock();
    const most = this.#order.isByNumber === true && this.#test === null ? Math.min(wanted, KEPT) : KEPT;
    if (this.#scan === null && now < this.#due && most <= this.#most) return;
    if (this.#scan === null) this.#most = most;
    const scan = (this.#scan ??= new FlowScan(flows, this.#test, this.#order, most, complete));
    if (!scan.run(this.isStale || this.total === 0 ? HURRIED_SLICE : SLICE, this.#clock)) return;
    this.rows = scan.rows();
    this.total = scan.seen;
    this.matching = scan.matching;
    this.isStale = false;
    this.#scan = null;
    this.#due = this.#clock() + REST;
  }
}
