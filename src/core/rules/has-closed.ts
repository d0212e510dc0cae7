import type { Side } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import { CLOSED, CLOSING, FIN_WAIT_1, FIN_WAIT_2, LAST_ACK, TIME_WAIT } from '../tcp/state.ts';

const AFTER_OWN_FIN: ReadonlySet<number> = new Set([FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT, CLOSED]);

/** The end has sent its FIN (or is gone): its program has said all that it had to say. */
export function hasClosed(connections: ConnectionView, flow: number, side: Side): boolean {
  return AFTER_OWN_FIN.has(connections.state(flow, side));
}
