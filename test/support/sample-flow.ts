import type { FlowRow } from '../../src/core/report/rows.ts';
import { SAMPLE_START } from './sample-report.ts';

/** A connection that the server has not closed. */
export function sampleFlow(flow: number, changes: Partial<FlowRow> = {}): FlowRow {
  return {
    flow,
    client: `10.0.0.9:${40_000 + flow}`,
    server: '10.0.0.5:8080',
    start_ns: SAMPLE_START,
    end_ns: SAMPLE_START + 2_500_000_000n,
    duration: 2.5,
    outcome: 'half-closed',
    client_state: 'FIN_WAIT_2',
    server_state: 'CLOSE_WAIT',
    closed_first: 'client',
    handshake: { synack_seconds: 0.000085, ack_seconds: 0.000012 },
    packets: [6, 4],
    bytes: [320, 1450],
    retransmitted: [0, 0],
    conn_state: 'S2',
    history: 'ShADadFa',
    direction: 'seen',
    direction_confidence: 1,
    vlan: null,
    tunnel: null,
    findings: [],
    ...changes,
  };
}
