import { type ConnectionView, ENDING, Kind, type Observation, otherSide, type Side } from '../../../core/index.ts';
import type { ServiceTally } from './service-tally.ts';
import type { TopServices } from './top-services.ts';

const SECOND = 1e9;

/** Counts what becomes of the connections to each service, by what the engine tells (`EngineListeners.fact` and `over`). */
export class ServiceAccount {
  readonly #services: TopServices;
  /** Flows that are over and counted, but not yet forgotten. */
  readonly #over = new Set<number>();

  constructor(services: TopServices) {
    this.#services = services;
  }

  /** Takes one fact. Most are of kinds that do not matter here. */
  fact({ kind, flow, side, a, b }: Observation, connections: ConnectionView): void {
    switch (kind) {
      case Kind.FLOW_STARTED:
        // It began before the capture: there will be no SYN to count.
        if (connections.midstream(flow)) this.#services.connected(connections.endpointIndex(flow, otherSide(connections.client(flow))), connections);
        return;
      case Kind.SYN:
        this.#services.connected(connections.endpointIndex(flow, otherSide(side)), connections).attempts++;
        return;
      case Kind.SYN_ACK:
        if (b >= 0) this.#tallyOf(connections, flow, side).synAck.add(b / SECOND);
        return;
      case Kind.HANDSHAKE_COMPLETED: {
        const tally = this.#tallyOf(connections, flow, otherSide(side));
        tally.completed++;
        tally.ack.add(a / SECOND);
        return;
      }
      case Kind.REFUSED:
        this.#tallyOf(connections, flow, side).refused++;
        return;
      case Kind.HANDSHAKE_ABORTED:
        this.#tallyOf(connections, flow, otherSide(side)).aborted++;
        return;
      case Kind.RETRANSMITTED:
        this.#tallyOf(connections, flow, otherSide(connections.client(flow))).retransmitted++;
        return;
      case Kind.FLOW_ENDED:
        // Only the capture has ended: how the connection will end is unknown.
        if (!this.#over.delete(flow) && (b & ENDING.CAPTURE_ENDED) === 0) this.#countEnd(flow, a, connections);
        return;
      default:
        return;
    }
  }

  /** Both ends of a connection are closed. */
  over(flow: number, outcome: number, connections: ConnectionView): void {
    if (this.#over.has(flow)) return;
    this.#over.add(flow);
    this.#countEnd(flow, outcome, connections);
  }

  #countEnd(flow: number, outcome: number, connections: ConnectionView): void {
    const { ended } = this.#tallyOf(connections, flow, otherSide(connections.client(flow)));
    ended[outcome]++;
  }

  #tallyOf(connections: ConnectionView, flow: number, server: Side): ServiceTally {
    return this.#services.of(connections.endpointIndex(flow, server));
  }
}
