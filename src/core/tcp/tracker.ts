import { FlowMark, Mark } from '../flow/columns.ts';
import { endOf, flowOf, peerOf, SIDES } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import { ACK, CHECKSUM_BAD, CHECKSUM_GOOD, FIN, PSH, RST, SYN, type Segment, URG } from '../wire/segment.ts';
import { LETTER_ACK, LETTER_CHECKSUM, LETTER_MULTIPLE_FLAGS, type TcpContext } from './context.ts';
import { answerChallenge, Challenge, challenge, forgetChallenges, settleSyn } from './challenge.ts';
import { completeHandshake, judgeSynAck, leavesSynReceived, passAckOfSyn, receiveSyn, receiveSynAck } from './handshake.ts';
import { answeredSyn, forgetSyn, Incarnation, judgeSyn, meetLiveConnection, observeReuse, type PendingSyn } from './incarnation.ts';
import { answersFromBefore, forgetFormer, isOfFormer, observeIsnMove, receiveFromBefore, receiveLate, rememberFormer } from './former.ts';
import { observeNoTimestamps, observePorts, observeSack, observeUrgent, RESERVED } from './oddities.ts';
import { noteHeader } from './origin.ts';
import { advance, isLate, Progress } from './progress.ts';
import { receiveReset, surviveReset } from './reset.ts';
import { receiveOwn } from './self-connection.ts';
import { distance } from './sequence.ts';
import { settleSilence, settleUnserved } from './silence.ts';
import { CLOSED, CLOSE_WAIT, ESTABLISHED, LISTEN, SYN_RECEIVED, SYN_SENT, TIME_WAIT, UNSEEN } from './state.ts';
import { SND_ACK, SND_ACK_OF_FIN, SND_DATA, SND_SYN } from './states.ts';
import { acknowledgeFin, coversFin, disownFin, implyFin, noteOneAgain, passFin, receiveFin, repeatBeforeFin } from './teardown.ts';
import { Acknowledged, acknowledge, endDoubt, offer, weighDoubt } from './window.ts';

/** Timestamps of segments sent together on several queues may be swapped by so many ticks. */
const TICK_TOLERANCE = 1;
/** A connection on which neither end sent for so long (nanoseconds) was idle: beyond what round trips and common timers explain. */
const IDLE_NANOSECONDS = 1_000_000_000;

/** Follows every connection: one call a segment, in the order of capture. */
export class Tracker {
  readonly #context: TcpContext;
  /** Called with a flow whose 4-tuple a new one takes over, before it is forgotten. */
  readonly #replaced: (flow: number) => void;

  constructor(context: TcpContext, replaced: (flow: number) => void) {
    this.#context = context;
    this.#replaced = replaced;
  }

