/**
 * What the analysis remembers of each flow and each endpoint: one typed array a fact, indexed by flow number or by endpoint
 * (`flow * 2 + side`; the peer is `endpoint ^ 1`). Slots are used again after a flow is retired; all arrays double together.
 *
 * Sequence numbers are signed 32-bit (see `wire/segment.ts`), times nanoseconds since the first frame.
 */

/** Bits of `marks`: what has been seen of an endpoint. */
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
  /** A segment with a good checksum was captured: bad ones are damage, not offload. */
  CHECKSUM_GOOD: 1 << 13,
  /** `doubt…` holds an acknowledgment (of this end's data) beyond what was captured. */
  DOUBT: 1 << 14,
  /** The doubt was contradicted by this end's own segment. */
  DOUBT_CONTRADICTED: 1 << 15,
  /** Its present state is presumed from what its peer sent, not shown by itself. */
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
  /** Nothing of it was captured, and the last acknowledgment of its data advanced by one: a byte, or its FIN. */
  GAINED_ONE: 1 << 26,
  /** `fullSize` and `fullSizeTime` tell of the first segment it sent that was as large as its peer's MSS allows. */
  FULL_SIZE: 1 << 26,
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
} as const;

/** Letters of `history` kept a flow. */
export const HISTORY_LENGTH = 20;

const FIRST_CAPACITY = 1024;

function grown<T extends Uint8Array | Uint16Array | Int32Array | Uint32Array | Float64Array>(
  make: new (length: number) => T,
  old: T,
  length: number,
): T {
  const larger = new make(length);
  larger.set(old);
  return larger;
}

export class Columns {
  capacity = FIRST_CAPACITY;

  /* One a flow. */
  /** Nine words of the key: lower address, upper address, ports (lower << 16 | upper). */
  key = new Int32Array(FIRST_CAPACITY * 9);
  hash = new Int32Array(FIRST_CAPACITY);
  flowMarks = new Uint16Array(FIRST_CAPACITY);
  /** The key's domain, and that of the flow's first segment (`flow/key.ts`). */
  domain = new Int32Array(FIRST_CAPACITY);
  firstDomain = new Int32Array(FIRST_CAPACITY);
  /** Number reported as `flow`, from 1. */
  number = new Uint32Array(FIRST_CAPACITY);
  started = new Float64Array(FIRST_CAPACITY);
  /** Endpoint index of the server (`flow/endpoints.ts`), -1 before it was asked for. */
  server = new Int32Array(FIRST_CAPACITY);
  vlan = new Uint32Array(FIRST_CAPACITY);
  /** Tunnel code. */
  tunnel = new Uint8Array(FIRST_CAPACITY);
  tunnelId = new Uint32Array(FIRST_CAPACITY);
  /** Nanoseconds from SYN to SYN-ACK, -1 when not seen. */
  synAckDelay = new Float64Array(FIRST_CAPACITY);
  /** Nanoseconds from SYN-ACK to the ACK that completes the handshake, -1 when not seen. */
  ackDelay = new Float64Array(FIRST_CAPACITY);
  /** Which side's FIN came first + 1; 0 when neither has. */
  closedFirst = new Uint8Array(FIRST_CAPACITY);
  history = new Uint8Array(FIRST_CAPACITY * HISTORY_LENGTH);

