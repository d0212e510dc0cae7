/*
 * A program of its own: captures with the package `cap` and writes pcap to standard output. In a process apart, because cap's
 * native part works in no worker thread, and keeps the event loop for as long as packets come.
 */
import { createRequire } from 'node:module';
import type { Cap } from 'cap';
import { CAP_MISSING } from './cap.ts';
import type { SourceRequest } from './source.ts';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** cap asks libpcap for packets of this length, whatever is kept of them; its ring is cut into slots of this size. */
const LARGEST_PACKET = 65_535;
const LEAST_RING = 64 * 1024 * 1024;
const BATCH = 64 * 1024;
/** How often the clock is compared with the machine's, which may be set (milliseconds). */
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

function capture({ interface: name, filter, snaplen, buffer }: SourceRequest): void {
  const packet = Buffer.alloc(LARGEST_PACKET);
  const device = new (loadCap())();
  const link = device.open(name, filter, Math.max(LEAST_RING, buffer * 1024), packet);
  const linkType = LINK_TYPES[link];
  if (linkType === undefined) throw new Error(`cap reports the link type ${link}, which is not known here`);

  // Records gather here until the event loop turns, or it is full.
  const batch = Buffer.alloc(BATCH + RECORD_HEADER_LENGTH + LARGEST_PACKET);
  batch.writeUInt32LE(MAGIC_NANOSECONDS, 0);
  batch.writeUInt16LE(2, 4);
  batch.writeUInt16LE(4, 6);
  batch.writeUInt32LE(snaplen, 16);
  batch.writeUInt32LE(linkType, 20);
  let filled = FILE_HEADER_LENGTH;
  let isScheduled = false;
  const flush = (): void => {
    isScheduled = false;
    if (filled > 0) process.stdout.write(Uint8Array.prototype.slice.call(batch, 0, filled));
    filled = 0;
  };
  const end = (): void => {
    device.close();
    flush();
    process.exit(0);
  };
  flush();

  let offset = Date.now() - performance.now();
  setInterval(() => {
    offset = Date.now() - performance.now();
  }, CLOCK_CHECK_MS);
  device.on('packet', (length) => {
    const kept = Math.min(length, snaplen);
    const time = offset + performance.now();
    const seconds = Math.floor(time / 1000);
    batch.writeUInt32LE(seconds, filled);
    batch.writeUInt32LE(Math.floor((time - seconds * 1000) * 1e6), filled + 4);
    batch.writeUInt32LE(kept, filled + 8);
    batch.writeUInt32LE(length, filled + 12);
    packet.copy(batch, filled + RECORD_HEADER_LENGTH, 0, kept);
    filled += RECORD_HEADER_LENGTH + kept;
    if (filled >= BATCH) flush();
    else if (!isScheduled) {
      isScheduled = true;
      setImmediate(flush);
    }
  });
  process.on('SIGINT', end).on('SIGTERM', end);
  // Whom this is for has gone.
  process.stdout.on('error', () => process.exit(0));
}

try {
  capture(JSON.parse(process.argv[2] ?? '{}') as SourceRequest);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
