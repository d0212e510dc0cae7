import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { Random } from './random.js';

const BUFFER = 4 << 20;
const LARGEST_RECORD = 2048;
const POOL = 1 << 20;

const ETHERNET = 14;
const IPV4 = 20;
const TCP = 20;

export const FIN = 0x01;
export const SYN = 0x02;
export const PSH = 0x08;
export const ACK = 0x10;

/** First packet of every capture: 2024-01-01 00:00 UTC, in seconds. */
const EPOCH = 1_704_067_200;

/**
 * One TCP segment to write. `options`: 0 none, 1 timestamps, 2 those of a SYN, 3 those of a SYN that offers no timestamps.
 * @typedef {object} Outgoing
 * @property {number} source IPv4 address
 * @property {number} destination
 * @property {number} sourcePort
 * @property {number} destinationPort
 * @property {number} seq
 * @property {number} ack
 * @property {number} flags
 * @property {number} window
 * @property {number} ttl
 * @property {number} ipId
 * @property {0 | 1 | 2 | 3} options
 * @property {number} tsval
 * @property {number} tsecr
 * @property {number} payload bytes
 */

/** Writes Ethernet frames with TCP over IPv4, checksums right, as classic pcap with microseconds, to a file or to a function. */
export class PcapWriter {
  packets = 0;
  #path = '';
  #file = -1;
  /** @type {((bytes: Uint8Array) => void) | null} */
  #take = null;
  #bytes = Buffer.alloc(BUFFER);
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset);
  #at = 0;
  #pool = Buffer.alloc(POOL);
  #random = new Random(0x5eed);

  /** @param {string | ((bytes: Uint8Array) => void)} to a path, complete only after `close`: until then the file has another name; or a taker of chunks, lent */
  constructor(to) {
    if (typeof to === 'string') {
      this.#path = to;
      this.#file = openSync(`${to}.partial`, 'w');
    } else this.#take = to;
    for (let at = 0; at < POOL; at += 4) this.#pool.writeInt32LE(this.#random.word(), at);
    const view = this.#view;
    view.setUint32(0, 0xa1b2c3d4, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, 262_144, true);
    view.setUint32(20, 1, true);
    this.#at = 24;
  }

  /**
   * @param {Outgoing} segment
   * @param {number} time microseconds since the first packet
   */
  write(segment, time) {
    if (this.#at + LARGEST_RECORD > BUFFER) this.#flush();
    const view = this.#view;
    const record = this.#at;
    const ip = record + 16 + ETHERNET;
    const tcp = ip + IPV4;
    const optionsLength = [0, 12, 20, 12][segment.options];
    const end = tcp + TCP + optionsLength + segment.payload;
    this.packets++;

    view.setUint32(record, EPOCH + Math.floor(time / 1e6), true);
    view.setUint32(record + 4, time % 1e6, true);
    view.setUint32(record + 8, end - record - 16, true);
    view.setUint32(record + 12, end - record - 16, true);
    // Locally administered MAC addresses.
    view.setUint32(record + 16, 0x02000000);
    view.setUint32(record + 20, 0x00010200);
    view.setUint32(record + 24, 0x00000002);
    view.setUint16(record + 28, 0x0800);

    view.setUint16(ip, 0x4500);
    view.setUint16(ip + 2, end - ip);
    view.setUint16(ip + 4, segment.ipId);
    view.setUint16(ip + 6, 0x4000);
    view.setUint8(ip + 8, segment.ttl);
    view.setUint8(ip + 9, 6);
    view.setUint16(ip + 10, 0);
    view.setInt32(ip + 12, segment.source);
    view.setInt32(ip + 16, segment.destination);
    view.setUint16(ip + 10, 0xffff ^ fold(this.#sum(ip, tcp)));

    view.setUint16(tcp, segment.sourcePort);
    view.setUint16(tcp + 2, segment.destinationPort);
    view.setInt32(tcp + 4, segment.seq);
    view.setInt32(tcp + 8, segment.ack);
    view.setUint16(tcp + 12, ((TCP + optionsLength) << 10) | segment.flags);
    view.setUint16(tcp + 14, segment.window);
    view.setUint32(tcp + 16, 0);
    if (segment.options !== 0) this.#options(tcp + TCP, segment);
    if (segment.payload > 0) {
      const from = this.#random.below(POOL - segment.payload);
      this.#pool.copy(this.#bytes, end - segment.payload, from, from + segment.payload);
    }
    const pseudoHeader = this.#sum(ip + 12, ip + 20) + 6 + (end - tcp);
    view.setUint16(tcp + 16, 0xffff ^ fold(pseudoHeader + this.#sum(tcp, end)));
    this.#at = end;
  }

  close() {
    this.#flush();
    if (this.#take !== null) return;
    closeSync(this.#file);
    renameSync(`${this.#path}.partial`, this.#path);
  }

  /**
   * @param {number} at
   * @param {Outgoing} segment
   */
  #options(at, segment) {
    const view = this.#view;
    if (segment.options === 1) {
      view.setUint32(at, 0x0101080a);
      view.setInt32(at + 4, segment.tsval);
      view.setInt32(at + 8, segment.tsecr);
      return;
    }
    view.setUint32(at, 0x020405b4); // MSS 1460
    if (segment.options === 3) {
      view.setUint32(at + 4, 0x01010402); // NOP, NOP, SACK permitted
      view.setUint32(at + 8, 0x01030307); // NOP, window scale 7
      return;
    }
    view.setUint32(at + 4, 0x0402080a); // SACK permitted, timestamps
    view.setInt32(at + 8, segment.tsval);
    view.setInt32(at + 12, segment.tsecr);
    view.setUint32(at + 16, 0x01030307); // NOP, window scale 7
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #sum(from, to) {
    const view = this.#view;
    let sum = 0;
    let at = from;
    for (; at + 1 < to; at += 2) sum += view.getUint16(at);
    return at < to ? sum + (view.getUint8(at) << 8) : sum;
  }

  #flush() {
    if (this.#take === null) writeSync(this.#file, this.#bytes, 0, this.#at);
    else this.#take(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
  }
}

/** @param {number} sum below 2^31 */
function fold(sum) {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}
