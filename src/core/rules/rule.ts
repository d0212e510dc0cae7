import type { Kind, Observation } from '../observations.ts';
import type { CaptureView, ConnectionView } from '../views.ts';
import type { Confidence, Fact, Severity, Subject } from '../report/report.ts';

/** One setting of a rule: `--set rule.name=value`. */
export interface RuleOption {
  default: number;
  /** "seconds", "connections", "share" … */
  unit: string;
  meaning: string;
}

/** What a rule reports. The collector adds title, words and references from the rule, and turns times into epoch times. */
export interface Draft {
  severity: Severity;
  confidence: Confidence;
  subject: Subject;
  /** Nanoseconds since the first frame. */
  first: number;
  last: number;
  count: number;
  /** Flow numbers (not slots) and packet numbers; the collector caps them. `moreFlows`, `morePackets`: those already left out. */
  flows: number[];
  packets: number[];
  moreFlows?: number;
  morePackets?: number;
  facts: { [name: string]: Fact };
  doubts: string[];
}

/** What a server's endpoint has come to so far. */
export interface ServerFigures {
  /** Connections and attempts, those that are open among them. */
  connections: number;
  /** Handshakes of it that were completed in sight. */
  accepted: number;
  /** Segments that it sent, and that its clients sent, on connections that have ended. */
  segments: number;
  clientSegments: number;
  /** The most of its own ends that were in a state (a number of tcp/state.ts) at once; 0 where it was not counted, among very many servers. */
  mostIn(state: number): number;
}

/** What a host has come to so far. */
export interface HostFigures {
  /** Handshakes completed in sight: as a client, and as a server. */
  opened: number;
  accepted: number;
}

/** What a running rule is given. */
export interface RuleContext {
  connections: ConnectionView;
  capture: CaptureView;
  /** The rule's options with `--set` applied, by name. */
  option(name: string): number;
  /** Of an endpoint, by its index. */
  server(endpoint: number): ServerFigures;
  /** Of a host, by its index. */
  host(index: number): HostFigures;
  report(draft: Draft): void;
}

/** A rule at work on one capture. It keeps its own state, bounded. */
export interface RunningRule {
  /**
   * What it remembers: all of it in fields that can be reached from here, none behind `#` or in variables of a closure. What a
   * snapshot of a live audit does to it is undone afterwards; a rule without it is left out of snapshots. Null: there is nothing to
   * undo, since neither what is told when a flow ends nor `finish` changes anything of it.
   */
  readonly state?: unknown;
  observe(observation: Observation): void;
  /** The capture has ended: report what only the whole of it can show. */
  finish(): void;
}

/** What a finding means, in words for the person who reads it. */
export interface Explanation {
  /** In place of the rule's title, where a verdict needs its own ("Slow to close", not "CLOSE_WAIT leak"). */
  title?: string;
  /** What happened and why it matters, in plain sentences. */
  explanation: string;
  /** What to run or do next, a command or a sentence each. */
  advice: string[];
}

/**
 * A tiny conversation in the notation of `rules/conversation.ts`, with what the rule must make of it. The examples are the rule's
 * tests and its page in docs/rules.md.
 */
export interface Example {
  title: string;
  conversation: string;
}

/** One rule: metadata, documentation, examples and judgement in one file. */
export interface Rule {
  /** The id in the contract, used in `--skip`, alerts and reports. */
  id: string;
  title: string;
  /** One sentence: what it finds. */
  summary: string;
  /** The most severe it can be, and the least. */
  severities: readonly Severity[];
  /** "RFC 9293 §3.6". */
  references: readonly string[];
  /** What peers and textbooks call it: `synoptic rules NAME` finds it. */
  aliases: readonly string[];
  /** What the rule does under capture faults, one sentence each: duplicates, loss, one direction, midstream, snaplen. */
  underFaults: string;
  options: { readonly [name: string]: RuleOption };
  /** The kinds of observation that it is given. */
  watches: readonly Kind[];
  /**
   * Kinds that it is given only of a flow of which it was given one of `watches` before: what follows something rare, or, with FLOW_ENDED,
   * lets it forget the flow. Most flows have nothing rare, and of those it need not be told then.
   */
  afterwards?: readonly Kind[];
  /**
   * It is given FLOW_ENDED, where that is among `watches`, only of flows that were not orderly. Most are: opened by a SYN and a handshake in
   * sight, captured in both directions, with data of both ends, and closed by both (outcome `closed`), of which none is still in CLOSE_WAIT.
   */
  skipsOrderly?: true;
  /** It judges by times of less than some 10 ms, which only the kernel's clock tells. */
  timed?: true;
  examples: { flagged: readonly Example[]; clean: readonly Example[] };
  start(context: RuleContext): RunningRule;
  /** The name of the cause that a finding reports, where others may report parts of it; see `wider-causes.ts`. */
  explains?(draft: Draft): string;
  /** Names of wider causes: a finding is left out where another explains one of them. */
  explainedBy?(draft: Draft): readonly string[];
  explain(facts: { readonly [name: string]: Fact }, subject: Subject): Explanation;
}
