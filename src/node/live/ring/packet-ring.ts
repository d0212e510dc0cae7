import { Record } from '../../../core/index.ts';
import type { RingStore } from './ring-store.ts';

/** Expected mean length of packets (bytes), by which the number of places is chosen. */
const EXPECTED_LENGTH = 128;
/** Memory for the facts of a packet (bytes). */
const FACTS_LENGTH = 36;
const LEAST_PLACES = 64;
const MOST_PLACES = 1 << 22;
/** How many packets back a fragment is looked for when the rest of its datagram has come. */
const LABELLED_BACK = 1 << 14;

/** Divides `size` bytes of memory into places for packets, and bytes for their content. */
export function divided(size: number): { places: number; bytes: number } {
  const places = Math.min(MOST_PLACES, Math.max(LEAST_PLACES, Math.floor(size / (EXPECTED_LENGTH + FACTS_LENGTH))));
  return { places, bytes: Math.max(0, size - places * FACTS_LENGTH) };
}

/**
 * The last packets: their bytes in a circular store, their facts in columns. All memory is allocated at the start. A new packet overwrites
 * the oldest ones.
 */
export class PacketRing {
  /** Packets in the ring. */
  #count = 0;
  /** Packets taken so far. */
  #taken = 0;
  /** Place of the oldest packet. */
  #first = 0;
  /** Where the next bytes go. */
  #at = 0;
  readonly #store: RingStore;
  readonly #places: number;
  readonly #offsets: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #wireLengths: Uint32Array;
  readonly #flows: Uint32Array;
  readonly #numbers: Uint32Array;
  readonly #times: Float64Array;
  readonly #links: Uint16Array;
  readonly #interfaces: Uint16Array;
  readonly #record = new Record();
  /** The memory of the latest record as a Buffer, from which parts can be copied without making an object for each. */
  #source: Buffer = Buffer.alloc(0);
  #sourceBytes: Uint8Array | null = null;

  /** @param places most packets kept; see `divided` */
  constructor(store: RingStore, places: number) {
    this.#store = store;
    this.#places = places;
    this.#offsets = new Float64Array(places);
    this.#lengths = new Uint32Array(places);
    this.#wireLengths = new Uint32Array(places);
    this.#flows = new Uint32Array(places);
    this.#numbers = new Uint32Array(places);
    this.#times = new Float64Array(places);
    this.#links = new Uint16Array(places);
    this.#interfaces = new Uint16Array(places);
  }

  /** Adds a packet of a flow (given by number, 0 for none). A packet larger than the whole ring is not kept. */
  add(record: Record, flow: number): void {
    const length = record.end - record.start;
    // Even an empty frame takes a byte, so that no two packets begin at the same one.
    const room = Math.max(1, length);
    if (room > this.#store.size) return;
    if (record.bytes !== this.#sourceBytes) {
      const { buffer, byteOffset, length: size } = record.bytes;
      this.#source = Buffer.from(buffer, byteOffset, size);
      this.#sourceBytes = record.bytes;
    }
    if (this.#at + room > this.#store.size) this.#wrap();
    this.#makeRoom(room);
    const place = this.#placeOf(this.next);
    this.#store.write(this.#at, this.#source, record.start, length);
    this.#offsets[place] = this.#at;
    this.#lengths[place] = length;
    this.#wireLengths[place] = record.wireLength;
    this.#flows[place] = flow;
    this.#numbers[place] = record.number;
    this.#times[place] = record.time;
    this.#links[place] = record.link;
    this.#interfaces[place] = record.interface;
    this.#at += room;
    this.#count++;
    this.#taken++;
  }

  /** Packets have positions, counted from 0 since the start. Those in `[oldest, next)` are still in the ring. */
  get oldest(): number {
    return this.#taken - this.#count;
  }

  get next(): number {
    return this.#taken;
  }

  /** Sets the flow of a fragment, which is known only when its datagram is complete. */
  label(number: number, flow: number): void {
    const oldest = Math.max(this.oldest, this.next - LABELLED_BACK);
    for (let position = this.next - 1; position >= oldest; position--) {
      const place = this.#placeOf(position);
      if (this.#numbers[place] !== number >>> 0) continue;
      this.#flows[place] = flow;
      return;
    }
  }

  /** Number of the flow that a packet belongs to, 0 for none. */
  flowAt(position: number): number {
    return this.#flows[this.#placeOf(position)];
  }

  timeAt(position: number): number {
    return this.#times[this.#placeOf(position)];
  }

  /** A packet as it was. Lent until the next call. */
  read(position: number): Record {
    const place = this.#placeOf(position);
    const record = this.#record;
    const bytes = this.#store.read(this.#offsets[place], this.#lengths[place]);
    record.bytes = bytes;
    record.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    record.start = 0;
    record.end = bytes.length;
    record.wireLength = this.#wireLengths[place];
    record.link = this.#links[place];
    record.interface = this.#interfaces[place];
    record.number = this.#numbers[place];
    record.time = this.#times[place];
    return record;
  }

  close(): void {
    this.#store.close();
  }

  #placeOf(position: number): number {
    return (this.#first + position - this.oldest) % this.#places;
  }

  /** Leaves the remaining bytes at the end of the store unused, and goes on at its beginning. */
  #wrap(): void {
    while (this.#count > 0 && this.#offsets[this.#first] >= this.#at) this.#drop();
    this.#at = 0;
  }

  /** Drops the packets whose bytes or place the next one needs. */
  #makeRoom(length: number): void {
    if (this.#count === this.#places) this.#drop();
    while (this.#count > 0) {
      const oldest = this.#offsets[this.#first];
      // The oldest ones lie ahead of where is written, or all of them behind it.
      if (oldest < this.#at || oldest >= this.#at + length) return;
      this.#drop();
    }
  }

  #drop(): void {
    this.#first = (this.#first + 1) % this.#places;
    this.#count--;
  }
}
