import type { SocketChangeRow } from '../report/rows.ts';
import type { RowFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter } from './layout.ts';
import { isoTime } from '../quantity.ts';
import { countsText } from './words.ts';

const MARKS = { appeared: '+', went: '-', changed: '~' } as const;

const COLUMNS: readonly Column<SocketChangeRow>[] = [
  { title: ' ', cell: (row) => MARKS[row.change] },
  { title: 'Was', cell: (row) => row.was ?? '' },
  { title: 'Is', cell: (row) => `${row.is ?? ''}${row.is !== null && row.possible.length > 1 ? ' ?' : ''}` },
  { title: 'Local Address:Port', cell: (row) => row.local },
  { title: 'Peer Address:Port', cell: (row) => row.remote },
  { title: 'Since', rank: 1, cell: (row) => isoTime(row.since_ns) },
  { title: 'Proof', right: true, rank: 2, cell: (row) => `#${row.proof}` },
  { title: 'Flow', right: true, rank: 3, cell: (row) => String(row.flow) },
];

/** Sockets that appeared (`+`), went (`-`) or changed state (`~`) between two instants, with the packet that shows the later state. */
export const socketChangesText: RowFormat<SocketChangeRow> = {
  name: 'text',
  extension: 'txt',
  summary: 'a table for people',
  open({ width, paint }) {
    const table = new TableWriter(COLUMNS, width, (line) => paint('heading', line));
    const counts: { [change: string]: number } = {};
    return {
      write(row) {
        counts[row.change] = (counts[row.change] ?? 0) + 1;
        return table.write(row);
      },
      end: () => `${table.end()}${paint('quiet', countsText(counts) || 'nothing changed')}\n`,
    };
  },
};
