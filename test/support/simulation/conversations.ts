import fc from 'fast-check';
import type { StateName } from '../../../src/core/index.ts';
import { mss, nop, sackPermitted, tcpFrame, timestamps, windowScale } from '../packets.ts';
import { pcap, type PcapPacket } from '../pcap-writer.ts';
import { SimulatedEnd, type SimulatedSegment, type World } from './end.ts';

/** What becomes of a segment on its way from one end, past the capture point, to the other. */
export type Fate =
  | 'arrives'
  /** Lost before the capture point, or behind it. */
  | 'lost-upstream'
  | 'lost-downstream'
  /** Lost between the client and the capture point, whoever sent it. */
  | 'lost-at-client'
  /** It arrives, but the capture missed it. */
  | 'missed'
  /** The network delivers it twice. */
  | 'twice'
  /** It is overtaken by what is sent after it. */
  | 'late'
  /** It is stamped a minute too early, and refused for that (PAWS, RFC 7323 §5.3); SYNs and RSTs arrive. */
  | 'stale';

/** How a conversation goes. */
export const ENDINGS = [
  'client-closes',
  'server-closes',
  'both-close',
  'server-closes-late',
  'server-never-closes',
  'client-aborts',
  'server-aborts',
  'stays-open',
  'refused',
  'unanswered',
  'simultaneous-open',
] as const;
export type Ending = (typeof ENDINGS)[number];

export interface Plan {
  /** Nanoseconds from the client to the capture point, and from the capture point to the server. */
  clientDelay: number;
  serverDelay: number;
  clientIss: number;
  serverIss: number;
  /** TSval of either end at the start, in milliseconds; 100,000 when absent. */
  firstStamp?: number;
  /** When the client connects, nanoseconds after the first of all. */
  start: number;
  /** [milliseconds after the start, bytes] of each write. */
  clientWrites: readonly (readonly [number, number])[];
  serverWrites: readonly (readonly [number, number])[];
  ending: Ending;
  /** Milliseconds after the start. */
  endsAt: number;
  /** Fates of the segments in the order in which they are sent; all later ones arrive. */
  fates: readonly Fate[];
  /** The client's endpoint and the server's. */
  ends?: readonly [string, string];
  /** Milliseconds after the start at which the client asks whether the server is still there; never when absent. */
  keepAlives?: readonly number[];
  /** Nanoseconds for which the conversation is followed; 40 s when absent. */
  followed?: number;
}

/** One conversation as it went: what the capture point saw of it, and what its ends know. */
export interface Conversation {
  client: string;
  server: string;
  frames: { time: number; data: Uint8Array }[];
  /** True states of both ends over time; a time is when the end changed, before the capture point could see it. */
  states: { [end: string]: readonly { time: number; state: StateName }[] };
  /** Longest delay between an end and the capture point, nanoseconds. */
  delay: number;
}

/** 2026-01-01T00:00:00Z, the zero of the simulation's clock. */
export const EPOCH = 1_767_225_600_000_000_000n;
/** A conversation is followed for so long, unless its plan says otherwise. */
const LONGEST = 40e9;
const MILLISECOND = 1e6;
const LATE = 12 * MILLISECOND;
/** Milliseconds. */
const STALE = 60_000;

/** Runs a plan; `index` gives the client its port, unless its ends are named. */
export function converse(plan: Plan, index: number): Conversation {
  const [client, server] = plan.ends ?? [`192.0.2.10:${40_000 + index}`, '198.51.100.1:8080'];
  const network = new Network(plan, client, server);
  network.run();
  return {
    client,
    server,
    frames: network.frames,
    states: { [client]: network.client.states, [server]: network.server.states },
    delay: Math.max(plan.clientDelay, plan.serverDelay),
  };
}

/** The conversations as one capture, in the order of the capture point. */
export function capturePackets(conversations: readonly Conversation[]): PcapPacket[] {
  return conversations
    .flatMap(({ frames }) => frames)
    .map((frame, order) => ({ ...frame, order }))
    .sort((one, other) => one.time - other.time || one.order - other.order)
    .map(({ time, data }) => ({ time: EPOCH + BigInt(Math.round(time)), data }));
}

export function captureFile(packets: readonly PcapPacket[]): Uint8Array {
  return pcap(packets, { variant: 'nanosecond' });
}

const write = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 4000 }));

/** Plans of conversations. `fates`: what may happen to a segment, none for a network and a capture without fault. */
export function plans(fates: readonly Fate[]): fc.Arbitrary<Plan> {
  const fate = fates.length === 0 ? fc.constant<Fate>('arrives') : fc.oneof({ weight: 5, arbitrary: fc.constant<Fate>('arrives') }, { weight: 1, arbitrary: fc.constantFrom(...fates) });
  return fc.record({
    clientDelay: fc.integer({ min: 10_000, max: 5_000_000 }),
    serverDelay: fc.integer({ min: 10_000, max: 5_000_000 }),
    clientIss: fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0xffff_fff0, 0x7fff_fff0)),
    serverIss: fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0xffff_fff0, 0x7fff_fff0)),
    firstStamp: fc.constantFrom(100_000, 0xffff_ff80),
    start: fc.integer({ min: 0, max: 200 }).map((milliseconds) => milliseconds * MILLISECOND),
    clientWrites: fc.array(write, { maxLength: 4 }),
    serverWrites: fc.array(write, { maxLength: 4 }),
    ending: fc.constantFrom<Ending>(...ENDINGS),
    endsAt: fc.integer({ min: 50, max: 400 }),
    fates: fc.array(fate, { maxLength: 40 }),
  });
}

