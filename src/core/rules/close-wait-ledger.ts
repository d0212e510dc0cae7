import { CloseWaitExit, Kind, otherSide } from '../observations.ts';
import type { Observation } from '../observations.ts';
import type { CaptureView, ConnectionView } from '../views.ts';
import type { Subject } from '../report/report.ts';
import { SlotNumbers } from './slot-numbers.ts';
import { QuantileSketch } from './statistics/quantile-sketch.ts';
import { TimeBins } from './statistics/time-bins.ts';

/** Places (server endpoints, or hosts as clients of a port) that are kept apart; episodes elsewhere are counted only. */
const MOST_PLACES = 5_000;
const MOST_EVIDENCE = 200;
/** Peers told apart in each place. */
const MOST_PEERS = 1_000;
const SECOND = 1e9;
const FIRST_RECORDS = 64;

/** What a record of an end in CLOSE_WAIT holds, side by side: the end (`flow * 2 + side`), when and by which packet it began, the flow's number. */
const END = 0;
const START = 1;
const PACKET = 2;
const FLOW_NUMBER = 3;
/** … the bytes that it had sent by then, its peer's host, and what it has sent since: segments, with the times of the last and the first. */
const BYTES = 4;
const PEER = 5;
const SEGMENTS = 6;
const LAST_DATA = 7;
const FIRST_DATA = 8;
const FIELDS = 9;

/** What is known of the CLOSE_WAIT episodes of one place. Sums and histograms: its size does not grow with the episodes. */
export class Place {
  readonly subject: Subject;
  /** The server of the first episode, and its client. */
  readonly server: string;
  readonly client: string;
  readonly isServer: boolean;
  /** First begin of an episode. */
  readonly first: number;
  /** Holds of the episodes that the end itself closed. */
  readonly ended = new QuantileSketch();
  /** Ages of those it had not closed when they left view (capture end, eviction, the peer's RST). */
  readonly watched = new QuantileSketch();
  readonly moves: TimeBins;
  /** Ages of those still open when last in view. */
  readonly openAges = new QuantileSketch();
  /** Σ of all holds and ages, nanoseconds. */
  exposure = 0;
  /** Still in CLOSE_WAIT when last in view, and not sending. */
  open = 0;
  openOlderThanPolicy = 0;
  oldest = 0;
  firstOpen = -1;
  /** Open ones whose end never sent a byte; and whose end had replied. */
  neverReplied = 0;
  replied = 0;
  repliedBytesOpen = 0;
  repliedBytesEnded = 0;
  /** Half-closed on purpose: data went on in CLOSE_WAIT. */
  streaming = 0;
  /** Late FINs that met no socket. */
  proofs = 0;
  /** Latest begin of an episode: the end answered then. */
  lastAnswer = 0;
  readonly openPeers = new Map<number, number>();
  readonly packets: number[] = [];
  readonly flows: number[] = [];

  constructor(observation: Observation, connections: ConnectionView) {
    const { flow, side } = observation;
    const client = connections.client(flow);
    this.isServer = side !== client;
    this.server = connections.endpointName(flow, otherSide(client));
    this.client = connections.endpointName(flow, client);
    this.subject = this.isServer
      ? { kind: 'endpoint', endpoint: this.server }
      : { kind: 'host', host: connections.nameOfHost(connections.hostIndex(flow, side)) };
    this.first = observation.time;
    this.moves = new TimeBins(observation.time);
  }
}

/** What the ledger needs to know of the rule's options, in nanoseconds. */
export interface Patience {
  policy: number;
}

/**
 * The half-closed ledger: one record of some 60 bytes for each end now in CLOSE_WAIT, without any timer, and sums for each place.
 */
export class CloseWaitLedger {
  readonly places = new Map<number, Place>();
  /** Episodes in places beyond the limit. */
  beyond = 0;
  private readonly connections: ConnectionView;
  private readonly capture: CaptureView;
  private readonly patience: Patience;
  /** Record of an end (`flow * 2 + side`), and one: 0 for none. */
  private readonly recordOf = new SlotNumbers();
  private readonly free: number[] = [];
  private used = 0;
  private place: (Place | null)[] = [];
  private records = new Float64Array(FIRST_RECORDS * FIELDS);

  constructor(connections: ConnectionView, capture: CaptureView, patience: Patience) {
    this.connections = connections;
    this.capture = capture;
    this.patience = patience;
  }

  observe(observation: Observation): void {
    const end = observation.flow * 2 + observation.side;
    switch (observation.kind) {
      case Kind.HALF_CLOSED:
        this.begin(end, observation);
        break;
      case Kind.DATA_IN_CLOSE_WAIT:
        this.data(end, observation.time);
        break;
      case Kind.CLOSE_WAIT_LEFT:
        this.leave(end, observation);
        break;
      case Kind.MET_NO_SOCKET:
        this.met(observation);
        break;
      case Kind.FLOW_ENDED:
        // Both ends at once: the observation's side does not matter.
        this.outOfView(observation.flow * 2, observation.time);
        this.outOfView(observation.flow * 2 + 1, observation.time);
        break;
      default:
    }
  }

  /** The capture has ended: whatever is still open was watched until now. */
  finish(): void {
    const now = this.connections.now();
    const open = this.place.flatMap((place, record) => (place === null ? [] : [record]));
    // Records are used again: by their begins the evidence comes in order of time.
    open.sort((one, other) => this.at(one, START) - this.at(other, START) || this.at(one, PACKET) - this.at(other, PACKET));
    for (const record of open) this.outOfView(this.at(record, END), now);
  }

