/**
 * The vocabulary of facts that the tracker hands to the rules. An observation says what was seen, not what it is worth: rules judge, and
 * their `explain` finds the words.
 *
 * `side` is the end that the fact is about; each kind says what `a` and `b` mean. Times are nanoseconds since the first frame. Durations
 * in `a` and `b` are nanoseconds, unless said otherwise.
 */
export const Kind = {
  /** First segment of a flow. side: its sender; a: flag bits. */
  FLOW_STARTED: 0,
  /**
   * The flow was forgotten or evicted, or the capture ended. packet: its last SYN or FIN. a: index into OUTCOMES (report.ts); b: bits of
   * ENDING.
   */
  FLOW_ENDED: 1,
  /** After FLOW_STARTED, where the first segment is no SYN, or one with FIN, RST or ACK. side: its sender; a: flag bits. */
  STARTED_WITHOUT_SYN: 2,

  /** First SYN of an attempt. side: sender; a: ISN; b: payload bytes. */
  SYN: 10,
  /** The same SYN again (not a capture duplicate). a: how many have now been sent; b: time since the last one. */
  SYN_REPEATED: 11,
  /** A SYN with another ISN while the first is unanswered. a: new ISN; b: time since the first one was last sent. */
  SYN_CHANGED: 12,
  /** First SYN-ACK that fits the SYN (or whose SYN the capture missed). a: ISN; b: time since the SYN, -1 without one. */
  SYN_ACK: 13,
  /** The same SYN-ACK again. a: how many now; b: time since the one before, -1 if that is of an earlier connection. */
  SYN_ACK_REPEATED: 14,
  /** A SYN-ACK that acknowledges another number than x+1. a: number acknowledged; b: number expected. Confirmed by the client's answer. */
  BAD_SYN_ACK: 15,
  /** As BAD_SYN_ACK, but nothing that follows confirms or refutes it. */
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
  /** A step of TCP Fast Open. a: FastOpenStep. */
  FAST_OPEN: 22,
  /** Both ends sent a SYN. side: sender of the later one; a: 1 if it had acknowledged the earlier one before (a split handshake). */
  SIMULTANEOUS_OPEN: 23,
  /** Source and destination are the same address and port. */
  SELF_CONNECT: 24,
  /** A SYN-ACK without a SYN: the other end has sent nothing. */
  UNSOLICITED_SYN_ACK: 25,
  /**
   * A new connection on a 4-tuple. side: who sent the SYN; a: time since the last segment of the old one; b: state that the receiver of
   * the SYN was left in.
   */
  TUPLE_REUSED: 26,
  /** The ISNs of an end in two successive connections of a 4-tuple. a: new − old, signed; b: time between the SYNs. */
  ISN_PAIR: 27,
  /** A SYN of an earlier connection of the 4-tuple (by its ISN), answered by an ACK or not at all. a: ISN. */
  STALE_SYN: 28,
  /** A SYN on a synchronized connection. a: ISN; b: 1 if it is the connection's own ISN. */
  SYN_ON_ESTABLISHED: 29,
  /** A segment of an earlier connection of the 4-tuple. a: seq. */
  STALE_SEGMENT: 30,
  /** An ICMP error about this flow. side: the end that it is addressed to; a: type * 256 + code; b: IP version. */
  ICMP_ERROR: 31,
  /**
   * At the end of a flow: the client's payload was repeated and never acknowledged, though the handshake looks complete. packet: the
   * SYN-ACK. side: client; a: segments repeated.
   */
  UNSERVED_DATA: 32,
  /** First segment after at least a second of silence of both ends. side: its sender; a: how long. */
  IDLE_ENDED: 33,
  /** First payload of an end, not counting what a SYN carries. a: bytes. */
  FIRST_DATA: 34,

  /** An acknowledgment of bytes that the peer of `side` sent but the capture missed. side: the acknowledging end; a: bytes missed. */
  ACK_UNSEEN: 40,
  /**
   * An acknowledgment of what was never sent, as the next segments of the peer prove. side: who acknowledged; a: distance beyond SND.NXT
   * in bytes.
   */
  BAD_ACK: 41,
  /**
   * An acknowledgment older than SND.UNA − MAX.SND.WND (RFC 5961 §5). a: distance behind SND.UNA in bytes; b: 1 if it is from before the
   * connection.
   */
  OLD_ACK: 42,
  /** The answer to an unacceptable segment: an ACK with the current numbers (RFC 5961). side: its sender; a: what it answers (Challenge). */
  CHALLENGE_ACK: 43,
  /** Data or a FIN outside the receiver's window. side: its sender; a: distance from its SND.NXT as captured, signed. */
  OUT_OF_WINDOW: 44,
  /** Bytes sent again. side: sender; a: bytes; b: index into RETRANSMISSION. */
  RETRANSMITTED: 45,
  /** Bytes that fill a hole. a: bytes; b: Fill: reordered, retransmitted after a loss before the capture point, or unknown. */
  HOLE_FILLED: 46,
  /** A window of 0 was announced. side: by whom; a: 1 for the first in a row. */
  ZERO_WINDOW: 47,
  /** A zero window opened again. side: who opens it; a: 1 if this answers a probe, so the peer had not heard of it before. */
  WINDOW_OPENED: 48,
  /** Keep-alive probe. a: how many in a row are unanswered. */
  KEEP_ALIVE: 49,
  /** The answer to a keep-alive probe. side: who answers. */
  KEEP_ALIVE_ANSWERED: 50,
  /** The same sequence numbers with different bytes. a: bytes compared; b: TTL difference. */
  OVERLAP_CONFLICT: 51,
  /**
   * The sequence number of a pure ACK is below data captured as its sender's: it never sent them. a: bytes; b: how many of them its peer
   * acknowledged.
   */
  DISOWNED_DATA: 52,
  /** New data in order with a timestamp older than its sender's latest: the receiver drops them (PAWS, RFC 7323 §5.3). a: ticks behind. */
  TIMESTAMP_BACK: 53,
  /**
   * The first outstanding segment is of full size (1,200 bytes or more if the SYNs were not captured) and repeated, and none of full size
   * was ever acknowledged. a: bytes; b: 1 if the peer has sent anything since the first of them.
   */
  FULL_SIZE_LOST: 54,
  /** A bad checksum. a: 1 if others of this end were good, so this segment is damaged; 0 if none was (offload). */
  BAD_CHECKSUM: 55,
  /**
   * By the captured handshake there is no window scaling, but the window of an end drops at once as if there were. a: window field of its
   * SYN; b: of its next segment.
   */
  SCALE_MISMATCH: 56,
  /** Bytes captured before, now with an older timestamp: the original, overtaken by its own retransmission. a: bytes. */
  LATE_ORIGINAL: 57,
  /** A probe of the peer's zero window. side: who probes; a: how many in a row are unanswered. */
  WINDOW_PROBE: 58,

  /** First FIN of an end. a: payload bytes it has sent in all (below 2^53); b: 1 when it acknowledges the peer's FIN. */
  FIN: 60,
  /** The same FIN again. a: how many have now been sent. */
  FIN_REPEATED: 61,
  /**
   * `side` has acknowledged its peer's FIN and may still send: it is in CLOSE_WAIT. time, packet: of the beginning of CLOSE_WAIT. a:
   * payload bytes that `side` has sent.
   */
  HALF_CLOSED: 62,
  /** An end in CLOSE_WAIT sent data. a: bytes. */
  DATA_IN_CLOSE_WAIT: 63,
  /** `side` left CLOSE_WAIT. a: how long it was in it; b: how (CloseWaitExit). */
  CLOSE_WAIT_LEFT: 64,
  /**
   * A bare RST answers a late FIN or data of `side`: the peer had forgotten the connection. a: how long `side` had been in CLOSE_WAIT, 0
   * if it was not.
   */
  MET_NO_SOCKET: 65,
  /** The FINs of both ends crossed. side: whose FIN shows it. */
  SIMULTANEOUS_CLOSE: 66,
  /** Data beyond the sender's own FIN. side: sender; a: bytes. */
  DATA_AFTER_OWN_FIN: 67,
  /** Data sent to an end that no longer receives, as its RST shows. side: sender of the data; a: bytes. */
  DATA_AFTER_CLOSE: 68,
  /** A RST that applies. side: sender; a: index into RESET_FORMS; b: bitmask of RESET_CONTEXT. */
  RESET: 69,
  /**
   * A RST that does not apply: outside the window, or not exactly at RCV.NXT. side: claimed sender; a: distance from its SND.NXT as
   * captured or, in answer to a SYN, of its acknowledgment from the expected one; b: 1 if in the window.
   */
  RESET_UNACCEPTABLE: 70,
  /** The end that "sent" a RST goes on as if it never had: it was forged. side: claimed sender. */
  RESET_DISOWNED: 71,
  /** A RST that applies although its header shows that another host made it. a: TTL difference; b: bitmask of MISFIT. */
  FORGED_HEADER: 72,
  /**
   * RST after the sender's own or its peer's FIN. side: sender; a: index into RESET_FORMS; b: application bytes of either end that were
   * lost, -1 if unknown.
   */
  RESET_AFTER_FIN: 73,
  /**
   * After RESET, for the first RST of an established connection that nobody was closing. side: sender; a: unacknowledged bytes of its
   * peer; b: its own.
   */
  RESET_LOST: 74,
  /** Data of `side` stand in the place of a FIN that was captured as its own, and that its peer has acknowledged: somebody else sent that FIN. */
  DISOWNED_FIN: 75,

  /** A combination of flags that no TCP sends. side: sender; a: flag bits; b: payload bytes. */
  INVALID_FLAGS: 80,
  /** PSH without data, in an established connection. */
  PSH_WITHOUT_DATA: 81,
  /** Options or header malformed by the sender. */
  MALFORMED_OPTIONS: 82,
  /** Something else that is odd in a header. a: index into HEADER_ODDITIES; b: the odd value. */
  ODD_HEADER: 83,
  /**
   * An end uses an option that the SYNs, captured whole, did not agree on; or a SYN shows that its options were changed. a: index into
   * STRIPPED; b: the options (bits of SYN_OPTIONS), for `rewritten` and `unoffered`.
   */
  OPTION_STRIPPED: 84,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Bits of how a flow ended. ORDERLY: opened and closed in order, see `Rule.skipsOrderly`. */
export const ENDING = { CAPTURE_ENDED: 1, ORDERLY: 2 } as const;

/** Size of a table indexed by kind: above the highest kind. */
export const KIND_LIMIT = 96;

/**
 * The forms of a RST that applies: each comes from another place in a stack, or on the path. A blind guess, in the window but not at
 * RCV.NXT, does not apply: see RESET_UNACCEPTABLE.
 */
export const RESET_FORMS = [
  /** None of those below. */
  'unknown',
  /** R1: bare RST without ACK, seq = ACK field of what it answers, window 0: there is no socket (RFC 9293 §3.5.2, first group). */
  'no-socket',
  /** R2: RST+ACK, seq 0, ack = seq + length of a SYN: a closed port. */
  'closed-port',
  /** R3: RST+ACK at SND.NXT with ack = RCV.NXT and the usual window: aborted by the stack or the application. */
  'abort',
  /** R4: header fields differ from the end's other segments: made on the path. */
  'middlebox',
  /** R6: an R1 whose trigger was a challenge ACK. */
  'answers-challenge',
] as const;

/** Bits of what in the header of a RST does not fit other segments of the end that it names. */
export const MISFIT = {
  /** TTL more hops away than a changed route explains. */
  TTL: 1,
  /** TTL a few hops away. */
  TTL_NEAR: 2,
  /** IP-ID not the next, though the end numbers its packets one by one. */
  IP_ID: 4,
  /** A different window, or one where that form of RST has none. */
  WINDOW: 8,
  /** No timestamp, in a connection that uses them. */
  OPTIONS: 16,
  /** It acknowledges what the end cannot have received by then. */
  TIMING: 32,
} as const;

/** Bits of what surrounds a RST. */
export const RESET_CONTEXT = {
  /** Before the connection was established. */
  HANDSHAKE: 1,
  /** After the sender's FIN. */
  AFTER_OWN_FIN: 2,
  /** After the peer's FIN. */
  AFTER_PEER_FIN: 4,
  /** The sender had not acknowledged all bytes of its peer. */
  PEER_DATA_UNACKED: 8,
  /** The peer had not acknowledged all bytes of the sender. */
  OWN_DATA_UNACKED: 16,
  /** After both ends had closed. */
  AFTER_CLOSE: 32,
  /** It answers the segment of the peer just before it (data or FIN), without delay. */
  ANSWERS: 64,
} as const;

/** How an end left CLOSE_WAIT. */
export const CloseWaitExit = { FIN: 1, OWN_RST: 2, PEERS_RST: 3, MISSED_FIN: 4 } as const;
export type CloseWaitExit = (typeof CloseWaitExit)[keyof typeof CloseWaitExit];

/**
 * Steps of TCP Fast Open (RFC 7413): a cookie is asked for, or given; data in a SYN are accepted, or ignored; DROPPED: the SYN is
 * repeated without its data.
 */
export const FastOpenStep = { ASKED: 1, GIVEN: 2, ACCEPTED: 3, IGNORED: 4, DROPPED: 5 } as const;

/**
 * What an end answers at once with its current numbers (RFC 5961 §3 to §5, RFC 9293 §3.10.7.4 first check, §3.8.4). The answer to a PROBE
 * is not a CHALLENGE_ACK.
 */
export const Challenge = { RST: 1, SYN: 2, ACK: 3, OUT_OF_WINDOW: 4, PROBE: 5 } as const;
export type Challenge = (typeof Challenge)[keyof typeof Challenge];

/** How a hole came to be filled. */
export const Fill = { UNKNOWN: 0, REORDERED: 1, RETRANSMITTED: 2 } as const;
export type Fill = (typeof Fill)[keyof typeof Fill];

/** What may be odd in a header; in brackets, `b` of the observation. */
export const HEADER_ODDITIES = [
  /** A port of 0 [flag bits of the first segment]. */
  'port_zero',
  /** URG without a byte that it could mark: no data, or a pointer of 0 [pointer]. */
  'urgent_without_data',
  /** URG with a pointer beyond any window that the receiver has offered [pointer]. */
  'urgent_beyond_window',
  /** A pointer without URG [pointer]. */
  'urgent_pointer_without_flag',
  /** Header bits without a meaning (RFC 9293 §3.1) [flag bits]. */
  'reserved_bits',
  /** A SYN with an MSS smaller than any link today needs [MSS]. */
  'tiny_mss',
  /** A window scale above 14 (RFC 7323 §2.3) [shift]. */
  'window_scale_above_14',
  /** Data or a FIN without the timestamps that both SYNs agreed on: receivers drop it (RFC 7323 §3.2) [payload bytes]. */
  'timestamps_missing',
] as const;

/** What shows that a device on the path removed or changed options of a SYN. */
export const STRIPPED = [
  /** SACK blocks, though not both SYNs permit them (RFC 2018 §2). */
  'sack',
  /** Timestamps, though not both SYNs offer them (RFC 7323 §3.2). */
  'timestamps',
  /** Four or more NOPs in a row in a SYN, which no stack writes: an option was overwritten. */
  'overwritten',
  /** A SYN captured twice at once, with different options: on both sides of the device. */
  'rewritten',
  /** A SYN-ACK with options that the SYN, as captured, did not offer (RFC 7323 §2.2, §3.2, RFC 2018 §2). */
  'unoffered',
  /** A SYN with options of which no stack sends any without an MSS (RFC 9293 §3.7.1), and no MSS. */
  'mss_missing',
] as const;

/** Options of a SYN. In a set, bit n stands for the n-th. */
export const SYN_OPTIONS = ['mss', 'window_scale', 'sack', 'timestamps'] as const;

/** Kinds of retransmission, as far as the capture shows. */
export const RETRANSMISSION = ['unknown', 'timeout', 'fast', 'spurious', 'tail-loss-probe', 'go-back-n'] as const;

/** A side of a flow: 0 sent the flow's first captured segment, 1 is its peer. */
export type Side = 0 | 1;

/** The other side of the same flow. */
export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/** One fact. The object is refilled for the next one, so do not keep it: tests overwrite it after dispatch to catch that. */
export class Observation {
  kind: Kind = Kind.FLOW_STARTED;
  flow = 0;
  side: Side = 0;
  /** Number of the frame that shows it. */
  packet = 0;
  /** Nanoseconds since the first frame. */
  time = 0;
  a = 0;
  b = 0;
}
