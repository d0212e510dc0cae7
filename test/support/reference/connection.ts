import type { Segment } from './segment.ts';

/** One incarnation of a 4-tuple: its two ends, and every segment between them, with numbers that do not wrap. */
export interface Connection {
  ends: readonly [string, string];
  segments: readonly Segment[];
}

const CIRCLE = 2 ** 32;
/** The same packet captured again within this long (nanoseconds) is a copy. */
const COPY_NANOSECONDS = 50e6;

/** The list without what was captured twice: compared with every segment before. */
export function withoutCopies(segments: readonly Segment[]): Segment[] {
  return segments.filter(
    (segment, index) =>
      !segments.slice(0, index).some((other) => other.print === segment.print && other.from === segment.from && segment.time - other.time <= COPY_NANOSECONDS),
  );
}

/** The connections in a list. A SYN with another number than its sender's last begins a new one. */
export function connectionsIn(segments: readonly Segment[]): Connection[] {
  const lists: Segment[][] = [];
  for (const segment of segments) {
    const current = lists.filter(([first]) => isBetween(first, segment.from, segment.to)).at(-1);
    if (current === undefined || beginsAnew(current, segment)) lists.push([segment]);
    else current.push(segment);
  }
  return lists.map((list) => ({ ends: [list[0].from, list[0].to], segments: onALine(list) }));
}

function isBetween({ from, to }: Segment, one: string, other: string): boolean {
  return (from === one && to === other) || (from === other && to === one);
}

function beginsAnew(list: readonly Segment[], segment: Segment): boolean {
  if (!segment.syn || segment.acknowledges) return false;
  const own = list.filter(({ from }) => from === segment.from);
  return own.length > 0 && !own.some(({ syn, seq }) => syn && seq === segment.seq);
}

/** Lays the numbers of each end out on a line: each is the one nearest to the first seen of that end, be it sent or acknowledged. */
function onALine(list: readonly Segment[]): Segment[] {
  const origins = new Map<string, number>();
  const place = (end: string, number: number, counts: boolean): number => {
    const origin = origins.get(end) ?? CIRCLE + number;
    if (counts) origins.set(end, origin);
    const ahead = (((number - origin) % CIRCLE) + CIRCLE) % CIRCLE;
    return origin + (ahead < CIRCLE / 2 ? ahead : ahead - CIRCLE);
  };
  // A RST that refuses a SYN has the number 0, of no line.
  return list.map((segment) => ({
    ...segment,
    seq: place(segment.from, segment.seq, !segment.rst),
    ack: segment.acknowledges ? place(segment.to, segment.ack, true) : 0,
  }));
}
