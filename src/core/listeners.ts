import type { Instant } from './capture/clock.ts';
import type { Record } from './capture/record.ts';
import type { Engine } from './engine.ts';
import type { Observation, Side } from './observations.ts';
import type { ConnectionView } from './views.ts';
import type { Finding } from './report/report.ts';
import type { FlowRow, PacketRow } from './report/rows.ts';
import type { StateChange } from './tcp/estimates.ts';

/** A change of the state of one end (see `tcp/estimates.ts`). Refilled for the next one. */
export type TimelineChange = StateChange;

/** What the engine tells while it analyses. Objects are lent for the call, except rows and findings. */
export interface EngineListeners {
  /** Every change of the state of an end, in the order in which they become known. `engine.timelineRow` makes a row of one. */
  timeline?(change: TimelineChange, engine: Engine): void;
  /** A flow is forgotten, or the capture ended. `isRevised`: replaces an earlier row of the flow (see `flowsAtClose`). */
  flow?(row: FlowRow, isRevised: boolean): void;
  /**
   * Calls `flow` as soon as both ends of a flow are closed, and again, if the row has changed since, when the flow closes once more, is
   * forgotten, or the capture ends.
   */
  readonly flowsAtClose?: boolean;
  /** Every TCP packet, with its labels and the states of both ends after it. Rows come late, since later packets may add labels. */
  packet?(row: PacketRow): void;
  /** Number of the only flow whose packets `packet` is called for; all flows by default. */
  packetsOf?: number;
  /** Moments of the capture to call `instant` at. */
  instants?: readonly Instant[];
  /** `instants[index]` has come: the next frame, if there is one, is later. Whatever the engine is asked now is as of that moment. */
  instant?(index: number, engine: Engine): void;
  /** Every finding of the report, when the analysis ends. */
  finding?(finding: Finding): void;
  /**
   * Every frame, after it was taken in. `flow`: number of the flow that it belongs to, or that the ICMP error in it is about, 0 for none;
   * `slot`: its slot, -1 for none. See also `engine.joinedFrames`.
   */
  frame?(record: Record, flow: number, slot: number, engine: Engine): void;
  /**
   * Both ends of a flow are closed. The flow is still remembered for late segments; if these reopen it, it may close again. `outcome`:
   * index into OUTCOMES; `flow`: a slot.
   */
  over?(flow: number, outcome: number, connections: ConnectionView): void;
  /** Every fact about a flow, after the rules have seen it. */
  fact?(observation: Observation, connections: ConnectionView): void;
}

/** Addresses and ports of the ends of flows. `flow` is a slot. */
export interface Hosts {
  /** Number of the address of an end, from 0: the same for all ends with that address. */
  hostIndex(flow: number, side: Side): number;
  nameOfHost(index: number): string;
  /** Compares two addresses, given by number, in numerical order. */
  compareHosts(one: number, other: number): number;
  port(flow: number, side: Side): number;
}
