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

/** What the TCP checksum says. UNKNOWN: it could not, or need not, be verified (see `checksumStateOf` in `wire/tcp.ts`). */
export const CHECKSUM_UNKNOWN = 0;
export const CHECKSUM_GOOD = 1;
export const CHECKSUM_BAD = 2;

/**
 * One decoded TCP segment: a single object, refilled for every packet. Copy what must outlive the call.
 *
 * All 32-bit protocol fields (addresses, `seq`, `ack`, timestamps, SACK edges) are **signed** integers (the bits on the wire, `| 0`),
 * which JavaScript engines handle fastest. Compare them with `tcp/sequence.ts`, print them with `
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
  /** The nine flag bits, FIN … AE, and above them the three reserved bits (0x200 … 0x800). */
  flags = 0;
  /** Window field of the header, unscaled. */
  window = 0;
  /** Checksum field of the header. */
  checksum = 0;
  /** CHECKSUM_UNKNOWN, CHECKSUM_GOOD or CHECKSUM_BAD. */
  checksumState = CHECKSUM_UNKNOWN;
  urgentPointer = 0;
  /** Payload bytes that were sent: by the IP length, or by the length of the frame where offload leaves that at 0. */
  payloadLength = 0;
  /** Payload bytes that the capture holds: `bytes[payloadStart, payloadStart + payloadCaptured)`. */
  payloadCaptured = 0;
  payloadStart = 0;
  bytes: Uint8Array = new Uint8Array(0);

  /** False if the capture cut the options: what is absent below may have been there. */
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
  /** True if the sender wrote a malformed option, not if the capture merely cut it. */
  optionsMalformed = false;

  /** VLAN id, 0 if untagged. With stacked tags: `outer * 4096 + inner` of the outer two. */
  vlan = 0;
  /** Tunnel that carried the segment: 0 for none, else a code of `wire/tunnel/index.ts`. */
  tunnel = 0;
  /** Virtual network or tunnel identifier (VNI, GRE key, TEID, ERSPAN session), 0 when none. */
  tunnelId = 0;

  /** For an ICMP error only: type, code, and the address of its sender in `reporter0…3`. */
  icmpType = 0;
  icmpCode = 0;
  /** Next-hop MTU that a "fragmentation needed" or "packet too big" states, 0 when none. */
  icmpMtu = 0;
  reporter0 = 0;
  reporter1 = 0;
  reporter2 = 0;
  reporter3 = 0;

  interface = 0;
  /** Frame number; that of the last fragment for a reassembled datagram. */
  number = 0;
  /** Nanoseconds since the first frame. */
  time = 0;
}

/**
 * What `decode` made of a record: a segment, or the reason why there is none. The report counts each reason (`packets.left_out`), so
 * that packets read = analysed + Σ left out.
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
