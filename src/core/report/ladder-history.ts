import type { EndState } from './ladder.ts';

/** The state of an end from a time on. */
export interface Epoch {
  t_ns: bigint;
  state: string;
  possible: string[];
  /** The packet that shows it. */
  proof: number;
  /** The packet that shows it is later than `t_ns`. */
  datedBack: boolean;
}

/** Epochs kept at the beginning and at the end of a long history. No honest connection comes near. */
const KEPT = 1000;

/**
 * The states of one end over time. Timeline rows are added in the order in which they became known. Each replaces everything from its time
 * on, so that in the end the history holds what the whole capture proves.
 */
export class History {
  readonly epochs: Epoch[] = [];

  add(epoch: Epoch): void {
    const { epochs } = this;
    while (epochs.length > 0 && epochs.at(-1)!.t_ns >= epoch.t_ns) epochs.pop();
    epochs.push(epoch);
    if (epochs.length >= 4 * KEPT) epochs.splice(KEPT, epochs.length - 2 * KEPT);
  }

  /** Index of the epoch after a packet was taken in, −1 before the first. */
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

  /** Whether the state changes with that packet. */
  changesAt(t_ns: bigint, packet: number): boolean {
    const index = this.indexAt(t_ns, packet);
    const epoch = this.epochs[index];
    return epoch !== undefined && epoch.t_ns === t_ns && epoch.state !== this.epochs[index - 1]?.state;
  }

  /** The state in the epoch at that index. */
  stateAt(index: number): EndState {
    const epoch = this.epochs[index];
    return epoch === undefined ? null : { state: epoch.state, possible: epoch.possible };
  }
}

/** Among packets with the same time, those before the one that shows the change still belong to the epoch before. */
function includes(epoch: Epoch, t_ns: bigint, packet: number): boolean {
  return epoch.t_ns < t_ns || (epoch.t_ns === t_ns && (epoch.datedBack || epoch.proof <= packet));
}
