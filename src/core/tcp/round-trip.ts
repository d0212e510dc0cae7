import { type Columns, Mark } from '../flow/columns.ts';
import { flowOf } from '../flow/end.ts';

/** Round trip assumed where the handshake was not seen (nanoseconds). */
const ASSUMED = 100_000_000;

/** Round trip of a flow's handshake as seen at the capture point (nanoseconds); `assumed` where it was not seen. */
export function roundTrip({ ackDelay, synAckDelay }: Columns, flow: number, assumed = ASSUMED): number {
  return synAckDelay[flow] < 0 || ackDelay[flow] < 0 ? assumed : synAckDelay[flow] + ackDelay[flow];
}

/** The part of it that lies between the capture point and an end, there and back (nanoseconds); -1 where it was not seen. */
export function roundTripTo({ ackDelay, marks, synAckDelay }: Columns, end: number): number {
  const isServer = (marks[end] & Mark.SYN_ACK) !== 0;
  return (isServer ? synAckDelay : ackDelay)[flowOf(end)];
}
