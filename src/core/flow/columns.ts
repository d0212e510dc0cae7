import { PLACES } from './end.ts';

/**
 * What the analysis remembers of each flow and each end: one column per fact, indexed by flow slot or by end (`flow/end.ts`). Slots are
 * reused once a flow is retired. All columns double together.
 *
 * The columns of ends are views of shared arrays, four of one array each, shifted by one element: `nxt[end]` and `una[end]` are
 * neighbours in memory. With many connections a packet spends most of its time waiting for memory; this keeps its facts in few places.
 *
 * Sequence numbers are signed 32-bit (see `wire/segment.ts`), times nanoseconds since the first frame.
 */

/** Bits of `marks`: what has been seen of an end. */
export const Mark = {
  /** Its SYN (with or without ACK) was captured: `iss` is exact. */
  ISS: 1 << 0,
  /** `nxt` and `contiguous` hold a sequence number. */
  NXT: 1 << 1,
  /** The peer has acknowledged something: `una` holds a number. */
  UNA: 1 << 2,
  /** `fin` holds the number after its FIN. */
  FIN: 1 << 3,
  /** The FIN was captured, not only implied by its acknowledgment. */
  FIN_CAPTURED: 1 << 4,
  /** The peer has acknowledged its FIN. */
  FIN_ACKED: 1 << 5,
  /** It sent a RST that applies. */
  RST: 1 << 6,
  /** It sent a SYN-ACK. */
  SYN_ACK: 1 << 7,
  /** It sent a segment that only a synchronized end sends: the handshake is behind it. */
  SYNCHRONIZED: 1 << 8,
  /** `edge` holds the right edge of the window that it offers. */
  EDGE: 1 << 9,
  /** Both SYNs were captured with their options: `scale` is exact. */
  SCALE: 1 << 10,
  /** `tsval` holds a timestamp. */
  TIMESTAMPS: 1 << 11,
  /** It sent payload. */
  DATA: 1 << 12,
  /** Two of its segments in a row had good checksums, so bad ones mean damage. Under offload one in 65,536 is good by chance, never two. */
  CHECKSUM_GOOD: 1 << 13,
  /** `doubt…` hold an acknowledgment of data that was not captured of this end or, in SYN_SENT, that of a SYN-ACK that does not fit the SYN. */
  DOUBT: 1 << 14,
  /** The doubt was contradicted by this end's own segment. */
  DOUBT_CONTRADICTED: 1 << 15,
  /** Its current state is presumed from what its peer sent, not shown by itself. */
  PRESUMED: 1 << 16,
  /** The last window announced was 0. */
  ZERO_WINDOW: 1 << 17,
  /** It acknowledged its peer's FIN while its own was outstanding or not sent: CLOSE_WAIT was shown. */
  HALF_CLOSED: 1 << 18,
  /** Its SYN carried data and a Fast Open cookie. */
  FAST_OPEN: 1 << 19,
  /** `leap` holds a sequence number far from the rest, not believed yet. */
  LEAP: 1 << 20,
  /** Sent SACK-permitted in its SYN. */
  SACK: 1 << 21,
  /** Its RST did not come from it: it went on. */
  DISOWNED: 1 << 22,
  /** A SYN of this end on the synchronized connection waits for its answer (`TcpContext.pendingSyns`). */
  SYN_PENDING: 1 << 23,
  /** Its SYN carried a window scale option. */
  SCALE_OFFERED: 1 << 24,
  /** It was sent something unacceptable: its next pure ACK may be a challenge ACK (`challenge` says what for). */
  CHALLENGED: 1 << 25,
  /** Nothing of it was captured. The last acknowledgment of its data advanced by one, or reported one as repeated: a byte, or its FIN. */
  GAINED_ONE: 1 << 26,
  /** `fullSize` and `fullSizeTime` are set: it sent a segment as large as its peer's MSS allows. */
  FULL_SIZE: 1 << 27,
  /** It numbers its IP packets one by one. */
  COUNTS_IDS: 1 << 28,
  /** The last of its segments whose checksum could be verified was good. */
  LAST_CHECKSUM_GOOD: 1 << 29,
} as const;

