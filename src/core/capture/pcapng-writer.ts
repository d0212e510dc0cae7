import type { CaptureCounters } from './summary.ts';
import { utf8 } from './utf8.ts';

/* Block types and option codes (draft-ietf-opsawg-pcapng §3.5, §4). */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const END_OF_OPTIONS = 0;
const COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_TSRESOL = 9;
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** if_tsresol: 10^-9 s. */
const NANOSECONDS = 9;
const LONGEST_OPTION = 0xffff;
const FIRST_CAPACITY = 1 << 17;
/** Once this many bytes have been gathered they are handed on. */
const BATCH = 1 << 16;

/** Takes the bytes of a file piece by piece. Each piece is lent for the call. */
export type BytesSink = (bytes: Uint8Array) => void;

/** The captured part of a frame, `bytes[start, end)`, which had `wireLength` bytes on the wire. */
export interface FrameBytes {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly wireLength: number;
}

/**
 * Writes a pcapng file of one section (draft-ietf-opsawg-pcapng): little-endian, times in nanoseconds. Describe an interface before its
 * packets, and call `flush` at the end: output is buffered.
 */
export class PcapngWriter {
  readonly #sink: BytesSink;
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;
  #interfaces = 0;
  /** Length of the file so far in bytes, including what is still buffered. */
  length = 0;

  /** `application`: name and version of the writing program. `comment`: about the whole file. */
  constructor(sink: BytesSink, { application, comment }: { application: string; comment?: string | undefined }) {
    this.#sink = sink;
    const start = this.#begin(SECTION_HEADER, 16);
    this.#view.setUint32(start + 8, BYTE_ORDER_MAGIC, true);
    this.#view.setUint16(start + 12, 1, true);
    this.#view.setUint16(start + 14, 0, true);
    // Section length: unspecified.
    this.#view.setBigInt64(start + 16, -1n, true);
    this.#text(SHB_USERAPPL, application);
    if (comment !== undefined) this.#text(COMMENT, comment);
    this.#finish(start);
  }

  /** Describes an interface by its LINKTYPE_ value and snapshot length (0: unlimited). Returns its number for `packet`. */
  describe(link: number, snaplen: number): number {
    const start = this.#begin(INTERFACE_DESCRIPTION, 8);
    this.#view.setUint16(start + 8, link, true);
    this.#view.setUint16(start + 10, 0, true);
    this.#view.setUint32(start + 12, snaplen, true);
    const value = this.#option(IF_TSRESOL, 1);
    this.#bytes[value] = NANOSECONDS;
    this.#finish(start);
    return this.#interfaces++;
  }

  /** Writes a packet. `time`: nanoseconds since the epoch; times before it cannot be expressed and become 0. */
  packet(described: number, time: bigint, frame: FrameBytes, comments: readonly string[] = []): void {
    const captured = frame.end - frame.start;
    const start = this.#begin(ENHANCED_PACKET, 20 + padded(captured));
    this.#view.setUint32(start + 8, described, true);
    this.#time(start + 12, time);
    this.#view.setUint32(start + 20, captured, true);
    this.#view.setUint32(start + 24, frame.wireLength, true);
    this.#bytes.set(frame.bytes.subarray(frame.start, frame.end), start + 28);
    this.#bytes.fill(0, start + 28 + captured, this.#end);
    for (const comment of comments) this.#text(COMMENT, comment);
    this.#finish(start);
  }

  /** Writes what the capture lost; unknown counts (-1) are left out. `time`: nanoseconds since the epoch. */
  statistics(described: number, time: bigint, { interfaceDrops, kernelDrops }: CaptureCounters): void {
    const start = this.#begin(INTERFACE_STATISTICS, 12);
    this.#view.setUint32(start + 8, described, true);
    this.#time(start + 12, time);
    for (const [code, drops] of [[ISB_IFDROP, interfaceDrops], [ISB_OSDROP, kernelDrops]] as const) {
      if (drops < 0) continue;
      const value = this.#option(code, 8);
      this.#view.setBigUint64(value, BigInt(drops), true);
    }
    this.#finish(start);
  }

  /** Hands on what is buffered. */
  flush(): void {
    if (this.#end > 0) this.#sink(this.#bytes.subarray(0, this.#end));
    this.#end = 0;
  }

  #time(position: number, time: bigint): void {
    const ticks = time < 0n ? 0n : time;
    this.#view.setUint32(position, Number(BigInt.asUintN(32, ticks >> 32n)), true);
    this.#view.setUint32(position + 4, Number(BigInt.asUintN(32, ticks)), true);
  }

  /** Begins a block with a fixed part of `body` bytes and returns where it starts. Close it with `#finish`. */
  #begin(type: number, body: number): number {
    const start = this.#end;
    this.#reserve(8 + body);
    this.#view.setUint32(start, type, true);
    return start;
  }

  #text(code: number, text: string): void {
    const bytes = utf8(text, LONGEST_OPTION);
    this.#bytes.set(bytes, this.#option(code, bytes.length));
  }

  /** Adds an option and returns where its value goes. */
  #option(code: number, length: number): number {
    const at = this.#end;
    this.#reserve(4 + padded(length));
    this.#view.setUint16(at, code, true);
    this.#view.setUint16(at + 2, length, true);
    this.#bytes.fill(0, at + 4, this.#end);
    return at + 4;
  }

  /** Ends the options and the block, whose length stands at both ends. */
  #finish(start: number): void {
    this.#option(END_OF_OPTIONS, 0);
    this.#reserve(4);
    const length = this.#end - start;
    this.#view.setUint32(start + 4, length, true);
    this.#view.setUint32(this.#end - 4, length, true);
    this.length += length;
    if (this.#end >= BATCH) this.flush();
  }

  #reserve(length: number): void {
    const end = this.#end + length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#end = end;
  }
}

/** Everything in a block is aligned to four bytes. */
function padded(length: number): number {
  return length + (-length & 3);
}
