import { UnrecognisedCapture } from './errors.ts';
import { CaptureInterface } from './interfaces.ts';
import { readInterfaceOptions, readStatisticsOptions } from './pcapng-options.ts';
import { recordLimit } from './reading.ts';
import type { FormatParser, Reading } from './reading.ts';
import type { CaptureCounters, Damage } from './summary.ts';

/* Block types (draft-ietf-opsawg-pcapng §4, and its registry for the last three). */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
/** Blocks without a frame that Wireshark numbers all the same: custom blocks, journal entries and system calls. */
const NUMBERED_BLOCKS: ReadonlySet<number> = new Set([0x0bad, 0x40000bad, 9, 0x204, 0x216, 0x221]);

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SMALLEST_BLOCK = 12;
const SECTION_HEADER_LENGTH = 28;
const INTERFACE_DESCRIPTION_LENGTH = 20;
const INTERFACE_STATISTICS_LENGTH = 24;
const PACKET_LENGTH = 32;
const SIMPLE_PACKET_LENGTH = 16;
/** How much of a block without a packet is read, in bytes; the rest is skipped. */
const DESCRIPTION_LIMIT = 65_536;
/** Most bytes that a packet block may hold besides its frame: options, mainly comments. */
const PACKET_OPTIONS_LIMIT = 1 << 20;
const INTERFACES_LIMIT = 65_536;

/** The parser of a pcapng file; null if `reading.input` (4 bytes or more) does not begin with one. */
export function recognisePcapng(reading: Reading): FormatParser | null {
  return reading.input.view.getUint32(reading.input.position) === SECTION_HEADER ? new PcapngParser(reading) : null;
}

/** pcapng: blocks with their length at both ends (draft-ietf-opsawg-pcapng). Each section has its own byte order. */
class PcapngParser implements FormatParser {
  readonly format = 'pcapng';
  private readonly reading: Reading;
  private littleEndian = true;
  private sections = 0;
  private interfaces: CaptureInterface[] = [];
  /** Drops according to earlier sections, -1 if unknown. */
  private closedCounters: CaptureCounters = { kernelDrops: -1, interfaceDrops: -1 };
  /** Largest captured length that is believed in this section. */
  private limit = recordLimit(0);
  /** Time of the last packet that had one: simple packet blocks have none. */
  private lastTime = 0;
  /** The block that is being skipped: where it began, and the length that its end must repeat; 0 if there is none. */
  private passedOffset = 0;
  private passedLength = 0;

  constructor(reading: Reading) {
    this.reading = reading;
  }

  get counters(): CaptureCounters {
    return withInterfaces(this.closedCounters, this.interfaces);
  }

  parse(): void {
    while (this.reading.damage === null && (this.passedLength === 0 || this.endPassedBlock())) {
      if (!this.readBlock()) {
        return;
      }
    }
  }

  incomplete(): Damage | null {
    const { input } = this.reading;
    if (this.passedLength !== 0) {
      return { offset: this.passedOffset, reason: `the last block is cut: it should have ${this.passedLength} bytes` };
    }
    if (input.available === 0) {
      return null;
    }
    return { offset: input.offsetOf(input.position), reason: `the last block is cut: ${input.available} bytes of it are there` };
  }

  /** Reads one block, or the part of it that matters; false if more input is needed first. */
  private readBlock(): boolean {
    const { input } = this.reading;
    if (input.available < SMALLEST_BLOCK) {
      return false;
    }
    const { view, position } = input;
    const type = view.getUint32(position, this.littleEndian);
    // The type of a section header is a palindrome of bytes: the header itself says in which order to read the rest.
    if (type === SECTION_HEADER && !this.takeByteOrder(position + 8)) {
      return true;
    }
    const stated = view.getUint32(position + 4, this.littleEndian);
    const length = roundUp(stated);
    if (stated < smallestLength(type)) {
      this.stop(position, `block of type 0x${type.toString(16)} with a length of ${stated} bytes`);
      return true;
    }
    switch (type) {
      case ENHANCED_PACKET:
      case OBSOLETE_PACKET:
      case SIMPLE_PACKET:
        return this.readPacket(type, position, length);
      case SECTION_HEADER:
      case INTERFACE_DESCRIPTION:
      case INTERFACE_STATISTICS:
        return this.readDescription(type, position, length);
      default:
        if (NUMBERED_BLOCKS.has(type)) {
          this.reading.counter.packets++;
        }
        this.passOver(position, length);
        return true;
    }
  }

