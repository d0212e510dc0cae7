import type { Connection } from './connection.ts';
import type { Segment } from './segment.ts';

export const isSyn = ({ syn, acknowledges }: Segment): boolean => syn && !acknowledges;
export const isSynAck = ({ syn, acknowledges }: Segment): boolean => syn && acknowledges;
/** With ACK, and neither SYN nor RST. */
export const isText = ({ syn, rst, acknowledges }: Segment): boolean => acknowledges && !syn && !rst;

/** Did the capture point see one before the other? */
export const precedes = (one: Segment, other: Segment): boolean => one.number < other.number;

/** One after the last sequence number that a segment takes: what acknowledges all of it. */
export const after = ({ seq, length, syn, fin }: Segment): number => seq + length + (syn ? 1 : 0) + (fin ? 1 : 0);

/** A connection from where one end stands: what it sent, and what was sent to it, in the order of the capture point. */
export class View {
  readonly end: string;
  readonly all: readonly Segment[];
  readonly own: readonly Segment[];
  readonly others: readonly Segment[];
  /** The first of its kind that the end sent. */
  readonly syn: Segment | undefined;
  readonly synAck: Segment | undefined;
  readonly fin: Segment | undefined;
  readonly otherFin: Segment | undefined;

  constructor({ segments }: Connection, end: string) {
    this.end = end;
    this.all = segments;
    this.own = segments.filter(({ from }) => from === end);
    this.others = segments.filter(({ to }) => to === end);
    this.syn = this.own.find(isSyn);
    this.synAck = this.own.find(isSynAck);
    this.fin = this.own.find(({ fin }) => fin);
    this.otherFin = this.others.find(({ fin }) => fin);
  }

  /** The first segment of the end that acknowledges the other FIN. */
  get receiptOfFin(): Segment | undefined {
    const fin = this.otherFin;
    return fin === undefined ? undefined : this.own.find((segment) => isText(segment) && segment.ack >= after(fin));
  }

  /** What was sent to the end and acknowledges a segment of its own. */
  acknowledgmentsOf(segment: Segment): Segment[] {
    return this.others.filter((other) => other.acknowledges && !other.rst && other.ack >= after(segment));
  }

  /** Stamped before one of the end that has passed already: late on its way, not sent again (RFC 7323 §3.1 stamps each sending anew). */
  isLate(segment: Segment): boolean {
    const { stamp } = segment;
    return stamp !== null && this.own.some((earlier) => precedes(earlier, segment) && earlier.stamp !== null && earlier.stamp > stamp);
  }
}
