import type { RecordReader } from '../capture/reader.ts';
import type { BadHeaders, CaptureView } from '../views.ts';
import type { Segment } from '../wire/segment.ts';
import type { Quality } from './report.ts';

/** Payload of a full segment on ordinary Ethernet, and of one in a jumbo frame (bytes). */
export const ORDINARY_SEGMENT = 1_460;
const JUMBO_SEGMENT = 8_960;
/** Initial TTLs: a packet with one of them has passed no router. */
const FRESH_TTLS: readonly number[] = [64, 128, 255];
/** At an end, the half of the handshake's round trip towards that end takes less than this share of the other half. */
const NEAR_SHARE = 0.1;
/** Share of the flows that must agree on where the capture was taken. */
const AGREEING = 0.8;

/** Most gaps remembered. Captures of more files than this are rings, which have no gaps. */
const MOST_GAPS = 10_000;

/** Counts the faults of the capture, so that rules and report know what it can support. */
export class CaptureQuality implements CaptureView {
  duplicateCount = 0;
  missedSegments = 0;
  analysed = 0;
  /** Those of them without SYN, FIN and RST. */
  ordinary = 0;
  /** SYNs without ACK, and segments with FIN. */
  synSegments = 0;
  finSegments = 0;
  latest = 0;
  /** Bad TCP checksums. */
  badChecksums = 0;
  /** TCP headers that the decoder could not read. */
  unreadable: BadHeaders = { counts: {}, kept: [] };
  private oneWay = 0;
  private midstream = 0;
  private ended = 0;
  private misorderedFrames = 0;
  private clockSteps = 0;
  private overlaps = 0;
  private truncatedFrames = 0;
  private supersegments = 0;
  private kernelDrops = -1;
  /** Packets that the live source has dropped so far; -1 if unknown. */
  private liveDrops = -1;
  private clock: 'capture' | 'delivery' = 'capture';
  /** When each gap between two files began, in order of time. */
  private readonly gaps: number[] = [];
  private readonly votes = { client: 0, server: 0, between: 0, both: 0 };

  /** Notes a segment of more than `ORDINARY_SEGMENT` bytes. `mss`: what its receiver announced, 0 if unknown. */
  noteLong(segment: Segment, mss: number): void {
    if (segment.payloadLength > (mss === 0 ? JUMBO_SEGMENT : mss)) this.supersegments++;
  }

  /**
   * Lets a flow with a handshake vote on where the capture was taken: by the TTLs of client and server or, if both are fresh, by which
   * half of the handshake (SYN to SYN-ACK, SYN-ACK to ACK; nanoseconds) took hardly any time.
   */
  noteVantage(clientTtl: number, serverTtl: number, synAckDelay: number, ackDelay: number): void {
    const client = FRESH_TTLS.includes(clientTtl);
    const server = FRESH_TTLS.includes(serverTtl);
    if (client !== server) this.votes[client ? 'client' : 'server']++;
    else if (!client) this.votes.between++;
    else if (this.clock === 'delivery') return;
    else if (ackDelay < synAckDelay * NEAR_SHARE) this.votes.client++;
    else if (synAckDelay < ackDelay * NEAR_SHARE) this.votes.server++;
    else this.votes.both++;
  }

  noteFlow(oneWay: boolean, midstream: boolean): void {
    this.ended++;
    if (oneWay) this.oneWay++;
    if (midstream) this.midstream++;
  }

  /** Adds the faults that a reader found in its input. */
  addReader(reader: RecordReader): void {
    this.misorderedFrames += reader.misordered;
    this.clockSteps += reader.clockSteps;
    this.truncatedFrames += reader.truncated;
    const { kernelDrops } = reader.counters;
    if (kernelDrops >= 0) this.kernelDrops = Math.max(0, this.kernelDrops) + kernelDrops;
  }

  /** A live source has dropped `count` packets since its start. */
  noteDrops(count: number): void {
    this.liveDrops = count;
  }

  /** Packets are stamped on delivery: short durations mean little. */
  noteDeliveryClock(): void {
    this.clock = 'delivery';
  }

  stampedOnDelivery(): boolean {
    return this.clock === 'delivery';
  }

  dropped(): number | null {
    if (this.kernelDrops < 0 && this.liveDrops < 0) return null;
    return Math.max(0, this.kernelDrops) + Math.max(0, this.liveDrops);
  }

  packets(): number {
    return this.analysed;
  }

  ordinarySegments(): number {
    return this.ordinary;
  }

  syns(): number {
    return this.synSegments;
  }

  fins(): number {
    return this.finSegments;
  }

  duplicates(): number {
    return this.duplicateCount;
  }

  lossShare(): number {
    const sent = this.analysed + this.missedSegments;
    return sent === 0 ? 0 : this.missedSegments / sent;
  }

  oneWayFlows(): number {
    return this.oneWay;
  }

  flows(): number {
    return this.ended;
  }

  midstreamFlows(): number {
    return this.midstream;
  }

  badHeaders(): BadHeaders {
    return this.unreadable;
  }

  truncated(): number {
    return this.truncatedFrames;
  }

  misordered(): number {
    return this.misorderedFrames;
  }

  clockStepped(): boolean {
    return this.clockSteps > 0;
  }

  /** A file begins while the one before it still ran. */
  noteOverlap(): void {
    this.overlaps++;
  }

  overlappingFiles(): number {
    return this.overlaps;
  }

  /** Nothing was captured from `time` until the next file began. */
  noteGap(time: number): void {
    if (this.gaps.length < MOST_GAPS) this.gaps.push(time);
  }

  watchedUntil(time: number): number {
    return this.gaps.find((gap) => gap >= time) ?? Number.POSITIVE_INFINITY;
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
      kernel_drops: this.dropped(),
      lost_estimate: this.missedSegments,
      one_way_flows: this.oneWay,
      midstream_flows: this.midstream,
      truncated: this.truncatedFrames,
      supersegments: this.supersegments,
      misordered: this.misorderedFrames,
      clock_steps: this.clockSteps,
      bad_checksums: this.badChecksums,
      vantage: this.vantage(),
      ...(this.overlaps > 0 && { overlapping_files: this.overlaps }),
      ...(this.clock === 'delivery' && { clock: this.clock }),
    };
  }

  private vantage(): Quality['vantage'] {
    const { client, server, between, both } = this.votes;
    const all = client + server + between + both;
    if (all === 0) return 'unknown';
    if (client >= all * AGREEING) return 'client';
    if (server >= all * AGREEING) return 'server';
    if (between >= all * AGREEING) return 'between';
    return both + client + server >= all * AGREEING ? 'both' : 'unknown';
  }
}
