import { EventEmitter } from 'node:events';
import pcapParser from 'pcap-parser';
import { CaptureReader, UnrecognisedCapture } from '../../core/index.ts';
import type {
  CaptureClock, CaptureCounters, CaptureFile, CaptureReaderOptions, Damage, PacketCounter, RecordReader, RecordSink,
} from '../../core/index.ts';

const MICROSECOND_MAGIC = 0xa1b2c3d4;
const FILE_HEADER_LENGTH = 24;
const RECORD_HEADER_LENGTH = 16;
/** Captured lengths up to this are never damage, so there is no need to ask. */
const UNSUSPICIOUS_LENGTH = 262_144;

/**
 * Reads classic pcap in microseconds with the npm package pcap-parser, as a second opinion on `CaptureReader`. The package finds the
 * records. They are written again, in one byte order, for a `CaptureReader`, which numbers, orders and limits them like any others.
 *
 * The package does not limit lengths, and ends silently in the middle of a record: here, both are damage. Throws `UnrecognisedCapture` for
 * any other format.
 */
export class PcapParserReader implements RecordReader {
  readonly #reader: CaptureReader;
  readonly #input = new LibraryInput();
  readonly #recordHeader = new DataView(new ArrayBuffer(RECORD_HEADER_LENGTH));
  #pushed = 0;
  /** Bytes of the file that have become records. */
  #consumed = 0;
  #damaged = false;
  #failure: Error | null = null;

  constructor(clock: CaptureClock, counter: PacketCounter, sink: RecordSink, options?: CaptureReaderOptions) {
    this.#reader = new CaptureReader(clock, counter, sink, options);
    pcapParser
      .parse(this.#input)
      .on('globalHeader', (header) => this.#takeFileHeader(header.snapshotLength, header.linkLayerType))
      .on('packetHeader', (header) => this.#takeRecordHeader(header))
      .on('packet', ({ data }) => this.#takeData(data))
      .on('error', (error) => {
        this.#failure = error;
      });
  }

  push(chunk: Uint8Array): void {
    this.#pushed += chunk.length;
    if (!this.#damaged) {
      // The package keeps slices of what it receives, so it gets a copy.
      this.#input.emit('data', Buffer.from(chunk));
    }
    this.#refuseFailure();
  }

  finish(damage: Damage | null = null): void {
    this.#input.emit('end');
    this.#refuseFailure();
    const left = this.#pushed - this.#consumed;
    const cut = { offset: this.#consumed, reason: damage?.reason ?? `the last record is cut: ${left} bytes of it are there` };
    this.#reader.finish(left > 0 && this.#pushed > 0 ? cut : damage);
  }

  get file(): CaptureFile {
    return { ...this.#reader.file, bytes: this.#pushed };
  }

  get counters(): CaptureCounters {
    return this.#reader.counters;
  }

  get misordered(): number {
    return this.#reader.misordered;
  }

  get clockSteps(): number {
    return this.#reader.clockSteps;
  }

  get truncated(): number {
    return this.#reader.truncated;
  }

  #takeFileHeader(snaplen: number, link: number): void {
    const header = new DataView(new ArrayBuffer(FILE_HEADER_LENGTH));
    header.setUint32(0, MICROSECOND_MAGIC);
    header.setUint16(4, 2);
    header.setUint16(6, 4);
    header.setUint32(16, snaplen);
    header.setUint32(20, link);
    this.#consumed = FILE_HEADER_LENGTH;
    this.#reader.push(new Uint8Array(header.buffer));
  }

  #takeRecordHeader(header: {
    timestampSeconds: number; timestampMicroseconds: number; capturedLength: number; originalLength: number;
  }): void {
    if (this.#damaged) {
      return;
    }
    const recordHeader = this.#recordHeader;
    const reader = this.#reader;
    recordHeader.setUint32(0, header.timestampSeconds);
    recordHeader.setUint32(4, header.timestampMicroseconds);
    recordHeader.setUint32(8, header.capturedLength);
    recordHeader.setUint32(12, header.originalLength);
    reader.push(new Uint8Array(recordHeader.buffer));
    this.#damaged = header.capturedLength > UNSUSPICIOUS_LENGTH && reader.file.damage !== null;
  }

  #takeData(data: Uint8Array): void {
    if (!this.#damaged) {
      this.#consumed += RECORD_HEADER_LENGTH + data.length;
      this.#reader.push(data);
    }
  }

  #refuseFailure(): void {
    if (this.#failure !== null) {
      throw new UnrecognisedCapture(`pcap-parser reads classic pcap with microseconds only: ${this.#failure.message}`);
    }
  }
}

/** The stream that the package listens to. There is nothing to pause or resume: every chunk is parsed while it is pushed. */
class LibraryInput extends EventEmitter {
  pause(): void {}
  resume(): void {}
}