/** Bits of `flowMarks`. */
export const FlowMark = {
  /** The first captured segment was no SYN. */
  MIDSTREAM: 1 << 0,
  /** Side 1 is the client. */
  CLIENT_IS_SIDE_1: 1 << 1,
  /** The handshake shows the direction. */
  DIRECTION_SEEN: 1 << 2,
  /** The three-way handshake was completed in sight. */
  HANDSHAKE: 1 << 3,
  /** Side 0 has the greater address and port. */
  SIDE_0_IS_UPPER: 1 << 4,
  /** Both ends have the same address and port. */
  SELF: 1 << 5,
  /** A SYN was answered by RST. */
  REFUSED: 1 << 6,
  /** A SYN was answered by an ICMP error. */
  REJECTED: 1 << 7,
  /** It waits in the queue of flows to retire. */
  QUEUED: 1 << 8,
  /** The slot is in use. */
  LIVE: 1 << 9,
  /** Reported as FLOW_ENDED. */
  ENDED: 1 << 10,
  /** An applied RST ended it. */
  RESET: 1 << 11,
  /** The RST came before either FIN. */
  ABORTED: 1 << 12,
  /** Its 4-tuple had a connection before: `TcpContext.formers` may know its numbers. */
  FORMER: 1 << 13,
  /** A SYN was captured without all of its options, or they are malformed: which it offered is not known. */
  OPTIONS_CUT: 1 << 14,
} as const;

/** Letters of `history` kept for each flow. */
export const HISTORY_LENGTH = 20;

/** Small for the reason given in `flow/table.ts`. */
const FIRST_CAPACITY = 64;

/**
 * Words of a flow's key (`flow/key.ts`): lower address (4), upper address (4), ports (lower << 16 | upper), hash, domain of the key, domain of
 * the first segment.
 */
export const KEY_WORDS = 12;
export const KEY_HASH = 9;
export const KEY_DOMAIN = 10;
export const KEY_FIRST_DOMAIN = 11;

/** Elements of `numbers` for each flow: the endpoints of side 0 and 1, then their hosts. */
export const NUMBERS = 4;
export const HOST_NUMBERS = 2;

interface ArrayType<T> {
  new (length: number): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

interface NumberArray<T> {
  readonly buffer: ArrayBufferLike;
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
  set(from: T): void;
}

function grown<T extends NumberArray<T>>(make: ArrayType<T>, length: number, old: T | undefined): T {
  const larger = new make(length);
  if (old !== undefined) larger.set(old);
  return larger;
}

/** Makes four columns of ends that share an array. `old`: the first of the four that they replace. */
function four<T extends NumberArray<T>>(make: ArrayType<T>, flows: number, old: T | undefined): [T, T, T, T] {
  const places = flows * PLACES;
  const whole = new make(places);
  const size = whole.BYTES_PER_ELEMENT;
  if (old !== undefined) whole.set(new make(old.buffer, 0, old.buffer.byteLength / size));
  const column = (place: number): T => new make(whole.buffer, place * size, places - 3);
  return [column(0), column(1), column(2), column(3)];
}

export class Columns {
  capacity = 0;

