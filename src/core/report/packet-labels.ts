import { type Columns, Mark } from '../flow/columns.ts';
import { endOf, flowOf, peerOf } from '../flow/end.ts';
import { Challenge, Fill, Kind, MISFIT, type Observation, RETRANSMISSION } from '../observations.ts';
import type { Holes } from '../tcp/holes.ts';
import { MISORDER_NANOSECONDS } from '../tcp/progress.ts';
import { DUPLICATE_THRESHOLD } from '../tcp/retransmission.ts';
import { distance } from '../tcp/sequence.ts';
import { ACK, FIN, RST, type Segment, SYN } from '../wire/segment.ts';
import { isDuplicateSack, LossPlaces } from './packet-loss.ts';
import type { Confidence } from './report.ts';
import type { Loss } from './rows.ts';

type Labels = { readonly [label: string]: Confidence };

/** What a fact says about the packet that shows it: labels of `synoptic packets`, each with its confidence. */
const LABELS_OF_KIND: { readonly [kind: number]: Labels } = {
  [Kind.SYN_REPEATED]: { 'syn-retransmission': 'high' },
  [Kind.SYN_ACK_REPEATED]: { 'synack-retransmission': 'high' },
  [Kind.FIN_REPEATED]: { retransmission: 'high' },
  [Kind.BAD_SYN_ACK]: { 'bad-ack': 'high' },
  [Kind.BAD_THIRD_SEGMENT]: { 'bad-ack': 'medium' },
  [Kind.BAD_ACK]: { 'bad-ack': 'high' },
  [Kind.ACK_UNSEEN]: { 'ack-unseen': 'high' },
  [Kind.OLD_ACK]: { 'old-ack': 'high' },
  [Kind.CHALLENGE_ACK]: { 'challenge-ack': 'medium' },
  [Kind.KEEP_ALIVE]: { 'keep-alive': 'high' },
  [Kind.KEEP_ALIVE_ANSWERED]: { 'keep-alive-ack': 'high' },
  [Kind.OUT_OF_WINDOW]: { 'out-of-window': 'medium' },
  [Kind.STALE_SEGMENT]: { 'stale-segment': 'high', 'out-of-window': 'high' },
  [Kind.STALE_SYN]: { 'stale-syn': 'medium' },
  [Kind.TUPLE_REUSED]: { 'port-reuse': 'high' },
  [Kind.RESET_UNACCEPTABLE]: { 'out-of-window': 'medium' },
  [Kind.LATE_ORIGINAL]: { 'out-of-order': 'high' },
};
/** By index into RETRANSMISSION. */
const LABELS_OF_RETRANSMISSION: readonly Labels[] = [
  { retransmission: 'high' },
  { retransmission: 'high' },
  { retransmission: 'high', 'fast-retransmission': 'medium' },
  { retransmission: 'high', 'spurious-retransmission': 'high' },
  { retransmission: 'high', 'tail-loss-probe': 'medium' },
  { retransmission: 'high' },
];
const FAST = RETRANSMISSION.indexOf('fast');
const FAST_FOR_CERTAIN: Labels = { retransmission: 'high', 'fast-retransmission': 'high' };

/** What is known of a packet. `confidence` has its labels, in the order in which they were found, and `loss` if that is not null. */
export interface PacketVerdict {
  confidence: { [label: string]: Confidence };
  loss: Loss | null;
}

/** What later packets show about an earlier one. */
export interface LateVerdict {
  confidence: { [label: string]: Confidence };
  withdrawn: string[];
  /** Absent: nothing new. */
  loss?: Loss | null;
}

/** The verdict on a frame that was captured twice. */
export function verdictOnCopy(): PacketVerdict {
  return { confidence: { 'capture-duplicate': 'high' }, loss: null };
}

/**
 * Labels packets one by one: by what the tracker observes, and by comparing their numbers with those before. It is used only if somebody
 * listens for packets, so it may allocate.
 */
export class PacketLabels {
  readonly #columns: Columns;
  readonly #holes: Holes;
  readonly #only: number | null;
  readonly #losses: LossPlaces;
  #verdict: PacketVerdict = { confidence: {}, loss: null };
  #segment: Segment | null = null;
  #number = 0;
  /** What became known later of earlier packets, by packet number. */
  readonly #late = new Map<number, LateVerdict>();
  /** The rows of packets up to this one have been given out. */
  #given = 0;

