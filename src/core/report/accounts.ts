import type { Columns } from '../flow/columns.ts';
import type { Connections } from '../flow/connections.ts';
import { endOf, SIDES } from '../flow/end.ts';
import { Kind, type Observation, otherSide } from '../observations.ts';
import type { HostFigures, ServerFigures } from '../rules/rule.ts';
import type { BadHeaders } from '../views.ts';
import type { StateChange } from '../tcp/estimates.ts';
import { UNSEEN } from '../tcp/state.ts';
import { ACK, FIN, REASON_NAMES, RST, SYN, type Segment } from '../wire/segment.ts';
import { CaptureQuality } from './capture-quality.ts';
import { Figures } from './figures.ts';
import { SeriesEvent, SeriesRecorder } from './series.ts';
import { ServerAccounts } from './servers.ts';

/** Totals of an analysis so far. */
export interface EngineCounters {
  packets: number;
  /** Bytes of all frames, by their lengths on the wire. */
  bytes: number;
  /** Segments of each kind: SYNs without ACK, SYN-ACKs, RSTs, FINs, retransmissions. */
  syn: number;
  synAck: number;
  rst: number;
  fin: number;
  retransmitted: number;
}

/**
 * What a segment counts as in the series, by its flags up to ACK; -1: nothing. A table rather than branches: V8 compiles the caller before
 * the first FIN has come, and would have to compile it again for a branch that was never taken before.
 */
const EVENTS = Int8Array.from({ length: 2 * ACK }, (_, flags) => {
  if ((flags & RST) !== 0) return SeriesEvent.RST;
  if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? SeriesEvent.SYN_ACK : SeriesEvent.SYN;
  return (flags & FIN) !== 0 ? SeriesEvent.FIN : -1;
});

/** The sums of the report: packets, segments of each kind, states over time, servers, the quality of the capture. */
export class Accounts {
  readonly series = new SeriesRecorder();
  readonly servers = new ServerAccounts();
  readonly quality = new CaptureQuality();
  /** Frames read, and their bytes on the wire. */
  read = 0;
  bytes = 0;
  analysed = 0;
  /** Frames left out, by reason (an index of `REASON_NAMES`). */
  readonly leftOut = new Float64Array(REASON_NAMES.length);
  private retransmitted = 0;
  private readonly figures = new Figures();
  private readonly columns: Columns;
  private readonly connections: Connections;

  constructor(columns: Columns, connections: Connections) {
    this.columns = columns;
    this.connections = connections;
  }

  /** Endpoint index of a flow's server. The first call decides it for the life of the flow, and counts the flow to that server. */
  serverOf(flow: number): number {
    const { server } = this.columns;
    const known = server[flow];
    if (known >= 0) return known;
    const endpoint = this.connections.endpointIndex(flow, otherSide(this.connections.client(flow)));
    server[flow] = endpoint;
    this.servers.open(endpoint);
    this.figures.begun(endpoint);
    return endpoint;
  }

  /** Counts a segment that is analysed. */
  segment({ flags, time }: Segment): void {
    this.analysed++;
    const event = EVENTS[flags & (EVENTS.length - 1)];
    this.series.advance(time);
    if (event >= 0) this.series.count(event as SeriesEvent);
  }

  observe({ kind, flow, side, a, b }: Observation): void {
    switch (kind) {
      case Kind.FLOW_STARTED:
        this.series.move(-1, UNSEEN);
        this.series.move(-1, UNSEEN);
        this.columns.server[flow] = -1;
        break;
      case Kind.SYN_ACK:
        this.connections.noteListener(flow);
        // A simultaneous open has two SYN-ACKs: the first counts.
        if (b >= 0 && this.columns.synAckDelay[flow] === b) this.servers.answered(this.serverOf(flow), b);
        break;
      case Kind.HANDSHAKE_COMPLETED:
        this.figures.handshake(this.connections.endpointIndex(flow, otherSide(side)), this.connections.hostIndex(flow, side), this.connections.hostIndex(flow, otherSide(side)));
        break;
      case Kind.HALF_CLOSED:
        if (side !== this.connections.client(flow)) this.servers.enteredCloseWait(this.serverOf(flow));
        break;
      case Kind.RETRANSMITTED:
        this.retransmitted++;
        break;
      case Kind.CLOSE_WAIT_LEFT:
        if (side !== this.connections.client(flow)) this.servers.leftCloseWait(this.serverOf(flow), a);
        break;
      default:
        break;
    }
  }

  /** Counts the segments of a flow that ends. */
  ended(flow: number): void {
    const { connections } = this;
    const client = connections.client(flow);
    const server = otherSide(client);
    this.figures.ended(connections.endpointIndex(flow, server), connections.packets(flow, server), connections.packets(flow, client));
  }

  serverFigures(endpoint: number): ServerFigures {
    return { ...this.figures.server(endpoint), mostIn: (state) => this.servers.mostIn(endpoint, state) };
  }

  hostFigures(host: number): HostFigures {
    return this.figures.host(host);
  }

  /** The state of an end has changed from `former`. */
  changed({ flow, side, state }: StateChange, former: number): void {
    this.series.move(former, state);
    const server = this.serverOf(flow);
    if (side !== this.connections.client(flow)) this.servers.move(server, former === UNSEEN ? -1 : former, state);
  }

  /** A flow is forgotten: its ends are no longer in any state. */
  forget(flow: number): void {
    const client = this.connections.client(flow);
    for (const side of SIDES) {
      const state = this.columns.state[endOf(flow, side)];
      this.series.move(state, -1);
      if (side !== client && state !== UNSEEN) this.servers.move(this.serverOf(flow), state, -1);
    }
  }

  /** Brings the capture's quality up to date with what is counted elsewhere. */
  noteQuality(duplicates: number, missedSegments: number, unreadable: BadHeaders): void {
    this.quality.duplicateCount = duplicates;
    this.quality.missedSegments = missedSegments;
    this.quality.analysed = this.analysed;
    this.quality.ordinary = this.analysed - this.series.totals.reduce((sum, each) => sum + each, 0);
    this.quality.synSegments = this.series.totals[SeriesEvent.SYN];
    this.quality.finSegments = this.series.totals[SeriesEvent.FIN];
    this.quality.unreadable = unreadable;
    this.quality.latest = this.connections.latest;
  }

  counters(): EngineCounters {
    const [syn, synAck, rst, fin] = this.series.totals;
    return { packets: this.read, bytes: this.bytes, syn, synAck, rst, fin, retransmitted: this.retransmitted };
  }
}
