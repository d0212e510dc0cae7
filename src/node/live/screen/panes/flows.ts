import type { FlowRow } from '../../../../core/index.ts';
import { bytes, count, duration } from '../../../../core/index.ts';
import { stateLook } from '../look.ts';
import { paneOf } from '../pane.ts';
import type { FlowOrder } from '../flow-scan.ts';
import { askForFlows, type ScreenState } from '../state.ts';
import type { ScreenColumn } from '../table.ts';

const sum = ([client, server]: readonly [number, number]): number => client + server;

/** Addresses as they are: an endpoint of IPv4 takes 21 columns at most. */
const ENDPOINT = 19;

const FLOW_COLUMNS: readonly ScreenColumn<FlowRow>[] = [
  { title: 'Flow', right: true, least: 6, rank: 8, cell: ({ flow }) => String(flow), key: ({ flow }) => flow, look: () => 'quiet' },
  { title: 'Client', least: ENDPOINT, rank: 4, keepsEnd: true, cell: ({ client }) => client, key: ({ client }) => client },
  { title: 'Server', least: ENDPOINT, keepsEnd: true, cell: ({ server }) => server, key: ({ server }) => server },
  {
    title: 'Client is', least: 11, rank: 5,
    cell: ({ client_state }) => client_state, key: ({ client_state }) => client_state, look: ({ client_state }) => stateLook(client_state),
  },
  {
    title: 'Server is', least: 11,
    cell: ({ server_state }) => server_state, key: ({ server_state }) => server_state, look: ({ server_state }) => stateLook(server_state),
  },
  { title: 'Outcome', least: 11, rank: 6, cell: ({ outcome }) => outcome, key: ({ outcome }) => outcome },
  { title: 'Lasting', right: true, least: 8, rank: 7, cell: (row) => duration(row.duration), key: (row) => row.duration },
  { title: 'Packets', right: true, least: 7, rank: 11, cell: ({ packets }) => count(sum(packets)), key: ({ packets }) => sum(packets) },
  { title: 'Bytes', right: true, least: 7, rank: 9, cell: (row) => bytes(sum(row.bytes)), key: (row) => sum(row.bytes) },
  {
    title: 'Sent again', right: true, rank: 12,
    cell: ({ retransmitted }) => count(sum(retransmitted)), key: ({ retransmitted }) => sum(retransmitted),
    look: ({ retransmitted }) => (sum(retransmitted) > 0 ? 'warning' : 'quiet'),
  },
  {
    title: 'Findings', rank: 10, cut: true,
    cell: ({ findings }) => findings.join(', '), key: ({ findings }) => findings.length, look: () => 'medium',
  },
];

export function flowOrder(column: string, descending: boolean): FlowOrder {
  const { key } = FLOW_COLUMNS.find(({ title }) => title === column) ?? FLOW_COLUMNS[0];
  return { key: key ?? (({ flow }) => flow), isByNumber: column === 'Flow', descending };
}

export function orderOf({ lists: { flows } }: ScreenState): FlowOrder {
  return flowOrder(flows.column, flows.descending);
}

/** Goes to the flows that a filter lets through. Throws `FilterError`. */
export function showFlows(state: ScreenState, filter: string): void {
  askForFlows(state, filter, orderOf(state));
  state.pane = 'flows';
  state.lists.flows.key = null;
  state.lists.flows.index = 0;
}

export const flowsPane = paneOf<FlowRow>({
  name: 'flows',
  title({ readings: { flows }, filter, pane }) {
    if (flows.isStale && pane !== 'flows') return 'Flows';
    if (flows.isStale) return `Flows …${filter === '' ? '' : ` ${filter}`}`;
    const first = pane === 'flows' && flows.matching > flows.rows.length ? `first ${count(flows.rows.length)} of ` : '';
    return filter === '' ? `Flows ${first}${count(flows.total)}` : `Flows ${first}${count(flows.matching)} of ${count(flows.total)} · ${filter}`;
  },
  columns: () => FLOW_COLUMNS,
  rows: ({ readings }) => readings.flows.rows,
  isSorted: true,
  keyOf: ({ flow }) => String(flow),
  nothing: ({ readings: { flows }, filter }) => (flows.isStale ? 'Looking …' : filter === '' ? 'No connection yet.' : 'No connection fits the filter: Esc takes it away.'),
  open: ({ flow }) => ({ kind: 'flow', flow }),
});
