const FIRST_ROOM = 1 << 12;

/** Numbers by end or flow, in room that doubles. */
export function withRoom<Numbers extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  old: Numbers,
  index: number,
  make: new (length: number) => Numbers,
): Numbers {
  if (index < old.length) return old;
  const fresh = new make(Math.max(index + 1, old.length * 2, FIRST_ROOM));
  fresh.set(old);
  return fresh;
}

/** The address of `address:port`, without brackets. */
export function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

/** Sorts as the numbers in it do: every number padded to five digits. */
function sortKey(host: string): string {
  return host.replace(/\d+/g, (digits) => digits.padStart(5, '0'));
}

/** Names of the ends of flows (`flow * 2 + side`), every address kept once: 6 bytes an end. */
export class SocketNames {
  /** Addresses as they are written before a port; index 0 stands for unknown. */
  readonly #hosts: string[] = [''];
  readonly #indices = new Map<string, number>();
  #host = new Uint32Array(0);
  #port = new Uint16Array(0);
  #ranks: Uint32Array | null = null;

  has(end: number): boolean {
    return (this.#host[end] ?? 0) !== 0;
  }

  set(end: number, endpoint: string): void {
    const at = endpoint.lastIndexOf(':');
    const host = endpoint.slice(0, at);
    let index = this.#indices.get(host);
    if (index === undefined) {
      index = this.#hosts.length;
      this.#hosts.push(host);
      this.#indices.set(host, index);
      this.#ranks = null;
    }
    this.#host = withRoom(this.#host, end, Uint32Array);
    this.#port = withRoom(this.#port, end, Uint16Array);
    this.#host[end] = index;
    this.#port[end] = Number(endpoint.slice(at + 1));
  }

  endpoint(end: number): string {
    return `${this.#hosts[this.#host[end]]}:${this.#port[end]}`;
  }

  port(end: number): number {
    return this.#port[end];
  }

  /** Tells whether an end has this address (without brackets). */
  hasHost(end: number, host: string): boolean {
    return hostOf(`${this.#hosts[this.#host[end]]}:`) === host;
  }

  /** Orders two ends by address, as numbers, then by port. */
  compare(one: number, other: number): number {
    this.#ranks ??= this.#rank();
    return this.#ranks[this.#host[one]] - this.#ranks[this.#host[other]] || this.#port[one] - this.#port[other];
  }

  #rank(): Uint32Array {
    const keys = this.#hosts.map(sortKey);
    const order = keys.map((_, index) => index).sort((a, b) => (keys[a] < keys[b] ? -1 : Number(keys[a] > keys[b])));
    const ranks = new Uint32Array(order.length);
    for (const [rank, index] of order.entries()) ranks[index] = rank;
    return ranks;
  }
}
