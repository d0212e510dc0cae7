import type { EndState } from './ladder.ts';

/** What an end was in from a time on. */
export interface Epoch {
  t_ns: bigint;
  state: string;
  possible: string[];
  /** The packet that shows it. */
  proof: number;
  /** It was shown by a packet later than its time. */
  datedBack: boolean;
}

/** Epochs kept at either end of a history that grows without bound: no honest connection comes near. */
const KEPT = 1000;

/**
 * What the capture shows of one end over time. Fed with timeline rows in the order in which they became known; each replaces what
 * was said from its time on, so that in the end it holds what the whole capture proves.
 */
export class History {
  readonly epochs: Epoch[] = [];

  add(epoch: Epoch): void {
    const { epochs } = this;
    while (epochs.length > 0 && epochs.at(-1)!.t_ns >= epoch.t_ns) epochs.pop();
    epochs.push(epoch);
    if (epochs.length >= 4 * KEPT) epochs.splice(KEPT, epochs.length - 2 * KEPT);
  }

  /** Index of the epoch that a packet lies in once it was taken in, −1 before the first. */
  indexAt(t_ns: bigint, packet: number): number {
    let low = 0;
    let high = this.epochs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (includes(this.epochs[middle], t_ns, packet)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The end comes to another state with that packet. */
  changesAt(t_ns: bigint, packet: number): boolean {
    const index = this.indexAt(t_ns, packet);
    const epoch = this.epochs[index];
    return epoch !== undefined && epoch.t_ns === t_ns && epoch.state !== this.epochs[index - 1]?.state;
  }

  /** What the end was in at that index. */
  stateAt(index: number): EndState {
    const epoch = this.epochs[index];
    return epoch === undefined ? null : { state: epoch.state, possible: epoch.possible };
  }
}

/** Of packets with the same time, those before the one that made the change are not changed by it. */
function includes(epoch: Epoch, t_ns: bigint, packet: number): boolean {
  return epoch.t_ns < t_ns || (epoch.t_ns === t_ns && (epoch.datedBack || epoch.proof <= packet));
}
