/** TCP header flag bits as they stand in the header (RFC 9293 §3.1; AE was NS). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;
export const AE = 0x100;

/** What the checksum says. UNKNOWN: the frame was cut, or the datagram came in fragments. */
export const CHECKSUM_UNKNOWN = 0;
export const CHECKSUM_GOOD = 1;
export const CHECKSUM_BAD = 2;

/**
 * One TCP segment, decoded. A single object refilled for every packet: copy what must outlive the call.
 *
 * All 32-bit protocol fields (addresses, `seq`, `ack`, timestamps, SACK edges) are **signed** 32-bit integers (the wire's
 * bits, `| 0`): they stay small integers in the engine and compare through `tcp/sequence.ts`. Print them with `>>> 0`.
 */
export class Segment {
  /** Source address as four 32-bit words; IPv4 is mapped (0, 0, 0xffff, address). */
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** 4 or 6. */
  ipVersion = 4;
  /** TTL or hop limit. */
  ttl = 0;
  /** IPv4 identification; 0 for IPv6. */
  ipId = 0;

  seq = 0;
  ack = 0;
  /** The nine flag bits; see FIN … AE. The three reserved bits stand above them (0x200 … 0x800). */
  flags = 0;
  /** Window as it stands in the header, unscaled. */
  window = 0;
  /** Header's checksum field. */
  checksum = 0;
  /** CHECKSUM_UNKNOWN, CHECKSUM_GOOD or CHECKSUM_BAD. */
  checksumState = CHECKSUM_UNKNOWN;
  urgentPointer = 0;
  /** Payload bytes the sender sent, from the IP length (from the frame where the IP length is 0 under offload). */
  payloadLength = 0;
  /** Payload bytes that the capture holds: `bytes[payloadStart, payloadStart + payloadCaptured)`. */
  payloadCaptured = 0;
  payloadStart = 0;
  bytes: Uint8Array = new Uint8Array(0);

  /** False when the capture cut the options off: what is absent below may have been there. */
  optionsComplete = true;
  /** Length of the options area in bytes (0 to 40). */
  optionsLength = 0;
  /** Maximum segment size, -1 when absent. */
  mss = -1;
  /** Window scale shift, -1 when absent. */
  windowScale = -1;
  sackPermitted = false;
  hasTimestamps = false;
  tsval = 0;
  tsecr = 0;
  /** SACK blocks in `sackEdges` as left, right, left, right … (at most four blocks). */
  sackCount = 0;
  readonly sackEdges = new Int32Array(8);
  /** Length of the Fast Open cookie (0: a cookie is asked for), -1 when the option is absent (RFC 7413). */
  fastOpenCookie = -1;
  /** True when an option is malformed, by the sender: not merely cut by the capture. */
  optionsMalformed = false;

  /** Outermost VLAN id, 0 when untagged. With stacked tags: `outer * 4096 + inner`. */
  vlan = 0;
  /** Tunnel that carried the segment: 0 for none, else a code of `wire/tunnel/index.ts`. */
  tunnel = 0;
  /** Virtual network or tunnel identifier (VNI, GRE key, TEID, ERSPAN session), 0 when none. */
  tunnelId = 0;

  /** Set for an ICMP error only: type and code, and the reporter's address words in `reporter0…3`. */
  icmpType = 0;
  icmpCode = 0;
  /** Next-hop MTU that a "fragmentation needed" or "packet too big" states, 0 when none. */
  icmpMtu = 0;
  reporter0 = 0;
  reporter1 = 0;
  reporter2 = 0;
  reporter3 = 0;

  interface = 0;
  /** Frame number (the last fragment's for a reassembled datagram). */
  number = 0;
  /** Nanoseconds since the first frame. */
  time = 0;
}

/**
 * What `decode` made of a record: a segment, or why there is none. Every reason is a counter in the report
 * (`packets.left_out`), so that packets read = analysed + Σ left out.
 */
export const Decoded = {
  /** The segment is filled. */
  SEGMENT: 0,
  /** An ICMP error that quotes a TCP segment: addresses, ports and (where quoted) seq of the *quoted* segment are filled. */
  ICMP_ERROR: 1,
  /** IP, but not TCP. */
  NOT_TCP: 2,
  /** Not IP at all (ARP, LLDP, a management frame …). */
  NOT_IP: 3,
  /** The capture's snaplen cut the frame before the end of the fixed TCP header. */
  CUT_SHORT: 4,
  /** A length field contradicts the frame: malformed by its sender. */
  BAD_LENGTH: 5,
  /** A fragment that waits for the rest of its datagram. */
  FRAGMENT: 6,
  /** A link type that synoptic cannot read. */
  UNKNOWN_LINK: 7,
  /** Tunnels nested deeper than the limit. */
  TOO_DEEP: 8,
  /** Payload that cannot be read because it is encrypted (802.11 protected frames, ESP). */
  ENCRYPTED: 9,
} as const;
export type DecodedReason = (typeof Decoded)[keyof typeof Decoded];

/** The report's name of each reason, indexed by its number. */
export const REASON_NAMES: readonly string[] = [
  'segment',
  'icmp_error',
  'not_tcp',
  'not_ip',
  'cut_short',
  'bad_length',
  'fragment',
  'unknown_link',
  'too_deep',
  'encrypted',
];
