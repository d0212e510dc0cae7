import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import type { Connections } from '../flow/connections.ts';
import { endOf, peerOf } from '../flow/end.ts';
import { chooseEvicted } from '../flow/eviction.ts';
import { RetirementQueue } from '../flow/retirement.ts';
import type { FlowTable } from '../flow/table.ts';
import { ENDING, Kind } from '../observations.ts';
import type { Accounts } from './accounts.ts';
import { closerOf } from './flow-row.ts';
import type { FlowRows } from './flow-rows.ts';
import { outcomeOf } from './outcome.ts';
import { OUTCOMES } from './report.ts';
import type { TcpContext } from '../tcp/context.ts';
import { areBothOver } from '../tcp/state.ts';
import type { Tracker } from '../tcp/tracker.ts';

/** How long a closed flow is remembered, in nanoseconds of capture time: 2 MSL, for late segments and for the reuse of its ports. */
const REMEMBERED = 240e9;

const CLOSED = OUTCOMES.indexOf('closed');

/** A frame, of which only the time matters here (nanoseconds since the first one). Not a number: see `Walk.take`. */
interface Moment {
  readonly time: number;
}

/**
 * The end of flows: when a closed one is forgotten, which ones make room when there are too many, and what rules, totals and listeners are
 * told when one ends.
 */
export class Lifetimes {
  /** How many flows have ended with each outcome, by index into OUTCOMES. */
  readonly outcomes = new Float64Array(OUTCOMES.length);
  /** Flows evicted, and the longest time that one of them had been idle (nanoseconds). */
  evicted = 0;
  oldestEvicted = 0;
  readonly #context: TcpContext;
  readonly #columns: Columns;
  readonly #table: FlowTable;
  readonly #connections: Connections;
  readonly #accounts: Accounts;
  readonly #retirement = new RetirementQueue();
  readonly #rows: FlowRows;
  #tracker: Tracker | null = null;

  constructor(context: TcpContext, connections: Connections, accounts: Accounts, rows: FlowRows) {
    this.#context = context;
    this.#columns = context.columns;
    this.#table = context.table;
    this.#connections = connections;
    this.#accounts = accounts;
    this.#rows = rows;
  }

  /** Sets the tracker, which settles what is in doubt about a flow before it ends. It needs this object for its own construction. */
  attach(tracker: Tracker): void {
    this.#tracker = tracker;
  }