  /* One an endpoint. */
  state = new Uint8Array(FIRST_CAPACITY * 2);
  /** Set of possible states. */
  possible = new Uint16Array(FIRST_CAPACITY * 2);
  since = new Float64Array(FIRST_CAPACITY * 2);
  proof = new Uint32Array(FIRST_CAPACITY * 2);
  /** The state before a presumed one, and when it began: where a correction goes back to. */
  formerState = new Uint8Array(FIRST_CAPACITY * 2);
  formerSince = new Float64Array(FIRST_CAPACITY * 2);
  formerPossible = new Uint16Array(FIRST_CAPACITY * 2);
  formerProof = new Uint32Array(FIRST_CAPACITY * 2);
  marks = new Int32Array(FIRST_CAPACITY * 2);
  /** Initial send sequence number. */
  iss = new Int32Array(FIRST_CAPACITY * 2);
  /** SND.NXT as far as it was seen: one after the highest sequence number sent. */
  nxt = new Int32Array(FIRST_CAPACITY * 2);
  /** SND.UNA: the highest acknowledgment of this end's data. */
  una = new Int32Array(FIRST_CAPACITY * 2);
  /** Up to here every byte this end sent was captured (or given up as missed by the capture). */
  contiguous = new Int32Array(FIRST_CAPACITY * 2);
  /** One after the FIN. */
  fin = new Int32Array(FIRST_CAPACITY * 2);
  /** Highest right edge of the window that this end has offered. */
  edge = new Int32Array(FIRST_CAPACITY * 2);
  /** Window field of its last segment, unscaled. */
  lastWindow = new Uint16Array(FIRST_CAPACITY * 2);
  /** Largest window offered, scaled, in bytes. */
  largestWindow = new Uint32Array(FIRST_CAPACITY * 2);
  /** Window scale shift of this end. */
  scale = new Uint8Array(FIRST_CAPACITY * 2);
  /** Index of the first hole in `Holes`, 0 for none. */
  hole = new Int32Array(FIRST_CAPACITY * 2);
  /** An acknowledgment beyond what was captured of this end (Mark.DOUBT), when and in which packet. */
  doubtAck = new Int32Array(FIRST_CAPACITY * 2);
  doubtTime = new Float64Array(FIRST_CAPACITY * 2);
  doubtPacket = new Uint32Array(FIRST_CAPACITY * 2);
  /** A sequence number far from the rest (Mark.LEAP), believed when the next segment continues it. */
  leap = new Int32Array(FIRST_CAPACITY * 2);
  /** Bytes acknowledged by the peer that the capture never showed. */
  missed = new Float64Array(FIRST_CAPACITY * 2);
  packets = new Uint32Array(FIRST_CAPACITY * 2);
  bytes = new Float64Array(FIRST_CAPACITY * 2);
  /** Segments, and payload bytes, sent again. */
  retransmitted = new Uint32Array(FIRST_CAPACITY * 2);
  retransmittedBytes = new Float64Array(FIRST_CAPACITY * 2);
  lastSeen = new Float64Array(FIRST_CAPACITY * 2);
  lastData = new Float64Array(FIRST_CAPACITY * 2);
  /** Time and packet of the last SYN or SYN-ACK, later of the last FIN, of this end. */
  signalTime = new Float64Array(FIRST_CAPACITY * 2);
  signalPacket = new Uint32Array(FIRST_CAPACITY * 2);
  /** When this end's first SYN or SYN-ACK was sent; for the end that a SYN reached, when that was. */
  openedTime = new Float64Array(FIRST_CAPACITY * 2);
  /** How often the SYN (SYN-ACK) and the FIN were sent. */
  synCount = new Uint8Array(FIRST_CAPACITY * 2);
  finCount = new Uint8Array(FIRST_CAPACITY * 2);
  /** Duplicate acknowledgments in a row that it has sent (RFC 5681 §2). */
  duplicateAcks = new Uint8Array(FIRST_CAPACITY * 2);
  /** Keep-alive (or zero-window) probes in a row that its peer has not answered. */
  probes = new Uint8Array(FIRST_CAPACITY * 2);
  /** One after the last byte of its first full-size segment (Mark.FULL_SIZE), and when that was sent. */
  fullSize = new Int32Array(FIRST_CAPACITY * 2);
  fullSizeTime = new Float64Array(FIRST_CAPACITY * 2);
  /** Highest TSval sent. */
  tsval = new Int32Array(FIRST_CAPACITY * 2);
  /** The acknowledgment number of the last segment sent, which a bare RST of the peer would echo. */
  lastAck = new Int32Array(FIRST_CAPACITY * 2);
  /** When its FIN was first captured. */
  finTime = new Float64Array(FIRST_CAPACITY * 2);
  /** TSval of its last FIN. */
  finTsval = new Int32Array(FIRST_CAPACITY * 2);
  /** Letters of `history` that stand for this end already, a bit each. */
  letters = new Uint32Array(FIRST_CAPACITY * 2);
  /** What a challenge ACK of this end would answer, as in Kind.CHALLENGE_ACK (Mark.CHALLENGED). */
  challenge = new Uint8Array(FIRST_CAPACITY * 2);
  ttl = new Uint8Array(FIRST_CAPACITY * 2);
  /** Maximum segment size that it announced, 0 when none was seen. */
  mss = new Uint16Array(FIRST_CAPACITY * 2);

