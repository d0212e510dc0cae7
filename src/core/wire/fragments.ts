import { IP_PROTOCOL, leave } from './cursor.ts';
import type { Cursor, Next } from './cursor.ts';
import { Decoded } from './segment.ts';
import type { Segment } from './segment.ts';

/** Fragment offsets count blocks of eight bytes (RFC 791 §3.1, RFC 8200 §4.5). */
const BLOCK = 8;
const LONGEST_DATAGRAM = 0xffff;
const SMALLEST_BUFFER = 2048;
/** What a waiting datagram costs besides its buffers, roughly. */
const OVERHEAD = 256;
/** How long a datagram waits for its fragments, in nanoseconds of capture time: ipfrag_time of Linux, and RFC 8200 §4.5. */
const TIMEOUT_IPV4 = 30e9;
const TIMEOUT_IPV6 = 60e9;

/** Frames of a datagram whose numbers are kept: more are fragments that bring nothing new. */
const MOST_FRAMES = LONGEST_DATAGRAM / BLOCK;

/** States of a block. */
const MISSING = 0;
/** It went over the wire, but the capture cut it off. */
const NOT_CAPTURED = 1;
const CAPTURED = 2;

/** IP protocols worth joining: TCP, and those that may carry it. */
const CARRIERS: ReadonlySet<number> = new Set([4, 6, 17, 41, 47, 51]);
/** IPv6 fragments name a protocol of their own each, extension headers among them; the first one's counts. */
const NOT_CARRIERS_IPV6: ReadonlySet<number> = new Set([1, 58, 132]);

/** A datagram that waits for the rest of its fragments. */
class Datagram {
  readonly time: number;
  readonly timeout: number;
  bytes: Uint8Array = new Uint8Array(SMALLEST_BUFFER);
  blocks: Uint8Array = new Uint8Array(SMALLEST_BUFFER / BLOCK);
  /** Bytes in all, -1 until the last fragment has told. */
  length = -1;
  /** End of the furthest fragment so far. */
  reach = 0;
  /** Blocks that are not MISSING. */
  received = 0;
  fragments = 0;
  /** Numbers of the frames that the fragments came in, `MOST_FRAMES` at most. */
  readonly frames: number[] = [];
  protocol: number;

  constructor(time: number, timeout: number, protocol: number) {
    this.time = time;
    this.timeout = timeout;
    this.protocol = protocol;
  }

  get memory(): number {
    return this.bytes.length + this.blocks.length + OVERHEAD;
  }

  get complete(): boolean {
    return this.length >= 0 && this.received === Math.ceil(this.length / BLOCK);
  }

  /** Bytes from the start on without one that was not captured. */
  get captured(): number {
    const blocks = Math.ceil(this.length / BLOCK);
    let block = 0;
    while (block < blocks && this.blocks[block] === CAPTURED) block += 1;
    return Math.min(block * BLOCK, this.length);
  }

  /** Copies in what is new of a fragment: where fragments overlap, the first one stays. */
  put(source: Uint8Array, from: number, captured: number, offset: number, length: number): void {
    this.grow(offset + length);
    this.fragments += 1;
    if (offset + length > this.reach) this.reach = offset + length;
    for (let done = 0; done < length; done += BLOCK) {
      const block = (offset + done) / BLOCK;
      if (this.blocks[block] !== MISSING) continue;
      const size = Math.min(BLOCK, length - done);
      const state = done + size <= captured ? CAPTURED : NOT_CAPTURED;
      if (state === CAPTURED) this.bytes.set(source.subarray(from + done, from + done + size), offset + done);
      this.blocks[block] = state;
      this.received += 1;
    }
  }

  private grow(length: number): void {
    let size = this.bytes.length;
    if (length <= size) return;
    while (size < length) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes);
    this.bytes = bytes;
    const blocks = new Uint8Array(size / BLOCK);
    blocks.set(this.blocks);
    this.blocks = blocks;
  }
}

/** Joins the fragments of IPv4 and IPv6 datagrams that may hold TCP, within a bound of memory. */
export class FragmentTable {
  /** Fragments given up because the rest came too late or memory ran short. */
  evicted = 0;
  /** Numbers of the frames that held the datagram joined last, the last frame's among them. */
  joinedFrames: readonly number[] = [];
  private readonly limit: number;
  private memory = 0;
  /** In order of each datagram's first fragment. */
  private readonly waiting = new Map<string, Datagram>();

