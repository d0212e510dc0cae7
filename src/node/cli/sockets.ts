import type { Hosts, Instant, StateRow, TimelineChange } from '../../core/index.ts';
import { STATE_NAMES, namesOf } from '../../core/index.ts';
import { SocketNames, withRoom } from './socket-names.ts';

/** The engine, which names the flow behind a change at the time of the change: `change.flow` is a slot that later flows use again. */
interface Naming {
  flowNumber(slot: number): number;
  epoch(time: number): bigint;
  hosts: Hosts;
}

/** The engine at the instant. */
interface Queues {
  forEachFlow(visit: (slot: number) => void): void;
  flowNumber(slot: number): number;
  unacknowledged(slot: number, side: 0 | 1): number | null;
}

/** Which sockets are asked for; what is absent does not matter. */
export interface SocketFilter {
  /** Local address. */
  host?: string | undefined;
  /** Local or remote port. */
  port?: number | undefined;
  /** Numbers of states. */
  states?: ReadonlySet<number> | undefined;
}

const CLOSED = STATE_NAMES.indexOf('CLOSED');
const SYN_RECEIVED = STATE_NAMES.indexOf('SYN_RECEIVED');
const UNSEEN = STATE_NAMES.indexOf('UNSEEN');
const NO_SOCKET = (1 << CLOSED) | (1 << UNSEEN);

/** The ends, of the first so many, that fulfil a condition. */
export function endsThat(condition: (end: number) => boolean, ends: number): Uint32Array {
  let found = new Uint32Array(0);
  let count = 0;
  for (let end = 0; end < ends; end++) {
    if (!condition(end)) continue;
    found = withRoom(found, count, Uint32Array);
    found[count++] = end;
  }
  return found.subarray(0, count);
}

/**
 * What each end of each flow is in at one instant. Fed with the changes of state in the order in which they become known, it keeps
 * for every end the latest-learnt one that lies not after the instant: a correction of the past replaces what it corrects.
 *
 * Ends are numbered `flow * 2 + side`. Memory: 19 bytes an end, and the names.
 */
export class Sockets {
  readonly #at: Instant;
  readonly #names: SocketNames;
  /** Nanoseconds since the first frame, known from the first change on. */
  #limit = Infinity;
  #base: bigint | undefined;
  #state = new Uint8Array(0);
  #possible = new Uint16Array(0);
  #since = new Float64Array(0);
  #packet = new Uint32Array(0);
  /** Bytes sent and not acknowledged, plus one; 0: not known. */
  #queue = new Uint32Array(0);

  /** @param names where names are kept; several instants of a capture share them */
  constructor(at: Instant, names = new SocketNames()) {
    this.#at = at;
    this.#names = names;
  }

  add(change: TimelineChange, naming: Naming): void {
    if (change.time > this.#limit) return;
    if (this.#base === undefined) this.#start(naming.epoch(0));
    if (change.time > this.#limit) return;
    const flow = naming.flowNumber(change.flow);
    const end = flow * 2 + change.side;
    if (!this.#names.has(end)) this.#names.take(naming.hosts, change.flow, flow);
    this.#state = withRoom(this.#state, end, Uint8Array);
    this.#possible = withRoom(this.#possible, end, Uint16Array);
    this.#since = withRoom(this.#since, end, Float64Array);
    this.#packet = withRoom(this.#packet, end, Uint32Array);
    this.#state[end] = change.state;
    this.#possible[end] = change.possible;
    this.#since[end] = change.time;
    this.#packet[end] = change.packet;
  }

  /** Takes what every end has unacknowledged; to be called once, when the capture has come to the instant. */
  takeQueues(queues: Queues): void {
    queues.forEachFlow((slot) => {
      for (const side of [0, 1] as const) {
        const bytes = queues.unacknowledged(slot, side);
        const end = queues.flowNumber(slot) * 2 + side;
        this.#queue = withRoom(this.#queue, end, Uint32Array);
        this.#queue[end] = bytes === null ? 0 : bytes + 1;
      }
    });
  }

  #start(base: bigint): void {
    this.#base = base;
    if (this.#at.kind === 'relative') this.#limit = Number(this.#at.ns);
    if (this.#at.kind === 'epoch') this.#limit = Number(this.#at.ns - base);
  }

  /** The instant, in nanoseconds since the epoch; that of the end of the capture where none was named. */
  time(captureEnd: bigint): bigint {
    return this.#at.kind === 'end' ? captureEnd : this.#at.kind === 'epoch' ? this.#at.ns : (this.#base ?? 0n) + this.#at.ns;
  }

  /** One more than the highest end there is anything about. */
  get ends(): number {
    return this.#state.length;
  }

  /** State number of an end; CLOSED where there is no socket. */
  state(end: number): number {
    const state = this.#state[end] ?? CLOSED;
    return state === UNSEEN && (this.#possible[end] & ~NO_SOCKET) === 0 ? CLOSED : state;
  }

  possible(end: number): string[] {
    return namesOf(this.#possible[end] ?? 0);
  }

  /** When the end came to its state, in nanoseconds since the epoch; null before anything is known of it. */
  since(end: number): bigint | null {
    return this.#base === undefined || (this.#possible[end] ?? 0) === 0 ? null : this.#base + BigInt(Math.round(this.#since[end]));
  }

  /** The packet that put it there. */
  proof(end: number): number {
    return this.#packet[end] ?? 0;
  }

  /** Whether an end is asked for, whatever state it is in. */
  isWanted(end: number, { host, port }: SocketFilter): boolean {
    if (!this.#names.has(end) || (host !== undefined && !this.#names.hasHost(end, host))) return false;
    return port === undefined || this.#names.port(end) === port || this.#names.port(end ^ 1) === port;
  }

  /** Orders ends of one state: by local and remote address and port, then by flow. */
  compare(one: number, other: number): number {
    return this.#names.compare(one, other) || this.#names.compare(one ^ 1, other ^ 1) || one - other;
  }

  endpoint(end: number): string {
    return this.#names.endpoint(end);
  }

  /**
   * The sockets at the instant, those of one state together, by local and remote address.
   *
   * @param captureEnd nanoseconds since the epoch: the instant where none was named
   */
  *rows(captureEnd: bigint, filter: SocketFilter = {}): Generator<StateRow> {
    const t_ns = this.time(captureEnd);
    const isAskedFor = (end: number): boolean => {
      const state = this.state(end);
      return state !== CLOSED && (filter.states?.has(state) ?? true) && this.isWanted(end, filter);
    };
    const sorted = endsThat(isAskedFor, this.ends).sort((one, other) => this.#state[one] - this.#state[other] || this.compare(one, other));
    for (const end of sorted) {
      const since_ns = this.since(end) ?? t_ns;
      const queue = this.#queue[end] ?? 0;
      // A connection request is no socket of its own yet: Linux counts no queue for it.
      const counted = this.#state[end] === SYN_RECEIVED ? 0 : queue - 1;
      yield {
        t_ns,
        local: this.endpoint(end),
        remote: this.endpoint(end ^ 1),
        state: STATE_NAMES[this.#state[end]],
        possible: this.possible(end),
        since_ns,
        age_seconds: Number(t_ns - since_ns) / 1e9,
        flow: end >>> 1,
        proof: this.proof(end),
        send_queue_bytes: queue === 0 ? null : counted,
      };
    }
  }
}
