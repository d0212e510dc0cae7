import type { FlowRow } from '../report/rows.ts';
import type { RowFormat } from './format.ts';

type Cell = string | number | bigint | null;

const COLUMNS: readonly (readonly [string, (row: FlowRow) => Cell])[] = [
  ['flow', (row) => row.flow],
  ['client', (row) => row.client],
  ['server', (row) => row.server],
  ['start_ns', (row) => row.start_ns],
  ['end_ns', (row) => row.end_ns],
  ['duration', (row) => row.duration],
  ['outcome', (row) => row.outcome],
  ['client_state', (row) => row.client_state],
  ['server_state', (row) => row.server_state],
  ['closed_first', (row) => row.closed_first],
  ['synack_seconds', (row) => row.handshake.synack_seconds],
  ['ack_seconds', (row) => row.handshake.ack_seconds],
  ['client_packets', (row) => row.packets[0]],
  ['server_packets', (row) => row.packets[1]],
  ['client_bytes', (row) => row.bytes[0]],
  ['server_bytes', (row) => row.bytes[1]],
  ['client_retransmitted', (row) => row.retransmitted[0]],
  ['server_retransmitted', (row) => row.retransmitted[1]],
  ['conn_state', (row) => row.conn_state],
  ['history', (row) => row.history],
  ['direction', (row) => row.direction],
  ['direction_confidence', (row) => row.direction_confidence],
  ['vlan', (row) => row.vlan],
  ['tunnel', (row) => row.tunnel],
  ['findings', (row) => row.findings.join(' ')],
];

/** A field by RFC 4180 §2: quoted if it contains a comma, a quote or a line break, with quotes doubled. Null is empty. */
export function csvField(value: Cell): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(csvField).join(',')}\r\n`;
}

/** Flows as CSV (RFC 4180) with a header line. Arrays take two columns, findings are separated by spaces. */
export const flowsCsv: RowFormat<FlowRow> = {
  name: 'csv',
  extension: 'csv',
  summary: 'comma-separated values (RFC 4180) with a header line',
  open() {
    let header = line(COLUMNS.map(([name]) => name));
    return {
      write(row) {
        const text = header + line(COLUMNS.map(([, cell]) => cell(row)));
        header = '';
        return text;
      },
      end: () => header,
    };
  },
};
