import type { ConnectionView, Observation } from '../observations.ts';
import type { Draft } from './rule.ts';

/** Flows and packets kept; the rest is counted. */
const MOST_KEPT = 100;

/** Connections that a finding rests on, each counted once, with the time that they span. */
export class Evidence {
  count = 0;
  first: number;
  last: number;
  private readonly flows: number[] = [];
  private readonly packets: number[] = [];

  constructor(time: number) {
    this.first = time;
    this.last = time;
  }

  /** A connection from `began` to `ended`, as `observation` tells of it. */
  add({ flow, packet }: Observation, connections: ConnectionView, began: number, ended = began): void {
    this.keep(connections.flowNumber(flow), packet, began, ended);
  }

  /** The same of the number of a flow, and of a packet (0: none). */
  keep(flow: number, packet: number, began: number, ended = began): void {
    this.count += 1;
    this.first = Math.min(this.first, began);
    this.last = Math.max(this.last, ended);
    if (this.flows.length >= MOST_KEPT) return;
    this.flows.push(flow);
    // The end of a flow may have no packet of its own.
    if (packet > 0) this.packets.push(packet);
  }

  draft(): Pick<Draft, 'first' | 'last' | 'count' | 'flows' | 'packets' | 'moreFlows' | 'morePackets'> {
    const { first, last, count, flows, packets } = this;
    return { first, last, count, flows, packets, moreFlows: count - flows.length, morePackets: count - packets.length };
  }
}
