import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import { endOf, flowOf, peerOf, SIDES } from '../flow/end.ts';
import { Kind } from '../observations.ts';
import { ACK, CHECKSUM_BAD, CHECKSUM_GOOD, FIN, RST, SYN, type Segment, URG } from '../wire/segment.ts';
import { LETTER_CHECKSUM, LETTER_MULTIPLE_FLAGS, type TcpContext } from './context.ts';
import { forgetChallenges, settleSyn } from './challenge.ts';
import { exchange } from './exchange.ts';
import { answeredSyn, forgetSyn, Incarnation, judgeSyn, meetLiveConnection, observeReuse, type PendingSyn } from './incarnation.ts';
import { forgetFormer, isOfFormer, observeIsnMove, receiveLate, rememberFormer } from './former.ts';
import { followPredicted, IDLE_NANOSECONDS } from './header-prediction.ts';
import { observePorts } from './oddities.ts';
import { noteHeader } from './origin.ts';
import { receiveReset } from './reset.ts';
import { receiveOwn } from './self-connection.ts';
import { settleSilence, settleUnserved } from './silence.ts';
import { areBothOver, ESTABLISHED, isOver, SYN_SENT } from './state.ts';
import { SND_SYN } from './states.ts';
import { receiveSyn } from './syn.ts';
import { judgeSynAck, receiveSynAck } from './syn-ack.ts';
import { receiveSynchronized } from './synchronized.ts';
import { endDoubt, offer } from './window.ts';

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
    const { columns, table } = this.#context;
    const isPredicted =
      flow >= 0 && (columns.flowMarks[flow] & FlowMark.SELF) === 0 && followPredicted(this.#context, segment, endOf(flow, table.senderSide(flow)));
    return isPredicted ? flow : this.follow(segment, flow);
  }

  /** The same, whatever the segment is. */
  follow(segment: Segment, flow: number): number {
    const context = this.#context;
    const { columns, table } = context;
    const { flags } = segment;
    let current = flow < 0 ? this.#open(segment, -1) : flow;
    let sender = endOf(current, table.senderSide(current));
    if (flow >= 0 && (flags & (SYN | ACK | RST | FIN)) === SYN && !isDamaged(columns, segment, sender)) {
      const incarnation = judgeSyn(context, segment, sender);
      if (incarnation !== Incarnation.SAME && !areBothOver(columns.state, sender) && table.separate(segment, current)) {
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
    } else if (flow >= 0 && (flags & (SYN | ACK | RST)) === (SYN | ACK)) {
      const renewed = this.#renewBySynAck(segment, sender);
      if (renewed >= 0) return renewed;
    }
    const peer = peerOf(sender);
    this.#count(segment, sender);
    if ((columns.flowMarks[current] & FlowMark.SELF) !== 0) {
      receiveOwn(context, segment, sender);
      return current;
    }

    if (isDamaged(columns, segment, sender)) {
      context.history(sender, LETTER_CHECKSUM);
      return current;
    }

    // Data and ACKs between two ends known to be established.
    if (
      (flags & (SYN | FIN | RST | ACK)) === ACK &&
      columns.state[sender] === ESTABLISHED &&
      columns.state[peer] === ESTABLISHED &&
      (columns.marks[sender] & columns.marks[peer] & Mark.SYNCHRONIZED) !== 0
    ) {
      exchange(context, segment, sender);
      return current;
    }
    if ((columns.flowMarks[current] & FlowMark.FORMER) !== 0 && isOfFormer(context, segment, sender)) {
      receiveLate(context, segment, sender);
      return current;
    }
    if ((flags & RST) === 0) noteHeader(context, segment, sender);
    if (hasImpossibleFlags(flags)) {
      context.history(sender, LETTER_MULTIPLE_FLAGS);
      context.observe(Kind.INVALID_FLAGS, sender, segment.number, segment.time, flags, segment.payloadLength);
      if ((flags & RST) === 0) return current;
    }
    if ((flags & RST) !== 0) receiveReset(context, segment, sender);
    else if ((flags & SYN) === 0) receiveSynchronized(context, segment, sender);
    else if ((flags & ACK) !== 0) receiveSynAck(context, segment, sender);
    else {
      if ((columns.marks[sender] & Mark.DOUBT) !== 0 && columns.state[sender] === SYN_SENT) judgeSynAck(context, sender, true);
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
      if ((context.columns.marks[end] & Mark.DOUBT) === 0) continue;
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
    if ((segment.flags & (SYN | ACK)) !== SYN) columns.flowMarks[flow] |= FlowMark.MIDSTREAM;
    context.observe(Kind.FLOW_STARTED, endOf(flow, 0), segment.number, segment.time, segment.flags, 0);
    if ((segment.flags & (SYN | ACK | FIN | RST)) !== SYN) context.observe(Kind.STARTED_WITHOUT_SYN, endOf(flow, 0), segment.number, segment.time, segment.flags);
    observePorts(context, segment, endOf(flow, 0));
    return flow;
  }

  /** A new incarnation of a 4-tuple. What its receiver was in goes on until it answers. */
  #renew(segment: Segment, former: number): number {
    const context = this.#context;
    const { columns, table } = context;
    const formerPeer = endOf(former, table.senderSide(former) ^ 1);
    const peerState = columns.state[formerPeer];
    const peerPossible = columns.possible[formerPeer];
    const peerSince = columns.since[formerPeer];
    const peerProof = columns.proof[formerPeer];
    this.close(former, segment.time);
    const flow = this.#open(segment, former);
    rememberFormer(context, former, flow);
    observeReuse(context, segment, former, endOf(flow, 0));
    if (isOver(peerState)) {
      context.estimates.inherit(endOf(flow, 1), peerState, peerPossible, peerSince, peerProof);
    }
    this.#replaced(former);
    return flow;
  }

  #count(segment: Segment, sender: number): void {
    const context = this.#context;
    const { columns } = context;
    const { time } = segment;
    columns.packets[sender] += 1;
    if (time - columns.lastSeen[sender] >= IDLE_NANOSECONDS) {
      const idle = time - Math.max(columns.lastSeen[sender], columns.lastSeen[peerOf(sender)]);
      if (idle >= IDLE_NANOSECONDS && columns.lastSeen[sender] >= 0) context.observe(Kind.IDLE_ENDED, sender, segment.number, time, idle);
    }
    context.seenBefore = columns.lastSeen[sender];
    columns.lastSeen[sender] = time;
    if (columns.packets[sender] === 1) columns.ttl[sender] = segment.ttl;
    const marks = columns.marks[sender];
    if (segment.checksumState === CHECKSUM_GOOD) {
      columns.marks[sender] = marks | ((marks & Mark.LAST_CHECKSUM_GOOD) !== 0 ? Mark.CHECKSUM_GOOD : Mark.LAST_CHECKSUM_GOOD);
    } else if (segment.checksumState === CHECKSUM_BAD) {
      columns.marks[sender] = marks & ~Mark.LAST_CHECKSUM_GOOD;
      context.observe(Kind.BAD_CHECKSUM, sender, segment.number, time, (marks & Mark.CHECKSUM_GOOD) !== 0 ? 1 : 0);
    }
  }

  /** The flow that a SYN-ACK begins, which shows by itself that a new connection has; -1 where it is of the present one. */
  #renewBySynAck(segment: Segment, sender: number): number {
    const context = this.#context;
    const { columns } = context;
    const marks = columns.marks[sender];
    const isFollowed = !hasImpossibleFlags(segment.flags) && !isDamaged(columns, segment, sender);
    const flowMarks = columns.flowMarks[flowOf(sender)];
    if (!isFollowed || (flowMarks & FlowMark.SELF) !== 0 || ((flowMarks & FlowMark.FORMER) !== 0 && isOfFormer(context, segment, sender))) return -1;
    const pending = answeredSyn(context, segment, peerOf(sender));
    if (pending !== undefined) return this.#renewOpened(segment, sender, pending);
    // The SYN of a new incarnation was missed: the SYN-ACK alone shows it.
    const asked = columns.state[peerOf(sender)] === SYN_SENT && (columns.marks[peerOf(sender)] & Mark.ISS) !== 0 && segment.ack === ((columns.iss[peerOf(sender)] + 1) | 0);
    const isNew = isOver(columns.state[sender]) && !asked && columns.packets[sender] > 0 && columns.iss[sender] !== segment.seq && (marks & Mark.SYNCHRONIZED) !== 0;
    if (!isNew) return -1;
    const flow = this.#renew(segment, flowOf(sender));
    columns.flowMarks[flow] |= FlowMark.MIDSTREAM;
    this.#count(segment, endOf(flow, 0));
    receiveSynAck(context, segment, endOf(flow, 0));
    return flow;
  }

  /** A SYN that seemed to meet a live connection was accepted: the end of that connection was not captured. */
  #renewOpened(segment: Segment, sender: number, pending: PendingSyn): number {
    const context = this.#context;
    const { columns, estimates } = context;
    forgetSyn(context, peerOf(sender));
    columns.lastSeen[sender] = pending.before;
    columns.lastSeen[peerOf(sender)] = pending.before;
    columns.packets[peerOf(sender)] -= 1;
    const server = endOf(this.#renew(segment, flowOf(sender)), 0);
    const client = peerOf(server);
    columns.flowMarks[flowOf(server)] &= ~FlowMark.MIDSTREAM;
    columns.packets[client] = 1;
    columns.lastSeen[client] = pending.time;
    columns.openedTime[client] = pending.time;
    columns.synCount[client] = 1;
    columns.marks[client] |= Mark.NXT;
    columns.nxt[client] = (pending.isn + 1) | 0;
    columns.contiguous[client] = columns.nxt[client];
    estimates.sent(client, SND_SYN);
    estimates.prove(client, SYN_SENT, pending.time, pending.packet);
    observeIsnMove(context, client, pending.isn, pending.packet, pending.time);
    this.#count(segment, server);
    receiveSynAck(context, segment, server);
    return flowOf(server);
  }
}

/** Its sender's other checksums are good, so this one was damaged on its way: the receiver drops it. */
function isDamaged({ marks }: Columns, { checksumState }: Segment, sender: number): boolean {
  return checksumState === CHECKSUM_BAD && (marks[sender] & Mark.CHECKSUM_GOOD) !== 0;
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
