import type { Observation } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import type { Fact } from '../report/report.ts';
import { firstOf, pairKey, secondOf } from './pair-key.ts';
import type { Draft } from './rule.ts';
import { RandomWalk } from './statistics/random-walk.ts';

/** Contacts with several targets kept at once; when full, the oldest make room. */
const MOST_CONTACTS = 50_000;
const DROPPED_AT_ONCE = 5_000;
/** Slots for sources that met one target only: at first, and at most. */
const FIRST_SINGLES = 1 << 10;
const MOST_SINGLES = 1 << 18;
/** Targets told apart, by all contacts together, and by each in any case: what is tried beyond them is not counted. */
const MOST_TARGETS = 2_000_000;
const LEAST_TARGETS = 64;
const MOST_KEPT = 100;

/** How an attempt failed; ABORTED: by its source, after a SYN-ACK (the port is open). */
export const Failure = { REFUSED: 0, UNANSWERED: 1, ABORTED: 2 } as const;
export type Failure = (typeof Failure)[keyof typeof Failure];
const FAILURES = 4;
/** Successes before a contact's second target that its walk is credited with: as many as make any source benign. */
const MOST_CREDIT = 4;
/** A scanner tries each target once or a few times; who resets more handshakes of each than this checks whether they are up. */
const MOST_TRIES = 5;

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
  more = 0;
  /** The sequential test of its first contacts. */
  readonly walk = new RandomWalk();
  /** Targets by failure. */
  refused = 0;
  unanswered = 0;
  aborted = 0;
  /** There were more targets than there was room for. */
  beyond = false;
  /** Failures, those at one target among them. */
  private attempts = 0;

  constructor(key: number, source: number, other: number, time: number) {
    this.key = key;
    this.source = source;
    this.other = other;
    this.first = time;
    this.last = time;
  }

  /** True when it had not failed at this target before, and there was room to note it. */
  fail(target: number, how: Failure, hasRoom = true): boolean {
    this.attempts += 1;
    if (this.failed.has(target)) return false;
    if (!hasRoom && this.failed.size >= LEAST_TARGETS) {
      this.beyond = true;
      return false;
    }
    if (!this.succeeded.has(target)) this.walk.step(false);
    this.failed.add(target);
    if (how === Failure.REFUSED) this.refused += 1;
    else if (how === Failure.UNANSWERED) this.unanswered += 1;
    else this.aborted += 1;
    return true;
  }

  /** True when it had not succeeded at this target before. */
  succeed(target: number): boolean {
    if (this.succeeded.has(target)) return false;
    if (!this.failed.has(target)) this.walk.step(true);
    this.succeeded.add(target);
    return true;
  }

  keep(observation: Observation, connections: ConnectionView): void {
    this.last = Math.max(this.last, observation.time);
    if (this.packets.length < MOST_KEPT) {
      // The end of a flow has no packet of its own.
      if (observation.packet > 0) this.packets.push(observation.packet);
      this.flows.push(connections.flowNumber(observation.flow));
    } else this.more += 1;
  }

  /** True when it failed at so many targets, and at most of those it tried. */
  isScan(minimum: number): boolean {
    return this.failed.size >= minimum && this.failed.size > 2 * this.succeeded.size && !this.isCheck();
  }

  /** True for a balancer's checks: most targets are up, and it resets their SYN-ACKs again and again. */
  isCheck(): boolean {
    return 2 * this.aborted > this.failed.size && this.attempts > MOST_TRIES * this.failed.size;
  }

  draft(): Pick<Draft, 'first' | 'last' | 'count' | 'flows' | 'packets' | 'moreFlows' | 'morePackets'> {
    return {
      first: this.first,
      last: this.last,
      count: this.failed.size,
      flows: this.flows,
      packets: this.packets,
      moreFlows: this.more,
      morePackets: this.more,
    };
  }
}

/**
 * Sources and their targets, bounded. Whoever met one target only has a slot in a table in which a later one may take its
 * place: a flood of millions of forged sources costs nothing, and a scan, which meets a second target soon, is kept.
 */
