import type { Side } from '../../src/core/observations.ts';
import type { CaptureView, ConnectionView } from '../../src/core/views.ts';
import { Kind, Observation, otherSide } from '../../src/core/observations.ts';
import type { Draft, Rule, RuleContext, RunningRule } from '../../src/core/rules/rule.ts';

/** What a fake connection is; everything has a default. */
export interface FakeConnection {
  client?: string;
  server?: string;
  state?: [number, number];
  /** When each end came to its state, in nanoseconds. */
  since?: [number, number];
  /** When each end sent payload last, in nanoseconds. */
  lastData?: [number, number];
  packets?: [number, number];
  bytes?: [number, number];
  oneWay?: boolean;
  midstream?: boolean;
  /** Of the client's SYN; 0 without the option. */
  mss?: number;
}

/**
 * A rule at work on scripted observations, without an engine: `see` one after the other, then `finish` for its drafts. Side 0
 * is the client. The observation is one object, refilled, and poisoned after each call: a rule that keeps it is found out.
 */
export class FakeRun {
  readonly drafts: Draft[] = [];
  latest = 0;
  loss = 0;
  readonly #rule: RunningRule;
  readonly #connections: FakeConnection[];
  readonly #endpoints = new Names();
  readonly #hosts = new Names();
  readonly #observation = new Observation();
  #packet = 0;
  /** Handshakes completed, which takes a segment without SYN, FIN and RST each. */
  #ordinary = 0;
  /** The same by server. */
  readonly #accepted = new Map<number, number>();

  constructor(rule: Rule, connections: FakeConnection[], options: { [name: string]: number } = {}) {
    this.#connections = connections;
    const context: RuleContext = {
      connections: this.#view(),
      capture: this.#capture(),
      option: (name) => options[name] ?? rule.options[name].default,
      server: (endpoint) => ({ connections: 0, mostIn: () => 0, accepted: this.#accepted.get(endpoint) ?? 0, segments: 0, clientSegments: 0 }),
      host: () => ({ opened: 0, accepted: 0 }),
      report: (draft) => this.drafts.push(draft),
    };
    this.#rule = rule.start(context);
  }

  /** `time` in seconds. */
  see(kind: Kind, flow: number, side: Side, time: number, a = 0, b = 0): void {
    const observation = this.#observation;
    this.#packet += 1;
    if (kind === Kind.HANDSHAKE_COMPLETED) {
      this.#ordinary += 1;
      const server = this.#endpoints.indexOf(this.#name(flow, otherSide(side)));
      this.#accepted.set(server, (this.#accepted.get(server) ?? 0) + 1);
    }
    this.latest = Math.max(this.latest, time * 1e9);
    Object.assign(observation, { kind, flow, side, packet: this.#packet, time: time * 1e9, a, b });
    this.#rule.observe(observation);
    Object.assign(observation, { flow: -1, packet: -1, time: NaN, a: NaN, b: NaN });
  }

  finish(seconds: number): Draft[] {
    this.latest = seconds * 1e9;
    this.#rule.finish();
    return this.drafts;
  }

  #name(flow: number, side: Side): string {
    const connection = this.#connections[flow] ?? {};
    return side === 0 ? (connection.client ?? `192.0.2.1:${40_000 + flow}`) : (connection.server ?? '198.51.100.1:443');
  }

  #view(): ConnectionView {
    const connection = (flow: number): FakeConnection => this.#connections[flow] ?? {};
    const host = (flow: number, side: Side): string => this.#name(flow, side).replace(/:\d+$/, '');
    return {
      flowNumber: (flow) => flow + 1,
      endpointName: (flow, side) => this.#name(flow, side),
      endpointIndex: (flow, side) => this.#endpoints.indexOf(this.#name(flow, side)),
      nameOfEndpoint: (index) => this.#endpoints.at(index),
      hostIndex: (flow, side) => this.#hosts.indexOf(host(flow, side)),
      nameOfHost: (index) => this.#hosts.at(index),
      port: (flow, side) => Number(this.#name(flow, side).replace(/^.*:/, '')),
      client: () => 0,
      directionConfidence: () => 1,
      state: (flow, side) => connection(flow).state?.[side] ?? 4,
      possible: (flow, side) => 1 << (connection(flow).state?.[side] ?? 4),
      since: (flow, side) => connection(flow).since?.[side] ?? 0,
      started: () => 0,
      lastSeen: () => this.latest,
      lastData: (flow, side) => connection(flow).lastData?.[side] ?? -1,
      packets: (flow, side) => connection(flow).packets?.[side] ?? 3,
      bytes: (flow, side) => connection(flow).bytes?.[side] ?? 0,
      ttl: () => 64,
      mss: (flow) => connection(flow).mss ?? 1_460,
      synOptions: () => 0b1111,
      handshakeSeen: () => true,
      finSeen: () => false,
      midstream: (flow) => connection(flow).midstream ?? false,
      oneWay: (flow) => connection(flow).oneWay ?? false,
      epoch: (time) => BigInt(Math.round(time)),
      now: () => this.latest,
    };
  }

  #capture(): CaptureView {
    return {
      packets: () => this.#packet,
      ordinarySegments: () => this.#ordinary,
      syns: () => 0,
      fins: () => 0,
      duplicates: () => 0,
      lossShare: () => this.loss,
      dropped: () => null,
      stampedOnDelivery: () => false,
      oneWayFlows: () => 0,
      flows: () => this.#connections.length,
      midstreamFlows: () => 0,
      badHeaders: () => ({ counts: {}, kept: [] }),
      truncated: () => 0,
      misordered: () => 0,
      clockStepped: () => false,
      overlappingFiles: () => 0,
      firstTime: () => 0,
      watchedUntil: () => Infinity,
      lastTime: () => this.latest,
    };
  }
}

/** Names, numbered in order of appearance. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  indexOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  at(index: number): string {
    return this.#names[index];
  }
}