class Network implements World {
  readonly client: SimulatedEnd;
  readonly server: SimulatedEnd;
  readonly frames: { time: number; data: Uint8Array }[] = [];
  readonly #plan: Plan;
  #now = 0;
  #order = 0;
  #sent = 0;
  #events: { time: number; order: number; action: () => void }[] = [];
  readonly #ipIds = new Map<string, number>();
  readonly #echoes = new Map<string, number>();

  constructor(plan: Plan, client: string, server: string) {
    this.#plan = plan;
    this.client = new SimulatedEnd(this, client, plan.clientIss);
    this.server = new SimulatedEnd(this, server, plan.serverIss);
    this.#schedule();
  }

  run(): void {
    for (;;) {
      this.#events.sort((one, other) => one.time - other.time || one.order - other.order);
      const next = this.#events.shift();
      if (next === undefined || next.time > this.#plan.start + (this.#plan.followed ?? LONGEST)) return;
      this.#now = next.time;
      next.action();
    }
  }

  now(): number {
    return this.#now;
  }

  after(delay: number, action: () => void): void {
    this.#events.push({ time: this.#now + delay, order: this.#order++, action });
  }

  transmit(end: SimulatedEnd, segment: SimulatedSegment): void {
    const { clientDelay, serverDelay, fates, ending } = this.#plan;
    const fate = fates[this.#sent++] ?? 'arrives';
    const fromClient = end === this.client;
    const peer = fromClient ? this.server : this.client;
    const [before, behind] = fromClient ? [clientDelay, serverDelay] : [serverDelay, clientDelay];
    const isStale = fate === 'stale' && !/[SR]/.test(segment.flags);
    const data = this.#frame(end, peer, segment, isStale ? STALE : 0);
    if (fate === 'lost-upstream' || (fate === 'lost-at-client' && fromClient)) return;
    const lost = fate === 'lost-downstream' || fate === 'lost-at-client' || ending === 'unanswered';
    const delays = fate === 'twice' ? [before, before + MILLISECOND] : [fate === 'late' ? before + LATE : before];
    for (const delay of delays) {
      this.after(delay, () => {
        if (fate !== 'missed') this.frames.push({ time: this.#now, data });
        if (!lost) this.after(behind, () => (isStale ? peer.refuse() : this.#deliver(peer, segment, data)));
      });
    }
  }

  #deliver(end: SimulatedEnd, segment: SimulatedSegment, data: Uint8Array): void {
    if (segment.flags !== 'R' && segment.flags !== 'RA') this.#echoes.set(end.name, timestampIn(data));
    end.receive(segment);
  }

  #schedule(): void {
    const { start, clientWrites, serverWrites, ending, endsAt, keepAlives = [] } = this.#plan;
    const { client, server } = this;
    const at = (milliseconds: number, action: () => void): void => this.after(start + milliseconds * MILLISECOND, action);
    if (ending === 'simultaneous-open') at(0, () => server.connect());
    else if (ending !== 'refused' && ending !== 'unanswered') server.listen();
    at(0, () => client.connect());
    for (const [time, bytes] of clientWrites) at(time, () => client.write(bytes));
    for (const [time, bytes] of serverWrites) at(time, () => server.write(bytes));
    for (const time of keepAlives) at(time, () => client.keepAlive());
    const patient = (end: SimulatedEnd, delay: number): void => {
      end.onPeerClosed = () => this.after(delay * MILLISECOND, () => end.close());
    };
    patient(client, 1);
    if (ending === 'server-closes-late') patient(server, 700);
    else if (ending !== 'server-never-closes') patient(server, 1);
    if (['client-closes', 'both-close', 'server-closes-late', 'server-never-closes', 'simultaneous-open'].includes(ending)) at(endsAt, () => client.close());
    if (ending === 'server-closes' || ending === 'both-close') at(endsAt, () => server.close());
    if (ending === 'client-aborts') at(endsAt, () => client.abort());
    if (ending === 'server-aborts') at(endsAt, () => server.abort());
  }

  #frame(from: SimulatedEnd, to: SimulatedEnd, { flags, seq, ack, length }: SimulatedSegment, stale: number): Uint8Array {
    const id = ((this.#ipIds.get(from.name) ?? 100) + 1) & 0xffff;
    this.#ipIds.set(from.name, id);
    const first = (this.#plan.firstStamp ?? 100_000) - stale;
    const stamp = timestamps((first + Math.floor(this.#now / MILLISECOND)) >>> 0, this.#echoes.get(from.name) ?? 0);
    const options = flags.includes('R') ? [] : flags.includes('S') ? [mss(1460), sackPermitted(), stamp, nop(), windowScale(7)] : [nop(2), stamp];
    return tcpFrame({ from: from.name, to: to.name, flags, seq, ack, id, window: flags.includes('R') ? 0 : 502, options, payload: payloadAt(seq, length) });
  }
}

/** Bytes that depend on their sequence number alone: what is sent again is the same. */
function payloadAt(seq: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = seq + at;
  return bytes;
}

/** TSval of a frame: SYNs have MSS and SACK-permitted before it, others two NOPs. */
function timestampIn(frame: Uint8Array): number {
  const syn = (frame[47] & 2) !== 0;
  return new DataView(frame.buffer, frame.byteOffset).getUint32(54 + (syn ? 8 : 4));
}
