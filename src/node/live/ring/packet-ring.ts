import { Record } from '../../../core/index.ts';
import type { RingStore } from './ring-store.ts';

/** Packets are expected to be this long on average, when there is to be a place for each (bytes). */
const EXPECTED_LENGTH = 128;
/** What the facts of a packet take (bytes). */
const FACTS_LENGTH = 36;
const LEAST_PLACES = 64;
const MOST_PLACES = 1 << 22;
/** How far back a fragment is looked for, when the rest of its datagram has come (packets). */
const LABELLED_BACK = 1 << 14;

/** How many packets a ring of `size` bytes has places for, and how many bytes are then left for their content. */
export function divided(size: number): { places: number; bytes: number } {
  const places = Math.min(MOST_PLACES, Math.max(LEAST_PLACES, Math.floor(size / (EXPECTED_LENGTH + FACTS_LENGTH))));
  return { places, bytes: Math.max(0, size - places * FACTS_LENGTH) };
}

/**
 * The last packets: their bytes in a store that is written round and round, their facts in columns. Everything is taken at the start;
 * a packet allocates nothing, and drives out the oldest ones.
 */
export class PacketRing {
  /** Packets in the ring. */
  #count = 0;
  /** Packets taken so far. */
  #taken = 0;
  /** Place of the oldest. */
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
  /** The memory that records come in, as a Buffer: it can be copied from without an object for each part. */
  #source: Buffer = Buffer.alloc(0);
  #sourceBytes: Uint8Array | null = null;

  /** @param places packets kept at most; see `divided` */
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

  /** Takes a packet of a flow (its number, 0 for none). One that is larger than the whole ring is not kept. */
  add(record: Record, flow: number): void {
    const length = record.end - record.start;
    // An empty frame takes a byte, too, so that no two packets begin at the same one.
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

  /** Every packet has a position, counted from 0 since the start: those from `oldest` on, before `next`, are still here. */
  get oldest(): number {
    return this.#taken - this.#count;
  }

  get next(): number {
    return this.#taken;
  }

  /** Says which flow a packet belongs to, where that was seen only later: a fragment. */
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

  /** The bytes that are left at the end stay unused until the next round: what lies there is driven out. */
  #wrap(): void {
    while (this.#count > 0 && this.#offsets[this.#first] >= this.#at) this.#drop();
    this.#at = 0;
  }

  /** Drives out the packets whose bytes or place the next one takes. */
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
