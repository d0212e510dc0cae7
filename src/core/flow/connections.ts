import type { CaptureClock } from '../capture/clock.ts';
import { otherSide, type Side } from '../observations.ts';
import type { ConnectionView } from '../views.ts';
import { formatAddress, formatEndpoint } from '../wire/address.ts';
import { type Columns, FlowMark, HOST_NUMBERS, KEY_WORDS, Mark, NUMBERS } from './columns.ts';
import { type DirectionEvidence, oddsOfServer, probability } from './direction.ts';
import { endOf } from './end.ts';
import { EndpointIndex } from './endpoints.ts';
import { synOptionsOf } from './syn-options.ts';

/** Flows as rules and reports see them: the view of the columns that they are given. */
export class Connections implements ConnectionView {
  private readonly columns: Columns;
  private readonly clock: CaptureClock;
  private readonly endpoints = new EndpointIndex();
  private readonly hosts = new EndpointIndex();
  /** Endpoints (by index) that were seen to listen. */
  private readonly listeners = new Set<number>();
  /** Numbers assigned now will be taken back: see `unnumbered`. */
  private isUnnumbered = false;
  /** Time of the latest frame read. */
  latest = 0;

  constructor(columns: Columns, clock: CaptureClock) {
    this.columns = columns;
    this.clock = clock;
  }

  /** The numbers of endpoints and hosts. There are too many to copy for a snapshot: `unnumbered` takes the new ones back instead. */
  get numbering(): readonly EndpointIndex[] {
    return [this.endpoints, this.hosts];
  }

  /** Calls `act`, then takes back the numbers that were assigned meanwhile. */
  unnumbered<Result>(act: () => Result): Result {
    const sizes = this.numbering.map(({ size }) => size);
    this.isUnnumbered = true;
    try {
      return act();
    } finally {
      this.numbering.forEach((index, which) => index.truncate(sizes[which]));
      this.isUnnumbered = false;
    }
  }

  flowNumber(flow: number): number {
    return this.columns.number[flow];
  }

  endpointName(flow: number, side: Side): string {
    const at = this.addressAt(flow, side);
    const key = this.columns.key;
    return formatEndpoint(key[at], key[at + 1], key[at + 2], key[at + 3], this.port(flow, side));
  }

  endpointIndex(flow: number, side: Side): number {
    const known = this.columns.numbers[flow * NUMBERS + side];
    return known > 0 ? known - 1 : this.numberOf(this.endpoints, flow, side, this.port(flow, side), side);
  }

  nameOfEndpoint(index: number): string {
    const ends = this.endpoints;
    return formatEndpoint(ends.word(index, 0), ends.word(index, 1), ends.word(index, 2), ends.word(index, 3), ends.word(index, 4));
  }

  hostIndex(flow: number, side: Side): number {
    const known = this.columns.numbers[flow * NUMBERS + HOST_NUMBERS + side];
    return known > 0 ? known - 1 : this.numberOf(this.hosts, flow, side, -1, HOST_NUMBERS + side);
  }

  nameOfHost(index: number): string {
    const hosts = this.hosts;
    return formatAddress(hosts.word(index, 0), hosts.word(index, 1), hosts.word(index, 2), hosts.word(index, 3));
  }