export class Contacts {
  readonly all = new Map<number, Contact>();
  private singleKeys = new Float64Array(FIRST_SINGLES).fill(-1);
  /** `target * 4 + failure`. */
  private singleTargets = new Float64Array(FIRST_SINGLES);
  private singles = 0;
  /** Targets of all contacts. */
  private targets = 0;
  private readonly connections: ConnectionView;
  /** How many connections a source has made so far. */
  private readonly madeBy: (source: number) => number;

  constructor(connections: ConnectionView, madeBy: (source: number) => number = () => 0) {
    this.connections = connections;
    this.madeBy = madeBy;
  }

  /** A failed attempt of `source`, made at `time`. Returns its contact once it has met two targets. */
  fail(source: number, other: number, target: number, how: Failure, time: number, observation: Observation): Contact | undefined {
    const key = pairKey(source, other);
    const contact = this.all.get(key) ?? this.second(key, source, other, target, how, time);
    if (contact === undefined) return undefined;
    if (contact.fail(target, how, this.targets < MOST_TARGETS)) {
      this.targets += 1;
      contact.keep(observation, this.connections);
    }
    return contact;
  }

  succeed(source: number, other: number, target: number): void {
    if (this.targets < MOST_TARGETS && this.all.get(pairKey(source, other))?.succeed(target) === true) this.targets += 1;
  }

  /** A contact when this is the source's second target; else notes the first. */
  private second(key: number, source: number, other: number, target: number, how: Failure, time: number): Contact | undefined {
    const slot = this.slotOf(source, other);
    const noted = this.singleTargets[slot];
    if (this.singleKeys[slot] !== key) {
      if (this.singleKeys[slot] < 0) this.singles += 1;
      this.singleKeys[slot] = key;
      this.singleTargets[slot] = target * FAILURES + how;
      if (this.singles * 2 > this.singleKeys.length && this.singleKeys.length < MOST_SINGLES) this.enlarge();
      return undefined;
    }
    if (Math.floor(noted / FAILURES) === target) return undefined;
    if (this.all.size >= MOST_CONTACTS) this.makeRoom();
    const contact = new Contact(key, source, other, time);
    for (let made = Math.min(this.madeBy(source), MOST_CREDIT); made > 0; made -= 1) contact.walk.step(true);
    contact.fail(Math.floor(noted / FAILURES), (noted % FAILURES) as Failure);
    this.targets += 1;
    this.all.set(key, contact);
    return contact;
  }

  private slotOf(source: number, other: number): number {
    return (Math.imul(source ^ (other << 11), 0x9e3779b1) ^ (other * 7)) & (this.singleKeys.length - 1);
  }

  private enlarge(): void {
    const keys = this.singleKeys;
    const targets = this.singleTargets;
    this.singleKeys = new Float64Array(keys.length * 4).fill(-1);
    this.singleTargets = new Float64Array(keys.length * 4);
    this.singles = 0;
    keys.forEach((key, at) => {
      if (key < 0) return;
      const slot = this.slotOf(firstOf(key), secondOf(key));
      if (this.singleKeys[slot] < 0) this.singles += 1;
      this.singleKeys[slot] = key;
      this.singleTargets[slot] = targets[at];
    });
  }

  private makeRoom(): void {
    let left = DROPPED_AT_ONCE;
    for (const [key, { failed, succeeded }] of this.all) {
      if (left === 0) return;
      this.all.delete(key);
      this.targets -= failed.size + succeeded.size;
      left -= 1;
    }
  }
}

/** A scan of one host (the contact's `other`), of which `facts` say more. */
export function draftOfHostScan(contact: Contact, connections: ConnectionView, facts: { [name: string]: Fact }): Draft {
  const target = connections.nameOfHost(contact.other);
  return {
    ...contact.draft(),
    severity: 'medium',
    confidence: 'high',
    subject: { kind: 'host', host: target },
    facts: { target, source: connections.nameOfHost(contact.source), ...facts, ...(contact.beyond && { at_least: true }) },
    doubts: [],
  };
}

/** Numbers in order, at most `limit` of them. */
export function listed(values: Iterable<number>, limit = 50): number[] {
  return [...values].sort((one, other) => one - other).slice(0, limit);
}
