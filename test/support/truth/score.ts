import type { StateName, TimelineRow } from '../../../src/core/index.ts';
import { endName, type Timeline, timelines } from './timeline.ts';
import type { Truth } from './truth.ts';

/** How an analysis compares with what the kernels said. */
export interface Score {
  /** (socket, instant) pairs that a passive observer could know. */
  compared: number;
  /** … in which the estimate was the kernel's state. */
  agreed: number;
  /** Pairs left out because kernel and analysis agree that there is no socket: anyone could say that. */
  bothClosed: number;
  /** Pairs left out because nobody could know, by reason. */
  apart: Map<string, number>;
  /** Of the pairs with a set of possible states: how many, in how many of them the kernel's state is in the set, sum of sizes. */
  sets: { given: number; covered: number; size: number };
  /** "kernel X, estimate Y: host local -> remote" and how often. */
  disagreements: Map<string, number>;
}

interface Sample {
  host: string;
  /** When the kernel was asked, and when it had answered. */
  begin: number;
  end: number;
}

/** One (socket, instant) pair. `end` names it as the capture shows it, `local` and `remote` as its kernel does. */
interface Claim {
  end: string;
  local: string;
  remote: string;
  state: StateName;
}

/**
 * Compares, at every look at a kernel's socket table, each socket's state with what the analysis says for that instant: it agrees
 * if it holds the kernel's state at any time within the grace window round the look. An end that only the analysis knows counts
 * as CLOSED for the kernel.
 */
export function score(truth: Truth, rows: readonly TimelineRow[]): Score {
  return new Scoring(truth, timelines(rows, BigInt(truth.epoch_ns))).run();
}

class Scoring {
  readonly #truth: Truth;
  readonly #ends: Map<string, Timeline>;
  readonly #grace: number;
  readonly #first = new Map<string, number>();
  readonly #otherName = new Map<string, string>();
  readonly #score: Score = {
    compared: 0,
    agreed: 0,
    bothClosed: 0,
    apart: new Map(),
    sets: { given: 0, covered: 0, size: 0 },
    disagreements: new Map(),
  };

  constructor(truth: Truth, ends: Map<string, Timeline>) {
    this.#truth = truth;
    this.#ends = ends;
    this.#grace = truth.grace_ms * 1e6;
    for (const [one, other, time] of truth.first) {
      this.#first.set(endName(one, other), time);
      this.#first.set(endName(other, one), time);
    }
    for (const [inside, outside] of truth.aliases) {
      this.#otherName.set(inside, outside);
      this.#otherName.set(outside, inside);
    }
  }

  run(): Score {
    for (const [host, samples] of Object.entries(this.#truth.samples)) {
      const tables = this.#tables(host, samples.length);
      const known = this.#knownAt(host);
      samples.forEach(([time, duration], index) => {
        const sample = { host, begin: time, end: time + duration };
        const present = new Set(tables[index].map(({ end }) => end));
        for (const claim of tables[index]) this.#compare(sample, claim);
        for (const claim of known) if (!present.has(claim.end)) this.#compare(sample, claim);
      });
    }
    return this.#score;
  }

  /** What the host's kernel had, look by look. */
  #tables(host: string, samples: number): Claim[][] {
    const tables: Claim[][] = Array.from({ length: samples }, () => []);
    for (const [local, remote, ...runs] of this.#truth.sockets[host] ?? []) {
      const end = this.#onWire(local, remote);
      for (const [state, from, to] of runs) for (let index = from; index <= to; index++) tables[index].push({ end, local, remote, state });
    }
    return tables;
  }

  /** Ends at the host of which the analysis says something, each claimed to be CLOSED. */
  #knownAt(host: string): Claim[] {
    return [...this.#ends.keys()]
      .map((end) => ({ end, local: end.split(' ')[0], remote: end.split(' ')[1], state: 'CLOSED' as const }))
      .filter(({ local }) => this.#truth.hosts[local.slice(0, local.lastIndexOf(':')).replaceAll(/[[\]]/g, '')] === host);
  }

  /** The name under which the capture shows an end, where an address is translated on the way. */
  #onWire(local: string, remote: string): string {
    const names = [endName(local, remote), endName(this.#otherName.get(local) ?? local, remote), endName(local, this.#otherName.get(remote) ?? remote)];
    return names.find((name) => this.#first.has(name)) ?? names[0];
  }

  #compare(sample: Sample, { end, local, remote, state }: Claim): void {
    const [from, to] = [sample.begin - this.#grace, sample.end + this.#grace];
    const timeline = this.#ends.get(end);
    const held = timeline?.during(from, to) ?? new Set();
    const agrees = held.has(state) || (state === 'CLOSED' && held.size === 0);
    if (state === 'CLOSED' && agrees) {
      this.#score.bothClosed++;
      return;
    }
    if ((this.#first.get(end) ?? Number.POSITIVE_INFINITY) > to) {
      count(this.#score.apart, 'no packet yet');
      return;
    }
    const reason = this.#unknowable(sample, local, remote, state);
    if (reason !== null) {
      count(this.#score.apart, reason);
      return;
    }
    this.#score.compared++;
    if (agrees) this.#score.agreed++;
    else count(this.#score.disagreements, `kernel ${state}, estimate ${timeline?.at(sample.begin) ?? 'none'}: ${sample.host} ${local} -> ${remote}`);
    const possible = timeline?.possibleDuring(from, to) ?? null;
    if (possible === null) return;
    const { sets } = this.#score;
    sets.given++;
    if (possible.states.has(state)) sets.covered++;
    sets.size += possible.size;
  }

  /** Why nobody could know this state; null when somebody could. */
  #unknowable({ host, begin }: Sample, local: string, remote: string, state: StateName): string | null {
    const rule = this.#truth.unknowable.find(
      (each) =>
        (each.host ?? host) === host &&
        (each.states ?? [state]).includes(state) &&
        (each.local ?? local) === local &&
        (each.remote ?? remote) === remote &&
        begin >= (each.after ?? Number.NEGATIVE_INFINITY),
    );
    return rule?.why ?? null;
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Agreement in per cent; null when nothing was compared. */
export function agreement({ compared, agreed }: Score): number | null {
  return compared === 0 ? null : (100 * agreed) / compared;
}

/** Share, in per cent, of the samples in which the kernel's state is among the possible ones; null when no set was given. */
export function coverage({ sets }: Score): number | null {
  return sets.given === 0 ? null : (100 * sets.covered) / sets.given;
}
