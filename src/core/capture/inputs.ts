import type { CaptureClock } from './clock.ts';
import { CaptureReader, type CaptureReaderOptions, type RecordReader } from './reader.ts';
import type { PacketCounter, RecordSink } from './record.ts';
import type { CaptureFile, Damage } from './summary.ts';

/** Makes what reads one input: the capture reader, or an adapter over another library. */
export type ReaderFactory = (clock: CaptureClock, counter: PacketCounter, sink: RecordSink, options: CaptureReaderOptions) => RecordReader;

const ownReader: ReaderFactory = (clock, counter, sink, options) => new CaptureReader(clock, counter, sink, options);

/** Captures that are read one after another as one: `open`, `push` and `close` each in turn. */
export class Inputs {
  /** Opened, and no frame of it was handed on yet. */
  isFresh = false;
  private readonly clock: CaptureClock;
  private readonly counter: PacketCounter;
  private readonly sink: RecordSink;
  private readonly options: CaptureReaderOptions;
  private readonly closed: CaptureFile[] = [];
  private reader: RecordReader | null = null;
  private name = '';
  private compression: string | null = null;

  constructor(clock: CaptureClock, counter: PacketCounter, sink: RecordSink, options: CaptureReaderOptions) {
    this.clock = clock;
    this.counter = counter;
    this.sink = sink;
    this.options = options;
  }

  open(name: string, compression: string | null, makeReader: ReaderFactory = ownReader): void {
    this.name = name;
    this.compression = compression;
    this.isFresh = true;
    this.reader = makeReader(this.clock, this.counter, this.sink, this.options);
  }

  /** Reads the one that is open; null when none is. */
  get current(): RecordReader | null {
    return this.reader;
  }

  /** Ends the one that is open, and returns what read it; null when none is. Throws `UnrecognisedCapture` when it was no capture. */
  close(damage: Damage | null): RecordReader | null {
    const { reader } = this;
    if (reader === null) return null;
    this.reader = null;
    reader.finish(damage);
    this.closed.push(this.describe(reader));
    return reader;
  }

  /** What each turned out to be so far. */
  get files(): CaptureFile[] {
    return this.reader === null ? [...this.closed] : [...this.closed, this.describe(this.reader)];
  }

  private describe(reader: RecordReader): CaptureFile {
    return { ...reader.file, name: this.name, compression: this.compression };
  }
}