  /** Reads the first bytes of a block without a packet, then skips the rest; false if those bytes have not come yet. */
  private readDescription(type: number, start: number, length: number): boolean {
    const { input } = this.reading;
    const wanted = Math.min(length - 4, DESCRIPTION_LIMIT);
    if (input.available < wanted) {
      return false;
    }
    const end = start + wanted;
    if (type === SECTION_HEADER) {
      this.beginSection(start);
    } else if (type === INTERFACE_DESCRIPTION) {
      this.addInterface(start, end);
    } else {
      this.readStatistics(start, end);
    }
    if (this.reading.damage === null) {
      this.passOver(start, length);
    }
    return true;
  }

  private passOver(start: number, length: number): void {
    const { input } = this.reading;
    this.passedOffset = input.offsetOf(start);
    this.passedLength = length;
    input.skip(length - 4);
  }

  /** Checks the length at the end of a skipped block; false if it has not come yet, or is wrong. */
  private endPassedBlock(): boolean {
    const { input } = this.reading;
    if (input.skipping || input.available < 4) {
      return false;
    }
    const repeated = input.view.getUint32(input.position, this.littleEndian);
    if (roundUp(repeated) !== this.passedLength) {
      this.reading.stop(this.passedOffset, lengthsDiffer(this.passedLength, repeated));
      return false;
    }
    input.position += 4;
    this.passedLength = 0;
    return true;
  }

  private takeByteOrder(position: number): boolean {
    const { view } = this.reading.input;
    if (view.getUint32(position, true) === BYTE_ORDER_MAGIC) {
      this.littleEndian = true;
      return true;
    }
    if (view.getUint32(position) === BYTE_ORDER_MAGIC) {
      this.littleEndian = false;
      return true;
    }
    if (this.sections === 0) {
      throw new UnrecognisedCapture('a pcapng section header without its byte-order magic');
    }
    this.stop(position - 8, 'section header without its byte-order magic');
    return false;
  }

  private beginSection(start: number): void {
    const { view } = this.reading.input;
    const major = view.getUint16(start + 12, this.littleEndian);
    const minor = view.getUint16(start + 14, this.littleEndian);
    // Some programs wrote 1.2 by mistake; it is to be read as 1.0 (draft-ietf-opsawg-pcapng §4.1).
    if (major !== 1 || (minor !== 0 && minor !== 2)) {
      const reason = `pcapng section of version ${major}.${minor}: only version 1.0 is known`;
      if (this.sections === 0) {
        throw new UnrecognisedCapture(reason);
      }
      this.stop(start, reason);
      return;
    }
    this.sections++;
    this.closedCounters = this.counters;
    this.interfaces = [];
    this.limit = recordLimit(0);
  }

  private addInterface(start: number, end: number): void {
    const { reading, littleEndian } = this;
    const { view } = reading.input;
    if (this.interfaces.length === INTERFACES_LIMIT) {
      this.stop(start, `more than ${INTERFACES_LIMIT} interfaces in one section`);
      return;
    }
    const link = view.getUint16(start + 8, littleEndian);
    const snaplen = view.getUint32(start + 12, littleEndian);
    const options = readInterfaceOptions(view, start + 16, end, littleEndian);
    const index = reading.counter.interfaces++;
    this.interfaces.push(new CaptureInterface(link, snaplen, index, options.ticksPerSecond, options.offsetSeconds));
    this.limit = Math.max(this.limit, recordLimit(snaplen));
    reading.describe(link, snaplen);
  }

  private readStatistics(start: number, end: number): void {
    const { view } = this.reading.input;
    const described = this.interfaces[view.getUint32(start + 8, this.littleEndian)];
    if (described !== undefined) {
      const { interfaceDrops, kernelDrops } = readStatisticsOptions(view, start + 20, end, this.littleEndian);
      // Counts are from the start of the capture: a later block replaces an earlier one.
      described.interfaceDrops = interfaceDrops === -1 ? described.interfaceDrops : interfaceDrops;
      described.kernelDrops = kernelDrops === -1 ? described.kernelDrops : kernelDrops;
    }
  }

