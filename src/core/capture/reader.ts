import type { CaptureClock } from './clock.ts';
import { UnrecognisedCapture } from './errors.ts';
import { linkName } from './link-names.ts';
import { ReorderWindow } from './reorder-window.ts';
import { recognisePcap } from './pcap.ts';
import { recognisePcapng } from './pcapng.ts';
import { Reading } from './reading.ts';
import type { FormatParser } from './reading.ts';
import type { PacketCounter, RecordSink } from './record.ts';
import { nameContent } from './sniff.ts';
import type { CaptureCounters, CaptureFile, Damage } from './summary.ts';

/** The formats, each recognised by its first four bytes. */
const FORMATS: readonly ((reading: Reading) => FormatParser | null)[] = [recognisePcap, recognisePcapng];
const MAGIC_LENGTH = 4;
/** How many bytes of unrecognised content are looked at to name it. */
const NAMED_LENGTH = 64;

export interface CaptureReaderOptions {
  /** How long a record waits for earlier ones, in nanoseconds; 1,000,000 by default. */
  reorderNanoseconds?: number;
}

/** Reads one capture file: `CaptureReader`, or an adapter over another library. */
export interface RecordReader {
  push(chunk: Uint8Array): void;
  finish(damage?: Damage | null): void;
  room?(length: number): Uint8Array;
  drain?(): void;
  readonly file: CaptureFile;
  readonly counters: CaptureCounters;
  readonly misordered: number;
  readonly clockSteps: number;
  readonly truncated: number;
}

/**
 * Reads one capture file from chunks of bytes and hands each record to a sink, in order of time as far as the reorder window reaches.
 * How the file is cut into chunks makes no difference.
 *
 * `push` and `finish` throw `UnrecognisedCapture` when the input is not a capture at all. Damage inside a capture ends the reading and
 * is described by `file.damage`; what follows it is ignored.
 */
export class CaptureReader implements RecordReader {
  private readonly reading: Reading;
  private readonly window: ReorderWindow;
  private parser: FormatParser | null = null;
  private finished = false;
  /** Bytes pushed, including those after damage. */
  private bytes = 0;

  constructor(clock: CaptureClock, counter: PacketCounter, sink: RecordSink, options: CaptureReaderOptions = {}) {
    this.window = new ReorderWindow(options.reorderNanoseconds ?? 1_000_000, sink);
    this.reading = new Reading(clock, counter, this.window);
    this.window.attach(this.reading.input.bytes, this.reading.input.view);
  }

  /** Takes the next bytes of the file. They are copied: the caller may reuse the chunk. */
  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    for (let from = 0; from < chunk.length && this.reading.damage === null; ) {
      this.makeRoom();
      from = this.reading.input.take(chunk, from);
      this.parse();
    }
  }

  /** Memory to read the next chunk into before it is pushed, which saves the copy. Valid until the next call of this reader. */
  room(length: number): Uint8Array {
    this.makeRoom();
    return this.reading.input.room(length);
  }

  /** Ends the input. `damage`: what its source found wrong with it, such as corrupt compression or a read error. */
  finish(damage: Damage | null = null): void {
    if (this.finished) {
      return;
    }
    this.finished = true;
    const { reading } = this;
    if (this.parser === null) {
      this.refuse(damage);
    }
    if (reading.damage === null) {
      const incomplete = this.parser?.incomplete() ?? null;
      // The cut record says where reading ended, the source says why.
      reading.damage = incomplete === null || damage === null ? (incomplete ?? damage) : { offset: incomplete.offset, reason: damage.reason };
    }
    this.window.drain();
  }

  /** Hands on the records that wait for earlier ones. For live sources that have fallen silent. */
  drain(): void {
    this.window.drain();
  }

  /** What the file turned out to be; complete after `finish`. `name` and `compression` are left for the caller to fill in. */
  get file(): CaptureFile {
    const { reading } = this;
    return {
      name: '',
      format: this.parser?.format ?? '',
      compression: null,
      link_types: [...new Set(reading.links.map(linkName))],
      snaplen: reading.snaplen,
      packets: reading.packets,
      bytes: this.bytes,
      complete: reading.damage === null,
      damage: reading.damage,
    };
  }

  /** What the capture says about its own losses. */
  get counters(): CaptureCounters {
    return this.parser?.counters ?? { kernelDrops: -1, interfaceDrops: -1 };
  }

  /** Records that came after a later one, by no more than the reorder window. */
  get misordered(): number {
    return this.window.misordered;
  }

  /** How often the time went back by more than the reorder window. */
  get clockSteps(): number {
    return this.window.clockSteps;
  }

  /** Frames that the snaplen cut. */
  get truncated(): number {
    return this.reading.truncated;
  }

  private makeRoom(): void {
    const { input } = this.reading;
    const keep = this.window.keepFrom(input.position);
    if (keep === input.end || input.end === input.bytes.length) {
      this.window.moved(input.compact(Math.min(keep, input.position)));
      this.window.attach(input.bytes, input.view);
    }
  }

  private parse(): void {
    this.parser ??= this.recognise();
    this.parser?.parse();
  }

  private recognise(): FormatParser | null {
    const { reading } = this;
    if (reading.input.available < MAGIC_LENGTH) {
      return null;
    }
    for (const recognise of FORMATS) {
      const parser = recognise(reading);
      if (parser !== null) {
        return parser;
      }
    }
    return this.refuse();
  }

  private refuse(damage: Damage | null = null): never {
    const { input } = this.reading;
    if (damage !== null) {
      throw new UnrecognisedCapture(`nothing can be read: ${damage.reason}`);
    }
    const start = input.bytes.subarray(input.position, Math.min(input.end, input.position + NAMED_LENGTH));
    throw new UnrecognisedCapture(`not a capture but ${nameContent(start)}; pcap and pcapng are read, plain or compressed`);
  }
}
