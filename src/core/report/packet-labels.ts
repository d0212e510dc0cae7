import { type Columns, Mark } from '../flow/columns.ts';
import { flowOf, peerOf } from '../flow/end.ts';
import { Kind, type Observation } from '../observations.ts';
import { distance } from '../tcp/sequence.ts';
import { ACK, FIN, RST, type Segment, SYN } from '../wire/segment.ts';

/** What a fact says of the packet that shows it: labels of `synoptic packets`. */
const LABELS_OF_KIND: { readonly [kind: number]: readonly string[] } = {
  [Kind.SYN_REPEATED]: ['syn-retransmission'],
  [Kind.SYN_ACK_REPEATED]: ['synack-retransmission'],
  [Kind.FIN_REPEATED]: ['retransmission'],
  [Kind.BAD_SYN_ACK]: ['bad-ack'],
  [Kind.BAD_THIRD_SEGMENT]: ['bad-ack'],
  [Kind.BAD_ACK]: ['bad-ack'],
  [Kind.OLD_ACK]: ['old-ack'],
  [Kind.CHALLENGE_ACK]: ['challenge-ack'],
  [Kind.KEEP_ALIVE]: ['keep-alive'],
  [Kind.KEEP_ALIVE_ANSWERED]: ['keep-alive-ack'],
  [Kind.OUT_OF_WINDOW]: ['out-of-window'],
  [Kind.TUPLE_REUSED]: ['port-reuse'],
  [Kind.RESET_UNACCEPTABLE]: ['out-of-window'],
};
/** By index into RETRANSMISSION. */
const LABELS_OF_RETRANSMISSION: readonly (readonly string[])[] = [
  ['retransmission'],
  ['retransmission'],
  ['retransmission', 'fast-retransmission'],
  ['retransmission', 'spurious-retransmission'],
  ['retransmission', 'tail-loss-probe'],
  ['retransmission'],
];
/** By Fill: cannot tell, reordered, retransmitted. */
const LABELS_OF_FILL: readonly (readonly string[])[] = [['out-of-order'], ['out-of-order'], ['retransmission']];

/**
 * Labels one packet: what the tracker observes of it, and what its numbers say against those before it. Used only where packets
 * are asked for, so it may allocate.
 */
export class PacketLabels {
  readonly #columns: Columns;
  readonly #only: number | null;
  #labels: string[] = [];
  #number = 0;
  /** Labels that became known later, by packet number. */
  readonly late = new Map<number, string[]>();

  /** @param only number of the flow whose labels are asked for; null for all */
  constructor(columns: Columns, only: number | null) {
    this.#columns = columns;
    this.#only = only;
  }

  /** Tells whether the labels of a flow (its slot) are asked for. */
  wants(flow: number): boolean {
    return this.#only === null || this.#columns.number[flow] === this.#only;
  }

  /** Begins a packet of `sender`, before the tracker has seen it; `sender` −1: of a new flow. */
  begin(segment: Segment, sender: number): void {
    if (sender >= 0 && !this.wants(flowOf(sender))) {
      this.#number = -1;
      return;
    }
    this.#labels = [];
    this.#number = segment.number;
    if (sender < 0 || (segment.flags & (SYN | RST | ACK)) !== ACK) return;
    const columns = this.#columns;
    const peer = peerOf(sender);
    const own = columns.marks[sender]!;
    const others = columns.marks[peer]!;
    const { payloadLength: length } = segment;
    const pure = length === 0 && (segment.flags & FIN) === 0;
    if ((own & Mark.NXT) !== 0 && distance(segment.seq, columns.nxt[sender]!) > 0) this.#labels.push('hole');
    if ((others & Mark.NXT) !== 0 && columns.packets[peer]! > 0 && distance(segment.ack, columns.nxt[peer]!) > 0) this.#labels.push('ack-unseen');
    const probed = (own & Mark.CHALLENGED) !== 0 && columns.challenge[sender] === 5;
    if ((others & Mark.UNA) !== 0) this.#labelAck(segment, sender, peer, pure, probed);
    if (segment.window === 0) this.#labels.push('zero-window');
    const right = (segment.seq + length) | 0;
    if (length > 0 && (others & Mark.EDGE) !== 0 && right === columns.edge[peer] && distance(right, columns.nxt[sender]!) > 0) this.#labels.push('window-full');
    const closed = (others & Mark.ZERO_WINDOW) !== 0;
    const below = distance(segment.seq, columns.nxt[sender]!);
    if (closed && ((pure && below === -1) || (length === 1 && below >= -1 && below <= 0))) this.#labels.push('zero-window-probe');
    else if (probed && pure && segment.window === 0) this.#labels.push('zero-window-probe-ack');
  }

  observe(observation: Observation): void {
    const labels =
      observation.kind === Kind.RETRANSMITTED
        ? LABELS_OF_RETRANSMISSION[observation.b]
        : observation.kind === Kind.HOLE_FILLED
          ? LABELS_OF_FILL[observation.b]
          : LABELS_OF_KIND[observation.kind];
    if (labels === undefined) return;
    if (observation.packet === this.#number) this.#labels.push(...labels);
    else if (this.wants(observation.flow)) {
      this.late.set(observation.packet, [...(this.late.get(observation.packet) ?? []), ...labels]);
    }
  }

  /** The packet's labels, each once, in the order found. */
  end(): string[] {
    return [...new Set(this.#labels)];
  }

  #labelAck(segment: Segment, sender: number, peer: number, pure: boolean, probed: boolean): void {
    const columns = this.#columns;
    const gain = distance(segment.ack, columns.una[peer]!);
    if (gain < 0) this.#labels.push('old-ack');
    if (isDuplicateSack(segment)) this.#labels.push('dsack');
    if (gain !== 0 || !pure || segment.seq !== columns.nxt[sender] || probed) return;
    const sameWindow = segment.window === columns.lastWindow[sender];
    if (!sameWindow && segment.window !== 0) this.#labels.push('window-update');
    else if (sameWindow && columns.nxt[peer] !== segment.ack) this.#labels.push('duplicate-ack');
  }
}

/** The first SACK block reports bytes that had been received before (RFC 2883 §4). */
function isDuplicateSack(segment: Segment): boolean {
  if (segment.sackCount === 0) return false;
  const [left, right, nextLeft, nextRight] = segment.sackEdges;
  if (distance(right!, segment.ack) <= 0) return true;
  return segment.sackCount > 1 && distance(left!, nextLeft!) >= 0 && distance(right!, nextRight!) <= 0;
}
