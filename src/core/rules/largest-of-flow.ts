import type { ConnectionView } from '../views.ts';
import { SlotNumbers } from './slot-numbers.ts';

/** The largest number (0 to 2^32 - 1) seen of each flow: what is told anew with every segment counts once. */
export class LargestOfFlow {
  private readonly numbers = new SlotNumbers();
  private readonly values = new SlotNumbers();
  private readonly connections: ConnectionView;

  constructor(connections: ConnectionView) {
    this.connections = connections;
  }

  /** By how much `value` is beyond the largest before it of this flow; all of it for the first. `isFirst`: there was none. */
  raise(flow: number, value: number): { by: number; isFirst: boolean } {
    const number = this.connections.flowNumber(flow);
    const isFirst = this.numbers.of(flow) !== number;
    const before = isFirst ? 0 : this.values.of(flow);
    if (isFirst || value > before) {
      this.numbers.note(flow, number);
      this.values.note(flow, value);
    }
    return { by: Math.max(0, value - before), isFirst };
  }
}
