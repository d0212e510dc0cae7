import type { RecordReader } from '../capture/reader.ts';
import type { CaptureView } from '../observations.ts';
import { CHECKSUM_BAD, type Segment } from '../wire/segment.ts';
import type { Quality } from './report.ts';

/** Payload that fits no network frame of today (9000-byte jumbo frames): offload put segments together, on the capturing host. */
const SUPERSEGMENT = 9_000;
/** The same for ordinary Ethernet: above this a segment is counted when its sender announced no larger MSS. */
const ORDINARY_SEGMENT = 1_460;

/** Judges what the capture itself can support, before any rule speaks: counts its faults as they pass. */
export class CaptureQuality implements CaptureView {
  duplicateCount = 0;
  missedSegments = 0;
  analysed = 0;
  latest = 0;
  #oneWay = 0;
  #midstream = 0;
  #flows = 0;
  #misordered = 0;
  #clockSteps = 0;
  #truncated = 0;
  #supersegments = 0;
  #badChecksums = 0;
  #kernelDrops = -1;

  /** Counts what one segment tells of the capture. */
  note(segment: Segment): void {
    if (segment.payloadLength > ORDINARY_SEGMENT && segment.payloadLength > SUPERSEGMENT) this.#supersegments++;
    if (segment.checksumState === CHECKSUM_BAD) this.#badChecksums++;
  }

  noteFlow(oneWay: boolean, midstream: boolean): void {
    this.#flows++;
    if (oneWay) this.#oneWay++;
    if (midstream) this.#midstream++;
  }

  /** Adds what a reader found in its input. */
  addReader(reader: RecordReader): void {
    this.#misordered += reader.misordered;
    this.#clockSteps += reader.clockSteps;
    this.#truncated += reader.truncated;
    const { kernelDrops } = reader.counters;
    if (kernelDrops >= 0) this.#kernelDrops = Math.max(0, this.#kernelDrops) + kernelDrops;
  }

  packets(): number {
    return this.analysed;
  }

  duplicates(): number {
    return this.duplicateCount;
  }

  lossShare(): number {
    const sent = this.analysed + this.missedSegments;
    return sent === 0 ? 0 : this.missedSegments / sent;
  }

  oneWayFlows(): number {
    return this.#oneWay;
  }

  flows(): number {
    return this.#flows;
  }

  midstreamFlows(): number {
    return this.#midstream;
  }

  clockStepped(): boolean {
    return this.#clockSteps > 0;
  }

  firstTime(): number {
    return 0;
  }

  lastTime(): number {
    return this.latest;
  }

  summary(): Quality {
    return {
      duplicates: this.duplicateCount,
      kernel_drops: this.#kernelDrops < 0 ? null : this.#kernelDrops,
      lost_estimate: this.missedSegments,
      one_way_flows: this.#oneWay,
      midstream_flows: this.#midstream,
      truncated: this.#truncated,
      supersegments: this.#supersegments,
      misordered: this.#misordered,
      clock_steps: this.#clockSteps,
      bad_checksums: this.#badChecksums,
      vantage: 'unknown',
    };
  }
}
