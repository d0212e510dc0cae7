import type { StateRow } from '../report/report.ts';
import type { RowFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter } from './layout.ts';
import { duration, isoTime, plural } from './quantity.ts';
import { countsText } from './words.ts';

/** Linux keeps TIME_WAIT this long (TCP_TIMEWAIT_LEN), whatever 2 MSL should be. */
const LINUX_TIME_WAIT_SECONDS = 60;

function stateText(row: StateRow): string {
  const expired = row.state === 'TIME_WAIT' && row.age_seconds > LINUX_TIME_WAIT_SECONDS;
  return `${row.state}${row.possible.length > 1 ? ' ?' : ''}${expired ? ' (expired on Linux)' : ''}`;
}

const COLUMNS: readonly Column<StateRow>[] = [
  { title: 'State', cell: stateText },
  { title: 'Local Address:Port', cell: (row) => row.local },
  { title: 'Peer Address:Port', cell: (row) => row.remote },
  { title: 'Age', right: true, rank: 1, cell: (row) => duration(row.age_seconds) },
  { title: 'Proof', right: true, rank: 2, cell: (row) => `#${row.proof}` },
  { title: 'Flow', right: true, rank: 3, cell: (row) => String(row.flow) },
];

/** Sockets in the shape of `ss -tan`; `?` marks a state that the capture does not settle, `#` the packet that shows it. */
export const statesText: RowFormat<StateRow> = {
  name: 'text',
  extension: 'txt',
  summary: 'a table for people, in the shape of ss -tan',
  open({ width, paint }) {
    const table = new TableWriter(COLUMNS, width, (line) => paint('heading', line));
    const counts: { [state: string]: number } = {};
    let sockets = 0;
    let time: bigint | undefined;
    return {
      write(row) {
        sockets++;
        counts[row.state] = (counts[row.state] ?? 0) + 1;
        time = row.t_ns;
        return table.write(row);
      },
      end() {
        const at = time === undefined ? '' : ` at ${isoTime(time)}: ${countsText(counts)}`;
        return `${table.end()}${paint('quiet', `${plural(sockets, 'socket')}${at}`)}\n`;
      },
    };
  },
};
