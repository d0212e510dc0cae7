import type { Observation } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import type { Draft } from './rule.ts';

/** Flows and packets kept, if the rule says no other number; the rest is counted. */
const MOST_KEPT = 100;

/** Where `numbers` begins to hold flows and packets: after the first time and the last. */
const FIRST_KEPT = 2;

/** Connections that a finding rests on, each counted once, with the time that they span. */
export class Evidence {
  count = 0;
  /**
   * The first time and the last, then numbers of a flow and of a packet in turn (0: none). In one list, and with room for one connection from
   * the start: most evidence is of one, and there is much of it.
   */
  private readonly numbers: number[];
  private readonly most: number;

  /** `most`: so many flows and packets are kept. */
  constructor(time: number, most = MOST_KEPT) {
    this.numbers = [time, time, 0, 0];
    this.most = most;
  }

  get first(): number {
    return this.numbers[0];
  }

  get last(): number {
    return this.numbers[1];
  }

  get flows(): number[] {
    return this.numbers.filter((flow, index) => index >= FIRST_KEPT && index % 2 === 0 && flow > 0);
  }

  /** The end of a flow may have no packet of its own. */
  get packets(): number[] {
    return this.numbers.filter((packet, index) => index >= FIRST_KEPT && index % 2 === 1 && packet > 0);
  }

  /** A connection from `began` to `ended`, as `observation` tells of it. */
  add({ flow, packet }: Observation, connections: ConnectionView, began: number, ended = began): void {
    this.keep(connections.flowNumber(flow), packet, began, ended);
  }

  /** The same of the number of a flow, and of a packet (0: none). */
  keep(flow: number, packet: number, began: number, ended = began): void {
    const { numbers } = this;
    this.count += 1;
    if (began < numbers[0]) numbers[0] = began;
    if (ended > numbers[1]) numbers[1] = ended;
    if (this.count === 1) {
      numbers[FIRST_KEPT] = flow;
      numbers[FIRST_KEPT + 1] = packet;
    } else if (numbers.length < FIRST_KEPT + 2 * this.most) numbers.push(flow, packet);
  }

  draft(): Pick<Draft, 'first' | 'last' | 'count' | 'flows' | 'packets' | 'moreFlows' | 'morePackets'> {
    const { first, last, count, flows, packets } = this;
    return { first, last, count, flows, packets, moreFlows: count - flows.length, morePackets: count - packets.length };
  }
}