  /** Whether neither end has a connection any more. */
  isOver(flow: number): boolean {
    return areBothOver(this.#columns.state, endOf(flow, 0));
  }

  /** A packet leaves a flow over: it will be forgotten after a while. True if it was not over before. */
  noteOver(flow: number, { time }: Moment): boolean {
    if (!this.#queue(flow, time)) return false;
    this.#rows.closed(flow);
    return true;
  }

  /** When the next flow is to be forgotten. */
  get due(): number {
    return this.#retirement.due;
  }

  /** How a flow ended, or how far it got: index into OUTCOMES. */
  outcome(flow: number): number {
    return OUTCOMES.indexOf(outcomeOf(this.#columns, flow));
  }

  /** Whether the flow, which has ended with this outcome, was opened and closed in order: see `Rule.skipsOrderly`. */
  #wasOrderly(flow: number, outcome: number): boolean {
    if (outcome !== CLOSED || (this.#columns.flowMarks[flow] & (FlowMark.HANDSHAKE | FlowMark.MIDSTREAM)) !== FlowMark.HANDSHAKE) return false;
    const { marks } = this.#columns;
    const one = marks[endOf(flow, 0)];
    const other = marks[endOf(flow, 1)];
    return ((one | other) & Mark.HALF_CLOSED) === 0 && (one & other & Mark.DATA) !== 0 && !this.#connections.oneWay(flow);
  }

  /** Puts a flow into the queue; false if it is there already. */
  #queue(flow: number, time: number): boolean {
    const { flowMarks } = this.#columns;
    if ((flowMarks[flow] & FlowMark.QUEUED) !== 0) return false;
    flowMarks[flow] |= FlowMark.QUEUED;
    this.#retirement.push(flow, time + REMEMBERED);
    return true;
  }

  /** Forgets the flows that have been over for long enough by the time of a frame. */
  forget({ time }: Moment): void {
    const columns = this.#columns;
    while (this.#retirement.due <= time) {
      const flow = this.#retirement.shift();
      if ((columns.flowMarks[flow] & (FlowMark.LIVE | FlowMark.QUEUED)) !== (FlowMark.LIVE | FlowMark.QUEUED)) continue;
      columns.flowMarks[flow] &= ~FlowMark.QUEUED;
      if (!this.isOver(flow)) continue;
      const due = Math.max(columns.lastSeen[endOf(flow, 0)], columns.lastSeen[endOf(flow, 1)]) + REMEMBERED;
      if (due > time) this.#queue(flow, due - REMEMBERED);
      else {
        this.#tracker?.close(flow, time);
        this.retire(flow);
      }
    }
  }

  /** Ends a flow and frees its slot. */
  retire(flow: number): void {
    this.end(flow, 0);
    this.#rows.forgotten(flow);
    this.#accounts.forget(flow);
    this.#table.release(flow);
  }

  /** Makes room for new flows by ending those that have been idle longest. */
  evict({ time }: Moment): void {
    const columns = this.#columns;
    const table = this.#table;
    for (const flow of chooseEvicted(columns, table)) {
      const age = time - Math.max(columns.lastSeen[endOf(flow, 0)], columns.lastSeen[endOf(flow, 1)]);
      this.evicted++;
      if (age > this.oldestEvicted) this.oldestEvicted = age;
      this.#tracker?.close(flow, time);
      this.retire(flow);
    }
  }

  /** Tells rules and totals that a flow has ended. `cut`: 1 if only because the capture did. */
  end(flow: number, cut: 0 | 1): void {
    const columns = this.#columns;
    const server = this.#accounts.serverOf(flow);
    const outcome = this.outcome(flow);
    this.outcomes[outcome]++;
    this.#accounts.servers.close(
      server,
      outcome,
      columns.bytes[endOf(flow, 0)] + columns.bytes[endOf(flow, 1)],
      columns.retransmittedBytes[endOf(flow, 0)] + columns.retransmittedBytes[endOf(flow, 1)],
      closerOf(columns, flow, this.#connections.client(flow)),
    );
    this.#accounts.ended(flow);
    this.#accounts.quality.noteFlow(this.#connections.oneWay(flow), this.#connections.midstream(flow));
    if ((columns.flowMarks[flow] & FlowMark.HANDSHAKE) !== 0) {
      const client = endOf(flow, this.#connections.client(flow));
      this.#accounts.quality.noteVantage(columns.ttl[client], columns.ttl[peerOf(client)], columns.synAckDelay[flow], columns.ackDelay[flow]);
    }
    const end = Math.max(columns.lastSeen[endOf(flow, 0)], columns.lastSeen[endOf(flow, 1)]);
    const ending = (cut === 1 ? ENDING.CAPTURE_ENDED : 0) | (this.#wasOrderly(flow, outcome) ? ENDING.ORDERLY : 0);
    this.#context.observe(Kind.FLOW_ENDED, endOf(flow, 0), this.#lastSignal(flow), cut === 1 ? this.#connections.latest : end, outcome, ending);
  }

  /** The packet to look at: the latest SYN or FIN of a flow or, without one, the packet that shows the states of its ends. */
  #lastSignal(flow: number): number {
    const { signalPacket, proof } = this.#columns;
    const signal = Math.max(signalPacket[endOf(flow, 0)], signalPacket[endOf(flow, 1)]);
    return signal > 0 ? signal : Math.max(proof[endOf(flow, 0)], proof[endOf(flow, 1)]);
  }
}
