import type { PacketRow } from '../report/rows.ts';
import type { RowFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter } from './layout.ts';
import { isoTime } from '../quantity.ts';

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
  { title: 'Labels', cell: labelsOf },
];

const LOST = { upstream: 'lost upstream', downstream: 'lost downstream', capture: 'missed by the capture' };

/** Labels that are not certain end with a question mark. Where a segment was lost is in brackets. */
function labelsOf({ labels, confidence, loss }: PacketRow): string {
  const words = labels.map((label) => (confidence[label] === 'high' ? label : `${label}?`));
  if (loss !== null) words.push(`(${LOST[loss]}${confidence['loss'] === 'high' ? '' : '?'})`);
  return words.join(' ');
}

/** Every TCP packet with its labels and the states of both ends after it. */
export const packetsText: RowFormat<PacketRow> = {
  name: 'text',
  extension: 'txt',
  summary: 'a table for people',
  open({ width, paint }) {
    return new TableWriter(COLUMNS, width, (line) => paint('heading', line));
  },
};