  /** @param only number of the only flow whose packets are to be labelled; null for all flows */
  constructor(columns: Columns, holes: Holes, only: number | null) {
    this.#columns = columns;
    this.#holes = holes;
    this.#only = only;
    this.#losses = new LossPlaces(columns, (packet, loss, confidence) => this.#noteLoss(packet, loss, confidence));
  }

  /** Whether the packets of a flow (given by slot) are to be labelled. */
  wants(flow: number): boolean {
    return this.#only === null || this.#columns.number[flow] === this.#only;
  }

  /** Begins a packet, before the tracker sees it. `sender`: the end that sent it, −1 in a new flow. */
  begin(segment: Segment, sender: number): void {
    if (sender >= 0 && !this.wants(flowOf(sender))) {
      this.#number = -1;
      return;
    }
    this.#verdict = { confidence: {}, loss: null };
    this.#segment = segment;
    this.#number = segment.number;
    if (sender < 0 || (segment.flags & (RST | ACK)) !== ACK) return;
    this.#losses.acknowledged(segment, sender);
    if ((segment.flags & SYN) === 0) this.#labelNumbers(segment, sender);
  }

  observe(observation: Observation): void {
    const { kind, flow, packet } = observation;
    if (kind === Kind.FLOW_STARTED) this.#losses.begin(flow);
    const labels = this.#labelsOf(observation);
    if (labels === undefined) return;
    if (packet === this.#number) {
      Object.assign(this.#verdict.confidence, labels);
      this.#followLoss(observation);
    } else if (this.wants(flow)) {
      const late = this.#lateOf(packet);
      if (late === null) return;
      Object.assign(late.confidence, labels);
      if (kind === Kind.BAD_ACK) late.withdrawn.push('ack-unseen');
      else if (kind === Kind.ACK_UNSEEN) this.#noteUnseen(observation);
    }
  }

  /** The verdict on the packet, after the tracker has seen it. */
  end(): PacketVerdict {
    return this.#verdict;
  }

  /** What later packets have shown about a packet, whose row is given out now. */
  takeLate(packet: number): LateVerdict | undefined {
    this.#given = packet;
    const late = this.#late.get(packet);
    if (late !== undefined) this.#late.delete(packet);
    return late;
  }

  #labelsOf({ kind, flow, side, b }: Observation): Labels | undefined {
    switch (kind) {
      case Kind.RETRANSMITTED:
        if (b === FAST && this.#columns.duplicateAcks[peerOf(endOf(flow, side))] >= DUPLICATE_THRESHOLD) return FAST_FOR_CERTAIN;
        return LABELS_OF_RETRANSMISSION[b];
      case Kind.HOLE_FILLED:
        return { [b === Fill.RETRANSMITTED ? 'retransmission' : 'out-of-order']: this.#sureOfFill(b) };
      case Kind.FORGED_HEADER:
        return { 'forged-header': (b & MISFIT.TTL) !== 0 ? 'high' : 'medium' };
      default:
        return LABELS_OF_KIND[kind];
    }
  }

  /** Timestamps or IP-IDs tell the order of sending; the time that a hole was open only suggests it. */
  #sureOfFill(fill: number): Confidence {
    const segment = this.#segment;
    if (fill === Fill.UNKNOWN || segment === null) return 'low';
    const { filledTsval, filledIpId } = this.#holes;
    const stamped = segment.hasTimestamps && filledTsval !== 0 && segment.tsval !== filledTsval;
    return stamped || (segment.ipId !== 0 && filledIpId !== 0) ? 'high' : 'medium';
  }

  /** Finds out where the current packet was lost when it was sent before. */
  #followLoss({ kind, flow, side, b }: Observation): void {
    const segment = this.#segment;
    if (segment === null) return;
    if (kind === Kind.HOLE_FILLED && b === Fill.RETRANSMITTED) this.#noteLoss(segment.number, 'upstream', this.#sureOfFill(b));
    const again = kind === Kind.RETRANSMITTED || kind === Kind.FIN_REPEATED || kind === Kind.SYN_REPEATED || kind === Kind.SYN_ACK_REPEATED;
    if (again) this.#losses.sentAgain(segment, endOf(flow, side));
  }

