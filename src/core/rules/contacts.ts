import type { ConnectionView, Observation, Side } from '../observations.ts';
import type { Draft } from './rule.ts';

/** Contacts kept at once. When full, those that met one target only make room, oldest first. */
const MOST_CONTACTS = 50_000;
const DROPPED_AT_ONCE = 5_000;
/** Targets told apart for one contact; more are only counted as "more". */
const MOST_TARGETS = 4_096;
const MOST_KEPT = 100;

/** One source and what it tried: ports of one host, or hosts on one port. */
export class Contact {
  readonly key: number;
  readonly source: number;
  readonly other: number;
  /** Targets at which it failed, and at which it succeeded. */
  readonly failed = new Set<number>();
  readonly succeeded = new Set<number>();
  readonly first: number;
  last: number;
  readonly packets: number[] = [];
  readonly flows: number[] = [];
  morePackets = 0;
  /** Failures: refused, unanswered, and aborted by the source itself after a SYN-ACK (the port is open). */
  refused = 0;
  unanswered = 0;
  aborted = 0;

  constructor(key: number, source: number, other: number, time: number) {
    this.key = key;
    this.source = source;
    this.other = other;
    this.first = time;
    this.last = time;
  }

  fail(target: number, observation: Observation, connections: ConnectionView): void {
    this.last = Math.max(this.last, observation.time);
    if (this.failed.has(target)) return;
    if (this.failed.size < MOST_TARGETS) this.failed.add(target);
    if (this.packets.length < MOST_KEPT) {
      this.packets.push(observation.packet);
      this.flows.push(connections.flowNumber(observation.flow));
    } else this.morePackets += 1;
  }

  /** True when it failed at so many targets, and at most of those it tried. */
  isScan(minimum: number): boolean {
    return this.failed.size >= minimum && this.failed.size > 2 * this.succeeded.size;
  }

  draft(): Pick<Draft, 'first' | 'last' | 'count' | 'flows' | 'packets' | 'moreFlows' | 'morePackets'> {
    return {
      first: this.first,
      last: this.last,
      count: this.failed.size,
      flows: this.flows,
      packets: this.packets,
      moreFlows: this.morePackets,
      morePackets: this.morePackets,
    };
  }
}

/** Sources and their targets, bounded: a flood with millions of forged sources fills and empties it, and a real scan stays. */
export class Contacts {
  readonly all = new Map<number, Contact>();
  /** Contacts dropped to make room. */
  dropped = 0;

  get(source: number, other: number): Contact | undefined {
    return this.all.get(keyOf(source, other));
  }

  add(source: number, other: number, time: number): Contact {
    const key = keyOf(source, other);
    let contact = this.all.get(key);
    if (contact === undefined) {
      if (this.all.size >= MOST_CONTACTS) this.#makeRoom();
      contact = new Contact(key, source, other, time);
      this.all.set(key, contact);
    }
    return contact;
  }

  #makeRoom(): void {
    let left = DROPPED_AT_ONCE;
    for (const [key, contact] of this.all) {
      if (contact.failed.size > 1) continue;
      this.all.delete(key);
      this.dropped += 1;
      left -= 1;
      if (left === 0) return;
    }
    // All have met several targets: the oldest go.
    for (const key of this.all.keys()) {
      if (left === 0) return;
      this.all.delete(key);
      this.dropped += 1;
      left -= 1;
    }
  }
}

/** Two non-negative integers below 2^26 as one exact number. */
function keyOf(source: number, other: number): number {
  return source * 0x4000000 + other;
}

/** Who tried, at which host and port. */
export function attemptOf(observation: Observation, connections: ConnectionView): { source: number; host: number; port: number } {
  const { flow } = observation;
  const client = connections.client(flow);
  const server = (client ^ 1) as Side;
  return { source: connections.hostIndex(flow, client), host: connections.hostIndex(flow, server), port: connections.port(flow, server) };
}

/** Numbers in order, at most `limit` of them. */
export function listed(values: Iterable<number>, limit = 50): number[] {
  return [...values].sort((one, other) => one - other).slice(0, limit);
}
