import { Kind } from '../observations.ts';
import type { ConnectionView, Observation } from '../observations.ts';
import { SlotNumbers } from './slot-numbers.ts';

const MOST_KEPT = 200;
/** So many connections must show it before a capture counts as filtered. */
const LEAST_CLOSED = 5;
const LEAST_ANSWERED = 20;
/** A SYN-ACK without an answer comes again by then (nanoseconds): after 1 s, or 3 s in older stacks (RFC 6298 §2). */
const SYN_ACK_AGAIN = 3.5e9;

/** Bits of what was captured of a flow; from COUNTED on, how many segments with SYN or FIN. */
const SYN_ACK = 1;
const FIN_OF_0 = 2;
const FIN_OF_1 = 4;
const BOTH_FINS = FIN_OF_0 | FIN_OF_1;
const COUNTED = 8;

/** Which segments a capture filter seems to have left in, and the connections that show it. */
export interface Filter {
  kept: 'SYN, FIN and RST' | 'all but FIN' | 'SYN and SYN-ACK';
  count: number;
  flows: number[];
}

/**
 * Finds out whether a capture filter kept only some segments, by what must have been on the wire and is in no connection: the ACK of
 * the second FIN carries no flag, an acknowledged FIN was sent, and a SYN-ACK that is not answered comes again.
 */
export class KeptSegments {
  static readonly WATCHES: readonly Kind[] = [Kind.FLOW_STARTED, Kind.SYN, Kind.SYN_REPEATED, Kind.SYN_CHANGED, Kind.SYN_ACK, Kind.SYN_ACK_REPEATED, Kind.FIN, Kind.FIN_REPEATED, Kind.ACK_UNSEEN, Kind.FLOW_ENDED];

  private readonly seen = new SlotNumbers();
  /** Connections closed by both ends without any segment but SYNs and FINs, and those with others. */
  private readonly bare = { count: 0, flows: [] as number[] };
  private whole = 0;
  /** Connections of SYN and SYN-ACK alone, long enough before the end for another SYN-ACK; and all that have more. */
  private readonly answered = { count: 0, flows: [] as number[] };
  private others = 0;
  private fins = 0;
  /** Acknowledged FINs that are not in the capture. */
  private readonly unseenFins = { count: 0, flows: [] as number[] };

  observe({ kind, flow, side, a }: Observation, connections: ConnectionView): void {
    if (this.isUnfiltered()) return;
    const seen = this.seen.of(flow);
    switch (kind) {
      case Kind.FLOW_STARTED:
        this.seen.note(flow, 0);
        break;
      case Kind.ACK_UNSEEN:
        if (a === 1) keep(this.unseenFins, connections.flowNumber(flow));
        break;
      case Kind.FLOW_ENDED:
        this.ended(flow, seen, connections);
        break;
      case Kind.SYN_ACK:
        this.seen.note(flow, (seen | SYN_ACK) + COUNTED);
        break;
      case Kind.FIN:
        this.fins += 1;
        this.seen.note(flow, (seen | (side === 0 ? FIN_OF_0 : FIN_OF_1)) + COUNTED);
        break;
      default:
        this.seen.note(flow, seen + COUNTED);
    }
  }

  /** Null: the capture shows no filter. */
  filter(): Filter | null {
    if (this.bare.count >= LEAST_CLOSED && this.whole === 0) return { kept: 'SYN, FIN and RST', ...this.bare };
    if (this.unseenFins.count >= LEAST_CLOSED && this.fins === 0) return { kept: 'all but FIN', ...this.unseenFins };
    if (this.answered.count >= LEAST_ANSWERED && this.others === 0) return { kept: 'SYN and SYN-ACK', ...this.answered };
    return null;
  }

  /** Whatever comes, `filter` stays null. */
  private isUnfiltered(): boolean {
    return this.whole > 0 && this.others > 0 && this.fins > 0;
  }

  private ended(flow: number, seen: number, connections: ConnectionView): void {
    const isAll = Math.floor(seen / COUNTED) >= connections.packets(flow, 0) + connections.packets(flow, 1);
    const number = connections.flowNumber(flow);
    if ((seen & BOTH_FINS) === BOTH_FINS) {
      if (isAll) keep(this.bare, number);
      else this.whole += 1;
    }
    // One SYN and one SYN-ACK: a third would be another of one of them.
    const isOne = isAll && Math.floor(seen / COUNTED) === 2 && (seen & SYN_ACK) !== 0;
    if (!isOne) this.others += (seen & SYN_ACK) !== 0 || !isAll ? 1 : 0;
    else if (connections.now() - connections.started(flow) >= SYN_ACK_AGAIN) keep(this.answered, number);
  }
}

function keep(list: { count: number; flows: number[] }, flow: number): void {
  list.count += 1;
  if (list.flows.length < MOST_KEPT && list.flows.at(-1) !== flow) list.flows.push(flow);
}
