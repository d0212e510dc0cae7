import type { Confidence, Outcome } from './report.ts';

/** One row of `synoptic flows`. Arrays are [client, server]. */
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
  /** Payload bytes without retransmissions. */
  bytes: [number, number];
  /** Retransmitted segments. */
  retransmitted: [number, number];
  conn_state: string;
  history: string;
  direction: 'seen' | 'inferred';
  /** How sure it is which end is the client, 0.5 to 1; 1 if the handshake shows it. */
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
  /** Letters of the flags that are set: S F R P A U E C, and N for AE, in that order. */
  flags: string;
  seq: number;
  ack: number;
  len: number;
  /** Window field, unscaled. */
  win: number;
  labels: string[];
  sender_state: string;
  receiver_state: string;
  /** How sure each label is and, under the name `loss`, where something was lost. */
  confidence: { [label: string]: Confidence };
  /** Where the bytes were lost that this packet repeats or, with `capture`, acknowledges. Null if none were, or nothing shows it. */
  loss: Loss | null;
}

/** Where a segment was lost, relative to the capture point: before it, behind it, or not at all, only missed by the capture. */
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
  /** Bytes sent and not acknowledged, as far as the wire shows; SYN and FIN count as one each. Null if it does not show. */
  send_queue_bytes: number | null;
}

/** One row of `synoptic states --diff`: a socket that appeared, went, or changed its state between two instants. */
export interface SocketChangeRow {
  change: 'appeared' | 'went' | 'changed';
  local: string;
  remote: string;
  /** State at the earlier and at the later instant; null if there was no socket. */
  was: string | null;
  is: string | null;
  /** Possible states at the later instant. */
  possible: string[];
  /** When that state began; `proof` is the packet that shows it. */
  since_ns: bigint;
  flow: number;
  proof: number;
}
