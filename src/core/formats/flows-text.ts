import type { FlowRow } from '../report/rows.ts';
import { escapeControls } from './escape.ts';
import type { RowFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter } from './layout.ts';
import { bytes, count, duration, isoTime } from '../quantity.ts';

/** A quantity in both directions, the client's first. */
function both(values: readonly [number, number], show: (value: number) => string): string {
  return `${show(values[0])} / ${show(values[1])}`;
}

const COLUMNS: readonly Column<FlowRow>[] = [
  { title: 'Flow', right: true, cell: (row) => String(row.flow) },
  { title: 'Start', rank: 4, cell: (row) => isoTime(row.start_ns) },
  { title: 'Client', cell: (row) => row.client },
  { title: 'Server', cell: (row) => (row.direction === 'inferred' ? `${row.server} ?` : row.server) },
  { title: 'Outcome', cell: (row) => row.outcome },
  { title: 'Client state', rank: 5, cell: (row) => row.client_state },
  { title: 'Server state', rank: 5, cell: (row) => row.server_state },
  { title: 'Duration', right: true, rank: 1, cell: (row) => duration(row.duration) },
  { title: 'Packets', right: true, rank: 6, cell: (row) => both(row.packets, count) },
  { title: 'Bytes', right: true, rank: 2, cell: (row) => both(row.bytes, bytes) },
  { title: 'Sent again', right: true, rank: 7, cell: (row) => both(row.retransmitted, count) },
  { title: 'History', rank: 8, cut: true, cell: (row) => escapeControls(row.history) },
  { title: 'Findings', rank: 3, cut: true, cell: (row) => row.findings.join(', ') },
];

/** The flow table. `a / b` is client / server; `?` behind the server means that the direction is inferred. */
export const flowsText: RowFormat<FlowRow> = {
  name: 'text',
  extension: 'txt',
  summary: 'a table for people',
  open({ width, paint }) {
    return new TableWriter(COLUMNS, width, (line) => paint('heading', line));
  },
};
