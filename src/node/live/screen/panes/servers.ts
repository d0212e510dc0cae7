import type { ServerRow } from '../../../../core/index.ts';
import { count, countsText, duration, endpointParts, percent } from '../../../../core/index.ts';
import { paneOf } from '../pane.ts';
import type { ScreenColumn } from '../table.ts';
import { showFlows } from './flows.ts';

/** `host:10.0.0.5 port:8080`. */
function filterFor(endpoint: string): string {
  const { host, port } = endpointParts(endpoint);
  return `host:${host} port:${port}`;
}

function open({ states_at_end: states }: ServerRow): string {
  return countsText(Object.fromEntries(Object.entries(states).filter(([state]) => state !== 'CLOSED')), 2) || '-';
}

const SERVER_COLUMNS: readonly ScreenColumn<ServerRow>[] = [
  { title: 'Server', least: 19, keepsEnd: true, cell: ({ endpoint }) => endpoint, key: ({ endpoint }) => endpoint },
  { title: 'Flows', right: true, least: 7, cell: ({ flows }) => count(flows), key: ({ flows }) => flows },
  {
    title: 'States now', least: 24, rank: 1, cut: true, cell: open, key: ({ states_at_end }) => states_at_end['CLOSE_WAIT'] ?? 0,
    look: ({ states_at_end }) => ((states_at_end['CLOSE_WAIT'] ?? 0) > 0 ? 'waiting' : 'plain'),
  },
  { title: 'SYN-ACK p95', right: true, rank: 3, cell: ({ handshake }) => (handshake ? duration(handshake.p95) : '-'), key: ({ handshake }) => handshake?.p95 ?? -1 },
  {
    title: 'Sent again', right: true, rank: 2,
    cell: (row) => percent(row.retransmitted_share), key: (row) => row.retransmitted_share,
    look: (row) => (row.retransmitted_share > 0 ? 'warning' : 'quiet'),
  },
  { title: 'CLOSE_WAIT p95', right: true, rank: 5, cell: (row) => (row.close_wait_seconds?.closed ? duration(row.close_wait_seconds.p95) : '-') },
  { title: 'Outcomes', rank: 4, cut: true, cell: ({ outcomes }) => countsText(outcomes, 3) || '-', look: () => 'quiet' },
];

export const serversPane = paneOf<ServerRow>({
  name: 'servers',
  title: ({ readings: { servers } }) => (servers.length === 0 ? 'Servers' : `Servers ${count(servers.length)}`),
  columns: () => SERVER_COLUMNS,
  rows: ({ readings }) => readings.servers,
  keyOf: ({ endpoint }) => endpoint,
  nothing: () => 'No server yet.',
  open({ endpoint }, state) {
    showFlows(state, filterFor(endpoint));
    return null;
  },
});
