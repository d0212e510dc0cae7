import type { Columns } from '../flow/columns.ts';
import type { Connections } from '../flow/connections.ts';
import { endOf, peerOf } from '../flow/end.ts';
import { otherSide, type Side } from '../observations.ts';
import { STATE_NAMES } from '../tcp/state.ts';
import { ACK, AE, CWR, ECE, FIN, PSH, RST, type Segment, SYN, URG } from '../wire/segment.ts';
import type { LateVerdict, PacketLabels, PacketVerdict } from './packet-labels.ts';
import type { PacketRow } from './rows.ts';

const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [SYN, 'S'],
  [FIN, 'F'],
  [RST, 'R'],
  [PSH, 'P'],
  [ACK, 'A'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'C'],
  [AE, 'N'],
];

/** Rows held back at least, so that labels that later packets show can still be added to them. */
const HELD_BACK = 4096;

/** Makes the rows of `synoptic packets` and gives them out in order, a few thousand packets late. */
export class PacketRows {
  readonly #columns: Columns;
  readonly #connections: Connections;
  readonly #labels: PacketLabels;
  readonly #sink: (row: PacketRow) => void;
  #held: PacketRow[] = [];

  constructor(columns: Columns, connections: Connections, labels: PacketLabels, sink: (row: PacketRow) => void) {
    this.#columns = columns;
    this.#connections = connections;
    this.#labels = labels;
    this.#sink = sink;
  }

  /** Adds a packet, after the tracker has taken it in. */
  add(segment: Segment, flow: number, side: Side, { confidence, loss }: PacketVerdict): void {
    const columns = this.#columns;
    const sender = endOf(flow, side);
    this.#held.push({
      packet: segment.number,
      t_ns: this.#connections.epoch(segment.time),
      flow: columns.number[flow],
      from: this.#connections.endpointName(flow, side),
      to: this.#connections.endpointName(flow, otherSide(side)),
      flags: FLAG_LETTERS.map(([bit, letter]) => ((segment.flags & bit) !== 0 ? letter : '')).join(''),
      seq: segment.seq >>> 0,
      ack: segment.ack >>> 0,
      len: segment.payloadLength,
      win: segment.window,
      labels: Object.keys(confidence).filter((label) => label !== 'loss'),
      sender_state: STATE_NAMES[columns.state[sender]],
      receiver_state: STATE_NAMES[columns.state[peerOf(sender)]],
      confidence,
      loss,
    });
    if (this.#held.length >= HELD_BACK * 2) this.#give(HELD_BACK);
  }

  /** Gives out all rows that are held back. */
  finish(): void {
    this.#give(this.#held.length);
  }

  #give(count: number): void {
    for (const row of this.#held.slice(0, count)) {
      const late = this.#labels.takeLate(row.packet);
      if (late !== undefined) amend(row, late);
      this.#sink(row);
    }
    this.#held = this.#held.slice(count);
  }
}

/** Adds to a row what later packets showed. */
function amend(row: PacketRow, late: LateVerdict): void {
  for (const label of late.withdrawn) delete row.confidence[label];
  Object.assign(row.confidence, late.confidence);
  if (late.loss !== undefined) row.loss = late.loss;
  if (row.loss === null) delete row.confidence['loss'];
  row.labels = Object.keys(row.confidence).filter((label) => label !== 'loss');
}
