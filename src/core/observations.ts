/**
 * The vocabulary of facts that the tracker hands to the rules. An observation says what was seen, never what it is worth: rules
 * judge, and words come from the rules' `explain`.
 *
 * `side` is the end that the fact is about; each kind says what `a` and `b` mean. Times are nanoseconds since the first frame,
 * durations in `a` and `b` are nanoseconds too unless said otherwise.
 */
export const Kind = {
  /** First segment of a flow. side: its sender; a: flag bits. */
  FLOW_STARTED: 0,
  /** The flow is over, evicted, or the capture ended. packet: its last SYN or FIN. a: index into OUTCOMES (report.ts); b: 1 when the capture ended first. */
  FLOW_ENDED: 1,

  /** First SYN of an attempt. side: sender; a: ISN; b: payload bytes. */
  SYN: 10,
  /** The same SYN again (not a capture duplicate). a: how many have now been sent; b: time since the last one. */
  SYN_REPEATED: 11,
  /** A SYN with another ISN while the first is unanswered. a: new ISN; b: time since the first was sent last. */
  SYN_CHANGED: 12,
  /** First SYN-ACK that fits the SYN (or whose SYN the capture missed). a: ISN; b: time since the SYN, -1 without one. */
  SYN_ACK: 13,
  /** The same SYN-ACK again. a: how many now; b: 1 when the ACK that completes the handshake had been captured before it. */
  SYN_ACK_REPEATED: 14,
  /** A SYN-ACK that acknowledges another number than x+1. a: number acknowledged; b: number expected. Confirmed by the client's answer. */
  BAD_SYN_ACK: 15,
  /** As BAD_SYN_ACK, where nothing that follows confirms or refutes it. */
  DOUBTFUL_SYN_ACK: 16,
  /** The ACK that completes the three-way handshake. side: the client; a: SYN-ACK → ACK; b: SYN → SYN-ACK (-1: SYN not captured). */
  HANDSHAKE_COMPLETED: 17,
  /** The third segment acknowledges another number than y+1, or its seq is not x+1. side: its sender; a: ack; b: expected ack. */
  BAD_THIRD_SEGMENT: 18,
  /** RST+ACK that answers a SYN. side: the refusing end; a: time since SYN; b: TTL of the RST. */
  REFUSED: 19,
  /** The client's RST after the SYN-ACK, before anything else. a: time since SYN-ACK; b: index into RESET_FORMS. */
  HANDSHAKE_ABORTED: 20,
  /** SYN with payload. a: payload bytes; b: Fast Open cookie length, -1 without the option. */
  SYN_DATA: 21,
  /** Fast Open in use. a: FastOpenStep: a cookie is asked for, or given; data in a SYN are accepted, or ignored; the SYN comes again without its data. */
  FAST_OPEN: 22,
  /** A SYN that meets one of the other end in SYN_SENT. side: sender of the later; a: 1 when it had acknowledged the earlier before (a split handshake). */
  SIMULTANEOUS_OPEN: 23,
  /** Source and destination are the same address and port. */
  SELF_CONNECT: 24,
  /** A SYN-ACK without a SYN, in a flow that nothing else belongs to. */
  UNSOLICITED_SYN_ACK: 25,
  /** A fresh incarnation of a 4-tuple. side: who sent the SYN; a: time since the last segment of the old one; b: the old state of the end that receives the SYN. */
  TUPLE_REUSED: 26,
  /** ISN of a new incarnation against the old one of the same end. a: difference (new − old, signed); b: time between both SYNs. */
  ISN_PAIR: 27,
  /** A SYN older than the connection it meets (its ISN lies in an earlier incarnation), answered by an ACK or not at all. a: ISN. */
  STALE_SYN: 28,
  /** A SYN on a synchronized connection. a: ISN; b: 1 when it repeats the connection's own ISN. */
  SYN_ON_ESTABLISHED: 29,
  /** A segment of an earlier incarnation of the tuple. a: seq. */
  STALE_SEGMENT: 30,
  /** An ICMP error for this flow. side: the end that the ICMP error is addressed to; a: type * 256 + code; b: IP version. */
  ICMP_ERROR: 31,
  /** The flow is over: the client's payload was sent again and never acknowledged, while the handshake looks complete. packet: the SYN-ACK. side: client; a: segments sent again. */
  UNSERVED_DATA: 32,
  /** First segment after a second or more in which neither end sent anything. side: its sender; a: how long. */
  IDLE_ENDED: 33,
  /** First payload of an end after the handshake (what a SYN carries aside). a: bytes. */
  FIRST_DATA: 34,

  /** An acknowledgment of bytes that the peer of `side` sent but the capture missed. side: the acknowledging end; a: bytes missed. */
  ACK_UNSEEN: 40,
  /** An acknowledgment of what was never sent, proved by the peer's own next segments. side: who acknowledged; a: distance beyond SND.NXT in bytes. */
  BAD_ACK: 41,
  /** An acknowledgment older than SND.UNA − MAX.SND.WND (RFC 5961 §5). a: distance behind SND.UNA in bytes; b: 1 when it is from before the connection. */
  OLD_ACK: 42,
  /** The answer to an unacceptable segment: an ACK with the current numbers (RFC 5961). side: its sender; a: what it answers (Challenge). */
  CHALLENGE_ACK: 43,
  /** Data (or FIN) outside the receiver's window. side: its sender; a: distance from its SND.NXT as captured, signed. */
  OUT_OF_WINDOW: 44,
  /** Bytes sent again. side: sender; a: bytes; b: index into RETRANSMISSION (below). */
  RETRANSMITTED: 45,
  /** First sight of a hole's bytes. a: bytes; b: Fill: reordered, retransmitted after a loss before the capture point, or cannot tell. */
  HOLE_FILLED: 46,
  /** Window announced as 0. side: who announces. a: 1 first of a run. */
  ZERO_WINDOW: 47,
  /** A zero window opened again. side: who opens it; a: 1 when that answers a probe, so that its sender had not heard of it before. */
  WINDOW_OPENED: 48,
  /** Keep-alive probe. a: how many in a row stand unanswered. */
  KEEP_ALIVE: 49,
  /** The answer to a keep-alive probe. side: who answers. */
  KEEP_ALIVE_ANSWERED: 50,
  /** Same sequence range, different bytes. a: bytes compared; b: TTL difference. */
  OVERLAP_CONFLICT: 51,
  /** A pure ACK of `side` stands below data captured as its own: it never sent them. a: bytes; b: of which its peer has acknowledged. */
  DISOWNED_DATA: 52,
  /** New data in order with a timestamp older than its sender's latest: the receiver drops them (PAWS, RFC 7323 §5.3). a: ticks behind. */
  TIMESTAMP_BACK: 53,
  /** The first outstanding segment, of full size, sent again although no full-size one of `side` was ever acknowledged (of a flow without SYN: of 1,200 bytes or more). a: bytes; b: 1 when the peer was heard after the first of them. */
  FULL_SIZE_LOST: 54,
  /** A checksum that does not fit. a: 1 when others of this end did, so that this one is damaged, 0 when none has (offload). */
  BAD_CHECKSUM: 55,
  /** No window scaling by the handshake as captured, but an end's window falls at once as if it scaled. a: window field of its SYN; b: of its next segment. */
  SCALE_MISMATCH: 56,
  /** Bytes that had been captured come once more with an older timestamp: the original, overtaken by what was sent to replace it. a: bytes. */
  LATE_ORIGINAL: 57,
  /** A probe of the peer's zero window. side: who probes; a: how many in a row stand unanswered. */
  WINDOW_PROBE: 58,

  /** First FIN of an end. a: payload bytes it has sent in all (below 2^53); b: 1 when it acknowledges the peer's FIN. */
  FIN: 60,
  /** The same FIN again. a: how many have now been sent. */
  FIN_REPEATED: 61,
  /** `side` has acknowledged its peer's FIN and may still send: it is in CLOSE_WAIT. time, packet: when CLOSE_WAIT began. a: payload bytes `side` has sent. */
  HALF_CLOSED: 62,
  /** An end in CLOSE_WAIT sent data. a: bytes. */
  DATA_IN_CLOSE_WAIT: 63,
  /** `side` left CLOSE_WAIT. a: how long it was in it; b: how (CloseWaitExit). */
  CLOSE_WAIT_LEFT: 64,
  /** A late FIN (or data) of `side` met by a bare RST: the peer had forgotten the connection. a: time `side` had been in CLOSE_WAIT, 0 if it was not. */
  MET_NO_SOCKET: 65,
  /** The FINs of both ends crossed. side: whose FIN shows it. */
  SIMULTANEOUS_CLOSE: 66,
  /** Data beyond the sender's own FIN. side: sender; a: bytes. */
  DATA_AFTER_OWN_FIN: 67,
  /** Data sent to an end that has closed both ways (its RST answers). side: sender; a: bytes. */
  DATA_AFTER_CLOSE: 68,
  /** A RST that applies. side: sender; a: index into RESET_FORMS; b: bitmask of RESET_CONTEXT. */
  RESET: 69,
  /** A RST that does not apply: outside the window or not exactly at RCV.NXT. side: (claimed) sender; a: distance from its SND.NXT as captured, or of its acknowledgment from the one that a SYN asks for; b: 1 in window. */
  RESET_UNACCEPTABLE: 70,
  /** The end that "sent" a RST goes on as if it never had: it was forged. side: claimed sender. */
  RESET_DISOWNED: 71,
  /** A RST that applies, and whose header shows another sender than the end it names. a: TTL difference; b: bitmask of MISFIT. */
  FORGED_HEADER: 72,
  /** RST after the sender's own or its peer's FIN. side: sender; a: index into RESET_FORMS; b: application bytes (of the peer or its own) that were lost, -1 unknown. */
  RESET_AFTER_FIN: 73,
  /** The first RST of an established connection that nobody had begun to close; follows its RESET. side: sender; a: bytes of the peer's, b: of its own that were not acknowledged. */
  RESET_LOST: 74,
  /** Data of `side` stand in the place of a FIN that was captured as its own, and that its peer has acknowledged: somebody else sent that FIN. */
  DISOWNED_FIN: 75,

  /** A flag set that no TCP sends. side: sender; a: flag bits; b: payload bytes. */
  INVALID_FLAGS: 80,
  /** PSH without data, in an established connection. */
  PSH_WITHOUT_DATA: 81,
  /** Options or header malformed by the sender. */
  MALFORMED_OPTIONS: 82,
  /** A header that no flag set or option list makes wrong, and yet is odd. a: index into HEADER_ODDITIES; b: the value that is. */
  ODD_HEADER: 83,
  /** An end uses an option that by the SYNs, as captured whole, was not agreed; or a SYN shows that its options were changed. a: index into STRIPPED; b: for `rewritten` and `unoffered` the options, bits of SYN_OPTIONS. */
  OPTION_STRIPPED: 84,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
/** One more than the highest kind: the size of a table indexed by kind. */
export const KIND_LIMIT = 96;

/**
 * How a RST that applies is made, and so which code path made it (index: the number in an observation). One in the window but not
 * at RCV.NXT, a blind guess, does not apply: see RESET_UNACCEPTABLE.
 */
export const RESET_FORMS = [
  /** Fits none below. */
  'unknown',
  /** R1: bare RST, seq = the ACK field of what it answers, no ACK, window 0: there is no socket (RFC 9293 §3.5.2, first group). */
  'no-socket',
  /** R2: RST+ACK, seq 0, ack = seq + length of a SYN: a closed port. */
  'closed-port',
  /** R3: RST+ACK at SND.NXT with ack = RCV.NXT, the window kept: a stack or application abort. */
  'abort',
  /** R4: header fields disagree with the endpoint's other segments: made on the path. */
  'middlebox',
  /** R6: an R1 whose trigger was a challenge ACK. */
  'answers-challenge',
] as const;

/** What of a RST's header does not fit the other segments of the end that it names, in bits. */
export const MISFIT = {
  /** TTL more hops away than a changed route explains. */
  TTL: 1,
  /** TTL a few hops away. */
  TTL_NEAR: 2,
  /** IP-ID not next, of a sender that counts. */
  IP_ID: 4,
  /** Another window, or one in a RST that has none. */
  WINDOW: 8,
  /** No timestamp, in a connection that uses them. */
  OPTIONS: 16,
  /** It acknowledges what the end cannot have received yet. */
  TIMING: 32,
} as const;

/** Bits of what surrounds a RST. */
export const RESET_CONTEXT = {
  /** Before the connection was established. */
  HANDSHAKE: 1,
  /** The sender's FIN went before. */
  AFTER_OWN_FIN: 2,
  /** The peer's FIN went before. */
  AFTER_PEER_FIN: 4,
  /** Bytes of the peer's that the sender had not acknowledged. */
  PEER_DATA_UNACKED: 8,
  /** The sender's own bytes that the peer had not acknowledged. */
  OWN_DATA_UNACKED: 16,
  /** Both ends had closed in full. */
  AFTER_CLOSE: 32,
  /** It answers the peer's segment (data or FIN) just before, and as soon as an answer comes. */
  ANSWERS: 64,
} as const;

/** How an end left CLOSE_WAIT. */
export const CloseWaitExit = { FIN: 1, OWN_RST: 2, PEERS_RST: 3, MISSED_FIN: 4 } as const;
export type CloseWaitExit = (typeof CloseWaitExit)[keyof typeof CloseWaitExit];

/** Steps of TCP Fast Open (RFC 7413): DROPPED is the SYN once more, without its data. */
export const FastOpenStep = { ASKED: 1, GIVEN: 2, ACCEPTED: 3, IGNORED: 4, DROPPED: 5 } as const;

/** What an end answers at once with its current numbers (RFC 5961 §3 to §5, RFC 9293 §3.10.7.4 first check, §3.8.4). A PROBE's answer is no CHALLENGE_ACK. */
export const Challenge = { RST: 1, SYN: 2, ACK: 3, OUT_OF_WINDOW: 4, PROBE: 5 } as const;
export type Challenge = (typeof Challenge)[keyof typeof Challenge];

/** How a hole came to be filled. */
export const Fill = { UNKNOWN: 0, REORDERED: 1, RETRANSMITTED: 2 } as const;
export type Fill = (typeof Fill)[keyof typeof Fill];

/** What is odd in a header that can be read; b of the observation in brackets. */
export const HEADER_ODDITIES = [
  /** A port of 0 [flag bits of the first segment]. */
  'port_zero',
  /** URG, and no byte that it could mark: no data, or a pointer of 0 [pointer]. */
  'urgent_without_data',
  /** URG, and the pointer stands beyond all that the receiver ever offered to take [pointer]. */
  'urgent_beyond_window',
  /** A pointer without URG [pointer]. */
  'urgent_pointer_without_flag',
  /** Bits of the header that no RFC gives a meaning (RFC 9293 §3.1) [flag bits]. */
  'reserved_bits',
  /** A SYN with an MSS below what any link of today asks for [MSS]. */
  'tiny_mss',
  /** A window scale above 14 (RFC 7323 §2.3) [shift]. */
  'window_scale_above_14',
  /** Data or a FIN without timestamps, where both SYNs had agreed on them: receivers drop it (RFC 7323 §3.2) [payload bytes]. */
  'timestamps_missing',
] as const;

/** Options that a device on the path took out of a SYN. */
export const STRIPPED = [
  /** SACK blocks, though not both SYNs permit them (RFC 2018 §2). */
  'sack',
  /** Timestamps, though not both SYNs offer them (RFC 7323 §3.2). */
  'timestamps',
  /** Four or more NOPs in a row in a SYN, where stacks put none: an option was written over. */
  'overwritten',
  /** A SYN captured twice, at once, with other options: before and behind what changed them. */
  'rewritten',
  /** A SYN-ACK with options that the SYN, as it passed here, did not offer (RFC 7323 §2.2, §3.2, RFC 2018 §2). */
  'unoffered',
] as const;

/** Options of a SYN; bit n of a set stands for the n-th. */
export const SYN_OPTIONS = ['mss', 'window_scale', 'sack', 'timestamps'] as const;

/** Kinds of repeated bytes, from the capture alone. */
export const RETRANSMISSION = ['unknown', 'timeout', 'fast', 'spurious', 'tail-loss-probe', 'go-back-n'] as const;

/** A side of a flow: 0 sent the flow's first captured segment, 1 is its peer. */
export type Side = 0 | 1;

/** The other side of the same flow. */
export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/** One fact. Refilled for the next: a rule that keeps a reference has a bug, and the tests poison it after dispatch to show it. */
export class Observation {
  kind: Kind = Kind.FLOW_STARTED;
  flow = 0;
  side: Side = 0;
  /** Frame number that shows it. */
  packet = 0;
  /** Nanoseconds since the first frame. */
  time = 0;
  a = 0;
  b = 0;
}

/**
 * What a rule may ask about a flow, while it handles an observation of it or at the end. Flows are slots that may be used again
 * after FLOW_ENDED: keep `flowNumber`, not the slot, beyond that.
 */
export interface ConnectionView {
  /** The number reported as `flow`: from 1, in order of first packet. */
  flowNumber(flow: number): number;
  /** `address:port`. Makes a string: not for the hot path. */
  endpointName(flow: number, side: Side): string;
  /** Index of the (address, port) of a side, the same for every flow that has it; see `nameOfEndpoint`. */
  endpointIndex(flow: number, side: Side): number;
  nameOfEndpoint(index: number): string;
  /** Index of the address of a side; see `nameOfHost`. */
  hostIndex(flow: number, side: Side): number;
  nameOfHost(index: number): string;
  port(flow: number, side: Side): number;
  /** Which side is the client, from the handshake, else inferred. */
  client(flow: number): Side;
  /** 0.5 to 1; 1 when the handshake shows the direction. */
  directionConfidence(flow: number): number;
  /** State numbers of tcp/state.ts. */
  state(flow: number, side: Side): number;
  /** Set of possible states. */
  possible(flow: number, side: Side): number;
  /** When the present state began. */
  since(flow: number, side: Side): number;
  started(flow: number): number;
  /** Time of the latest segment of a side; -1 when it sent none. */
  lastSeen(flow: number, side: Side): number;
  /** Time of the latest segment with payload; -1 when there was none. */
  lastData(flow: number, side: Side): number;
  packets(flow: number, side: Side): number;
  /** Payload bytes seen, those sent again included. */
  bytes(flow: number, side: Side): number;
  ttl(flow: number, side: Side): number;
  /** The MSS that a side's SYN offered, in bytes; 0 without the option, or when the SYN or its options were not captured. */
  mss(flow: number, side: Side): number;
  /** The options in a side's SYN, as captured: bits of SYN_OPTIONS. */
  synOptions(flow: number, side: Side): number;
  /** The flow's first captured segment was not a SYN. */
  midstream(flow: number): boolean;
  /** Only one direction was captured. */
  oneWay(flow: number): boolean;
  /** Epoch nanoseconds of a time. */
  epoch(time: number): bigint;
  /** Time of the latest frame read. */
  now(): number;
}

/** TCP headers whose length contradicts their packet: how many of each kind, and the first of them. They belong to no connection. */
export interface BadHeaders {
  readonly counts: { readonly [fault: string]: number };
  readonly kept: readonly { packet: number; time: number; source: string; destination: string }[];
}

/** What the capture can support, as known so far. Rules ask before they accuse. */
export interface CaptureView {
  /** Frames analysed so far. */
  packets(): number;
  /** Segments without SYN, FIN and RST among them: where there are none, a filter left them out, and no handshake shows that it was completed. */
  ordinarySegments(): number;
  /** Frames left out as second copies. */
  duplicates(): number;
  /** Estimated share of the ends' segments that the capture missed, 0 to 1. */
  lossShare(): number;
  /** Packets that the capture says were dropped before it; null when it says nothing. */
  dropped(): number | null;
  /** True when packets were stamped as they were delivered, not by the kernel as they came. */
  stampedOnDelivery(): boolean;
  /** Flows of which one direction only was captured, and all flows. */
  oneWayFlows(): number;
  flows(): number;
  midstreamFlows(): number;
  badHeaders(): BadHeaders;
  /** Frames that the capture cut, and frames that stood behind one with a later time. */
  truncated(): number;
  misordered(): number;
  /** True when the capture's clock was set back within it. */
  clockStepped(): boolean;
  /** Until when a capture that ran at `time` ran on without a gap between two files of it; Infinity where none followed. */
  watchedUntil(time: number): number;
  /** Capture times of the first and the latest frame. */
  firstTime(): number;
  lastTime(): number;
}
