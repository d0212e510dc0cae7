import { Mark } from '../flow/columns.ts';
import type { TcpContext } from './context.ts';
import { CLOSED, ESTABLISHED, FIN_WAIT_2, TIME_WAIT } from './state.ts';

/** An end that still waits for an acknowledgment sends again after at most this long at first (RFC 6298 §2: RTO 1 s), in nanoseconds. */
const FIRST_TIMEOUT = 1_000_000_000;
/** … or after so many round trips, where they are longer. */
const ROUND_TRIPS = 4;

/**
 * An end was presumed to have received what lets it rest: the ACK of its SYN or FIN, a RST. Had that been lost, the end would
 * have sent again before now; as it has not, the presumption holds.
 */
export function settlePresumption(context: TcpContext, end: number, now: number): void {
  const columns = context.columns;
  if ((columns.marks[end]! & Mark.PRESUMED) === 0) return;
  const state = columns.state[end]!;
  if (state !== ESTABLISHED && state !== FIN_WAIT_2 && state !== TIME_WAIT && state !== CLOSED) return;
  const flow = end >> 1;
  const roundTrip = Math.max(0, columns.synAckDelay[flow]!) + Math.max(0, columns.ackDelay[flow]!);
  if (now - columns.since[end]! < Math.max(FIRST_TIMEOUT, ROUND_TRIPS * roundTrip)) return;
  context.estimates.confirm(end, columns.proof[end]!);
}
