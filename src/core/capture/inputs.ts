import type { CaptureClock } from './clock.ts';
import { CaptureReader, type CaptureReaderOptions, type RecordReader } from './reader.ts';
import type { PacketCounter, RecordSink } from './record.ts';
import type { CaptureFile, Damage } from './summary.ts';

/** Makes the reader of one input: our own, or an adapter over another library. */
export type ReaderFactory = (clock: CaptureClock, counter: PacketCounter, sink: RecordSink, options: CaptureReaderOptions) => RecordReader;

const ownReader: ReaderFactory = (clock, counter, sink, options) => new CaptureReader(clock, counter, sink, options);

/** Several captures read one after another as if they were one: `open` and `close` each in turn. */
export class Inputs {
  /** True from `open` until the first frame of that input. Whoever sees that frame resets it. */
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

  /** The reader of the open input; null when none is open. */
  get current(): RecordReader | null {
    return this.reader;
  }

  /** Ends the open input and returns its reader; null when none is open. Throws `UnrecognisedCapture` if it was not a capture. */
  close(damage: Damage | null): RecordReader | null {
    const { reader } = this;
    if (reader === null) return null;
    this.reader = null;
    reader.finish(damage);
    this.closed.push(this.describe(reader));
    return reader;
  }

  /** What each input turned out to be, the open one as far as it has been read. */
  get files(): CaptureFile[] {
    return this.reader === null ? [...this.closed] : [...this.closed, this.describe(this.reader)];
  }

  private describe(reader: RecordReader): CaptureFile {
    return { ...reader.file, name: this.name, compression: this.compression };
  }
}
