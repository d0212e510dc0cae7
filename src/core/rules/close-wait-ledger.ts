import { Kind } from '../observations.ts';
import type { CaptureView, ConnectionView, Observation, Side } from '../observations.ts';
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
    this.server = connections.endpointName(flow, (client ^ 1) as Side);
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
  private end = new Float64Array(64);
  private start = new Float64Array(64);
  private packet = new Float64Array(64);
  private flowNumber = new Float64Array(64);
  private bytes = new Float64Array(64);
  private peer = new Int32Array(64);
  private firstData = new Float64Array(64);
  private lastData = new Float64Array(64);
  private dataSegments = new Int32Array(64);

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
    open.sort((one, other) => this.start[one] - this.start[other] || this.packet[one] - this.packet[other]);
    for (const record of open) this.outOfView(this.end[record], now);
  }

  private begin(end: number, observation: Observation): void {
    if (this.recordOf.of(end) > 0) return;
    const place = this.placeOf(observation) ?? this.newPlace(observation);
    if (place === null) return;
    const record = this.free.pop() ?? this.used++;
    if (record >= this.start.length) this.grow();
    const { flow, side } = observation;
    this.recordOf.note(end, record + 1);
    this.end[record] = end;
    this.place[record] = place;
    this.start[record] = observation.time;
    this.packet[record] = observation.packet;
    this.flowNumber[record] = this.connections.flowNumber(flow);
    this.bytes[record] = observation.a;
    this.peer[record] = this.connections.hostIndex(flow, (side ^ 1) as Side);
    this.lastData[record] = -1;
    this.dataSegments[record] = 0;
    place.moves.arrive(observation.time);
    place.lastAnswer = Math.max(place.lastAnswer, observation.time);
  }

  private met(observation: Observation): void {
    const place = observation.a > 0 ? this.placeOf(observation) : undefined;
    if (place !== undefined) place.proofs += 1;
  }

  private data(end: number, time: number): void {
    const record = this.recordOf.of(end) - 1;
    if (record < 0) return;
    if (this.dataSegments[record] === 0) this.firstData[record] = time;
    this.dataSegments[record] = this.dataSegments[record] + 1;
    this.lastData[record] = time;
  }

  private leave(end: number, observation: Observation): void {
    const record = this.recordOf.of(end) - 1;
    if (record < 0) return;
    const place = this.place[record];
    if (place === null || place === undefined) return;
    place.moves.depart(observation.time);
    if (this.dataSegments[record] > 0) {
      place.streaming += 1;
    } else {
      place.exposure += observation.a;
      // After the peer's RST nobody knows when the end would have closed: the wait is cut off there.
      if (observation.b === 3) {
        place.watched.add(observation.a);
      } else {
        place.ended.add(observation.a);
        place.repliedBytesEnded += this.bytes[record];
      }
    }
    this.release(end, record);
  }

  private outOfView(end: number, time: number): void {
    const record = this.recordOf.of(end) - 1;
    if (record < 0) return;
    const place = this.place[record];
    if (place !== null && place !== undefined && !this.connections.oneWay(end >> 1)) {
      // Beyond a gap in the capture after its last segment nobody watched it: it may have been closed in the gap.
      const seen = Math.max(this.connections.lastSeen(end >> 1, 0), this.connections.lastSeen(end >> 1, 1));
      this.countOpen(place, record, Math.min(time, this.capture.watchedUntil(seen)));
    }
    this.release(end, record);
  }

  private countOpen(place: Place, record: number, time: number): void {
    const segments = this.dataSegments[record];
    const lastData = this.lastData[record];
    const pause = segments > 1 ? (lastData - this.firstData[record]) / (segments - 1) : 0;
    if (segments > 0 && time - lastData <= Math.max(2 * SECOND, 3 * pause)) {
      place.streaming += 1;
      return;
    }
    const start = this.start[record];
    // One that went on sending and then fell silent waits since its last byte.
    const age = Math.max(0, time - Math.max(start, lastData));
    place.exposure += age;
    place.watched.add(age);
    place.open += 1;
    place.openAges.add(age);
    if (age >= this.patience.policy) place.openOlderThanPolicy += 1;
    place.oldest = Math.max(place.oldest, age);
    if (place.firstOpen < 0 || start < place.firstOpen) place.firstOpen = start;
    const bytes = this.bytes[record] + segments;
    if (bytes === 0) place.neverReplied += 1;
    else place.replied += 1;
    place.repliedBytesOpen += this.bytes[record];
    const peer = this.peer[record];
    const known = place.openPeers.get(peer);
    if (known !== undefined || place.openPeers.size < MOST_PEERS) place.openPeers.set(peer, (known ?? 0) + 1);
    if (place.packets.length < MOST_EVIDENCE) {
      place.packets.push(this.packet[record]);
      place.flows.push(this.flowNumber[record]);
    }
  }

  private release(end: number, record: number): void {
    this.recordOf.note(end, 0);
    this.place[record] = null;
    this.free.push(record);
  }

  /** A server's endpoint is one place; clients are one by host and server port, since their own ports differ each time. */
  private keyOf(observation: Observation): number {
    const connections = this.connections;
    const { flow, side } = observation;
    if (side !== connections.client(flow)) return connections.endpointIndex(flow, side);
    return -1 - (connections.hostIndex(flow, side) * 65_536 + connections.port(flow, (side ^ 1) as Side));
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

  private grow(): void {
    const size = this.start.length * 2;
    this.end = grown(this.end, new Float64Array(size));
    this.start = grown(this.start, new Float64Array(size));
    this.packet = grown(this.packet, new Float64Array(size));
    this.flowNumber = grown(this.flowNumber, new Float64Array(size));
    this.bytes = grown(this.bytes, new Float64Array(size));
    this.peer = grown(this.peer, new Int32Array(size));
    this.firstData = grown(this.firstData, new Float64Array(size));
    this.lastData = grown(this.lastData, new Float64Array(size));
    this.dataSegments = grown(this.dataSegments, new Int32Array(size));
  }
}

function grown<T extends Float64Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
