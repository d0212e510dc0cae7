import { otherSide } from '../observations.ts';
import type { Observation, Side } from '../observations.ts';
import type { ConnectionView } from '../views.ts';

const MOST_RUNS = 65_536;

/** Segments that one end sent again in a row, while its peer was silent. */
export interface Run {
  count: number;
  began: number;
  /** The first of them. */
  packet: number;
  /** What the rule noted of the first. */
  how: number;
}

/** The runs under way, by end. Bounded: further ones are not followed. */
export class UnansweredRuns {
  /** By flow * 2 + side. */
  private readonly runs = new Map<number, Run>();

  /** The observation's end has sent something again. Returns how often in a row, 0 if the run is not followed. */
  note(connections: ConnectionView, { flow, side, packet, time }: Observation, how = 0): number {
    const run = this.runs.get(flow * 2 + side);
    if (run === undefined) {
      if (this.runs.size >= MOST_RUNS) return 0;
      this.runs.set(flow * 2 + side, { count: 1, began: time, packet, how });
      return 1;
    }
    if (connections.lastSeen(flow, otherSide(side)) >= run.began) Object.assign(run, { count: 1, began: time, packet, how });
    else run.count += 1;
    return run.count;
  }

  /** `how`: one that began like that. */
  isUnderWay(flow: number, side: Side, how?: number): boolean {
    const run = this.runs.get(flow * 2 + side);
    return run !== undefined && (how === undefined || run.how === how);
  }

  /** The flow is over: takes the run of one of its ends. Null when there is none, or the peer has answered it after all. */
  take(connections: ConnectionView, flow: number, side: Side): Run | null {
    const run = this.runs.get(flow * 2 + side);
    if (run === undefined) return null;
    this.runs.delete(flow * 2 + side);
    return connections.lastSeen(flow, otherSide(side)) < run.began ? run : null;
  }
}
