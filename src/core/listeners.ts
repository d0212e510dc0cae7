import type { Instant } from './capture/clock.ts';
import type { Record } from './capture/record.ts';
import type { Engine } from './engine.ts';
import type { ConnectionView, Observation, Side } from './observations.ts';
import type { Finding } from './report/report.ts';
import type { FlowRow, PacketRow } from './report/rows.ts';
import type { StateChange } from './tcp/estimates.ts';

/** A change of what is said of one end; refilled for the next. See `tcp/estimates.ts`. */
export type TimelineChange = StateChange;

export interface EngineListeners {
  /** Every change of an end's state, in the order in which it became known. The object is refilled; `engine.timelineRow` makes a row of it. */
  timeline?(change: TimelineChange, engine: Engine): void;
  /** A flow ended, and is remembered no longer; or the capture did. `isRevised`: there was a row of it before (`flowsAtClose`). */
  flow?(row: FlowRow, isRevised: boolean): void;
  /**
   * `flow` is called as soon as both ends of a flow are closed; once more for the same flow where its row is another by the time that it
   * is forgotten, closes again or the capture ends.
   */
  readonly flowsAtClose?: boolean;
  /** Every TCP packet, with its labels and both ends' states once it was taken in. */
  packet?(row: PacketRow): void;
  /** Number of the only flow that `packet` is told of; all when absent. */
  packetsOf?: number;
  /** Moments of the capture at which `instant` is called. */
  instants?: readonly Instant[];
  /** The next frame, if there is one, lies after a moment: what the engine can be asked is as of then. `index`: in `instants`. */
  instant?(index: number, engine: Engine): void;
  /** As soon as it is certain. */
  finding?(finding: Finding): void;
  /**
   * Every frame, once it was taken in. `flow`: number of the flow that it belongs to or that an ICMP error in it is about, 0 for
   * none; `slot`: as in a change, -1 for none. The record is lent; see also `engine.joinedFrames`.
   */
  frame?(record: Record, flow: number, slot: number, engine: Engine): void;
  /**
   * Both ends of a flow are closed, though it is remembered for its late segments. Told again if these open it and it closes once
   * more. `outcome`: index into OUTCOMES; `flow`: as in an observation.
   */
  over?(flow: number, outcome: number, connections: ConnectionView): void;
  /** Every fact about a flow, once the rules know it. The observation is refilled; `connections` tells of its flow. */
  fact?(observation: Observation, connections: ConnectionView): void;
}

/** Addresses and ports of the ends of flows; `flow` is a slot, as in a change. */
export interface Hosts {
  /** Index of an end's address, from 0: the same for every end that has it. */
  hostIndex(flow: number, side: Side): number;
  nameOfHost(index: number): string;
  /** Orders two addresses (by index) as numbers. */
  compareHosts(one: number, other: number): number;
  port(flow: number, side: Side): number;
}