  /** Orders two addresses (by index) as numbers. */
  compareHosts(one: number, other: number): number {
    for (let word = 0; word < 4; word++) {
      const difference = (this.hosts.word(one, word) >>> 0) - (this.hosts.word(other, word) >>> 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  port(flow: number, side: Side): number {
    const ports = this.columns.key[flow * KEY_WORDS + 8];
    return this.isUpper(flow, side) ? ports & 0xffff : ports >>> 16;
  }

  client(flow: number): Side {
    const marks = this.columns.flowMarks[flow];
    if ((marks & FlowMark.DIRECTION_SEEN) === 0) return this.odds(flow) > 0 ? 1 : 0;
    return (marks & FlowMark.CLIENT_IS_SIDE_1) !== 0 ? 1 : 0;
  }

  /** The handshake shows the direction. */
  directionSeen(flow: number): boolean {
    return (this.columns.flowMarks[flow] & FlowMark.DIRECTION_SEEN) !== 0;
  }

  directionConfidence(flow: number): number {
    return this.directionSeen(flow) ? 1 : probability(this.odds(flow));
  }

  /** The server end of a flow was seen to listen: it received or answered a SYN. */
  noteListener(flow: number): void {
    this.listeners.add(this.endpointIndex(flow, otherSide(this.client(flow))));
  }

  state(flow: number, side: Side): number {
    return this.columns.state[endOf(flow, side)];
  }

  possible(flow: number, side: Side): number {
    return this.columns.possible[endOf(flow, side)];
  }

  since(flow: number, side: Side): number {
    return this.columns.since[endOf(flow, side)];
  }

  started(flow: number): number {
    return this.columns.started[flow];
  }

  lastSeen(flow: number, side: Side): number {
    return this.columns.lastSeen[endOf(flow, side)];
  }

  lastData(flow: number, side: Side): number {
    return this.columns.lastData[endOf(flow, side)];
  }

  packets(flow: number, side: Side): number {
    return this.columns.packets[endOf(flow, side)];
  }

  bytes(flow: number, side: Side): number {
    return this.columns.bytes[endOf(flow, side)];
  }

  /**
   * What an end has sent and its peer has not acknowledged, as far as the wire shows, in bytes; SYN and FIN count as one each, as in the
   * Send-Q of `ss`. Null if the capture has shown no number to count from.
   */
  unacknowledged(flow: number, side: Side): number | null {
    const { marks, nxt, una, iss } = this.columns;
    const end = endOf(flow, side);
    const seen = marks[end];
    if ((seen & Mark.NXT) === 0 || (seen & (Mark.UNA | Mark.ISS)) === 0) return null;
    return Math.max(0, (nxt[end] - ((seen & Mark.UNA) !== 0 ? una[end] : iss[end])) | 0);
  }

  ttl(flow: number, side: Side): number {
    return this.columns.ttl[endOf(flow, side)];
  }

  mss(flow: number, side: Side): number {
    return this.columns.mss[endOf(flow, side)];
  }

  synOptions(flow: number, side: Side): number {
    return synOptionsOf(this.columns, endOf(flow, side));
  }

  handshakeSeen(flow: number): boolean {
    return (this.columns.flowMarks[flow] & FlowMark.HANDSHAKE) !== 0;
  }

  finSeen(flow: number, side: Side): boolean {
    return (this.columns.marks[endOf(flow, side)] & Mark.FIN_CAPTURED) !== 0;
  }

  midstream(flow: number): boolean {
    return (this.columns.flowMarks[flow] & FlowMark.MIDSTREAM) !== 0;
  }

  oneWay(flow: number): boolean {
    const packets = this.columns.packets;
    const silent = packets[endOf(flow, 0)] === 0 ? endOf(flow, 0) : packets[endOf(flow, 1)] === 0 ? endOf(flow, 1) : -1;
    // An end may simply never have answered. It went uncaptured only if the other has acknowledged something.
    return silent >= 0 && (this.columns.marks[silent] & Mark.UNA) !== 0;
  }

  epoch(time: number): bigint {
    return this.clock.toEpoch(time);
  }

  now(): number {
    return this.latest;
  }

  /** Looks up the number in the index, and keeps it at `place` among those of the flow. */
  private numberOf(index: EndpointIndex, flow: number, side: Side, port: number, place: number): number {
    const at = this.addressAt(flow, side);
    const { key, numbers } = this.columns;
    const number = index.indexOf(key[at], key[at + 1], key[at + 2], key[at + 3], port);
    if (!this.isUnnumbered) numbers[flow * NUMBERS + place] = number + 1;
    return number;
  }

  private isUpper(flow: number, side: Side): boolean {
    return ((this.columns.flowMarks[flow] & FlowMark.SIDE_0_IS_UPPER) !== 0) === (side === 0);
  }

  private addressAt(flow: number, side: Side): number {
    return flow * KEY_WORDS + (this.isUpper(flow, side) ? 4 : 0);
  }

  /** Log-odds that side 0 is the server. */
  private odds(flow: number): number {
    const { bytes } = this.columns;
    const evidence = (side: Side): DirectionEvidence => ({
      port: this.port(flow, side),
      listens: this.listeners.has(this.endpointIndex(flow, side)),
      hasAloneSpoken: bytes[endOf(flow, side)] > 0 && bytes[endOf(flow, side ^ 1)] === 0,
    });
    return oddsOfServer(evidence(0), evidence(1));
  }
}
