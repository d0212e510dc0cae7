import type { Engine, Finding } from '../../core/index.ts';
import { endpointParts } from '../../core/index.ts';
import { type NumberList, listHas } from './number-list.ts';

const FIRST_FLOWS = 1 << 10;
/** What is known of a flow number. */
const UNKNOWN = 0;
const LEFT = 1;
const TAKEN = 2;

/**
 * The flows that are asked for: by number, or as those that a finding rests on. What a finding lists as evidence is capped, and what it
 * compares with is not listed at all; so it takes every connection of its subject: of the endpoint, of the host, between the two
 * endpoints (with the connections before and after on the same ports), or of the capture.
 */
export class FlowSelection {
  /** Numbers of the flows taken so far. */
  readonly flows: number[] = [];
  readonly #numbers: NumberList;
  readonly #listed = new Set<number>();
  readonly #pairs = new Set<string>();
  /** Ports of the ends of pairs. */
  readonly #pairPorts = new Set<number>();
  /** Ports of places; null when there is a place with all of them. */
  #ports: Set<number> | null = new Set();
  /** By host: its ports that are asked for, or all of them (null). */
  readonly #places = new Map<string, Set<number> | null>();
  /** The same by the number of the host, once it was seen; undefined for a host of which nothing is asked. */
  readonly #placesByNumber = new Map<number, Set<number> | null | undefined>();
  #all: boolean;
  #known = new Uint8Array(FIRST_FLOWS);

  /** @param numbers flows by number; with no findings either, an empty list means all */
  constructor(numbers: NumberList, findings: readonly Finding[]) {
    this.#numbers = numbers;
    this.#all = numbers.length === 0 && findings.length === 0;
    for (const { subject, evidence } of findings) {
      for (const flow of evidence.flows) this.#listed.add(flow);
      if (subject.kind === 'flow') {
        this.#pairs.add(`${subject.client} ${subject.server}`);
        for (const end of [subject.client, subject.server]) this.#pairPorts.add(Number(endpointParts(end).port));
      } else if (subject.kind === 'endpoint') {
        const { host, port: digits } = endpointParts(subject.endpoint);
        const port = Number(digits);
        const ports = this.#places.get(host);
        if (ports === undefined) this.#places.set(host, new Set([port]));
        else ports?.add(port);
        this.#ports?.add(port);
      } else if (subject.kind === 'host') {
        this.#places.set(subject.host, null);
        this.#ports = null;
      } else this.#all = true;
    }
  }

  /** Whether a flow is asked for. `flow`: its number; `slot`: as the engine's listeners are given it. */
  has(flow: number, slot: number, engine: Engine): boolean {
    if (flow >= this.#known.length) {
      const larger = new Uint8Array(Math.max(this.#known.length * 2, flow + 1));
      larger.set(this.#known);
      this.#known = larger;
    }
    if (this.#known[flow] === UNKNOWN) {
      const isTaken = this.#all || listHas(this.#numbers, flow) || this.#listed.has(flow) || this.#isNamed(slot, engine);
      this.#known[flow] = isTaken ? TAKEN : LEFT;
      if (isTaken) this.flows.push(flow);
    }
    return this.#known[flow] === TAKEN;
  }

  /** Whether a flow is known to be asked for, by `has` or by its number. */
  takes(flow: number): boolean {
    return this.#known[flow] === TAKEN || this.#listed.has(flow);
  }

  #isNamed(slot: number, engine: Engine): boolean {
    return (this.#places.size > 0 && (this.#isPlace(slot, 0, engine) || this.#isPlace(slot, 1, engine))) || (this.#pairs.size > 0 && this.#isPair(slot, engine));
  }

  /** By numbers: names of hundreds of thousands of flows would take a second. */
  #isPlace(slot: number, side: 0 | 1, { hosts }: Engine): boolean {
    const port = hosts.port(slot, side);
    if (this.#ports?.has(port) === false) return false;
    const number = hosts.hostIndex(slot, side);
    if (!this.#placesByNumber.has(number)) this.#placesByNumber.set(number, this.#places.get(hosts.nameOfHost(number)));
    const ports = this.#placesByNumber.get(number);
    return ports === null || ports?.has(port) === true;
  }

  #isPair(slot: number, engine: Engine): boolean {
    if (!this.#pairPorts.has(engine.hosts.port(slot, 0)) || !this.#pairPorts.has(engine.hosts.port(slot, 1))) return false;
    const [one, other] = [engine.endpointName(slot, 0), engine.endpointName(slot, 1)];
    return this.#pairs.has(`${one} ${other}`) || this.#pairs.has(`${other} ${one}`);
  }
}
