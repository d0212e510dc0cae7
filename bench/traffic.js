import { ACK, FIN, PSH, SYN } from './pcap-writer.js';
import { Random } from './random.js';

/** @typedef {import('./pcap-writer.js').Outgoing} Outgoing */
/** @typedef {import('./pcap-writer.js').PcapWriter} PcapWriter */

/** Segments of a connection besides data and its ACKs: SYN, SYN-ACK, ACK; FIN, FIN, ACK. */
const OPENING = 3;
const CLOSING = 3;

/**
 * What a connection is like.
 * @typedef {object} Plan
 * @property {number} packets in all; 1: an unanswered SYN, 2: SYN and SYN-ACK, 6 or more: opened and closed
 * @property {boolean} timestamps
 * @property {number} request largest payload from the client, 0: it only acknowledges
 * @property {number} response largest payload from the server
 * @property {number} acknowledgeEvery data segments to each ACK
 */

/**
 * One connection, a segment at a time.
 */
class Connection {
  #plan;
  #sent = 0;
  #unacknowledged = 0;
  /** SND.NXT, next IP-ID and last timestamp of client and server. */
  #sequence;
  #ipId;
  #tsval = [0, 0];

  /**
   * @param {Plan} plan
   * @param {Random} random
   * @param {{client: number, clientPort: number, server: number, serverPort: number}} ends
   */
  constructor(plan, random, ends) {
    this.#plan = plan;
    this.ends = ends;
    this.#sequence = [random.word(), random.word()];
    this.#ipId = [random.below(65_536), random.below(65_536)];
    this.random = random;
  }

  get over() {
    return this.#sent === this.#plan.packets;
  }

  /**
   * Fills the next segment.
   * @param {Outgoing} segment
   * @param {number} time microseconds
   */
  next(segment, time) {
    const { packets, timestamps } = this.#plan;
    const index = this.#sent++;
    const left = packets - index;
    segment.payload = 0;
    segment.options = timestamps ? 1 : 0;
    if (index === 0) this.#from(0, segment, SYN, time, 1);
    else if (index === 1) this.#from(1, segment, SYN | ACK, time, 1);
    else if (index < OPENING) this.#from(0, segment, ACK, time, 0);
    else if (left > CLOSING) this.#exchange(segment, time);
    else if (left === CLOSING) this.#from(0, segment, FIN | ACK, time, 1);
    else if (left === CLOSING - 1) this.#from(1, segment, FIN | ACK, time, 1);
    else this.#from(0, segment, ACK, time, 0);
    if ((segment.flags & SYN) !== 0) {
      segment.options = timestamps ? 2 : 3;
      segment.window = 64_240;
    }
  }

  /**
   * Data from either end, then its acknowledgment.
   * @param {Outgoing} segment
   * @param {number} time
   */
  #exchange(segment, time) {
    const { request, response, acknowledgeEvery } = this.#plan;
    if (this.#unacknowledged >= acknowledgeEvery) {
      this.#unacknowledged = 0;
      this.#from(this.receiver, segment, ACK, time, 0);
      return;
    }
    if (this.#unacknowledged === 0) this.receiver = request > 0 && this.random.below(2) === 0 ? 1 : 0;
    this.#unacknowledged++;
    const largest = this.receiver === 1 ? request : response;
    segment.payload = largest > 64 ? largest : 1 + this.random.below(largest);
    this.#from(this.receiver ^ 1, segment, PSH | ACK, time, segment.payload);
  }

  /**
   * @param {number} side 0 the client, 1 the server
   * @param {Outgoing} segment
   * @param {number} flags
   * @param {number} time
   * @param {number} consumed sequence numbers
   */
  #from(side, segment, flags, time, consumed) {
    const { client, clientPort, server, serverPort } = this.ends;
    segment.source = side === 0 ? client : server;
    segment.destination = side === 0 ? server : client;
    segment.sourcePort = side === 0 ? clientPort : serverPort;
    segment.destinationPort = side === 0 ? serverPort : clientPort;
    segment.seq = this.#sequence[side];
    segment.ack = flags === SYN ? 0 : this.#sequence[side ^ 1];
    segment.flags = flags;
    segment.window = 501;
    segment.ttl = side === 0 ? 57 : 64;
    segment.ipId = this.#ipId[side];
    this.#ipId[side] = (this.#ipId[side] + 1) & 0xffff;
    segment.tsval = Math.floor(time / 1000) + (side === 0 ? 1_000_000 : 7_000_000);
    segment.tsecr = this.#tsval[side ^ 1];
    this.#tsval[side] = segment.tsval;
    this.#sequence[side] = (this.#sequence[side] + consumed) | 0;
  }

  /** Which end receives the data of the present exchange. */
  receiver = 0;
}

/**
 * Writes `connections` connections, `atOnce` of them at a time: each segment comes from one of those, chosen at random.
 * @param {PcapWriter} writer
 * @param {object} traffic
 * @param {number} traffic.seed
 * @param {number} traffic.connections
 * @param {number} traffic.atOnce
 * @param {number} traffic.microseconds largest time from one packet to the next
 * @param {boolean} traffic.spoofed every connection from another address anywhere, not from some hundred clients
 * @param {(index: number, random: Random) => Plan} traffic.plan
 */
export function writeTraffic(writer, { seed, connections, atOnce, microseconds, spoofed, plan }) {
  const random = new Random(seed);
  /** @type {Outgoing} */
  const segment = {
    source: 0, destination: 0, sourcePort: 0, destinationPort: 0, seq: 0, ack: 0, flags: 0, window: 0, ttl: 0, ipId: 0,
    options: 0, tsval: 0, tsecr: 0, payload: 0,
  };
  const ports = [80, 443, 5432, 6379, 8080, 9092];
  /** @param {number} index */
  const begin = (index) => {
    const clients = 512;
    return new Connection(plan(index, random), random, {
      client: spoofed ? random.word() : 0x0a000100 + (index % clients),
      // A client's ports in turn: no 4-tuple comes twice.
      clientPort: spoofed ? 1024 + random.below(64_000) : 32_768 + (Math.floor(index / clients) % 28_000),
      server: 0x0a640001 + random.below(16),
      serverPort: ports[random.below(ports.length)],
    });
  };
  /** @type {Connection[]} */
  const active = [];
  let begun = 0;
  let time = 0;
  while (begun < connections || active.length > 0) {
    while (active.length < atOnce && begun < connections) active.push(begin(begun++));
    const at = random.below(active.length);
    const connection = active[at];
    time += random.below(microseconds + 1);
    connection.next(segment, time);
    writer.write(segment, time);
    if (!connection.over) continue;
    const last = active.pop();
    if (last !== undefined && at < active.length) active[at] = last;
  }
}
