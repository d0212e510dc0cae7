import { type Columns, FlowMark, Mark } from '../flow/columns.ts';
import type { Connections } from '../flow/connections.ts';
import { endOf, peerOf } from '../flow/end.ts';
import { chooseEvicted } from '../flow/eviction.ts';
import { RetirementQueue } from '../flow/retirement.ts';
import type { FlowTable } from '../flow/table.ts';
import { Kind, type Observation } from '../observations.ts';
import type { Accounts } from './accounts.ts';
import type { FlowRows } from './flow-rows.ts';
import { outcomeOf } from './outcome.ts';
import { OUTCOMES } from './report.ts';
import type { TcpContext } from '../tcp/context.ts';
import { areBothOver } from '../tcp/state.ts';
import type { Tracker } from '../tcp/tracker.ts';

/** How long a closed flow is remembered (nanoseconds of capture time): 2 MSL, for its late segments and for the reuse of its ports. */
const REMEMBERED = 240e9;

const CLOSED = OUTCOMES.indexOf('closed');

/** What has a time: a frame, as nanoseconds since the first one. */
interface Moment {
  readonly time: number;
}

/**
 * The end of flows: when a closed one is forgotten, which one makes room when the budget is spent, and what is said of each when
 * it ends, to the rules, to the totals and to whoever listens for rows.
 */
export class Lifetimes {
  /** How many flows ended with each outcome, by index into OUTCOMES. */
  readonly outcomes = new Float64Array(OUTCOMES.length);
  /** Flows evicted, and the longest that one of them had been idle (nanoseconds). */
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

  /** Names the tracker, which settles what is in doubt of a flow before it ends. */
  attach(tracker: Tracker): void {
    this.#tracker = tracker;
  }

  /** Neither end has a connection any more. */
  isOver(flow: number): boolean {
    return areBothOver(this.#columns.state, endOf(flow, 0));
  }

  /** A flow that is over had a packet: it waits to be forgotten from now on. True when it has only now become over. */
  noteOver(flow: number, { time }: Moment): boolean {
    if (!this.#queue(flow, time)) return false;
    this.#rows.closed(flow);
    return true;
  }

  /** When the next flow will have been over for long enough to be forgotten. */
  get due(): number {
    return this.#retirement.due;
  }

  /** How a flow ended, or how far it came: index into OUTCOMES. */
  outcome(flow: number): number {
    return OUTCOMES.indexOf(outcomeOf(this.#columns, flow));
  }

  /** A flow that has ended, as FLOW_ENDED says, went as most do: see `Rule.skipsOrderly`. */
  wasOrderly({ flow, a: outcome }: Observation): boolean {
    if (outcome !== CLOSED || (this.#columns.flowMarks[flow] & (FlowMark.HANDSHAKE | FlowMark.MIDSTREAM)) !== FlowMark.HANDSHAKE) return false;
    const { marks } = this.#columns;
    return ((marks[endOf(flow, 0)] | marks[endOf(flow, 1)]) & Mark.HALF_CLOSED) === 0 && !this.#connections.oneWay(flow);
  }

  /** False when it waits already. */
  #queue(flow: number, time: number): boolean {
    const { flowMarks } = this.#columns;
    if ((flowMarks[flow] & FlowMark.QUEUED) !== 0) return false;
    flowMarks[flow] |= FlowMark.QUEUED;
    this.#retirement.push(flow, time + REMEMBERED);
    return true;
  }

  /** Forgets the flows that have been over for long enough at a moment. */
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

  /** Reports a flow that is over and gives its slot free. */
  retire(flow: number): void {
    this.end(flow, 0);
    this.#rows.forgotten(flow);
    this.#accounts.forget(flow);
    this.#table.release(flow);
  }

  /** Frees slots: the budget is spent. */
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

  /** Tells rules and totals that a flow has ended. `cut` is 1 when the capture ended first. */
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
    );
    this.#accounts.quality.noteFlow(this.#connections.oneWay(flow), this.#connections.midstream(flow));
    if ((columns.flowMarks[flow] & FlowMark.HANDSHAKE) !== 0) {
      const client = endOf(flow, this.#connections.client(flow));
      this.#accounts.quality.noteVantage(columns.ttl[client], columns.ttl[peerOf(client)], columns.synAckDelay[flow], columns.ackDelay[flow]);
    }
    const end = Math.max(columns.lastSeen[endOf(flow, 0)], columns.lastSeen[endOf(flow, 1)]);
    this.#context.observe(Kind.FLOW_ENDED, endOf(flow, 0), this.#lastSignal(flow), cut === 1 ? this.#connections.latest : end, outcome, cut);
  }

  /** The latest SYN or FIN of a flow, else the packet that shows its ends' states: what to look at. */
  #lastSignal(flow: number): number {
    const { signalPacket, proof } = this.#columns;
    const signal = Math.max(signalPacket[endOf(flow, 0)], signalPacket[endOf(flow, 1)]);
    return signal > 0 ? signal : Math.max(proof[endOf(flow, 0)], proof[endOf(flow, 1)]);
  }
}
