import type { Engine, Finding } from '../../core/index.ts';
import { endpointParts } from '../../core/index.ts';
import { type NumberList, listHas } from './number-list.ts';

const FIRST_FLOWS = 1 << 10;
/* What is known about a flow number. */
const UNKNOWN = 0;
const LEFT = 1;
const TAKEN = 2;

/**
 * The flows to extract: those given by number, and those that a finding rests on. The evidence of a finding is capped, and does not list
 * what it was compared with. So every connection of its subject is taken: of the endpoint, of the host, between the two endpoints (with
 * earlier and later connections on the same ports), or of the capture.
 */
export class FlowSelection {
  /** Numbers of the flows taken so far. */
  readonly flows: number[] = [];
  readonly #numbers: NumberList;
  readonly #listed = new Set<number>();
  readonly #pairs = new Set<string>();
  /** All ports that occur in `#pairs`. */
  readonly #pairPorts = new Set<number>();
  /** All ports that occur in `#places`; null if a host is wanted with all ports. */
  #ports: Set<number> | null = new Set();
  /** By host: the ports that are wanted, null for all. */
  readonly #places = new Map<string, Set<number> | null>();
  /** The same by number of the host, once it has been seen; undefined for hosts that are not wanted. */
  readonly #placesByNumber = new Map<number, Set<number> | null | undefined>();
  #all: boolean;
  #known = new Uint8Array(FIRST_FLOWS);

  /** @param numbers flows by number; if there are no findings either, an empty list means all flows */
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

  /** Whether a flow is wanted. `flow`: its number; `slot`: as listeners of the engine receive it. */
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

  /** Whether a flow is already known to be wanted: by `has`, or because a finding lists it. */
  takes(flow: number): boolean {
    return this.#known[flow] === TAKEN || this.#listed.has(flow);
  }

  #isNamed(slot: number, engine: Engine): boolean {
    return (this.#places.size > 0 && (this.#isPlace(slot, 0, engine) || this.#isPlace(slot, 1, engine))) || (this.#pairs.size > 0 && this.#isPair(slot, engine));
  }

  /** Compares numbers of hosts: making the names of hundreds of thousands of flows would take a second. */
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
