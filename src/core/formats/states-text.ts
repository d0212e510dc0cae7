import type { StateRow } from '../report/rows.ts';
import type { RowFormat } from './format.ts';
import type { Column } from './layout.ts';
import { TableWriter, wrap } from './layout.ts';
import { duration, isoTime, plural } from '../quantity.ts';
import { countsText } from './words.ts';

/**
 * Seconds after which Linux, with default settings, removes a socket in a state without sending a packet: TCP_TIMEWAIT_LEN, all repetitions
 * of a SYN (1 + 2 + … + 64 s) or of a SYN-ACK (1 + 2 + … + 32 s), and tcp_fin_timeout, which does not apply to half-closed sockets.
 */
const LINUX_TIMERS: { readonly [state: string]: readonly [number, string] } = {
  TIME_WAIT: [60, ' (expired on Linux)'],
  SYN_SENT: [127, ' (expired on Linux)'],
  SYN_RECEIVED: [63, ' (expired on Linux)'],
  FIN_WAIT_2: [60, ' (expired on Linux unless half-closed)'],
};

function stateText(row: StateRow): string {
  const [seconds, words] = LINUX_TIMERS[row.state] ?? [Infinity, ''];
  return `${row.state}${row.possible.length > 1 ? ' ?' : ''}${row.age_seconds > seconds ? words : ''}`;
}

const COLUMNS: readonly Column<StateRow>[] = [
  { title: 'State', cell: stateText },
  // What a program has not yet read cannot be seen on the wire.
  { title: 'Recv-Q', right: true, rank: 5, cell: () => '-' },
  { title: 'Send-Q', right: true, rank: 4, cell: (row) => (row.send_queue_bytes === null ? '-' : String(row.send_queue_bytes)) },
  { title: 'Local Address:Port', cell: (row) => row.local },
  { title: 'Peer Address:Port', cell: (row) => row.remote },
  { title: 'Age', right: true, rank: 1, cell: (row) => duration(row.age_seconds) },
  { title: 'Proof', right: true, rank: 2, cell: (row) => `#${row.proof}` },
  { title: 'Flow', right: true, rank: 3, cell: (row) => String(row.flow) },
];

/** Sockets in the shape of `ss -tan`. `?` marks a state that the capture does not settle, `#` is the packet that shows it. */
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
        const lines = wrap(`${plural(sockets, 'socket')}${at}`, width);
        return table.end() + lines.map((line) => `${paint('quiet', line)}\n`).join('');
      },
    };
  },
};