  /* One element for each flow, unless said otherwise. */
  /** `KEY_WORDS` words for each flow. */
  key!: Int32Array;
  flowMarks!: Uint16Array;
  /** Number reported as `flow`, from 1. */
  number!: Uint32Array;
  started!: Float64Array;
  /** Endpoint index of the server (`flow/endpoints.ts`), -1 until somebody asks for it. */
  server!: Int32Array;
  /** `NUMBERS` for each flow: indices of its endpoints and hosts (`flow/endpoints.ts`) plus one, 0 until somebody asks for them. */
  numbers!: Int32Array;
  vlan!: Uint32Array;
  /** Tunnel code. */
  tunnel!: Uint8Array;
  tunnelId!: Uint32Array;
  /** Nanoseconds from SYN to SYN-ACK, -1 when not seen. */
  synAckDelay!: Float64Array;
  /** Nanoseconds from SYN-ACK to the ACK that completes the handshake, -1 when not seen. */
  ackDelay!: Float64Array;
  /** Which side's FIN came first + 1; 0 when neither has. */
  closedFirst!: Uint8Array;
  /** `HISTORY_LENGTH` letters for each flow. */
  history!: Uint8Array;

  /* One element for each end. First what most packets need. */
  marks!: Int32Array;
  /** SND.NXT as far as it was seen: one after the highest sequence number sent. */
  nxt!: Int32Array;
  /** SND.UNA: the highest acknowledgment of this end's data. */
  una!: Int32Array;
  /** Up to here every byte of this end was captured, or given up as missed by the capture. */
  contiguous!: Int32Array;

  /** Highest TSval sent. */
  tsval!: Int32Array;
  /** The acknowledgment number of the last segment sent, which a bare RST of the peer would echo. */
  lastAck!: Int32Array;
  /** Highest right edge of the window that this end has offered. */
  edge!: Int32Array;
  /** Index of the first hole in `Holes`, 0 for none. */
  hole!: Int32Array;

  packets!: Uint32Array;
  /** Letters that `history` already has for this end, one bit each. */
  letters!: Uint32Array;
  /** Largest window offered, scaled, in bytes. */
  largestWindow!: Uint32Array;
  /** Segments sent again. */
  retransmitted!: Uint32Array;

  state!: Uint8Array;
  /** Window scale shift of this end. */
  scale!: Uint8Array;
  /** How often its SYN or SYN-ACK was sent. */
  synCount!: Uint8Array;
  /** How many duplicate acknowledgments in a row it has sent (RFC 5681 §2). */
  duplicateAcks!: Uint8Array;

  /** Window field of its last segment, unscaled. */
  lastWindow!: Uint16Array;
  /** Maximum segment size that it announced, 0 when none was seen. */
  mss!: Uint16Array;
  /** Set of possible states. */
  possible!: Uint16Array;
  formerPossible!: Uint16Array;

  lastSeen!: Float64Array;
  lastData!: Float64Array;
  bytes!: Float64Array;
  since!: Float64Array;

  /* Then the rest. */
  /** Initial send sequence number. */
  iss!: Int32Array;
  /** One after the FIN. */
  fin!: Int32Array;
  /** One after the last byte of its first full-size segment (Mark.FULL_SIZE). */
  fullSize!: Int32Array;
  /** A sequence number far from the rest (Mark.LEAP), believed when the next segment continues it. */
  leap!: Int32Array;

  /** An acknowledgment beyond what was captured of this end (Mark.DOUBT). */
  doubtAck!: Int32Array;
  /** TSval of its last FIN. */
  finTsval!: Int32Array;
  /** IP-ID of its latest segment that was not plain data or ACK of an established connection, and how many it had sent by then. */
  ipId!: Int32Array;
  ipIdPackets!: Int32Array;

  /** Packet that showed the state. */
  proof!: Uint32Array;
  formerProof!: Uint32Array;
  /** Packet of the last SYN or SYN-ACK, later of the last FIN, of this end. */
  signalPacket!: Uint32Array;
  doubtPacket!: Uint32Array;

  /** The state before a presumed one, to which a correction returns; `formerSince`, `formerPossible` and `formerProof` belong to it. */
  formerState!: Uint8Array;
  /** How often the FIN was sent. */
  finCount!: Uint8Array;
  /** Keep-alive (or zero-window) probes in a row that its peer has not answered. */
  probes!: Uint8Array;
  /** What a challenge ACK of this end would answer, as in Kind.CHALLENGE_ACK (Mark.CHALLENGED). */
  challenge!: Uint8Array;

