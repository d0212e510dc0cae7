import type { Connections } from '../flow/connections.ts';
import { otherSide } from '../observations.ts';
import type { StateChange } from '../tcp/estimates.ts';
import { namesOf, STATE_NAMES } from '../tcp/state.ts';
import type { TimelineRow } from './rows.ts';

/** The row of `synoptic timeline` for a change of the state of one end. */
export function timelineRow({ flow, side, time, packet, state, possible }: StateChange, connections: Connections): TimelineRow {
  return {
    t_ns: connections.epoch(time),
    packet,
    flow: connections.flowNumber(flow),
    local: connections.endpointName(flow, side),
    remote: connections.endpointName(flow, otherSide(side)),
    state: STATE_NAMES[state],
    possible: namesOf(possible),
  };
}
