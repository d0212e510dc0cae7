/*
 * A program of its own: captures with the package `cap` and writes pcap to standard output. It runs in a process of its own because the
 * native part of cap does not work in worker threads, and blocks the event loop for as long as packets come.
 */
import { createRequire } from 'node:module';
import type { Cap } from 'cap';
import { CAP_MISSING } from './cap.ts';
import type { SourceRequest } from './source.ts';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** cap asks libpcap for packets of this length, however little is kept of them, and for a ring with slots of this size. */
const LARGEST_PACKET = 65_535;
const LEAST_RING = 64 * 1024 * 1024;
const BATCH = 64 * 1024;
/** How often our clock is compared with the machine's, which may be set meanwhile (milliseconds). */
const CLOCK_CHECK_MS = 60_000;
const LINK_TYPES: { readonly [name: string]: number } = { NULL: 0, ETHERNET: 1, RAW: 101, LINKTYPE_LINUX_SLL: 113, IEEE802_11_RADIO: 127 };

function loadCap(): typeof Cap {
  try {
    const { Cap } = createRequire(import.meta.url)('cap') as { Cap: typeof import('cap').Cap };
    return Cap;
  } catch {
    process.stderr.write(`${CAP_MISSING}\n`);
    process.exit(2);
  }
}

/** Writes pcap to standard output. Records are gathered until the event loop turns, or there are many. */
class PcapOutput {
  readonly #batch = Buffer.alloc(BATCH + RECORD_HEADER_LENGTH + LARGEST_PACKET);
  #filled = FILE_HEADER_LENGTH;
  #isScheduled = false;

  constructor(snaplen: number, linkType: number) {
    this.#batch.writeUInt32LE(MAGIC_NANOSECONDS, 0);
    this.#batch.writeUInt16LE(2, 4);
    this.#batch.writeUInt16LE(4, 6);
    this.#batch.writeUInt32LE(snaplen, 16);
    this.#batch.writeUInt32LE(linkType, 20);
    this.flush();
  }

  /** Adds the first `kept` of `length` bytes of a packet. `time`: milliseconds since the epoch. */
  add(packet: Buffer, kept: number, length: number, time: number): void {
    const at = this.#filled;
    const seconds = Math.floor(time / 1000);
    this.#batch.writeUInt32LE(seconds, at);
    this.#batch.writeUInt32LE(Math.floor((time - seconds * 1000) * 1e6), at + 4);
    this.#batch.writeUInt32LE(kept, at + 8);
    this.#batch.writeUInt32LE(length, at + 12);
    packet.copy(this.#batch, at + RECORD_HEADER_LENGTH, 0, kept);
    this.#filled += RECORD_HEADER_LENGTH + kept;
    if (this.#filled >= BATCH) this.flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => this.flush());
    }
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#filled > 0) process.stdout.write(Uint8Array.prototype.slice.call(this.#batch, 0, this.#filled));
    this.#filled = 0;
  }
}

function capture({ interface: name, filter, snaplen, buffer }: SourceRequest): void {
  const packet = Buffer.alloc(LARGEST_PACKET);
  const device = new (loadCap())();
  const link = device.open(name, filter, Math.max(LEAST_RING, buffer * 1024), packet);
  const linkType = LINK_TYPES[link];
  if (linkType === undefined) throw new Error(`cap reports the link type ${link}, which is not known here`);
  const output = new PcapOutput(snaplen, linkType);
  let offset = Date.now() - performance.now();
  setInterval(() => {
    offset = Date.now() - performance.now();
  }, CLOCK_CHECK_MS);
  device.on('packet', (length) => output.add(packet, Math.min(length, snaplen), length, offset + performance.now()));
  const end = (): void => {
    device.close();
    output.flush();
    process.exit(0);
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  // The program that reads this has gone.
  process.stdout.on('error', () => process.exit(0));
}

try {
  capture(JSON.parse(process.argv[2] ?? '{}') as SourceRequest);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