  /** TTL of its first segment, and of the latest that was not plain data or ACK of an established connection (`tcp/origin.ts`). */
  ttl!: Uint8Array;
  laterTtl!: Uint8Array;

  /** Time of the last SYN or SYN-ACK, later of the last FIN, of this end. */
  signalTime!: Float64Array;
  /** When this end's first SYN or SYN-ACK was sent; for the end that a SYN reached, when that was. */
  openedTime!: Float64Array;
  /** When its FIN was first captured. */
  finTime!: Float64Array;
  formerSince!: Float64Array;

  /** Bytes acknowledged by the peer that the capture never showed. */
  missed!: Float64Array;
  /** Payload bytes sent again. */
  retransmittedBytes!: Float64Array;
  doubtTime!: Float64Array;
  /** When its first full-size segment was sent. */
  fullSizeTime!: Float64Array;

  constructor() {
    this.#lay(FIRST_CAPACITY);
  }

  /** Makes room for `flows` flows. */
  reserve(flows: number): void {
    if (flows <= this.capacity) return;
    let capacity = this.capacity;
    while (capacity < flows) capacity *= 2;
    this.#lay(capacity);
  }

  #lay(flows: number): void {
    this.key = grown(Int32Array, flows * KEY_WORDS, this.key);
    this.flowMarks = grown(Uint16Array, flows, this.flowMarks);
    this.number = grown(Uint32Array, flows, this.number);
    this.started = grown(Float64Array, flows, this.started);
    this.server = grown(Int32Array, flows, this.server);
    this.numbers = grown(Int32Array, flows * NUMBERS, this.numbers);
    this.vlan = grown(Uint32Array, flows, this.vlan);
    this.tunnel = grown(Uint8Array, flows, this.tunnel);
    this.tunnelId = grown(Uint32Array, flows, this.tunnelId);
    this.synAckDelay = grown(Float64Array, flows, this.synAckDelay);
    this.ackDelay = grown(Float64Array, flows, this.ackDelay);
    this.closedFirst = grown(Uint8Array, flows, this.closedFirst);
    this.history = grown(Uint8Array, flows * HISTORY_LENGTH, this.history);
    [this.marks, this.nxt, this.una, this.contiguous] = four(Int32Array, flows, this.marks);
    [this.tsval, this.lastAck, this.edge, this.hole] = four(Int32Array, flows, this.tsval);
    [this.packets, this.letters, this.largestWindow, this.retransmitted] = four(Uint32Array, flows, this.packets);
    [this.state, this.scale, this.synCount, this.duplicateAcks] = four(Uint8Array, flows, this.state);
    [this.lastWindow, this.mss, this.possible, this.formerPossible] = four(Uint16Array, flows, this.lastWindow);
    [this.lastSeen, this.lastData, this.bytes, this.since] = four(Float64Array, flows, this.lastSeen);
    [this.iss, this.fin, this.fullSize, this.leap] = four(Int32Array, flows, this.iss);
    [this.doubtAck, this.finTsval, this.ipId, this.ipIdPackets] = four(Int32Array, flows, this.doubtAck);
    [this.proof, this.formerProof, this.signalPacket, this.doubtPacket] = four(Uint32Array, flows, this.proof);
    [this.formerState, this.finCount, this.probes, this.challenge] = four(Uint8Array, flows, this.formerState);
    [this.ttl, this.laterTtl] = four(Uint8Array, flows, this.ttl);
    [this.signalTime, this.openedTime, this.finTime, this.formerSince] = four(Float64Array, flows, this.signalTime);
    [this.missed, this.retransmittedBytes, this.doubtTime, this.fullSizeTime] = four(Float64Array, flows, this.missed);
    this.capacity = flows;
  }
}
