import type { StateName, TimelineRow } from '../../../src/core/index.ts';

interface Entry {
  time: number;
  state: StateName;
  possible: readonly StateName[];
}

/** What an analysis says of one end over time. Times are nanoseconds since an epoch that the caller chooses. */
export class Timeline {
  readonly #entries: Entry[] = [];

  /** Takes in the next row, in the order in which the analysis learnt it: it replaces what was said of its time and after. */
  say(time: number, state: StateName, possible: readonly StateName[]): void {
    const entries = this.#entries;
    while (entries.length > 0 && entries.at(-1)!.time > time) entries.pop();
    entries.push({ time, state, possible });
  }

  /** The states held at some time in [begin, end]; CLOSED before the first that is known, none when all lie later. */
  during(begin: number, end: number): Set<StateName> {
    const within = this.#within(begin, end);
    const held = new Set(within.map(({ state }) => state));
    if (within.length > 0 && within[0].time > begin) held.add('CLOSED');
    return held;
  }

  /** All states called possible at some time in [begin, end], and how many were at its end; null when nothing was said by then. */
  possibleDuring(begin: number, end: number): { states: Set<StateName>; size: number } | null {
    const within = this.#within(begin, end);
    if (within.length === 0) return null;
    return { states: new Set(within.flatMap(({ possible }) => possible)), size: within.at(-1)!.possible.length };
  }

  at(time: number): StateName | null {
    return this.#entries[this.#lastUntil(time)]?.state ?? null;
  }

  /** The entry that holds at `begin`, and all that begin until `end`. */
  #within(begin: number, end: number): Entry[] {
    return this.#entries.slice(Math.max(0, this.#lastUntil(begin)), this.#lastUntil(end) + 1);
  }

  /** Index of the last entry at or before `time`, -1 when there is none. */
  #lastUntil(time: number): number {
    let index = this.#entries.length - 1;
    while (index >= 0 && this.#entries[index].time > time) index--;
    return index;
  }
}

/** Name of an end in `timelines`: its endpoint, then its peer's. */
export function endName(local: string, remote: string): string {
  return `${local} ${remote}`;
}

/** The timeline of each end, by `endName`. UNSEEN claims nothing: such rows are passed over, and left out of what is possible. */
export function timelines(rows: readonly TimelineRow[], epoch: bigint): Map<string, Timeline> {
  const ends = new Map<string, Timeline>();
  for (const { t_ns: time, local, remote, state, possible } of rows) {
    if (state === 'UNSEEN') continue;
    const name = endName(local, remote);
    let timeline = ends.get(name);
    if (timeline === undefined) ends.set(name, (timeline = new Timeline()));
    const claimed = possible.filter((one) => one !== 'UNSEEN') as StateName[];
    timeline.say(Number(time - epoch), state as StateName, claimed);
  }
  return ends;
}
