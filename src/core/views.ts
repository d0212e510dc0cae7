import type { Side } from './observations.ts';

/**
 * What a rule may ask about flows, while it handles an observation or at the end. Flows are slots, reused some time after FLOW_ENDED: keep
 * `flowNumber` instead of the slot. Times are nanoseconds since the first frame.
 */
export interface ConnectionView {
  /** The number of a flow in reports: from 1, in order of first packets. */
  flowNumber(flow: number): number;
  /** `address:port`. Makes a string: not for the hot path. */
  endpointName(flow: number, side: Side): string;
  /** Number of the address and port of a side, the same in all flows; see `nameOfEndpoint`. */
  endpointIndex(flow: number, side: Side): number;
  nameOfEndpoint(index: number): string;
  /** Number of the address of a side, the same in all flows; see `nameOfHost`. */
  hostIndex(flow: number, side: Side): number;
  nameOfHost(index: number): string;
  port(flow: number, side: Side): number;
  /** Which side is the client: by the handshake, or else inferred. */
  client(flow: number): Side;
  /** How sure that is, 0.5 to 1; 1 if the handshake shows it. */
  directionConfidence(flow: number): number;
  /** The state of a side: a number of `tcp/state.ts`. */
  state(flow: number, side: Side): number;
  /** The set of its possible states: bit n stands for state n. */
  possible(flow: number, side: Side): number;
  /** When its current state began. */
  since(flow: number, side: Side): number;
  /** Time of the first segment of a flow. */
  started(flow: number): number;
  /** Time of the latest segment of a side; -1 if it has sent none. */
  lastSeen(flow: number, side: Side): number;
  /** Time of its latest segment with payload; -1 if it has sent none. */
  lastData(flow: number, side: Side): number;
  /** Segments of a side. */
  packets(flow: number, side: Side): number;
  /** Payload bytes of a side, including retransmitted ones. */
  bytes(flow: number, side: Side): number;
  /** TTL of the first segment of a side; 0 if it has sent none. */
  ttl(flow: number, side: Side): number;
  /** The MSS in a side's SYN, in bytes; 0 without the option, or if the SYN or its options were not captured. */
  mss(flow: number, side: Side): number;
  /** The options in a side's captured SYN: bits of SYN_OPTIONS. */
  synOptions(flow: number, side: Side): number;
  /** The three-way handshake was completed in sight. */
  handshakeSeen(flow: number): boolean;
  /** A FIN of a side was captured. */
  finSeen(flow: number, side: Side): boolean;
  /** The flow's first captured segment was not a SYN. */
  midstream(flow: number): boolean;
  /** Only one direction was captured. */
  oneWay(flow: number): boolean;
  /** A time as nanoseconds since the epoch. */
  epoch(time: number): bigint;
  /** Time of the latest frame. */
  now(): number;
}

/** TCP headers whose length contradicts their packet: how many of each kind, and the first ones. They belong to no connection. */
export interface BadHeaders {
  readonly counts: { readonly [fault: string]: number };
  readonly kept: readonly { packet: number; time: number; source: string; destination: string }[];
}

/** What the capture can support, as far as it is known. Rules ask before they accuse. */
export interface CaptureView {
  /** Frames analysed so far. */
  packets(): number;
  /** Those of them without SYN, FIN and RST. If there are none, a capture filter left them out, and no handshake can be seen to complete. */
  ordinarySegments(): number;
  /** SYNs without ACK among them, and segments with FIN. */
  syns(): number;
  fins(): number;
  /** Frames that were left out because they had been captured before. */
  duplicates(): number;
  /** Estimated share of the ends' segments that the capture missed, 0 to 1. */
  lossShare(): number;
  /** Packets dropped before they could be captured; null if the capture does not say. */
  dropped(): number | null;
  /** True if packets were stamped on delivery instead of by the kernel on arrival. */
  stampedOnDelivery(): boolean;
  /** Flows of which only one direction was captured; all flows; flows whose first captured segment was not a SYN. */
  oneWayFlows(): number;
  flows(): number;
  midstreamFlows(): number;
  badHeaders(): BadHeaders;
  /** Frames cut by the snapshot length; frames that came after a later one. */
  truncated(): number;
  misordered(): number;
  /** True if the capture's clock was set back during it. */
  clockStepped(): boolean;
  /** Files that begin while the one before still ran: captures of several places, or a clock set back between files. */
  overlappingFiles(): number;
  /** Until when the capture ran without a gap, from `time` on; Infinity if no gap between two files followed. */
  watchedUntil(time: number): number;
  /** Capture times of the first and the latest frame. */
  firstTime(): number;
  lastTime(): number;
}
