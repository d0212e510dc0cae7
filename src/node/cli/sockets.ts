import type { StateRow, TimelineChange, TimelineRow } from '../../core/index.ts';
import { STATE_NAMES, namesOf } from '../../core/index.ts';
import type { Instant } from './instant.ts';

/** The engine, which names the flow behind a change at the time of the change: `change.flow` is a slot that later flows use again. */
interface Naming {
  timelineRow(change: TimelineChange): TimelineRow;
}

const CLOSED = STATE_NAMES.indexOf('CLOSED');

const FIRST_ROOM = 1 << 12;

function grown<Numbers extends Uint8Array | Uint16Array | Float64Array>(old: Numbers, fresh: Numbers): Numbers {
  fresh.set(old);
  return fresh;
}

/**
 * What each end of each flow is in at one instant. Fed with the changes of state in the order in which they become known, it keeps
 * for every end the latest-learnt one that lies not after the instant: a correction of the past replaces what it corrects.
 *
 * Memory: 38 bytes a flow, and the names of the ends that are not closed.
 */
export class Sockets {
  readonly #at: Instant;
  /** Nanoseconds since the first frame, known from the first change on. */
  #limit = Infinity;
  #base: bigint | undefined;
  /** Indexed by `flow * 2 + side`. */
  #state = new Uint8Array(FIRST_ROOM);
  #possible = new Uint16Array(FIRST_ROOM);
  #since = new Float64Array(FIRST_ROOM);
  #packet = new Float64Array(FIRST_ROOM);
  /** Local and remote name by end. */
  readonly #names = new Map<number, readonly [string, string]>();

  constructor(at: Instant) {
    this.#at = at;
  }

  add(change: TimelineChange, naming: Naming): void {
    if (change.time > this.#limit) return;
    const { t_ns, flow, local, remote } = naming.timelineRow(change);
    if (this.#base === undefined) this.#start(t_ns - BigInt(Math.round(change.time)));
    if (change.time > this.#limit) return;
    const end = flow * 2 + change.side;
    if (end >= this.#state.length) this.#grow(end);
    this.#state[end] = change.state;
    this.#possible[end] = change.possible;
    this.#since[end] = change.time;
    this.#packet[end] = change.packet;
    if (change.state === CLOSED) this.#names.delete(end);
    else if (!this.#names.has(end)) {
      const peer = this.#names.get(end ^ 1);
      // Both ends of a flow share the two strings.
      this.#names.set(end, peer === undefined ? [local, remote] : [peer[1], peer[0]]);
    }
  }

  #start(base: bigint): void {
    this.#base = base;
    if (this.#at.kind === 'relative') this.#limit = Number(this.#at.ns);
    if (this.#at.kind === 'epoch') this.#limit = Number(this.#at.ns - base);
  }

  #grow(end: number): void {
    const room = Math.max(end + 1, this.#state.length * 2);
    this.#state = grown(this.#state, new Uint8Array(room));
    this.#possible = grown(this.#possible, new Uint16Array(room));
    this.#since = grown(this.#since, new Float64Array(room));
    this.#packet = grown(this.#packet, new Float64Array(room));
  }

  /**
   * The sockets at the instant, those of one state together, by local and remote address.
   *
   * @param captureEnd nanoseconds since the epoch: the instant where none was named
   * @param host only sockets of this address; undefined for all
   */
  rows(captureEnd: bigint, host: string | undefined): StateRow[] {
    const base = this.#base;
    if (base === undefined) return [];
    const t_ns = this.#at.kind === 'end' ? captureEnd : this.#at.kind === 'epoch' ? this.#at.ns : base + this.#at.ns;
    const rows: { row: StateRow; key: string }[] = [];
    for (const [end, [local, remote]] of this.#names) {
      if (host !== undefined && hostOf(local) !== host) continue;
      const since_ns = base + BigInt(Math.round(this.#since[end]));
      const row: StateRow = {
        t_ns,
        local,
        remote,
        state: STATE_NAMES[this.#state[end]],
        possible: namesOf(this.#possible[end]),
        since_ns,
        age_seconds: Number(t_ns - since_ns) / 1e9,
        flow: end >> 1,
        proof: this.#packet[end],
      };
      rows.push({ row, key: `${String(this.#state[end]).padStart(2, '0')} ${sortKey(local)} ${sortKey(remote)}` });
    }
    rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.row.flow - b.row.flow));
    return rows.map(({ row }) => row);
  }
}

/** The address of `address:port`, without brackets. */
export function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

/** Sorts as the numbers in it do: every number padded to five digits. */
function sortKey(endpoint: string): string {
  return endpoint.replace(/\d+/g, (digits) => digits.padStart(5, '0'));
}
