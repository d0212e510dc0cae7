import type { Finding } from './report.ts';
import type { FlowRow } from './rows.ts';

/** One connection as a ladder: what `synoptic explain` draws. Plain data but for the 64-bit times. */

export type End = 'client' | 'server';

/** What an end is in: the best estimate, and every state that the whole capture does not exclude. Null before anything is known. */
export type EndState = { state: string; possible: string[] } | null;

/** What every step has. */
export interface Step {
  t_ns: bigint;
  /** Since the flow's first packet. */
  seconds: number;
  /** Since the step before. */
  gap_seconds: number;
  /** What both ends are in once the step is done, by all that the capture shows, later corrections included. */
  client: EndState;
  server: EndState;
}

/** A packet. Numbers in sequence space count from the end's SYN, or from one before its first byte captured; beyond 4 GiB they go on. */
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

/** A stretch of packets that tell nothing new. Arrays are [client, server]: what each sent. */
export interface FoldStep extends Step {
  kind: 'fold';
  first: number;
  last: number;
  /** From the first to the last packet of the stretch. */
  lasting_seconds: number;
  segments: [number, number];
  bytes: [number, number];
  /** How often each label occurs in it: more of what was drawn before. Empty for plain data. */
  labels: { [label: string]: number };
}

/** A change of an end's state that is not dated to a packet drawn: by a timer, or seen later. */
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
  /** False where the finding is about an end of the flow and lists other flows, with more left out: this one may be among those. */
  certain: boolean;
  finding: Finding;
  /** Captures that would settle what is in doubt, a sentence each. */
  settled_by: string[];
}

export interface Ladder {
  schema: 'synoptic-ladder/1';
  flow: FlowRow;
  steps: LadderStep[];
  /** Second copies of packets that the capture holds: not drawn. */
  copies: number;
  findings: LadderFinding[];
}
