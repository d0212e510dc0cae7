import { CaptureClock } from '../../../src/core/capture/clock.ts';
import { CaptureReader } from '../../../src/core/capture/reader.ts';
import type { CaptureReaderOptions } from '../../../src/core/capture/reader.ts';
import { PacketCounter } from '../../../src/core/capture/record.ts';
import type { Record } from '../../../src/core/capture/record.ts';

/** A record copied out of the reader's buffer. */
export interface Copy {
  number: number;
  /** Nanoseconds since the epoch. */
  epoch: bigint;
  link: number;
  interface: number;
  wireLength: number;
  data: number[];
}

export interface Collected {
  reader: CaptureReader;
  clock: CaptureClock;
  counter: PacketCounter;
  records: Copy[];
}

/** Reads one file given as chunks. */
export function collect(chunks: readonly Uint8Array[], options?: CaptureReaderOptions): Collected {
  const clock = new CaptureClock();
  const counter = new PacketCounter();
  const records: Copy[] = [];
  const reader = new CaptureReader(clock, counter, (record) => records.push(copy(record, clock)), options);
  for (const chunk of chunks) {
    reader.push(chunk);
  }
  reader.finish();
  return { reader, clock, counter, records };
}

export function copy(record: Record, clock: CaptureClock): Copy {
  const view = record.view.byteLength === record.bytes.length ? record.view : null;
  const data = Array.from({ length: record.end - record.start }, (_, index) => view?.getUint8(record.start + index) ?? -1);
  return {
    number: record.number,
    epoch: clock.toEpoch(record.time),
    link: record.link,
    interface: record.interface,
    wireLength: record.wireLength,
    data,
  };
}

/** `bytes` cut at the given positions. */
export function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const borders = [0, ...positions.map((position) => position % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return borders.slice(1).map((end, index) => bytes.slice(borders[index], end));
}
