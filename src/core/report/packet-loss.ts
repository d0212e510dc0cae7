import { type Columns, Mark } from '../flow/columns.ts';
import { endOf, peerOf, SIDES } from '../flow/end.ts';
import { roundTripTo } from '../tcp/round-trip.ts';
import { distance } from '../tcp/sequence.ts';
import { FIN, type Segment, SYN } from '../wire/segment.ts';
import type { Confidence } from './report.ts';
import type { Loss } from './rows.ts';

/** Receives where the former sending of a packet was lost; null: it was not lost, so the packet was not needed. */
type LossSink = (packet: number, loss: Loss | null, confidence: Confidence) => void;

/** Most segments or ranges watched for each end; the oldest are given up. */
const MOST_WATCHED = 256;
/** An acknowledgment sooner than this share of the round trip to the receiver cannot answer the second copy. */
const SOON = 0.5;

/** A segment that was sent again: the sequence numbers [left, right). */
interface Again {
  packet: number;
  left: number;
  right: number;
  tsval: number | null;
  time: number;
  acknowledged: boolean;
}

/**
 * Finds out where segments were lost that were sent again. If the acknowledgment answers the first copy, nothing was lost: it echoes the
 * timestamp of that copy (RFC 3522), reports a duplicate (RFC 2883), or comes too soon for the second. Only for listeners of packets.
 */
export class LossPlaces {
  readonly #columns: Columns;
  readonly #found: LossSink;
  readonly #again = new Map<number, Again[]>();
  /** Ranges that were acknowledged but not captured, by the end that sent them. */
  readonly #missed = new Map<number, { left: number; right: number }[]>();

  constructor(columns: Columns, found: LossSink) {
    this.#columns = columns;
    this.#found = found;
  }

  /** A flow begins, perhaps in a slot that another had. */
  begin(flow: number): void {
    for (const side of SIDES) {
      this.#again.delete(endOf(flow, side));
      this.#missed.delete(endOf(flow, side));
    }
  }

  /** `segment` of `end` carries bytes (or a SYN or FIN) that were captured before. */
  sentAgain(segment: Segment, end: number): void {
    const left = segment.seq;
    const right = (left + segment.payloadLength + ((segment.flags & (SYN | FIN)) !== 0 ? 1 : 0)) | 0;
    if (this.#missed.get(end)?.some((range) => distance(left, range.left) >= 0 && distance(right, range.right) <= 0) === true) {
      this.#found(segment.number, 'capture', 'medium');
      return;
    }
    const { marks, una } = this.#columns;
    if ((marks[end] & Mark.UNA) !== 0 && distance(una[end], right) >= 0) return;
    push(this.#again, end, { packet: segment.number, left, right, tsval: segment.hasTimestamps ? segment.tsval : null, time: segment.time, acknowledged: false });
  }

  /** `end` acknowledges up to `right`, but from `left` on nothing was captured. */
  missed(end: number, left: number, right: number): void {
    push(this.#missed, peerOf(end), { left, right });
  }

  /** Takes a segment with ACK of `sender`: it may tell what became of what its peer sent again. */
  acknowledged(segment: Segment, sender: number): void {
    const peer = peerOf(sender);
    const watched = this.#again.get(peer);
    if (watched === undefined) return;
    const duplicate = isDuplicateSack(segment);
    for (const each of watched) {
      if (duplicate && distance(each.left, segment.sackEdges[1]) < 0 && distance(each.right, segment.sackEdges[0]) > 0) {
        this.#found(each.packet, null, 'high');
        each.acknowledged = true;
      } else if (!each.acknowledged && distance(segment.ack, each.right) >= 0) {
        each.acknowledged = true;
        this.#judge(each, segment, sender);
      }
    }
  }

  #judge(again: Again, segment: Segment, receiver: number): void {
    const stamped = again.tsval !== null && segment.hasTimestamps;
    if (stamped && distance(segment.tsecr, again.tsval!) < 0) this.#found(again.packet, null, 'high');
    else if (!stamped && segment.time - again.time < Math.max(0, roundTripTo(this.#columns, receiver)) * SOON) this.#found(again.packet, null, 'medium');
    else this.#found(again.packet, 'downstream', stamped ? 'high' : 'medium');
  }
}

/** Whether the first SACK block reports bytes that had been received before (RFC 2883 §4). */
export function isDuplicateSack(segment: Segment): boolean {
  if (segment.sackCount === 0) return false;
  const [left, right, nextLeft, nextRight] = segment.sackEdges;
  if (distance(right, segment.ack) <= 0) return true;
  return segment.sackCount > 1 && distance(left, nextLeft) >= 0 && distance(right, nextRight) <= 0;
}

function push<T>(lists: Map<number, T[]>, end: number, entry: T): void {
  const list = lists.get(end);
  if (list === undefined) lists.set(end, [entry]);
  else {
    list.push(entry);
    if (list.length > MOST_WATCHED) list.shift();
  }
}