  /** Takes in a segment whose flow was looked up (`flow` −1: it has none yet). Returns its flow. */
  segment(segment: Segment, flow: number): number {
    const context = this.#context;
    const { columns, table } = context;
    const { flags } = segment;
    let current = flow < 0 ? this.#open(segment, -1) : flow;
    let sender = endOf(current, table.senderSide(current));
    if (flow >= 0 && (flags & (SYN | ACK | RST | FIN)) === SYN) {
      const incarnation = judgeSyn(context, segment, sender);
      if (incarnation !== Incarnation.SAME && !isOver(context, current) && table.separate(segment, current)) {
        current = this.#open(segment, -1);
        sender = endOf(current, 0);
      } else if (incarnation === Incarnation.ON_ESTABLISHED) {
        meetLiveConnection(context, segment, sender);
        this.#count(segment, sender);
        return current;
      } else if (incarnation === Incarnation.NEW) {
        current = this.#renew(segment, current);
        sender = endOf(current, 0);
      }
    }
    const peer = peerOf(sender);
    this.#count(segment, sender);
    if ((columns.flowMarks[current]! & FlowMark.SELF) !== 0) {
      receiveOwn(context, segment, sender);
      return current;
    }

    if (segment.checksumState === CHECKSUM_BAD && (columns.marks[sender]! & Mark.CHECKSUM_GOOD) !== 0) {
      // Its sender's other checksums are good, so this one was damaged: the receiver drops it.
      context.history(sender, LETTER_CHECKSUM);
      return current;
    }

    // Data and ACKs between two ends known to be established: most of all segments.
    if (
      (flags & (SYN | FIN | RST | ACK)) === ACK &&
      columns.state[sender] === ESTABLISHED &&
      columns.state[peer] === ESTABLISHED &&
      (columns.marks[sender]! & columns.marks[peer]! & Mark.SYNCHRONIZED) !== 0
    ) {
      this.#exchange(segment, sender);
      return current;
    }
    if ((columns.flowMarks[current]! & FlowMark.FORMER) !== 0 && isOfFormer(context, segment, sender)) {
      receiveLate(context, segment, sender);
      return current;
    }
    if ((flags & RST) === 0) noteHeader(columns, segment, sender);
    if (hasImpossibleFlags(flags)) {
      context.history(sender, LETTER_MULTIPLE_FLAGS);
      context.observe(Kind.INVALID_FLAGS, sender, segment.number, segment.time, flags, segment.payloadLength);
      if ((flags & RST) === 0) return current;
    }
    if ((flags & RST) !== 0) receiveReset(context, segment, sender);
    else if ((flags & SYN) === 0) this.#synchronized(segment, sender);
    else if ((flags & ACK) !== 0) this.#synAck(segment, sender);
    else {
      if ((columns.marks[sender]! & Mark.DOUBT) !== 0 && columns.state[sender] === SYN_SENT) judgeSynAck(context, sender, true);
      receiveSyn(context, segment, sender);
      offer(context, segment, sender);
    }
    return current;
  }

  /** The capture (or the flow's slot) ends at `time`: settles what was left in doubt. */
  close(flow: number, time: number): void {
    const context = this.#context;
    for (const side of SIDES) {
      const end = endOf(flow, side);
      settleSilence(context, end, time);
      settleUnserved(context, end);
      settleSyn(context, end);
      if ((context.columns.marks[end]! & Mark.DOUBT) === 0) continue;
      if (context.columns.state[end] === SYN_SENT) judgeSynAck(context, end, false);
      else endDoubt(context, end);
    }
    forgetFormer(context, flow);
    forgetChallenges(context, flow);
    context.holes.release(endOf(flow, 0));
    context.holes.release(endOf(flow, 1));
  }

