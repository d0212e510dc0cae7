import type { FlowRow, ServerRow } from '../../../core/index.ts';
import { STATE_NAMES } from '../../../core/index.ts';
import type { LiveCounters, LiveDrops, LiveView } from '../live-view.ts';
import { FindingList } from './finding-list.ts';
import type { FlowOrder } from './flow-scan.ts';
import { FlowList } from './flow-list.ts';
import { Paced } from './paced.ts';
import { Trail } from './sparkline.ts';

/** Seconds that sparklines can go back. */
const REMEMBERED = 240;
const SECOND = 1000;
const SERVERS = 100;
const SERVERS_PACE = { interval: 1000, share: 0.002, advance: 20 };

const NO_DROPS: LiveDrops = { kernel: null, interface: null, own: 0 };
const NOTHING: LiveCounters = { packets: 0, bytes: 0, drops: NO_DROPS, syn: 0, synAck: 0, rst: 0, fin: 0, retransmitted: 0 };

/** How many ends are in a state, and how many were, second by second. */
export interface StateReading {
  state: string;
  ends: number;
  trail: Trail;
}

/** Rates per second, over the last complete second. */
export interface Rates {
  packets: number;
  bits: number;
}

/** What the screen shows of a live audit, read a few times a second at a bounded cost. The machine's clock is only used for pacing. */
export class Readings {
  readonly about: Pick<LiveView, 'interface' | 'source' | 'clock' | 'filter'>;
  counters: LiveCounters = NOTHING;
  rates: Rates = { packets: 0, bits: 0 };
  readonly packetTrail = new Trail(REMEMBERED);
  /** By state number; each is replaced when anything in it changes, and then the list, too. */
  states: readonly StateReading[] = STATE_NAMES.map((state) => ({ state, ends: 0, trail: new Trail(REMEMBERED) }));
  readonly findings: FindingList;
  readonly flows: FlowList;
  /** Capture time from the first packet to the latest, in seconds, and the latest in epoch nanoseconds; null before the first. */
  elapsed: number | null = null;
  latest: bigint | null = null;
  readonly #clock: () => number;
  readonly #servers: Paced<readonly ServerRow[]>;
  #second: number | null = null;
  #before: LiveCounters = NOTHING;

  /** @param clock milliseconds, going forward only */
  constructor(view: LiveView, order: FlowOrder, clock: () => number) {
    this.about = view;
    this.#clock = clock;
    this.flows = new FlowList(order, clock);
    this.findings = new FindingList(clock);
    this.#servers = new Paced<readonly ServerRow[]>([], SERVERS_PACE, clock);
  }

  get servers(): readonly ServerRow[] {
    return this.#servers.value;
  }

  /** Reads what is cheap now, and of the rest what it is time for. `shown`: see `shownPanes`. */
  take(view: LiveView, shown: ReadonlyMap<string, number>): void {
    const now = this.#clock();
    // The view may refill its answers for the next reading.
    const counters = view.counters();
    this.counters = { ...counters, drops: { ...counters.drops } };
    const population = view.population();
    this.states = withEnds(this.states, population);
    const started = view.started();
    this.latest = view.now();
    this.elapsed = started === null || this.latest === null ? null : Number(this.latest - started) / 1e9;
    this.#passSeconds(now);
    this.findings.refresh(view);
    if (shown.has('servers')) this.#servers.refresh(() => view.servers(SERVERS));
    const rows = shown.get('flows');
    if (rows !== undefined) this.flows.refresh((wanted) => view.flows(wanted), rows, (row) => this.withFindings(row));
  }

  #passSeconds(now: number): void {
    if (this.#second === null) {
      this.#second = now;
      this.#before = this.counters;
    }
    const passed = now - this.#second;
    if (passed < SECOND) return;
    const { packets, bytes } = this.counters;
    this.rates = { packets: (packets - this.#before.packets) / (passed / SECOND), bits: ((bytes - this.#before.bytes) * 8) / (passed / SECOND) };
    // After the program was stopped, all seconds missed are one step of the sparkline.
    this.#second = now;
    this.#before = this.counters;
    this.packetTrail.add(this.rates.packets);
    for (const { trail, ends } of this.states) trail.add(ends);
    this.states = this.states.map((reading) => ({ ...reading }));
  }

  /** The row with the rules whose findings list it: an audit under way leaves that to who asks. */
  withFindings(row: FlowRow): FlowRow {
    const rules = this.findings.rulesOf(row.flow);
    return rules === undefined ? row : { ...row, findings: rules };
  }
}

/** The readings with so many ends in each state: the same where nothing has changed, since only what is another object is drawn anew. */
function withEnds(states: readonly StateReading[], population: readonly number[]): readonly StateReading[] {
  let changed: StateReading[] | null = null;
  for (const [state, reading] of states.entries()) {
    const ends = population[state] ?? 0;
    if (reading.ends !== ends) (changed ??= [...states])[state] = { ...reading, ends };
  }
  return changed ?? states;
}
