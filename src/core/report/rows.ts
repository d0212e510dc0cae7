import type { Confidence, Outcome } from './report.ts';

/** One row of `synoptic flows`; arrays are [client, server]. Keys stand in the contract's order. */
export interface FlowRow {
  flow: number;
  client: string;
  server: string;
  start_ns: bigint;
  end_ns: bigint;
  duration: number;
  outcome: Outcome;
  client_state: string;
  server_state: string;
  closed_first: 'client' | 'server' | null;
  handshake: { synack_seconds: number | null; ack_seconds: number | null };
  packets: [number, number];
  /** Payload bytes, those sent again not counted twice. */
  bytes: [number, number];
  /** Segments that sent something again. */
  retransmitted: [number, number];
  conn_state: string;
  history: string;
  direction: 'seen' | 'inferred';
  /** 0.5 to 1: how sure it is which end is the client; 1 when the handshake shows it. */
  direction_confidence: number;
  vlan: number | null;
  tunnel: string | null;
  findings: string[];
}

/** One row of `synoptic timeline`. */
export interface TimelineRow {
  t_ns: bigint;
  packet: number;
  flow: number;
  local: string;
  remote: string;
  state: string;
  possible: string[];
}

/** One row of `synoptic packets`. */
export interface PacketRow {
  packet: number;
  t_ns: bigint;
  flow: number;
  from: string;
  to: string;
  /** Letters of the flags set: S F R P A U E C (and N for AE), in that order; "" for none. */
  flags: string;
  seq: number;
  ack: number;
  len: number;
  /** Window field, unscaled. */
  win: number;
  labels: string[];
  sender_state: string;
  receiver_state: string;
  /** How sure each label is, and `loss`. */
  confidence: { [label: string]: Confidence };
  /** Where what this packet repeats (or, with `capture`, acknowledges) was lost; null where nothing was, or nothing shows it. */
  loss: Loss | null;
}

/** Where a segment was lost, seen from the capture point: before it, behind it, or only by the capture itself. */
export type Loss = 'upstream' | 'downstream' | 'capture';

/** One row of `synoptic states --at`. */
export interface StateRow {
  t_ns: bigint;
  local: string;
  remote: string;
  state: string;
  possible: string[];
  since_ns: bigint;
  age_seconds: number;
  flow: number;
  proof: number;
  /** Sent and not acknowledged, as far as the wire shows, SYN and FIN as one each; null where it does not. */
  send_queue_bytes: number | null;
}

/** One row of `synoptic states --diff`: a socket that appeared, went or changed its state between two instants. */
export interface SocketChangeRow {
  change: 'appeared' | 'went' | 'changed';
  local: string;
  remote: string;
  /** State at the earlier instant; null where there was no socket. */
  was: string | null;
  is: string | null;
  /** What it may be in at the later instant. */
  possible: string[];
  /** When it came to that state, and the packet that shows it. */
  since_ns: bigint;
  flow: number;
  proof: number;
}
