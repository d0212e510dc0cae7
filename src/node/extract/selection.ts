import type { Engine, Finding } from '../../core/index.ts';
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
  readonly #endpoints = new Set<string>();
  readonly #hosts = new Set<string>();
  #all: boolean;
  #known = new Uint8Array(FIRST_FLOWS);

  /** @param numbers flows by number; with no findings either, an empty list means all */
  constructor(numbers: NumberList, findings: readonly Finding[]) {
    this.#numbers = numbers;
    this.#all = numbers.length === 0 && findings.length === 0;
    for (const { subject, evidence } of findings) {
      for (const flow of evidence.flows) this.#listed.add(flow);
      if (subject.kind === 'flow') this.#pairs.add(`${subject.client} ${subject.server}`);
      else if (subject.kind === 'endpoint') this.#endpoints.add(subject.endpoint);
      else if (subject.kind === 'host') this.#hosts.add(subject.host);
      else this.#all = true;
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

  #isNamed(slot: number, engine: Engine): boolean {
    if (this.#pairs.size + this.#endpoints.size + this.#hosts.size === 0) return false;
    const [one, other] = [engine.endpointName(slot, 0), engine.endpointName(slot, 1)];
    if (this.#pairs.has(`${one} ${other}`) || this.#pairs.has(`${other} ${one}`)) return true;
    return [one, other].some((end) => this.#endpoints.has(end) || this.#hosts.has(hostOf(end)));
  }
}

function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}
