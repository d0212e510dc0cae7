import { CaptureClock, CaptureReader, PacketCounter, PcapngWriter, type Record, type Report, VERSION } from '../../core/index.ts';
import type { BytesSink, CaptureCounters, FrameSink } from '../../core/index.ts';
import { emptyAmong } from '../sources/empty-file.ts';
import { orderByFirstPacket } from '../sources/first-packet.ts';
import { openSource } from '../sources/source.ts';
import type { FrameSet } from './frame-set.ts';

/** Takes frames in order, changes them and hands them on. It may hold frames back until `finish`. */
export interface FrameFilter {
  add: FrameSink;
  finish(): void;
}

export interface SliceOptions {
  frames: FrameSet;
  /** By frame number. */
  comments: ReadonlyMap<number, readonly string[]>;
  comment: string;
  /** Of the capture that the frames are from. */
  report: Report;
  /** Between the capture and the file. */
  filter?: ((next: FrameSink) => FrameFilter) | undefined;
}

const NO_COMMENTS: readonly string[] = [];

/**
 * Reads captures once more and writes the frames of a set as pcapng, as they were captured and in the order of their numbers. What the
 * captures say about losses is written again, since it matters for any slice. Returns the number of bytes written.
 */
export async function writeSlice(paths: readonly string[], options: SliceOptions, sink: BytesSink): Promise<number> {
  const { frames, comments, report } = options;
  const writer = new PcapngWriter(sink, { application: `synoptic ${VERSION}`, comment: options.comment });
  const interfaces = new Interfaces(writer, snaplenOf(report));
  const write: FrameSink = (frame, time) => {
    writer.packet(interfaces.numberOf(frame), time, frame, comments.get(frame.number) ?? NO_COMMENTS);
  };
  const filter = options.filter?.(write) ?? { add: write, finish: () => undefined };
  const losses = await readFrames(paths, (record, time) => {
    if (frames.has(record.number)) filter.add(record, time);
  });
  filter.finish();
  const stated = losses.kernelDrops >= 0 || losses.interfaceDrops >= 0;
  if (stated && interfaces.size > 0) writer.statistics(0, report.capture.end_ns, losses);
  writer.flush();
  return writer.length;
}

/** The interfaces of a slice: each is described when its first frame is written. */
class Interfaces {
  readonly #writer: PcapngWriter;
  readonly #snaplen: number;
  readonly #numbers = new Map<string, number>();

  constructor(writer: PcapngWriter, snaplen: number) {
    this.#writer = writer;
    this.#snaplen = snaplen;
  }

  get size(): number {
    return this.#numbers.size;
  }

  numberOf({ link, interface: index }: Record): number {
    const key = `${index} ${link}`;
    const number = this.#numbers.get(key) ?? this.#writer.describe(link, this.#snaplen);
    this.#numbers.set(key, number);
    return number;
  }
}

/** Reads all frames of several captures in the order of their numbers. Returns what the captures say about their losses. */
async function readFrames(paths: readonly string[], take: FrameSink): Promise<CaptureCounters> {
  const clock = new CaptureClock();
  const counter = new PacketCounter();
  const losses: CaptureCounters = { kernelDrops: -1, interfaceDrops: -1 };
  const empty = emptyAmong(paths);
  for (const path of await orderByFirstPacket(paths)) {
    if (empty.has(path)) continue;
    // Without a reorder window, records come in the order of the file.
    const reader = new CaptureReader(clock, counter, (record) => take(record, clock.toEpoch(record.time)), { reorderNanoseconds: 0 });
    const source = await openSource(path);
    try {
      await source.pour((chunk) => reader.push(chunk));
      reader.finish(source.damage);
    } finally {
      await source.close();
    }
    losses.kernelDrops = sumKnown(losses.kernelDrops, reader.counters.kernelDrops);
    losses.interfaceDrops = sumKnown(losses.interfaceDrops, reader.counters.interfaceDrops);
  }
  return losses;
}

/** The largest snapshot length of the files with packets; 0 (unlimited) if one of them is. */
function snaplenOf({ capture }: Report): number {
  const lengths = capture.files.filter(({ packets }) => packets > 0).map(({ snaplen }) => snaplen);
  return lengths.includes(0) ? 0 : Math.max(0, ...lengths);
}

function sumKnown(sum: number, count: number): number {
  return count < 0 ? sum : Math.max(sum, 0) + count;
}
