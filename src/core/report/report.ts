import type { CaptureFile } from '../capture/summary.ts';

/** Severities, least first. `docs/rules.md` says what each means. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Is a severity as grave as another, or graver? */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** How sure a finding is: `high` (the packets prove it), `medium` (another cause is possible), `low` (a hint). */
export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What a finding is about. `endpoint` is `address:port`, `host` an address. */
export type Subject =
  | { kind: 'flow'; flow: number; client: string; server: string }
  | { kind: 'endpoint'; endpoint: string }
  | { kind: 'host'; host: string }
  | { kind: 'capture' };

/** Packets and flows that show a finding; `more` counts those beyond the cap. Packet numbers are Wireshark's. */
export interface Evidence {
  flows: number[];
  packets: number[];
  more: { flows: number; packets: number };
}

/** A fact's value: plain JSON, its unit in its name (`hold_seconds`, `lost_bytes`). */
export type Fact = string | number | boolean | null | Fact[] | { [name: string]: Fact };

/** One thing that is wrong (or, at `info`, worth knowing). Plain JSON but for the 64-bit times. */
export interface Finding {
  rule: string;
  severity: Severity;
  confidence: Confidence;
  title: string;
  subject: Subject;
  /** Nanoseconds since the epoch. */
  first_ns: bigint;
  last_ns: bigint;
  /** How often it happened; repeats of one cause are one finding. */
  count: number;
  evidence: Evidence;
  facts: { [name: string]: Fact };
  explanation: string;
  /** Commands to run or things to do next. */
  advice: string[];
  references: string[];
  /** What lowered the confidence, or what else could explain it. */
  doubts: string[];
}

/** What the capture itself can support. */
export interface Quality {
  /** Frames left out because the capture holds the same frame twice. */
  duplicates: number;
  /** Packets that the capture, or its live source, says were dropped before it; null when it says nothing. */
  kernel_drops: number | null;
  /** Segments that the ends exchanged but the capture missed: an estimate from acknowledged, never captured bytes. */
  lost_estimate: number;
  one_way_flows: number;
  midstream_flows: number;
  /** Frames that the snaplen cut. */
  truncated: number;
  /** Segments larger than a network frame: offload put them together. */
  supersegments: number;
  /** Frames whose time was before that of an earlier frame. */
  misordered: number;
  /** Steps of the capture's clock backwards by more than the reorder window. */
  clock_steps: number;
  /** TCP checksums that do not fit (offload makes outgoing ones bad). */
  bad_checksums: number;
  /** Where the capture was taken. */
  vantage: 'client' | 'server' | 'between' | 'both' | 'unknown';
  /** Packets were stamped when they were delivered, not by the kernel as they came. Absent where that is not so. */
  clock?: 'delivery';
}

/** Counts by state name: `CLOSED` … `TIME_WAIT`, `UNSEEN`. Zero counts are left out. */
export type StateCounts = { [state: string]: number };

export interface ServerRow {
  endpoint: string;
  flows: number;
  outcomes: { [outcome: string]: number };
  /** States of the server's ends when the capture ends. */
  states_at_end: StateCounts;
  /** The most ends that were in each state at one time. */
  peak_states: StateCounts;
  /** Seconds from SYN to SYN-ACK at the capture point; null when no handshake was seen. */
  handshake: { p50: number; p95: number; max: number } | null;
  /** Share of payload bytes, both ways, sent again. */
  retransmitted_share: number;
  /** Seconds that the server's ends stayed in CLOSE_WAIT (closed episodes); null without one. */
  close_wait_seconds: { p50: number; p95: number; max: number; closed: number; open: number } | null;
}

export interface Series {
  bin_seconds: number;
  start_ns: bigint;
  /** Ends in each state at the end of each bin. */
  states: { [state: string]: number[] };
  /** Segments of each kind in each bin. */
  events: { syn: number[]; synack: number[]; rst: number[]; fin: number[] };
}

/** The whole of what `audit` says: the shape that `schema/report.schema.json` describes. */
export interface Report {
  schema: 'synoptic-report/1';
  tool: { name: 'synoptic'; version: string; options: { [name: string]: Fact } };
  capture: {
    files: CaptureFile[];
    start_ns: bigint;
    end_ns: bigint;
    /** Seconds. */
    duration: number;
    packets: { read: number; analysed: number; left_out: { [reason: string]: number } };
    quality: Quality;
  };
  totals: {
    flows: number;
    outcomes: { [outcome: string]: number };
    states_at_end: StateCounts;
    evicted: { flows: number; oldest_age_seconds: number };
  };
  findings: Finding[];
  servers: ServerRow[];
  series: Series;
}

/** How a connection ended, or how far it came. */
export const OUTCOMES = [
  'open',
  'closed',
  'half-closed',
  'reset',
  'aborted',
  'refused',
  'unanswered',
  'rejected',
  'midstream',
  'unfinished-handshake',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Of an analysis under way: what has come so far, from counts that are kept anyway. Its members are where the report has them. */
export interface InterimSummary {
  /** The moment of the capture that it is as of. */
  t_ns: bigint;
  capture: {
    start_ns: bigint;
    end_ns: bigint;
    duration: number;
    packets: { read: number };
    quality: { kernel_drops: number | null };
  };
  totals: { flows: number; states_at_end: StateCounts };
  /** Of those that were told so far. */
  findings_by_severity: { [severity in Severity]: number };
}
