import type { PacketRow } from '../report/report.ts';
import type { RowFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter } from './layout.ts';
import { isoTime } from './quantity.ts';

const COLUMNS: readonly Column<PacketRow>[] = [
  { title: 'Packet', right: true, cell: (row) => `#${row.packet}` },
  { title: 'Time', rank: 2, cell: (row) => isoTime(row.t_ns) },
  { title: 'Flow', right: true, rank: 4, cell: (row) => String(row.flow) },
  { title: 'From', cell: (row) => row.from },
  { title: 'To', rank: 1, cell: (row) => row.to },
  { title: 'Flags', cell: (row) => row.flags },
  { title: 'Length', right: true, cell: (row) => String(row.len) },
  { title: 'Sender', rank: 3, cell: (row) => row.sender_state },
  { title: 'Receiver', rank: 3, cell: (row) => row.receiver_state },
  { title: 'Labels', cell: (row) => row.labels.join(' ') },
];

/** Every TCP packet with its labels and the states of both ends once it was taken in. */
export const packetsText: RowFormat<PacketRow> = {
  name: 'text',
  extension: 'txt',
  summary: 'a table for people',
  open({ width, paint }) {
    return new TableWriter(COLUMNS, width, (line) => paint('heading', line));
  },
};
