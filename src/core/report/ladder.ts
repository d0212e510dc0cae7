import type { Finding } from './report.ts';
import type { FlowRow } from './rows.ts';

/* One connection as a ladder: what `synoptic explain` draws. Plain JSON apart from the 64-bit times. */

export type End = 'client' | 'server';

/** The state of an end: the best estimate, and every state that the whole capture does not exclude. Null before anything is known. */
export type EndState = { state: string; possible: string[] } | null;

/** What all steps have in common. */
export interface Step {
  t_ns: bigint;
  /** Time since the first packet of the flow. */
  seconds: number;
  /** Time since the previous step. */
  gap_seconds: number;
  /** The states of both ends after the step, by all that the capture shows, including later corrections. */
  client: EndState;
  server: EndState;
}

/**
 * A packet. Sequence numbers count from the SYN of the end or, if that was not captured, from one before its first captured byte. They do
 * not wrap at 4 GiB.
 */
export interface PacketStep extends Step {
  kind: 'packet';
  packet: number;
  from: End;
  /** Letters as in `synoptic packets`. */
  flags: string;
  seq: number;
  /** Null without the ACK flag. */
  ack: number | null;
  len: number;
  /** Window field, unscaled. */
  win: number;
  labels: string[];
}

/** A stretch of packets without anything new. Arrays are [client, server]: what each sent. */
export interface FoldStep extends Step {
  kind: 'fold';
  first: number;
  last: number;
  /** Time from the first packet of the stretch to the last. */
  lasting_seconds: number;
  segments: [number, number];
  bytes: [number, number];
  /** How often each label occurs: more of what was drawn before. Empty for plain data. */
  labels: { [label: string]: number };
}

/** A change of state at a time at which no packet is drawn: by a timer, or known only from a later packet. */
export interface ChangeStep extends Step {
  kind: 'change';
  end: End;
  /** The packet that shows it. */
  proof: number;
}

export type LadderStep = PacketStep | FoldStep | ChangeStep;

/** A finding that concerns the flow. */
export interface LadderFinding {
  /** From 1, in the order of the report: `--finding N`. */
  number: number;
  /** False if the finding is about an end of the flow and does not list all of its flows: this one may be among the others. */
  certain: boolean;
  finding: Finding;
  /** Captures that would settle the doubts, one sentence each. */
  settled_by: string[];
}

export interface Ladder {
  schema: 'synoptic-ladder/1';
  flow: FlowRow;
  steps: LadderStep[];
  /** Packets not drawn because they are second copies of others. */
  copies: number;
  findings: LadderFinding[];
}
