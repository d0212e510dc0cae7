import { IP_PROTOCOL, leave } from './cursor.ts';
import type { Cursor, Next } from './cursor.ts';
import { BLOCK, Datagram, LONGEST_DATAGRAM } from './datagram.ts';
import { Decoded } from './segment.ts';
import type { Segment } from './segment.ts';

/** How long a datagram waits for its fragments, in nanoseconds of capture time: ipfrag_time of Linux, and RFC 8200 §4.5. */
const TIMEOUT_IPV4 = 30e9;
const TIMEOUT_IPV6 = 60e9;

/** IP protocols worth joining: TCP, and those that may carry it. */
const CARRIERS: ReadonlySet<number> = new Set([4, 6, 17, 41, 47, 51]);
/** Each IPv6 fragment names a protocol, maybe an extension header, and only that of the first one counts: these never lead to TCP. */
const NOT_CARRIERS_IPV6: ReadonlySet<number> = new Set([1, 58, 132]);

/** Joins the fragments of IPv4 and IPv6 datagrams that may carry TCP, in bounded memory. */
export class FragmentTable {
  /** Fragments given up because the rest came too late or memory ran short. */
  evicted = 0;
  /** Numbers of all frames that the datagram joined last came in. */
  joinedFrames: readonly number[] = [];
  private readonly limit: number;
  private memory = 0;
  /** In order of the first fragments. */
  private readonly waiting = new Map<string, Datagram>();

  /** `limit`: bytes of memory for waiting datagrams. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * Takes the fragment at `[cursor.at, cursor.limit)`. If it completes its datagram, sets the cursor on the joined bytes and returns the
   * protocol in it. Otherwise the datagram waits (FRAGMENT), or is of no interest (NOT_TCP).
   */
  add(cursor: Cursor, segment: Segment, id: number, protocol: number, offset: number, more: boolean): Next {
    const ipv6 = segment.ipVersion === 6;
    if (ipv6 ? NOT_CARRIERS_IPV6.has(protocol) : !CARRIERS.has(protocol)) return leave(Decoded.NOT_TCP);
    const length = cursor.limit - cursor.at;
    if (length <= 0 || offset + length > LONGEST_DATAGRAM || (more && length % BLOCK !== 0)) return leave(Decoded.BAD_LENGTH);

    this.expire(segment.time);
    const key = keyOf(cursor, segment, id, ipv6 ? 0 : protocol);
    const waiting = this.waitingAt(key, segment.time);
    if (waiting?.contradicts(offset + length, more) === true) return leave(Decoded.BAD_LENGTH);
    const datagram = waiting ?? this.begin(key, new Datagram(segment.time, ipv6 ? TIMEOUT_IPV6 : TIMEOUT_IPV4, protocol));
    const before = datagram.memory;
    datagram.put(cursor, offset, more);
    datagram.noteFrames(cursor.reassembled ? this.joinedFrames : [segment.number]);
    this.memory += datagram.memory - before;
    if (offset === 0) datagram.protocol = protocol;
    if (datagram.complete) return this.join(key, datagram, cursor);
    this.makeRoom();
    return leave(Decoded.FRAGMENT);
  }

  private begin(key: string, datagram: Datagram): Datagram {
    this.waiting.set(key, datagram);
    this.memory += datagram.memory;
    return datagram;
  }

  private waitingAt(key: string, time: number): Datagram | undefined {
    const datagram = this.waiting.get(key);
    if (datagram === undefined || time - datagram.time <= datagram.timeout) return datagram;
    // `expire` stopped before it: at one that may wait longer, or because the time went back.
    this.evict(key, datagram);
    return undefined;
  }

  /** Sets the cursor on the bytes of a complete datagram. */
  private join(key: string, datagram: Datagram, cursor: Cursor): Next {
    this.remove(key, datagram);
    this.joinedFrames = datagram.frames;
    const { bytes } = datagram;
    cursor.bytes = bytes;
    cursor.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    cursor.at = 0;
    cursor.limit = datagram.length;
    cursor.end = datagram.captured;
    cursor.reassembled = true;
    return IP_PROTOCOL + datagram.protocol;
  }

  /** Gives up the datagrams that have waited too long, as far as they are in order of time. */
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
    this.remove(key, datagram);
    this.evicted += datagram.fragments;
  }

  private remove(key: string, datagram: Datagram): void {
    this.waiting.delete(key);
    this.memory -= datagram.memory;
  }
}

/** VLAN, tunnel and interface separate what only looks the same: other networks, or the same frame captured twice. */
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
