import type { FlowRow, Ladder } from '../../../../core/index.ts';
import { bytes, count, duration, isoTime, LADDER_FORMATS, wrap } from '../../../../core/index.ts';
import { type Line, PAINT, painted, piece } from '../line.ts';
import { stateLook } from '../look.ts';
import { type Detail, detailOf } from '../state.ts';

const LABEL = 14;

/** A connection packet by packet if its packets are kept, or else what is known of it. */
export function flowDetail(number: number, row: FlowRow | undefined, ladder: Ladder | null): Detail {
  const title = `Flow ${number}`;
  if (ladder !== null) {
    const text = LADDER_FORMATS.find(({ name }) => name === 'text')!;
    return detailOf(title, '', (width) => [...text.render(ladder, { width, paint: PAINT, verbose: true })].map((line) => painted(line.trimEnd())));
  }
  const lines = row === undefined ? [[piece(`Flow ${number} has ended and is not kept any more.`, 'warning')]] : factLines(row);
  const why = 'None of its packets are kept: --ring SIZE keeps them, and shows them here as a ladder.';
  return detailOf(title, '', (width) => [...lines, [], ...wrap(why, width).map((line) => [piece(line, 'quiet')])]);
}

function factLines(row: FlowRow): Line[] {
  const seconds = (value: number | null): string => (value === null ? 'not seen' : duration(value));
  const both = (values: readonly [number, number], show: (value: number) => string): string => `${show(values[0])} / ${show(values[1])}`;
  const fact = (label: string, text: string, look: 'plain' | 'quiet' = 'plain'): Line => [piece(label.padEnd(LABEL), 'quiet'), piece(text, look)];
  return [
    [piece(`${row.client} → ${row.server}, ${row.outcome}`, 'heading')],
    [],
    [piece('Client is'.padEnd(LABEL), 'quiet'), piece(row.client_state, stateLook(row.client_state))],
    [piece('Server is'.padEnd(LABEL), 'quiet'), piece(row.server_state, stateLook(row.server_state))],
    fact('Closed first', row.closed_first ?? '-'),
    fact('Direction', row.direction === 'seen' ? 'seen in the handshake' : `inferred, ${Math.round(row.direction_confidence * 100)} % sure`),
    fact('First packet', isoTime(row.start_ns)),
    fact('Latest', isoTime(row.end_ns)),
    fact('Lasting', duration(row.duration)),
    fact('SYN-ACK after', seconds(row.handshake.synack_seconds)),
    fact('ACK after', seconds(row.handshake.ack_seconds)),
    fact('Packets', both(row.packets, count)),
    fact('Bytes', both(row.bytes, bytes)),
    fact('Sent again', both(row.retransmitted, count)),
    fact('History', `${row.history} (${row.conn_state})`),
    ...(row.vlan === null ? [] : [fact('VLAN', String(row.vlan))]),
    ...(row.tunnel === null ? [] : [fact('Tunnel', row.tunnel)]),
    fact('Findings', row.findings.length === 0 ? '-' : row.findings.join(', ')),
  ];
}