  #open(segment: Segment, former: number): number {
    const context = this.#context;
    const { columns } = context;
    const flow = context.table.add(segment, former);
    context.estimates.begin(endOf(flow, 0));
    context.estimates.begin(endOf(flow, 1));
    if ((segment.flags & (SYN | ACK)) !== SYN) columns.flowMarks[flow] = columns.flowMarks[flow]! | FlowMark.MIDSTREAM;
    context.observe(Kind.FLOW_STARTED, endOf(flow, 0), segment.number, segment.time, segment.flags, 0);
    observePorts(context, segment, endOf(flow, 0));
    return flow;
  }

  /** A new incarnation of a 4-tuple. What its receiver was in goes on until it answers. */
  #renew(segment: Segment, former: number): number {
    const context = this.#context;
    const { columns, table } = context;
    const formerPeer = endOf(former, table.senderSide(former) ^ 1);
    const peerState = columns.state[formerPeer]!;
    const peerPossible = columns.possible[formerPeer]!;
    const peerSince = columns.since[formerPeer]!;
    const peerProof = columns.proof[formerPeer]!;
    this.close(former, segment.time);
    const flow = this.#open(segment, former);
    rememberFormer(context, former, flow);
    observeReuse(context, segment, former, endOf(flow, 0));
    if (peerState === TIME_WAIT || peerState === CLOSED) {
      context.estimates.inherit(endOf(flow, 1), peerState, peerPossible, peerSince, peerProof);
    }
    this.#replaced(former);
    return flow;
  }

  #count(segment: Segment, sender: number): void {
    const context = this.#context;
    const { columns } = context;
    const { time } = segment;
    columns.packets[sender] = columns.packets[sender]! + 1;
    if (time - columns.lastSeen[sender]! >= IDLE_NANOSECONDS) {
      const idle = time - Math.max(columns.lastSeen[sender]!, columns.lastSeen[peerOf(sender)]!);
      if (idle >= IDLE_NANOSECONDS && columns.lastSeen[sender]! >= 0) context.observe(Kind.IDLE_ENDED, sender, segment.number, time, idle);
    }
    columns.lastSeen[sender] = time;
    if (columns.packets[sender] === 1) columns.ttl[sender] = segment.ttl;
    if (segment.checksumState === CHECKSUM_GOOD) columns.marks[sender] = columns.marks[sender]! | Mark.CHECKSUM_GOOD;
    else if (segment.checksumState === CHECKSUM_BAD) {
      context.observe(Kind.BAD_CHECKSUM, sender, segment.number, time, (columns.marks[sender]! & Mark.CHECKSUM_GOOD) !== 0 ? 1 : 0);
    }
  }

  /** Sequence and acknowledgment numbers of a segment between established ends. */
  #exchange(segment: Segment, sender: number): Acknowledged {
    const context = this.#context;
    const { columns } = context;
    const marks = columns.marks[sender]!;
    if ((marks & Mark.CHALLENGED) !== 0) answerChallenge(context, segment, sender);
    if ((marks & Mark.DOUBT) !== 0) weighDoubt(context, segment, sender);
    const progress = advance(context, segment, sender);
    if (progress === Progress.FAR) {
      if ((columns.flowMarks[flowOf(sender)]! & FlowMark.FORMER) !== 0 && isOfFormer(context, segment, sender)) {
        receiveLate(context, segment, sender);
        return Acknowledged.TOO_OLD;
      }
      challenge(context, peerOf(sender), Challenge.OUT_OF_WINDOW);
      context.observe(Kind.OUT_OF_WINDOW, sender, segment.number, segment.time, distance(segment.seq, columns.nxt[sender]!), 0);
      return Acknowledged.TOO_OLD;
    }
    if (progress === Progress.KEEP_ALIVE || this.#isWindowProbe(segment, sender)) this.#probe(segment, sender);
    const acknowledged = acknowledge(context, segment, sender);
    offer(context, segment, sender);
    if ((marks & Mark.CHALLENGED) !== 0) columns.probes[peerOf(sender)] = 0;
    if (segment.hasTimestamps) {
      const ticks = distance(segment.tsval, columns.tsval[sender]!);
      if (ticks > 0) columns.tsval[sender] = segment.tsval;
      else if (ticks < -TICK_TOLERANCE && progress === Progress.NEW) this.#timestampBack(segment, sender, -ticks);
    } else if ((marks & Mark.TIMESTAMPS) !== 0) observeNoTimestamps(context, segment, sender);
    if (segment.sackCount > 0) observeSack(context, segment, sender);
    if (((segment.flags & (URG | RESERVED)) | segment.urgentPointer) !== 0) observeUrgent(context, segment, sender);
    if (segment.payloadLength === 0) {
      context.history(sender, LETTER_ACK);
      if ((segment.flags & PSH) !== 0) context.observe(Kind.PSH_WITHOUT_DATA, sender, segment.number, segment.time);
    }
    if (segment.optionsMalformed) context.observe(Kind.MALFORMED_OPTIONS, sender, segment.number, segment.time);
    return acknowledged;
  }

  /** A segment that goes on in sequence, but back in time (RFC 7323 §5.3). */
  #timestampBack(segment: Segment, sender: number, ticks: number): void {
    const context = this.#context;
    if (segment.payloadLength === 0 || (context.columns.marks[sender]! & Mark.TIMESTAMPS) === 0) return;
    context.observe(Kind.TIMESTAMP_BACK, sender, segment.number, segment.time, ticks);
  }

  /** A new byte for a window of zero (RFC 9293 §3.8.6.1). */
  #isWindowProbe(segment: Segment, sender: number): boolean {
    return segment.payloadLength === 1 && (this.#context.columns.marks[peerOf(sender)]! & Mark.ZERO_WINDOW) !== 0;
  }

  /** A keep-alive, or the probe of a zero window (Linux probes with nothing at SND.UNA − 1; RFC 9293 §3.8.4, §3.8.6.1). */
  #probe(segment: Segment, sender: number): void {
    const context = this.#context;
    const { columns } = context;
    if (columns.probes[sender]! < 255) columns.probes[sender] = columns.probes[sender]! + 1;
    challenge(context, peerOf(sender), Challenge.PROBE);
    const kind = (columns.marks[peerOf(sender)]! & Mark.ZERO_WINDOW) === 0 ? Kind.KEEP_ALIVE : Kind.WINDOW_PROBE;
    context.observe(kind, sender, segment.number, segment.time, columns.probes[sender]!, 0);
  }

  #synAck(segment: Segment, sender: number): void {
    const context = this.#context;
    const { columns } = context;
    const pending = answeredSyn(context, segment, peerOf(sender));
    if (pending !== undefined) {
      this.#renewOpened(segment, sender, pending);
      return;
    }
    const state = columns.state[sender]!;
    const over = state === CLOSED || state === TIME_WAIT;
    // The SYN of a new incarnation was missed: the SYN-ACK alone shows it.
    const asked = columns.state[peerOf(sender)] === SYN_SENT && (columns.marks[peerOf(sender)]! & Mark.ISS) !== 0 && segment.ack === ((columns.iss[peerOf(sender)]! + 1) | 0);
    if (over && !asked && columns.packets[sender]! > 1 && columns.iss[sender] !== segment.seq && (columns.marks[sender]! & Mark.SYNCHRONIZED) !== 0) {
      const flow = this.#renew(segment, flowOf(sender));
      columns.flowMarks[flow] = columns.flowMarks[flow]! | FlowMark.MIDSTREAM;
      this.#count(segment, endOf(flow, 0));
      receiveSynAck(context, segment, endOf(flow, 0));
      return;
    }
    receiveSynAck(context, segment, sender);
  }

  /** A SYN that seemed to meet a live connection was accepted: the end of that connection was not captured. */
  #renewOpened(segment: Segment, sender: number, pending: PendingSyn): void {
    const context = this.#context;
    const { columns, estimates } = context;
    forgetSyn(context, peerOf(sender));
    columns.lastSeen[sender] = pending.before;
    columns.lastSeen[peerOf(sender)] = pending.before;
    const server = endOf(this.#renew(segment, flowOf(sender)), 0);
    const client = peerOf(server);
    columns.flowMarks[flowOf(server)] = columns.flowMarks[flowOf(server)]! & ~FlowMark.MIDSTREAM;
    columns.packets[client] = 1;
    columns.lastSeen[client] = pending.time;
    columns.openedTime[client] = pending.time;
    columns.synCount[client] = 1;
    columns.marks[client] = columns.marks[client]! | Mark.NXT;
    columns.nxt[client] = (pending.isn + 1) | 0;
    columns.contiguous[client] = columns.nxt[client]!;
    estimates.sent(client, SND_SYN);
    estimates.prove(client, SYN_SENT, pending.time, pending.packet);
    observeIsnMove(context, client, pending.isn, pending.packet, pending.time);
    this.#count(segment, server);
    receiveSynAck(context, segment, server);
  }

  /** A segment without SYN and RST, where at least one end is not plainly established. */
  #synchronized(segment: Segment, sender: number): void {
    const context = this.#context;
    const { columns, estimates } = context;
    const peer = peerOf(sender);
    const { flags, number, time } = segment;
    if ((flags & ACK) === 0) {
      context.observe(Kind.INVALID_FLAGS, sender, number, time, flags, segment.payloadLength);
      return;
    }
    if (columns.state[peer] === SYN_SENT && answersFromBefore(context, segment, sender)) {
      receiveFromBefore(context, segment, sender);
      return;
    }
    if ((columns.marks[sender]! & Mark.DOUBT) !== 0 && columns.state[sender] === SYN_SENT) {
      judgeSynAck(context, sender, false);
    }
    if (columns.state[sender] === SYN_SENT && !completeHandshake(context, segment, sender)) return;
    if (columns.state[sender] === CLOSED && (columns.marks[sender]! & Mark.PRESUMED) !== 0 && (columns.marks[sender]! & Mark.FIN) === 0) {
      surviveReset(context, segment, sender);
    }
    if (columns.state[sender] === UNSEEN || columns.state[sender] === LISTEN) this.#meetMidstream(segment, sender);
    else if (columns.state[sender] === SYN_RECEIVED && !this.#answerInSynReceived(segment, sender)) return;

    const fin = (flags & FIN) !== 0;
    const hadFin = (columns.marks[peer]! & Mark.FIN_ACKED) !== 0;
    if (implyFin(context, segment, peer)) {
      if (fin) receiveFin(context, segment, sender);
      return;
    }
    const before = columns.nxt[sender]!;
    const acknowledged = this.#exchange(segment, sender);
    if (acknowledged === Acknowledged.TOO_OLD) return;
    if (columns.packets[peer] === 0) noteOneAgain(context, segment, peer);
    if (acknowledged === Acknowledged.BEYOND && implyFin(context, segment, peer)) {
      if (fin) receiveFin(context, segment, sender);
      return;
    }
    if (!coversFin(context, peer, segment.ack) && !isLate(columns, segment, sender)) estimates.sent(sender, this.#plainEvent(segment, sender));
    this.#showEstablished(segment, sender);
    if (columns.packets[peer] === 0 && (columns.marks[sender]! & Mark.SYNCHRONIZED) !== 0 && columns.state[peer] === SYN_SENT) {
      // Nothing of the peer was captured, but it must have completed the handshake.
      estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
    }
    if (columns.state[peer] === SYN_RECEIVED && distance(segment.ack, columns.iss[peer]!) > 0 && acknowledged !== Acknowledged.BEYOND) {
      passAckOfSyn(context, segment, sender);
    }
    if (coversFin(context, peer, segment.ack)) {
      if (!fin || (columns.marks[sender]! & Mark.FIN) !== 0) acknowledgeFin(context, segment, sender);
      else if (!hadFin) acknowledgeFin(context, segment, sender);
    }
    if (segment.payloadLength > 0) {
      if (distance((segment.seq + segment.payloadLength) | 0, before) <= 0) repeatBeforeFin(context, segment, sender);
      this.#observeLateData(segment, sender, before);
    }
    if (fin) receiveFin(context, segment, sender);
    else if ((columns.marks[sender]! & Mark.FIN) !== 0 && (columns.marks[sender]! & Mark.FIN_ACKED) === 0 && segment.payloadLength > 0) {
      // A gap before the FIN may have been filled by this.
      passFin(context, segment, sender, coversFin(context, peer, segment.ack));
    }
  }

  /** What a segment that acknowledges no FIN of this incarnation is in the figure. */
  #plainEvent(segment: Segment, sender: number): number {
    const { marks, state } = this.#context.columns;
    if (segment.payloadLength > 0) return SND_DATA;
    // TIME_WAIT acknowledges the FIN of the incarnation before, also to an old SYN (RFC 9293 §3.10.7.4).
    return state[sender] === TIME_WAIT && (marks[peerOf(sender)]! & Mark.FIN) === 0 ? SND_ACK_OF_FIN : SND_ACK;
  }

  /** First segment of an end of which no handshake was seen. */
  #meetMidstream(segment: Segment, sender: number): void {
    const context = this.#context;
    const { columns, estimates } = context;
    const peer = peerOf(sender);
    const fin = (segment.flags & FIN) !== 0;
    columns.marks[sender] = columns.marks[sender]! | Mark.SYNCHRONIZED;
    if (!fin && !coversFin(context, peer, segment.ack)) {
      estimates.sent(sender, segment.payloadLength > 0 ? SND_DATA : SND_ACK);
      estimates.settle(sender, ESTABLISHED, segment.time, segment.number);
    }
    if (columns.state[peer] === UNSEEN) {
      // What the sender acknowledges was sent by somebody: its peer is synchronized, too, in some state.
      columns.possible[peer] = (1 << ESTABLISHED) | (1 << CLOSE_WAIT) | (1 << UNSEEN);
      estimates.presume(peer, ESTABLISHED, segment.time, segment.number);
    }
  }

  /** False when the segment leaves its sender in SYN_RECEIVED. */
  #answerInSynReceived(segment: Segment, sender: number): boolean {
    const context = this.#context;
    const { columns } = context;
    const peer = peerOf(sender);
    if ((segment.flags & FIN) === 0 && !leavesSynReceived(context, segment, sender)) {
      this.#exchange(segment, sender);
      // Simultaneous open: the ACK of one end is what the other waits for.
      if (columns.state[peer] === SYN_RECEIVED) passAckOfSyn(context, segment, sender);
      return false;
    }
    columns.marks[sender] = columns.marks[sender]! | Mark.SYNCHRONIZED;
    // By the ACK seen last; where that was not captured, soon after the SYN-ACK.
    const reached = columns.lastSeen[peer]! >= 0 ? Math.max(columns.lastSeen[peer]!, columns.signalTime[sender]!, columns.since[sender]!) : segment.time;
    if ((segment.flags & FIN) === 0) context.estimates.prove(sender, ESTABLISHED, reached, segment.number);
    return true;
  }

  /** An end that was presumed to be established shows it. */
  #showEstablished(segment: Segment, sender: number): void {
    const context = this.#context;
    const { columns, estimates } = context;
    if ((columns.marks[sender]! & Mark.SYNCHRONIZED) !== 0) return;
    if (columns.state[sender] !== ESTABLISHED && columns.state[sender] !== CLOSE_WAIT) return;
    if ((columns.marks[sender]! & Mark.SYN_ACK) !== 0 && !leavesSynReceived(context, segment, sender)) return;
    columns.marks[sender] = columns.marks[sender]! | Mark.SYNCHRONIZED;
    if (columns.state[sender] === ESTABLISHED) estimates.confirm(sender, segment.number);
    else estimates.narrow(sender, 1 << SYN_RECEIVED, segment.number);
  }

  #observeLateData(segment: Segment, sender: number, before: number): void {
    const context = this.#context;
    const { columns } = context;
    const marks = columns.marks[sender]!;
    const state = columns.state[sender]!;
    if ((marks & Mark.FIN) !== 0 && distance((segment.seq + segment.payloadLength) | 0, columns.fin[sender]!) > 0) {
      context.observe(Kind.DATA_AFTER_OWN_FIN, sender, segment.number, segment.time, segment.payloadLength);
      // Data in the place of the FIN; an end that sends beyond it has at least counted it.
      if (distance(segment.seq, columns.fin[sender]!) < 0) disownFin(context, segment, sender);
    } else if (state === CLOSE_WAIT && (marks & Mark.HALF_CLOSED) !== 0 && distance(columns.nxt[sender]!, before) > 0) {
      context.observe(Kind.DATA_IN_CLOSE_WAIT, sender, segment.number, segment.time, segment.payloadLength);
    }
  }
}

/** Flag sets that no TCP sends: SYN with FIN or RST, FIN with RST, none of SYN, RST and ACK (RFC 9293 §3.10.7). */
function hasImpossibleFlags(flags: number): boolean {
  const control = flags & (SYN | FIN | RST | ACK);
  return (
    (flags & (SYN | FIN)) === (SYN | FIN) ||
    (flags & (SYN | RST)) === (SYN | RST) ||
    (flags & (FIN | RST)) === (FIN | RST) ||
    (control & (SYN | RST | ACK)) === 0 ||
    (flags & (SYN | URG)) === (SYN | URG)
  );
}

/** Neither end has a connection any more. */
function isOver(context: TcpContext, flow: number): boolean {
  const { state } = context.columns;
  const over = (end: number): boolean => state[end] === CLOSED || state[end] === TIME_WAIT;
  return over(endOf(flow, 0)) && over(endOf(flow, 1));
}
