import type { CaptureFile } from '../capture/summary.ts';

/** Severities, the least first. `docs/rules.md` says what each means. */
export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Whether a severity is at least as grave as another. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** How sure a finding is: `high` (the packets prove it), `medium` (another cause is possible), `low` (a hint). */
export const CONFIDENCES = ['low', 'medium', 'high'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** What a finding is about. `client`, `server` and `endpoint` are `address:port`, `host` is an address. */
export type Subject =
  | { kind: 'flow'; flow: number; client: string; server: string }
  | { kind: 'endpoint'; endpoint: string }
  | { kind: 'host'; host: string }
  | { kind: 'capture' };

/** Numbers of the packets (as Wireshark counts) and flows that show a finding; `more`: how many are not listed. */
export interface Evidence {
  flows: number[];
  packets: number[];
  more: { flows: number; packets: number };
}

/** The value of a fact: plain JSON. Its unit is in its name (`hold_seconds`, `lost_bytes`). */
export type Fact = string | number | boolean | null | Fact[] | { [name: string]: Fact };

/** One thing that is wrong or, at `info`, worth knowing. Plain JSON apart from the 64-bit times. */
export interface Finding {
  rule: string;
  severity: Severity;
  confidence: Confidence;
  title: string;
  subject: Subject;
  /** Nanoseconds since the epoch. */
  first_ns: bigint;
  last_ns: bigint;
  /** How often it happened: repetitions of one cause are one finding. */
  count: number;
  evidence: Evidence;
  facts: { [name: string]: Fact };
  explanation: string;
  /** Commands to run or things to do next. */
  advice: string[];
  references: string[];
  /** What lowers the confidence, or what else could explain the packets. */
  doubts: string[];
}

/** What the capture itself can support. */
export interface Quality {
  /** Frames left out because they had been captured before. */
  duplicates: number;
  /** Packets dropped before they could be captured, by the kernel or the capturing program; null if unknown. */
  kernel_drops: number | null;
  /** Segments that the capture missed: an estimate from bytes that were acknowledged but not captured. */
  lost_estimate: number;
  one_way_flows: number;
  midstream_flows: number;
  /** Frames that the snaplen cut. */
  truncated: number;
  /** Segments larger than a network frame: joined by offload, or not yet cut by it. */
  supersegments: number;
  /** Frames that came after a later one, and were put in order. */
  misordered: number;
  /** How often the capture's clock was set back, by more than the reorder window. */
  clock_steps: number;
  /** Bad TCP checksums. Under offload, those of outgoing segments are always bad. */
  bad_checksums: number;
  /** Files that begin while the one before still ran, so that their packets were not read in order of time. Absent where there are none. */
  overlapping_files?: number;
  /** Where the capture was taken. */
  vantage: 'client' | 'server' | 'between' | 'both' | 'unknown';
  /** Present if packets were stamped on delivery instead of by the kernel on arrival. */
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
  /** The most of its ends that were in each state at one time. */
  peak_states: StateCounts;
  /** Connections that have ended, by the end that closed first, with a FIN. That end has the TIME_WAIT. */
  closed_first: { client: number; server: number };
  /** Seconds from SYN to SYN-ACK at the capture point; null if no handshake was captured. */
  handshake: { p50: number; p95: number; max: number } | null;
  /** Share of the payload bytes, in both directions, that were retransmitted. */
  retransmitted_share: number;
  /** Seconds that the server's ends stayed in CLOSE_WAIT, for the `closed` ones that left it; `open` ones are still in it. Null if none was. */
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

/** The report of `synoptic audit`, as `schema/report.schema.json` describes it. */
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

/** How a connection ended, or how far it got. */
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

/** Totals of an analysis so far, which are cheap to have. Members are where the report has them. */
export interface InterimSummary {
  /** The moment of the capture at which these were the totals. */
  t_ns: bigint;
  capture: {
    start_ns: bigint;
    end_ns: bigint;
    duration: number;
    packets: { read: number };
    quality: { kernel_drops: number | null };
  };
  totals: { flows: number; states_at_end: StateCounts };
  /** Findings told so far. */
  findings_by_severity: { [severity in Severity]: number };
}
