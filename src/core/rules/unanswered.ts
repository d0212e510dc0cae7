import { otherSide } from '../observations.ts';
import type { Side } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import { SYN_SENT } from '../tcp/state.ts';

/** The flow is a connection attempt to which the capture holds no answer, and after which the client went no further. */
export function isUnanswered(connections: ConnectionView, flow: number): boolean {
  const client = connections.client(flow);
  if (connections.midstream(flow) || connections.packets(flow, otherSide(client)) > 0) return false;
  return connections.bytes(flow, client) === 0 && !hasGoneOn(connections, flow, client);
}

/** Only SYNs leave an end in SYN_SENT: whatever else it sent shows that it was answered, on a path that was not captured. */
function hasGoneOn(connections: ConnectionView, flow: number, client: Side): boolean {
  return connections.state(flow, client) !== SYN_SENT;
}