  /** `limit`: bytes of memory that waiting datagrams may take. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * Takes the fragment at `[cursor.at, cursor.limit)`. When it completes its datagram the cursor is set on the joined bytes and
   * the protocol within is returned; otherwise the fragment's datagram waits (FRAGMENT) or is of no interest (NOT_TCP).
   */
  add(cursor: Cursor, segment: Segment, id: number, protocol: number, offset: number, more: boolean): Next {
    const ipv6 = segment.ipVersion === 6;
    if (ipv6 ? NOT_CARRIERS_IPV6.has(protocol) : !CARRIERS.has(protocol)) return leave(Decoded.NOT_TCP);
    const length = cursor.limit - cursor.at;
    if (length <= 0 || offset + length > LONGEST_DATAGRAM || (more && length % BLOCK !== 0)) return leave(Decoded.BAD_LENGTH);

    const time = segment.time;
    this.expire(time);
    const key = keyOf(cursor, segment, id, ipv6 ? 0 : protocol);
    let datagram = this.waiting.get(key);
    if (datagram !== undefined && time - datagram.time > datagram.timeout) {
      this.evict(key, datagram);
      datagram = undefined;
    }
    if (datagram !== undefined && contradicts(datagram, offset + length, more)) return leave(Decoded.BAD_LENGTH);
    if (datagram === undefined) {
      datagram = new Datagram(time, ipv6 ? TIMEOUT_IPV6 : TIMEOUT_IPV4, protocol);
      this.waiting.set(key, datagram);
    } else {
      this.memory -= datagram.memory;
    }
    const captured = cursor.end > cursor.at ? cursor.end - cursor.at : 0;
    datagram.put(cursor.bytes, cursor.at, captured, offset, length);
    if (datagram.frames.length < MOST_FRAMES) {
      // A fragment may itself have come in fragments of a tunnel's datagram.
      if (cursor.reassembled) datagram.frames.push(...this.joinedFrames);
      else datagram.frames.push(segment.number);
    }
    this.memory += datagram.memory;
    if (offset === 0) datagram.protocol = protocol;
    if (!more) datagram.length = offset + length;
    if (!datagram.complete) {
      this.makeRoom();
      return leave(Decoded.FRAGMENT);
    }

    this.waiting.delete(key);
    this.memory -= datagram.memory;
    this.joinedFrames = datagram.frames;
    const bytes = datagram.bytes;
    cursor.bytes = bytes;
    cursor.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    cursor.at = 0;
    cursor.limit = datagram.length;
    cursor.end = datagram.captured;
    cursor.reassembled = true;
    return IP_PROTOCOL + datagram.protocol;
  }

  private expire(time: number): void {
    for (const [key, datagram] of this.waiting) {
      if (time - datagram.time <= datagram.timeout) return;
      this.evict(key, datagram);
    }
  }

  private makeRoom(): void {
    for (const [key, datagram] of this.waiting) {
      if (this.memory <= this.limit) return;
      this.evict(key, datagram);
    }
  }

  private evict(key: string, datagram: Datagram): void {
    this.waiting.delete(key);
    this.memory -= datagram.memory;
    this.evicted += datagram.fragments;
  }
}

/** Whether a fragment's end cannot be, by the length that the last fragment stated or by what came beyond. */
function contradicts(datagram: Datagram, end: number, more: boolean): boolean {
  if (datagram.length >= 0) return more ? end > datagram.length : end !== datagram.length;
  return !more && end < datagram.reach;
}

/** VLAN, tunnel and interface keep apart what merely looks the same: other networks, or the same frame captured twice. */
function keyOf(cursor: Cursor, segment: Segment, id: number, protocol: number): string {
  return [
    segment.interface,
    cursor.vlan,
    cursor.tunnelId,
    protocol,
    id,
    segment.source0,
    segment.source1,
    segment.source2,
    segment.source3,
    segment.destination0,
    segment.destination1,
    segment.destination2,
    segment.destination3,
  ].join();
}