  /** Reads a packet block at `start`; false if not all of it has come yet. */
  private readPacket(type: number, start: number, length: number): boolean {
    const { input } = this.reading;
    const longest = this.limit + PACKET_OPTIONS_LIMIT;
    if (length > longest) {
      this.stop(start, `packet block of ${length} bytes, the limit is ${longest}`);
      return true;
    }
    if (input.available < length) {
      return false;
    }
    const repeated = input.view.getUint32(start + length - 4, this.littleEndian);
    if (roundUp(repeated) !== length) {
      this.stop(start, lengthsDiffer(length, repeated));
    } else {
      this.readFrame(type, start, length);
    }
    return true;
  }

  /** Hands on the frame in a complete packet block, unless the block contradicts itself or the section. */
  private readFrame(type: number, start: number, length: number): void {
    const { reading, littleEndian } = this;
    const { input } = reading;
    const { view } = input;
    const simple = type === SIMPLE_PACKET;
    const id = simple ? 0 : type === ENHANCED_PACKET ? view.getUint32(start + 8, littleEndian) : view.getUint16(start + 8, littleEndian);
    const described = this.interfaces[id];
    if (described === undefined) {
      this.stop(start, `packet of interface ${id}, but the section describes ${this.interfaces.length}`);
      return;
    }
    const data = start + (simple ? SIMPLE_PACKET_LENGTH : PACKET_LENGTH) - 4;
    const wireLength = view.getUint32(data - 4, littleEndian);
    const captured = simple ? simpleCaptured(wireLength, described.snaplen) : view.getUint32(start + 20, littleEndian);
    if (captured > start + length - 4 - data || captured > this.limit) {
      this.stop(start, `packet of ${captured} bytes in a block of ${length}, the limit is ${this.limit}`);
      return;
    }
    if (!simple) {
      const high = view.getUint32(start + 12, littleEndian);
      this.lastTime = described.time(high, view.getUint32(start + 16, littleEndian), reading.clock);
    }
    const offset = input.offsetOf(start);
    input.position = start + length;
    const { incoming } = reading.window;
    incoming.start = data;
    incoming.end = data + captured;
    incoming.wireLength = wireLength;
    incoming.link = described.link;
    incoming.interface = described.index;
    incoming.time = this.lastTime;
    reading.frame(captured, offset);
  }

  private stop(position: number, reason: string): void {
    this.reading.stop(this.reading.input.offsetOf(position), reason);
  }
}

/** Lengths should be multiples of four. Where one is not, the padding is there all the same. */
function roundUp(length: number): number {
  return length + (-length & 3);
}

function smallestLength(type: number): number {
  switch (type) {
    case SECTION_HEADER:
      return SECTION_HEADER_LENGTH;
    case INTERFACE_DESCRIPTION:
      return INTERFACE_DESCRIPTION_LENGTH;
    case INTERFACE_STATISTICS:
      return INTERFACE_STATISTICS_LENGTH;
    case ENHANCED_PACKET:
    case OBSOLETE_PACKET:
      return PACKET_LENGTH;
    case SIMPLE_PACKET:
      return SIMPLE_PACKET_LENGTH;
    default:
      return SMALLEST_BLOCK;
  }
}

/** A simple packet block has no captured length: it follows from the snapshot length (0: unlimited). */
function simpleCaptured(wireLength: number, snaplen: number): number {
  return snaplen === 0 ? wireLength : Math.min(wireLength, snaplen);
}

function lengthsDiffer(first: number, second: number): string {
  return `a block's two lengths differ: ${first} and ${second}`;
}

function withInterfaces(counters: CaptureCounters, interfaces: readonly CaptureInterface[]): CaptureCounters {
  let { kernelDrops, interfaceDrops } = counters;
  for (const described of interfaces) {
    kernelDrops = addKnown(kernelDrops, described.kernelDrops);
    interfaceDrops = addKnown(interfaceDrops, described.interfaceDrops);
  }
  return { kernelDrops, interfaceDrops };
}

/** Adds a count to a sum, where -1 means unknown. */
function addKnown(sum: number, count: number): number {
  return count === -1 ? sum : Math.max(sum, 0) + count;
}
