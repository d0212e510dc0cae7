import { Kind, otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { CaptureView, ConnectionView } from '../views.ts';
import { SYN_RECEIVED, SYN_SENT } from '../tcp/state.ts';

const MOST_KEPT = 200;
/** So many connections must show it before a capture counts as filtered. */
const LEAST_CLOSED = 5;
const LEAST_ANSWERED = 20;
/** A SYN-ACK without an answer comes again by then (nanoseconds): after 1 s, or 3 s in older stacks (RFC 6298 §2). */
const SYN_ACK_AGAIN = 3.5e9;

/** Which segments a capture filter seems to have left in, and the connections that show it. */
export interface Filter {
  kept: 'SYN, FIN and RST' | 'all but FIN' | 'SYN and SYN-ACK';
  count: number;
  flows: number[];
}

/**
 * Finds out whether a capture filter kept only some segments, by what must have been on the wire and is not there: the ACK of
 * the second FIN carries no flag, an acknowledged FIN was sent, and a SYN-ACK that is not answered comes again.
 */
export class KeptSegments {
  static readonly WATCHES: readonly Kind[] = [Kind.ACK_UNSEEN, Kind.FLOW_ENDED];

  /** Connections that both ends closed. */
  private readonly closed = { count: 0, flows: [] as number[] };
  /** Acknowledged FINs that are not in the capture. */
  private readonly unseenFins = { count: 0, flows: [] as number[] };
  /** Connections of SYN and SYN-ACK alone, long enough before the end for another SYN-ACK; and how many have more than SYNs, but no orderly end. */
  private readonly answered = { count: 0, flows: [] as number[] };
  private others = 0;

  observe({ kind, flow, a }: Observation, connections: ConnectionView): void {
    if (kind === Kind.FLOW_ENDED) this.ended(flow, connections);
    else if (a === 1) keep(this.unseenFins, connections.flowNumber(flow));
  }

  /** Null: the capture shows no filter. */
  filter(capture: CaptureView): Filter | null {
    const isBare = capture.ordinarySegments() === 0;
    if (isBare && this.closed.count >= LEAST_CLOSED) return { kept: 'SYN, FIN and RST', ...this.closed };
    if (capture.fins() > 0) return null;
    if (this.unseenFins.count >= LEAST_CLOSED) return { kept: 'all but FIN', ...this.unseenFins };
    return isBare && this.others === 0 && this.answered.count >= LEAST_ANSWERED ? { kept: 'SYN and SYN-ACK', ...this.answered } : null;
  }

  private ended(flow: number, connections: ConnectionView): void {
    if (connections.finSeen(flow, 0) && connections.finSeen(flow, 1)) keep(this.closed, connections.flowNumber(flow));
    const client = connections.client(flow);
    const server = otherSide(client);
    if (connections.state(flow, client) === SYN_SENT && connections.packets(flow, server) === 0) return;
    const isOne = connections.packets(flow, client) === 1 && connections.packets(flow, server) === 1 && connections.state(flow, server) === SYN_RECEIVED;
    if (!isOne) this.others += 1;
    else if (connections.now() - connections.started(flow) >= SYN_ACK_AGAIN) keep(this.answered, connections.flowNumber(flow));
  }
}

function keep(list: { count: number; flows: number[] }, flow: number): void {
  list.count += 1;
  if (list.flows.length < MOST_KEPT && list.flows.at(-1) !== flow) list.flows.push(flow);
}
