import type { TimelineRow } from '../report/rows.ts';
import type { RowFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter } from './layout.ts';
import { isoTime } from '../quantity.ts';

const COLUMNS: readonly Column<TimelineRow>[] = [
  { title: 'Time', cell: (row) => isoTime(row.t_ns) },
  { title: 'Packet', right: true, rank: 1, cell: (row) => `#${row.packet}` },
  { title: 'Flow', right: true, rank: 2, cell: (row) => String(row.flow) },
  { title: 'Local Address:Port', cell: (row) => row.local },
  { title: 'Peer Address:Port', rank: 3, cell: (row) => row.remote },
  { title: 'State', cell: (row) => row.state },
  { title: 'or', rank: 4, cell: (row) => row.possible.filter((state) => state !== row.state).join(' ') },
];

/** In fewer columns the states would not fit beside a date. */
const NARROW = 68;
const TIME_OF_DAY: Column<TimelineRow> = { title: 'Time', cell: (row) => isoTime(row.t_ns).replace(/^.*T/, '') };

/** Every change of the state of an end, in the order in which they became known. `or` lists the other possible states. */
export const timelineText: RowFormat<TimelineRow> = {
  name: 'text',
  extension: 'txt',
  summary: 'a table for people',
  open({ width, paint }) {
    return new TableWriter(width < NARROW ? [TIME_OF_DAY, ...COLUMNS.slice(1)] : COLUMNS, width, (line) => paint('heading', line));
  },
};
