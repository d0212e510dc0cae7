import type { Columns } from '../flow/columns.ts';
import type { Connections } from '../flow/connections.ts';
import { endOf } from '../flow/end.ts';
import type { FlowTable } from '../flow/table.ts';
import { directionConfidence, flowRow } from './flow-row.ts';
import { outcomeOf } from './outcome.ts';
import { type Finding, OUTCOMES } from './report.ts';
import type { FlowRow } from './rows.ts';

/* More than the number of outcomes, of states, and of thousandths from 0 to 1. */
const OUTCOME_VALUES = 16;
const STATE_VALUES = 16;
const CONFIDENCE_VALUES = 1024;

/** Who is told of rows: see `EngineListeners`. Its members are looked up each time, since a listener may be added late. */
interface RowListener {
  flow?(row: FlowRow, isRevised: boolean): void;
  readonly flowsAtClose?: boolean;
}

/** Tells the listener the rows of flows: once each or, with `flowsAtClose`, at the close and again if the row has changed since. */
export class FlowRows {
  readonly #columns: Columns;
  readonly #table: FlowTable;
  readonly #connections: Connections;
  readonly #listener: RowListener;
  /** The sign (see `#sign`) of each flow when its row was told, by slot; 0: not told yet. */
  #told = new Float64Array(0);

  constructor(columns: Columns, table: FlowTable, connections: Connections, listener: RowListener) {
    this.#columns = columns;
    this.#table = table;
    this.#connections = connections;
    this.#listener = listener;
  }

  /** Both ends of a flow are closed. It is still remembered for late segments. */
  closed(flow: number): void {
    if (this.#listener.flow === undefined || this.#listener.flowsAtClose !== true) return;
    if (flow >= this.#told.length) this.#grow();
    const sign = this.#sign(flow);
    if (this.#told[flow] === sign) return;
    this.#tell(flow, []);
    this.#told[flow] = sign;
  }

  /** A flow is forgotten: its slot may be reused. */
  forgotten(flow: number): void {
    if (this.#listener.flow === undefined) return;
    this.#tellChanged(flow, []);
    if (this.#wasTold(flow)) this.#told[flow] = 0;
  }

  /** The capture has ended: tells the rows of all remembered flows, with the rules whose findings name them. */
  last(findings: readonly Finding[]): void {
    if (this.#listener.flow === undefined) return;
    const rulesOf = rulesByFlow(findings);
    this.#table.forEach((flow) => this.#tellChanged(flow, rulesOf.get(this.#columns.number[flow]) ?? []));
  }

  #tellChanged(flow: number, rules: string[]): void {
    if (!this.#wasTold(flow) || rules.length > 0 || this.#told[flow] !== this.#sign(flow)) this.#tell(flow, rules);
  }

  #tell(flow: number, rules: string[]): void {
    this.#listener.flow?.(flowRow(this.#columns, this.#connections, flow, rules), this.#wasTold(flow));
  }

  #wasTold(flow: number): boolean {
    return flow < this.#told.length && this.#told[flow] !== 0;
  }

  /**
   * A number, never 0, that changes whenever the row of a flow does, apart from its findings. Any segment that changes the row changes the
   * number of packets. Without one, an ICMP error or silence may change outcome and states, and other flows may show which end is the
   * server. Exact up to 2^30 packets.
   */
  #sign(flow: number): number {
    const { packets, state } = this.#columns;
    const one = endOf(flow, 0);
    const other = endOf(flow, 1);
    let sign = packets[one] + packets[other];
    sign = sign * OUTCOME_VALUES + OUTCOMES.indexOf(outcomeOf(this.#columns, flow));
    sign = (sign * STATE_VALUES + state[one]) * STATE_VALUES + state[other];
    return (sign * CONFIDENCE_VALUES + directionConfidence(this.#connections, flow) * 1000) * 2 + this.#connections.client(flow);
  }

  #grow(): void {
    const grown = new Float64Array(this.#columns.capacity);
    grown.set(this.#told);
    this.#told = grown;
  }
}

/** For each flow, by number: the rules of the findings whose evidence lists it. */
export function rulesByFlow(findings: readonly Finding[]): Map<number, string[]> {
  const rulesOf = new Map<number, string[]>();
  for (const { rule, evidence } of findings) {
    for (const flow of evidence.flows) {
      const rules = rulesOf.get(flow);
      if (rules === undefined) rulesOf.set(flow, [rule]);
      else if (!rules.includes(rule)) rules.push(rule);
    }
  }
  return rulesOf;
}