  /** Makes room for `flows` flows. */
  reserve(flows: number): void {
    if (flows <= this.capacity) return;
    let capacity = this.capacity;
    while (capacity < flows) capacity *= 2;
    const ends = capacity * 2;
    this.key = grown(Int32Array, this.key, capacity * 9);
    this.hash = grown(Int32Array, this.hash, capacity);
    this.flowMarks = grown(Uint16Array, this.flowMarks, capacity);
    this.domain = grown(Int32Array, this.domain, capacity);
    this.firstDomain = grown(Int32Array, this.firstDomain, capacity);
    this.number = grown(Uint32Array, this.number, capacity);
    this.started = grown(Float64Array, this.started, capacity);
    this.server = grown(Int32Array, this.server, capacity);
    this.vlan = grown(Uint32Array, this.vlan, capacity);
    this.tunnel = grown(Uint8Array, this.tunnel, capacity);
    this.tunnelId = grown(Uint32Array, this.tunnelId, capacity);
    this.synAckDelay = grown(Float64Array, this.synAckDelay, capacity);
    this.ackDelay = grown(Float64Array, this.ackDelay, capacity);
    this.closedFirst = grown(Uint8Array, this.closedFirst, capacity);
    this.history = grown(Uint8Array, this.history, capacity * HISTORY_LENGTH);
    this.state = grown(Uint8Array, this.state, ends);
    this.possible = grown(Uint16Array, this.possible, ends);
    this.since = grown(Float64Array, this.since, ends);
    this.proof = grown(Uint32Array, this.proof, ends);
    this.formerState = grown(Uint8Array, this.formerState, ends);
    this.formerSince = grown(Float64Array, this.formerSince, ends);
    this.formerPossible = grown(Uint16Array, this.formerPossible, ends);
    this.formerProof = grown(Uint32Array, this.formerProof, ends);
    this.marks = grown(Int32Array, this.marks, ends);
    this.iss = grown(Int32Array, this.iss, ends);
    this.nxt = grown(Int32Array, this.nxt, ends);
    this.una = grown(Int32Array, this.una, ends);
    this.contiguous = grown(Int32Array, this.contiguous, ends);
    this.fin = grown(Int32Array, this.fin, ends);
    this.edge = grown(Int32Array, this.edge, ends);
    this.lastWindow = grown(Uint16Array, this.lastWindow, ends);
    this.largestWindow = grown(Uint32Array, this.largestWindow, ends);
    this.scale = grown(Uint8Array, this.scale, ends);
    this.hole = grown(Int32Array, this.hole, ends);
    this.doubtAck = grown(Int32Array, this.doubtAck, ends);
    this.doubtTime = grown(Float64Array, this.doubtTime, ends);
    this.doubtPacket = grown(Uint32Array, this.doubtPacket, ends);
    this.leap = grown(Int32Array, this.leap, ends);
    this.missed = grown(Float64Array, this.missed, ends);
    this.packets = grown(Uint32Array, this.packets, ends);
    this.bytes = grown(Float64Array, this.bytes, ends);
    this.retransmitted = grown(Uint32Array, this.retransmitted, ends);
    this.retransmittedBytes = grown(Float64Array, this.retransmittedBytes, ends);
    this.lastSeen = grown(Float64Array, this.lastSeen, ends);
    this.lastData = grown(Float64Array, this.lastData, ends);
    this.signalTime = grown(Float64Array, this.signalTime, ends);
    this.signalPacket = grown(Uint32Array, this.signalPacket, ends);
    this.openedTime = grown(Float64Array, this.openedTime, ends);
    this.synCount = grown(Uint8Array, this.synCount, ends);
    this.finCount = grown(Uint8Array, this.finCount, ends);
    this.duplicateAcks = grown(Uint8Array, this.duplicateAcks, ends);
    this.probes = grown(Uint8Array, this.probes, ends);
    this.fullSize = grown(Int32Array, this.fullSize, ends);
    this.fullSizeTime = grown(Float64Array, this.fullSizeTime, ends);
    this.tsval = grown(Int32Array, this.tsval, ends);
    this.lastAck = grown(Int32Array, this.lastAck, ends);
    this.finTime = grown(Float64Array, this.finTime, ends);
    this.finTsval = grown(Int32Array, this.finTsval, ends);
    this.letters = grown(Uint32Array, this.letters, ends);
    this.challenge = grown(Uint8Array, this.challenge, ends);
    this.ttl = grown(Uint8Array, this.ttl, ends);
    this.mss = grown(Uint16Array, this.mss, ends);
    this.capacity = capacity;
  }
}
