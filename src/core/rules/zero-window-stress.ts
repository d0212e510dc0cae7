import type { Side } from '../observations.ts';
import { pairKey } from './pair-key.ts';
import type { RuleContext } from './rule.ts';
import { Spans } from './spans.ts';

/** Pairs of a server and a client host that are told apart. */
const MOST_PAIRS = 65_536;

/** Finds client hosts that hold many connections of a server at a window of zero at the same time. */
export class ZeroWindowStress {
  private readonly context: RuleContext;
  /** Long stalls, by server and client host. */
  private readonly stalls = new Spans();
  /** Host indices of the clients, by server. */
  private readonly sources = new Map<number, Set<number>>();
  private pairs = 0;

  constructor(context: RuleContext) {
    this.context = context;
  }

  /** The client's end (`side`) of a flow has let its server (the endpoint) wait from `began` to `ended`. */
  note(server: number, flow: number, side: Side, began: number, ended: number): void {
    const host = this.context.connections.hostIndex(flow, side);
    let sources = this.sources.get(server);
    if (sources === undefined) this.sources.set(server, (sources = new Set()));
    if (!sources.has(host)) {
      if (this.pairs >= MOST_PAIRS) return;
      this.pairs += 1;
      sources.add(host);
    }
    this.stalls.note(pairKey(server, host), began, ended);
  }

  /** The host with the most such connections at once at a server, and how many. */
  of(server: number): { source: string; most: number } {
    let worst = { host: -1, most: 0 };
    for (const host of this.sources.get(server) ?? []) {
      const most = this.stalls.mostAtOnce(pairKey(server, host));
      if (most > worst.most) worst = { host, most };
    }
    return { source: worst.host < 0 ? '' : this.context.connections.nameOfHost(worst.host), most: worst.most };
  }
}
