import type { Side } from '../observations.ts';
import type { Fact } from '../report/report.ts';
import { firstOf, pairKey, secondOf } from './pair-key.ts';
import type { RuleContext } from './rule.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { count, countOf, numberOf, percent, plural, textOf } from './words.ts';

const MOST_HOSTS = 65_536;
/** One client host with more than this share of what was sent again has the fault on its side. */
const MOSTLY = 0.5;

/** What was sent again to or from one client host, and the segments of those connections. */
interface Client {
  again: number;
  segments: number;
}

/** Which client hosts of a server have the most sent again: whether the fault lies with one of them, or on the way that all share. */
export class ResentByClient {
  private readonly context: RuleContext;
  /** By sender (a number of the rule's) and client host. */
  private readonly clients = new Map<number, Client>();
  /** The number of the flow, by end (flow * 2 + side), if something was sent again on it. */
  private readonly affected = new SlotNumbers();

  constructor(context: RuleContext) {
    this.context = context;
  }

  /** `side` of a flow has sent so many segments again. */
  note(sender: number, flow: number, side: Side, again: number): void {
    const key = this.keyOf(sender, flow);
    const client = this.clients.get(key);
    if (client !== undefined) client.again += again;
    else if (this.clients.size < MOST_HOSTS) this.clients.set(key, { again, segments: 0 });
    this.affected.note(flow * 2 + side, this.context.connections.flowNumber(flow));
  }

  /** The flow is over. */
  end(sender: number, flow: number, side: Side): void {
    const { connections } = this.context;
    if (this.affected.of(flow * 2 + side) !== connections.flowNumber(flow)) return;
    const client = this.clients.get(this.keyOf(sender, flow));
    if (client !== undefined) client.segments += connections.packets(flow, side);
  }

  /** Facts by sender; none where but one client host is concerned. */
  facts(): Map<number, { [name: string]: Fact }> {
    const found = new Map<number, { hosts: number; worst: number; client: Client }>();
    for (const [key, client] of this.clients) {
      const sender = firstOf(key);
      const before = found.get(sender);
      if (before === undefined) found.set(sender, { hosts: 1, worst: secondOf(key), client });
      else {
        before.hosts += 1;
        if (client.again > before.client.again) Object.assign(before, { worst: secondOf(key), client });
      }
    }
    const { connections } = this.context;
    return new Map(
      [...found].map(([sender, { hosts, worst, client }]): [number, { [name: string]: Fact }] => [
        sender,
        hosts === 1
          ? {}
          : {
              client_hosts: hosts,
              worst_client: connections.nameOfHost(worst),
              worst_client_sent_again: client.again,
              worst_client_share: Number((client.again / Math.max(client.again, client.segments)).toPrecision(3)),
            },
      ]),
    );
  }

  private keyOf(sender: number, flow: number): number {
    const { connections } = this.context;
    return pairKey(sender, connections.hostIndex(flow, connections.client(flow)));
  }
}

/** Those facts as a sentence, with the space behind it. */
export function clientWords(facts: { readonly [name: string]: Fact }): string {
  const hosts = numberOf(facts, 'client_hosts');
  if (hosts === 0 || facts['servers'] !== undefined) return '';
  const worst = numberOf(facts, 'worst_client_sent_again');
  const isMost = worst > MOSTLY * numberOf(facts, 'segments_sent_again');
  const its = `${textOf(facts, 'worst_client')} has the most, ${countOf(facts, 'worst_client_sent_again')} (${percent(numberOf(facts, 'worst_client_share'))} of what was sent on those of its connections)`;
  return isMost
    ? `Of ${plural(hosts, 'client host')} ${its}: look at its link first. `
    : `They are spread over ${count(hosts)} client hosts, of which ${its}: look first at what all of them share. `;
}
