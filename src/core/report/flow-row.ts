import type { Columns } from '../flow/columns.ts';
import type { Connections } from '../flow/connections.ts';
import { endOf } from '../flow/end.ts';
import { otherSide, type Side } from '../observations.ts';
import { STATE_NAMES } from '../tcp/state.ts';
import { tunnelName } from '../wire/tunnel/index.ts';
import { connState, historyOf, outcomeOf } from './outcome.ts';
import type { FlowRow } from './rows.ts';

/** Which end of a flow closed first; null where none has closed. */
export function closerOf(columns: Columns, flow: number, client: Side): 'client' | 'server' | null {
  const side = columns.closedFirst[flow] - 1;
  return side < 0 ? null : side === client ? 'client' : 'server';
}

/** The row of `synoptic flows` for a flow as it stands. `findings`: ids of the rules whose findings name it. */
export function flowRow(columns: Columns, connections: Connections, flow: number, findings: string[]): FlowRow {
  const client = connections.client(flow);
  const server = otherSide(client);
  const from = endOf(flow, client);
  const to = endOf(flow, server);
  const start = columns.started[flow];
  const end = Math.max(columns.lastSeen[from], columns.lastSeen[to]);
  return {
    flow: columns.number[flow],
    client: connections.endpointName(flow, client),
    server: connections.endpointName(flow, server),
    start_ns: connections.epoch(start),
    end_ns: connections.epoch(end),
    duration: Math.max(0, end - start) / 1e9,
    outcome: outcomeOf(columns, flow),
    client_state: STATE_NAMES[columns.state[from]],
    server_state: STATE_NAMES[columns.state[to]],
    closed_first: closerOf(columns, flow, client),
    handshake: { synack_seconds: seconds(columns.synAckDelay[flow]), ack_seconds: seconds(columns.ackDelay[flow]) },
    packets: [columns.packets[from], columns.packets[to]],
    bytes: [columns.bytes[from] - columns.retransmittedBytes[from], columns.bytes[to] - columns.retransmittedBytes[to]],
    retransmitted: [columns.retransmitted[from], columns.retransmitted[to]],
    conn_state: connState(columns, flow, client),
    history: historyOf(columns, flow, client),
    direction: connections.directionSeen(flow) ? 'seen' : 'inferred',
    direction_confidence: directionConfidence(connections, flow),
    vlan: columns.vlan[flow] === 0 ? null : columns.vlan[flow],
    tunnel: columns.tunnel[flow] === 0 ? null : (tunnelName(columns.tunnel[flow]) ?? 'tunnel') + (columns.tunnelId[flow] === 0 ? '' : ` ${columns.tunnelId[flow]}`),
    findings,
  };
}

/** Rounded to thousandths: more digits would only pretend to precision. */
export function directionConfidence(connections: Connections, flow: number): number {
  return Number(connections.directionConfidence(flow).toFixed(3));
}

function seconds(nanoseconds: number): number | null {
  return nanoseconds < 0 ? null : nanoseconds / 1e9;
}