  private begin(end: number, observation: Observation): void {
    if (this.recordOf.of(end) > 0) return;
    const place = this.placeOf(observation) ?? this.newPlace(observation);
    if (place === null) return;
    const record = this.free.pop() ?? this.used++;
    const { flow, side } = observation;
    const peer = this.connections.hostIndex(flow, otherSide(side));
    const at = record * FIELDS;
    if (at >= this.records.length) this.grow();
    const { records } = this;
    records[at + END] = end;
    records[at + START] = observation.time;
    records[at + PACKET] = observation.packet;
    records[at + FLOW_NUMBER] = this.connections.flowNumber(flow);
    records[at + BYTES] = observation.a;
    records[at + PEER] = peer;
    records[at + SEGMENTS] = 0;
    records[at + LAST_DATA] = -1;
    this.place[record] = place;
    this.recordOf.note(end, record + 1);
  }

  private met(observation: Observation): void {
    const place = observation.a > 0 ? this.placeOf(observation) : undefined;
    if (place !== undefined) place.proofs += 1;
  }

  private data(end: number, time: number): void {
    const record = this.recordOf.of(end) - 1;
    if (record < 0) return;
    const at = record * FIELDS;
    if (this.records[at + SEGMENTS] === 0) this.records[at + FIRST_DATA] = time;
    this.records[at + SEGMENTS] += 1;
    this.records[at + LAST_DATA] = time;
  }

  private leave(end: number, observation: Observation): void {
    const record = this.recordOf.of(end) - 1;
    if (record < 0) return;
    const place = this.place[record];
    if (place === null || place === undefined) return;
    place.moves.depart(observation.time);
    if (this.at(record, SEGMENTS) > 0) {
      place.streaming += 1;
    } else {
      place.exposure += observation.a;
      // After the peer's RST nobody knows when the end would have closed: the wait is cut off there.
      if (observation.b === CloseWaitExit.PEERS_RST) {
        place.watched.add(observation.a);
      } else {
        place.ended.add(observation.a);
        place.repliedBytesEnded += this.at(record, BYTES);
      }
    }
    this.release(end, record, place);
  }

  private outOfView(end: number, time: number): void {
    const record = this.recordOf.of(end) - 1;
    if (record < 0) return;
    const place = this.place[record];
    if (place === null || place === undefined) return;
    if (!this.connections.oneWay(end >> 1)) {
      // Beyond a gap in the capture after its last segment nobody watched it: it may have been closed in the gap.
      const seen = Math.max(this.connections.lastSeen(end >> 1, 0), this.connections.lastSeen(end >> 1, 1));
      this.countOpen(place, record, Math.min(time, this.capture.watchedUntil(seen)));
    }
    this.release(end, record, place);
  }

  private countOpen(place: Place, record: number, time: number): void {
    const segments = this.at(record, SEGMENTS);
    const lastData = this.at(record, LAST_DATA);
    const pause = segments > 1 ? (lastData - this.at(record, FIRST_DATA)) / (segments - 1) : 0;
    if (segments > 0 && time - lastData <= Math.max(2 * SECOND, 3 * pause)) {
      place.streaming += 1;
      return;
    }
    const start = this.at(record, START);
    // One that went on sending and then fell silent waits since its last byte.
    const age = Math.max(0, time - Math.max(start, lastData));
    place.exposure += age;
    place.watched.add(age);
    place.open += 1;
    place.openAges.add(age);
    if (age >= this.patience.policy) place.openOlderThanPolicy += 1;
    place.oldest = Math.max(place.oldest, age);
    if (place.firstOpen < 0 || start < place.firstOpen) place.firstOpen = start;
    const bytes = this.at(record, BYTES);
    if (bytes + segments === 0) place.neverReplied += 1;
    else place.replied += 1;
    place.repliedBytesOpen += bytes;
    const peer = this.at(record, PEER);
    const known = place.openPeers.get(peer);
    if (known !== undefined || place.openPeers.size < MOST_PEERS) place.openPeers.set(peer, (known ?? 0) + 1);
    if (place.packets.length < MOST_EVIDENCE) {
      place.packets.push(this.at(record, PACKET));
      place.flows.push(this.at(record, FLOW_NUMBER));
    }
  }

  /** The episode is over for us. That it began is counted only now, too: the place's sums are fetched from memory once. */
  private release(end: number, record: number, place: Place): void {
    const start = this.at(record, START);
    place.moves.arrive(start);
    place.lastAnswer = Math.max(place.lastAnswer, start);
    this.recordOf.note(end, 0);
    this.place[record] = null;
    this.free.push(record);
  }

  /** A server's endpoint is one place; clients are one by host and server port, since their own ports differ each time. */
  private keyOf(observation: Observation): number {
    const connections = this.connections;
    const { flow, side } = observation;
    if (side !== connections.client(flow)) return connections.endpointIndex(flow, side);
    return -1 - (connections.hostIndex(flow, side) * 65_536 + connections.port(flow, otherSide(side)));
  }

  private placeOf(observation: Observation): Place | undefined {
    return this.places.get(this.keyOf(observation));
  }

  private newPlace(observation: Observation): Place | null {
    if (this.places.size >= MOST_PLACES) {
      this.beyond += 1;
      return null;
    }
    const place = new Place(observation, this.connections);
    this.places.set(this.keyOf(observation), place);
    return place;
  }

  private at(record: number, field: number): number {
    return this.records[record * FIELDS + field];
  }

  private grow(): void {
    const larger = new Float64Array(this.records.length * 2);
    larger.set(this.records);
    this.records = larger;
  }
}
