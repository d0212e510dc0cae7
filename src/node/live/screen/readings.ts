import type { Finding, FlowRow, ServerRow } from '../../../core/index.ts';
import { isProblem, STATE_NAMES } from '../../../core/index.ts';
import type { LiveCounters, LiveDrops, LiveView } from '../live-view.ts';
import type { FlowOrder } from './flow-scan.ts';
import { FlowList } from './flow-list.ts';
import { Paced } from './paced.ts';
import { Trail } from './sparkline.ts';

/** Seconds that sparklines can go back. */
const REMEMBERED = 240;
const SECOND = 1000;
/** A finding is new for so long (milliseconds). */
const NEW = 15_000;
const SERVERS = 100;

/** What is read seldom: at most every so many milliseconds, and for this share of the time. */
const FINDINGS = { interval: 1000, share: 0.005 };
const SERVERS_PACE = { interval: 1000, share: 0.005 };

const NO_DROPS: LiveDrops = { kernel: null, interface: null, own: 0 };
const NOTHING: LiveCounters = { packets: 0, bytes: 0, drops: NO_DROPS, syn: 0, synAck: 0, rst: 0, fin: 0, retransmitted: 0 };

/** A finding, and when the screen first saw it. */
export interface FindingNews {
  finding: Finding;
  /** Names it from one reading to the next. */
  key: string;
  isNew: boolean;
}

/** How many ends are in a state, and how many were, second by second. */
export interface StateReading {
  state: string;
  ends: number;
  trail: Trail;
}

/** Per second, over the last second that is complete. */
export interface Rates {
  packets: number;
  bits: number;
}

/** What the screen shows of a live audit: read from it a few times a second, at a bounded cost. The machine's clock only paces it. */
export class Readings {
  readonly about: Pick<LiveView, 'interface' | 'source' | 'clock' | 'filter'>;
  counters: LiveCounters = NOTHING;
  rates: Rates = { packets: 0, bits: 0 };
  readonly packetTrail = new Trail(REMEMBERED);
  /** By state number; each is replaced when anything in it changes, and then the list, too. */
  states: readonly StateReading[] = STATE_NAMES.map((state) => ({ state, ends: 0, trail: new Trail(REMEMBERED) }));
  findings: readonly FindingNews[] = [];
  /** Those of them that are more than worth knowing. */
  problems: readonly FindingNews[] = [];
  readonly flows: FlowList;
  /** Capture time from the first packet to the latest, in seconds, and the latest in epoch nanoseconds; null before the first. */
  elapsed: number | null = null;
  latest: bigint | null = null;
  readonly #clock: () => number;
  readonly #findings: Paced<readonly Finding[]>;
  readonly #servers: Paced<readonly ServerRow[]>;
  readonly #seen = new Map<string, number>();
  #rules: ReadonlyMap<number, string[]> = new Map();
  #second: number | null = null;
  #before: LiveCounters = NOTHING;

  /** @param clock milliseconds, going forward only */
  constructor(view: LiveView, order: FlowOrder, clock: () => number) {
    this.about = view;
    this.#clock = clock;
    this.flows = new FlowList(order, clock);
    this.#findings = new Paced<readonly Finding[]>([], FINDINGS.interval, FINDINGS.share, clock);
    this.#servers = new Paced<readonly ServerRow[]>([], SERVERS_PACE.interval, SERVERS_PACE.share, clock);
  }

  get servers(): readonly ServerRow[] {
    return this.#servers.value;
  }

  /** Reads what is cheap now, and of the rest what it is time for. `shown`: the names of the panes that are on the screen. */
  take(view: LiveView, shown: ReadonlySet<string>): void {
    const now = this.#clock();
    // What a view gives may be refilled for the next reading.
    const counters = view.counters();
    this.counters = { ...counters, drops: { ...counters.drops } };
    const population = view.population();
    this.states = withEnds(this.states, population);
    const started = view.started();
    this.latest = view.now();
    this.elapsed = started === null || this.latest === null ? null : Number(this.latest - started) / 1e9;
    this.#passSeconds(now);
    // Not `findings()`: a view may pace that itself, and the first ones are what one waits for.
    if (this.#findings.refresh(() => view.report().findings)) this.#noteFindings(now);
    if (shown.has('servers')) this.#servers.refresh(() => view.servers(SERVERS));
    if (shown.has('flows')) this.flows.refresh((wanted) => view.flows(wanted), (row) => this.withFindings(row));
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
    // After a stop the seconds that nobody looked are one step of the sparkline.
    this.#second = now;
    this.#before = this.counters;
    this.packetTrail.add(this.rates.packets);
    for (const { trail, ends } of this.states) trail.add(ends);
    this.states = this.states.map((reading) => ({ ...reading }));
  }

  /** The row with the rules whose findings list it: an audit under way leaves that to who asks. */
  withFindings(row: FlowRow): FlowRow {
    const rules = this.#rules.get(row.flow);
    return rules === undefined ? row : { ...row, findings: rules };
  }

  #noteFindings(now: number): void {
    this.#rules = rulesByFlow(this.#findings.value);
    const keys = new Set<string>();
    this.findings = this.#findings.value.map((finding): FindingNews => {
      const key = keyOf(finding);
      keys.add(key);
      const since = this.#seen.get(key) ?? now;
      this.#seen.set(key, since);
      return { finding, key, isNew: now - since < NEW };
    });
    this.problems = this.findings.filter(({ finding }) => isProblem(finding));
    for (const key of this.#seen.keys()) if (!keys.has(key)) this.#seen.delete(key);
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

function keyOf({ rule, subject }: Finding): string {
  return `${rule} ${subject.kind === 'flow' ? subject.flow : subject.kind === 'endpoint' ? subject.endpoint : subject.kind === 'host' ? subject.host : ''}`;
}

/** Rules of the findings whose evidence lists a flow, by its number. */
function rulesByFlow(findings: readonly Finding[]): Map<number, string[]> {
  const rules = new Map<number, string[]>();
  for (const { rule, evidence } of findings) {
    for (const flow of evidence.flows) {
      const known = rules.get(flow);
      if (known === undefined) rules.set(flow, [rule]);
      else if (!known.includes(rule)) known.push(rule);
    }
  }
  return rules;
}
