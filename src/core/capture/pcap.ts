import { UnrecognisedCapture } from './errors.ts';
import { recordLimit } from './reading.ts';
import type { FormatParser, Reading } from './reading.ts';
import type { Damage } from './summary.ts';

const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
const BILLION = 1_000_000_000;
const HALF_BILLION = 500_000_000;

interface Variant {
  format: string;
  magic: number;
  recordHeaderLength: number;
  /** Nanoseconds per unit of the second time field of a record. */
  fraction: number;
}

/** The kinds of classic pcap. "Modified" is Kuznetzov's of 1999, whose record header adds interface, protocol and packet type. */
const VARIANTS: readonly Variant[] = [
  { format: 'pcap', magic: 0xa1b2c3d4, recordHeaderLength: RECORD_HEADER_LENGTH, fraction: 1000 },
  { format: 'pcap-nanosecond', magic: 0xa1b23c4d, recordHeaderLength: RECORD_HEADER_LENGTH, fraction: 1 },
  { format: 'pcap-modified', magic: 0xa1b2cd34, recordHeaderLength: RECORD_HEADER_LENGTH + 8, fraction: 1000 },
];

/** The parser of a classic pcap file; null if `reading.input` (4 bytes or more) does not begin with one. */
export function recognisePcap(reading: Reading): FormatParser | null {
  for (const variant of VARIANTS) {
    for (const littleEndian of [true, false]) {
      if (reading.input.view.getUint32(reading.input.position, littleEndian) === variant.magic) {
        return new PcapParser(reading, variant, littleEndian);
      }
    }
  }
  return null;
}

/** Classic pcap: a file header of 24 bytes, then records (draft-ietf-opsawg-pcap). */
class PcapParser implements FormatParser {
  readonly format: string;
  readonly counters = { kernelDrops: -1, interfaceDrops: -1 };
  private readonly reading: Reading;
  private readonly littleEndian: boolean;
  private readonly recordHeaderLength: number;
  private readonly fraction: number;
  private headerRead = false;
  private link = 0;
  private limit = 0;
  /** Before version 2.3 the two lengths of a record are swapped, in version 2.3 they may be. */
  private minorVersion = 4;
  /** The clock's base as two exact numbers; known once there was a record. */
  private baseKnown = false;
  private baseSeconds = 0;
  private baseNanoseconds = 0;

  constructor(reading: Reading, variant: Variant, littleEndian: boolean) {
    this.reading = reading;
    this.format = variant.format;
    this.littleEndian = littleEndian;
    this.recordHeaderLength = variant.recordHeaderLength;
    this.fraction = variant.fraction;
  }

  parse(): void {
    if (!this.headerRead && !this.readFileHeader()) {
      return;
    }
    const { reading, littleEndian, recordHeaderLength, fraction, link, limit } = this;
    const { input } = reading;
    const { view, end } = input;
    const { incoming } = reading.window;
    this.lookAhead();
    const oldLengths = this.minorVersion < 4;
    while (end - input.position >= recordHeaderLength) {
      const start = input.position;
      let captured = view.getUint32(start + 8, littleEndian);
      let wireLength = view.getUint32(start + 12, littleEndian);
      if (oldLengths && (this.minorVersion < 3 || captured > wireLength)) {
        [captured, wireLength] = [wireLength, captured];
      }
      if (captured > limit) {
        reading.stop(input.offsetOf(start), `record of ${captured} bytes, the limit is ${limit}`);
        return;
      }
      const data = start + recordHeaderLength;
      if (end - data < captured) {
        return;
      }
      const seconds = view.getUint32(start, littleEndian);
      const nanoseconds = view.getUint32(start + 4, littleEndian) * fraction;
      if (!this.baseKnown) {
        this.takeBase(seconds, nanoseconds);
      }
      incoming.start = data;
      incoming.end = data + captured;
      incoming.wireLength = wireLength;
      incoming.link = link;
      incoming.interface = 0;
      // A field, not an argument: V8 would allocate a heap number for each call.
      incoming.time = this.timeOf(seconds, nanoseconds);
      const offset = input.offsetOf(start);
      input.position = data + captured;
      reading.frame(captured, offset);
    }
  }

  /** Looks at the times of all records in the input first. Most captures are in order, so most records can then skip the reorder window. */
  private lookAhead(): void {
    const { reading, littleEndian, recordHeaderLength, fraction } = this;
    const { input, window } = reading;
    const { view, end } = input;
    let { latest } = window;
    let lowest = this.baseKnown && this.minorVersion >= 4 ? Infinity : -Infinity;
    for (let at = input.position; end - at >= recordHeaderLength; ) {
      const next = at + recordHeaderLength + view.getUint32(at + 8, littleEndian);
      if (next > end) break;
      const time = this.timeOf(view.getUint32(at, littleEndian), view.getUint32(at + 4, littleEndian) * fraction);
      if (time >= latest) latest = time;
      else if (time < lowest) lowest = time;
      at = next;
    }
    window.foresee(latest, lowest);
  }

  /** Nanoseconds since the clock's base. */
  private timeOf(seconds: number, nanoseconds: number): number {
    // The half makes V8 compile this for floating point from the start. Compiled for integers, it would be thrown away when they
    // overflow, two seconds into the capture. The result is exact up to 2^53 ns all the same.
    return (seconds - this.baseSeconds + 0.5) * BILLION - HALF_BILLION + (nanoseconds - this.baseNanoseconds);
  }

  incomplete(): Damage | null {
    const { input } = this.reading;
    if (!this.headerRead) {
      return { offset: 0, reason: `the file header is cut: ${input.available} of ${FILE_HEADER_LENGTH} bytes` };
    }
    if (input.available === 0) {
      return null;
    }
    return { offset: input.offsetOf(input.position), reason: `the last record is cut: ${input.available} bytes of it are there` };
  }

  private readFileHeader(): boolean {
    const { reading, littleEndian } = this;
    const { input } = reading;
    if (input.available < FILE_HEADER_LENGTH) {
      return false;
    }
    const start = input.position;
    const major = input.view.getUint16(start + 4, littleEndian);
    if (major !== 2) {
      throw new UnrecognisedCapture(`pcap of version ${major}: only version 2 is known`);
    }
    this.minorVersion = input.view.getUint16(start + 6, littleEndian);
    const snaplen = input.view.getUint32(start + 16, littleEndian);
    // The upper half holds the length of the FCS and a class. Neither is needed: frames state their lengths.
    this.link = input.view.getUint32(start + 20, littleEndian) & 0xffff;
    this.limit = recordLimit(snaplen);
    reading.describe(this.link, snaplen);
    input.position = start + FILE_HEADER_LENGTH;
    this.headerRead = true;
    return true;
  }

  private takeBase(seconds: number, nanoseconds: number): void {
    const { clock } = this.reading;
    clock.base ??= BigInt(seconds) * BigInt(BILLION) + BigInt(nanoseconds);
    this.baseSeconds = Number(clock.base / BigInt(BILLION));
    this.baseNanoseconds = Number(clock.base % BigInt(BILLION));
    this.baseKnown = true;
  }
}
