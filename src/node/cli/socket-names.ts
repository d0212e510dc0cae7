import type { Hosts } from '../../core/index.ts';

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

/**
 * Addresses and ports of the ends of flows (`flow * 2 + side`), 6 bytes an end. The engine forgets a flow's own when it gives its
 * slot to another; addresses it keeps.
 */
export class SocketNames {
  #hosts: Hosts | null = null;
  /** Index of the address plus one; 0: not known. */
  #host = new Uint32Array(0);
  #port = new Uint16Array(0);
  /** Of the address last asked for: its index, and how far it was searched for. */
  #sought = { name: '', index: -1, searched: 0 };
  #known = 0;

  has(end: number): boolean {
    return (this.#host[end] ?? 0) !== 0;
  }

  /** Takes the names of both ends of a flow from the slot that it has now. */
  take(hosts: Hosts, slot: number, flow: number): void {
    this.#hosts = hosts;
    for (const side of [0, 1] as const) {
      const end = flow * 2 + side;
      const host = hosts.hostIndex(slot, side);
      this.#host = withRoom(this.#host, end, Uint32Array);
      this.#port = withRoom(this.#port, end, Uint16Array);
      this.#host[end] = host + 1;
      this.#port[end] = hosts.port(slot, side);
      if (host >= this.#known) this.#known = host + 1;
    }
  }

  /** `address:port`, IPv6 in brackets. */
  endpoint(end: number): string {
    const host = this.#hosts?.nameOfHost(this.#host[end] - 1) ?? '';
    return host.includes(':') ? `[${host}]:${this.#port[end]}` : `${host}:${this.#port[end]}`;
  }

  port(end: number): number {
    return this.#port[end];
  }

  /** Tells whether an end has this address. */
  hasHost(end: number, name: string): boolean {
    return this.#host[end] - 1 === this.#indexOf(name) && this.has(end);
  }

  /** Orders two ends by address, as numbers, then by port. */
  compare(one: number, other: number): number {
    const [host, otherHost] = [this.#host[one] - 1, this.#host[other] - 1];
    return (host === otherHost ? 0 : (this.#hosts?.compareHosts(host, otherHost) ?? 0)) || this.#port[one] - this.#port[other];
  }

  /** Index of an address, −1 while no end has it. */
  #indexOf(name: string): number {
    if (this.#sought.name !== name) this.#sought = { name, index: -1, searched: 0 };
    const sought = this.#sought;
    while (sought.index < 0 && sought.searched < this.#known) {
      if (this.#hosts?.nameOfHost(sought.searched) === name) sought.index = sought.searched;
      sought.searched++;
    }
    return sought.index;
  }
}