  /** The next segment of the peer shows that what a packet acknowledged had been sent: the capture missed it. */
  #noteUnseen({ packet, flow, side, a }: Observation): void {
    const end = endOf(flow, side);
    const from = this.#columns.nxt[peerOf(end)];
    this.#noteLoss(packet, 'capture', 'high');
    this.#losses.missed(end, from, (from + a) | 0);
  }

  #noteLoss(packet: number, loss: Loss | null, confidence: Confidence): void {
    const verdict = packet === this.#number ? this.#verdict : this.#lateOf(packet);
    if (verdict === null) return;
    verdict.loss = loss;
    if (loss !== null) verdict.confidence['loss'] = confidence;
    else verdict.confidence['spurious-retransmission'] = confidence;
  }

  #lateOf(packet: number): LateVerdict | null {
    if (packet <= this.#given) return null;
    let late = this.#late.get(packet);
    if (late === undefined) this.#late.set(packet, (late = { confidence: {}, withdrawn: [] }));
    return late;
  }

  #label(label: string, confidence: Confidence = 'high'): void {
    this.#verdict.confidence[label] = confidence;
  }

  /** Labels a segment with ACK and without SYN by comparing its numbers with those before. */
  #labelNumbers(segment: Segment, sender: number): void {
    const columns = this.#columns;
    const peer = peerOf(sender);
    const own = columns.marks[sender];
    const others = columns.marks[peer];
    const { payloadLength: length } = segment;
    const pure = length === 0 && (segment.flags & FIN) === 0;
    if ((own & Mark.NXT) !== 0 && distance(segment.seq, columns.nxt[sender]) > 0) this.#label('hole');
    if ((others & Mark.NXT) !== 0 && columns.packets[peer] > 0) this.#labelUnseen(segment, sender, peer);
    if ((own & Mark.DOUBT) !== 0 && length > 0) this.#labelMissed(segment, sender);
    const probed = (own & Mark.CHALLENGED) !== 0 && columns.challenge[sender] === Challenge.PROBE;
    if ((others & Mark.UNA) !== 0) this.#labelAck(segment, sender, peer, pure, probed);
    if (segment.window === 0) this.#label('zero-window');
    const right = (segment.seq + length) | 0;
    if (length > 0 && (others & Mark.EDGE) !== 0 && right === columns.edge[peer] && distance(right, columns.nxt[sender]) > 0) this.#label('window-full');
    const closed = (others & Mark.ZERO_WINDOW) !== 0;
    const below = distance(segment.seq, columns.nxt[sender]);
    // Linux probes with an empty segment at SND.UNA − 1, others with a byte at SND.NXT (RFC 9293 §3.8.6.1).
    const empty = pure && (below === -1 || ((own & Mark.UNA) !== 0 && distance(segment.seq, columns.una[sender]) === -1));
    if (closed && (empty || (length === 1 && below >= -1 && below <= 0))) this.#label('zero-window-probe');
    else if (probed && pure && segment.window === 0) this.#label('zero-window-probe-ack');
  }

  /** Bytes that are captured for the first time well after their acknowledgment: the capture missed the copy that arrived. */
  #labelMissed(segment: Segment, sender: number): void {
    const { doubtAck, doubtTime } = this.#columns;
    const acknowledged = distance((segment.seq + segment.payloadLength) | 0, doubtAck[sender]) <= 0;
    if (!acknowledged || segment.time - doubtTime[sender] <= MISORDER_NANOSECONDS) return;
    this.#label('retransmission', 'medium');
    this.#label('spurious-retransmission', 'medium');
    this.#noteLoss(segment.number, 'capture', 'medium');
  }

  /** Bytes that were not captured are acknowledged: beyond all that were, or in a hole. */
  #labelUnseen(segment: Segment, sender: number, peer: number): void {
    const { nxt, hole } = this.#columns;
    const beyond = distance(segment.ack, nxt[peer]) > 0;
    const from = hole[peer] !== 0 ? this.#holes.first(peer) : nxt[peer];
    if (distance(segment.ack, from) <= 0) return;
    this.#label('ack-unseen', 'medium');
    // Beyond everything captured it may also be a bad acknowledgment: the sender's next segments will tell.
    if (beyond && hole[peer] === 0) return;
    this.#noteLoss(segment.number, 'capture', 'medium');
    this.#losses.missed(sender, from, segment.ack);
  }

  #labelAck(segment: Segment, sender: number, peer: number, pure: boolean, probed: boolean): void {
    const columns = this.#columns;
    const gain = distance(segment.ack, columns.una[peer]);
    if (gain < 0) this.#label('old-ack');
    if (isDuplicateSack(segment)) this.#label('dsack');
    if (gain !== 0 || !pure || segment.seq !== columns.nxt[sender] || probed) return;
    const sameWindow = segment.window === columns.lastWindow[sender];
    if (!sameWindow && segment.window !== 0) this.#label('window-update');
    else if (sameWindow && columns.nxt[peer] !== segment.ack) this.#label('duplicate-ack');
  }
}
