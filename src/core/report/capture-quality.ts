import type { RecordReader } from '../capture/reader.ts';
import type { BadHeaders, CaptureView } from '../observations.ts';
import type { Segment } from '../wire/segment.ts';
import type { Quality } from './report.ts';

/** Payload of a full segment on ordinary Ethernet, and of one in a jumbo frame (bytes). */
export const ORDINARY_SEGMENT = 1_460;
const JUMBO_SEGMENT = 8_960;
/** TTLs that senders start from: a packet that has one has passed no router. */
const FRESH_TTLS: readonly number[] = [64, 128, 255];
/** Of two halves of the handshake's round trip the near one is this much shorter, where the capture point lies at an end. */
const NEAR_SHARE = 0.1;
/** Share of the flows that must agree on where the capture was taken. */
const AGREEING = 0.8;

/** Gaps remembered: captures of more files than that are rings without gaps. */
const MOST_GAPS = 10_000;

/** Judges what the capture itself can support, before any rule speaks: counts its faults as they pass. */
export class CaptureQuality implements CaptureView {
  duplicateCount = 0;
  missedSegments = 0;
  analysed = 0;
  /** Of these, segments without SYN, FIN and RST. */
  ordinary = 0;
  latest = 0;
  /** Checksums that do not fit, of those verified. */
  badChecksums = 0;
  /** TCP headers that the decoder could not read. */
  unreadable: BadHeaders = { counts: {}, kept: [] };
  private oneWay = 0;
  private midstream = 0;
  private ended = 0;
  private misorderedFrames = 0;
  private clockSteps = 0;
  private truncatedFrames = 0;
  private supersegments = 0;
  private kernelDrops = -1;
  /** Packets that a live source lost so far; -1: it does not say. */
  private liveDrops = -1;
  private clock: 'capture' | 'delivery' = 'capture';
  /** When each gap began, in order of time. */
  private readonly gaps: number[] = [];
  private readonly votes = { client: 0, server: 0, between: 0, both: 0 };

  /** Counts a segment of more than `ORDINARY_SEGMENT` bytes. `mss`: what its receiver announced, 0 when that was not seen. */
  noteLong(segment: Segment, mss: number): void {
    if (segment.payloadLength > (mss === 0 ? JUMBO_SEGMENT : mss)) this.supersegments++;
  }

  /**
   * Takes in where one flow with a handshake says that the capture was taken: by the TTLs of client and server, else by which
   * half of the handshake (SYN to SYN-ACK, SYN-ACK to ACK; nanoseconds) took no time.
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

  /** Adds what a reader found in its input. */
  addReader(reader: RecordReader): void {
    this.misorderedFrames += reader.misordered;
    this.clockSteps += reader.clockSteps;
    this.truncatedFrames += reader.truncated;
    const { kernelDrops } = reader.counters;
    if (kernelDrops >= 0) this.kernelDrops = Math.max(0, this.kernelDrops) + kernelDrops;
  }

  /** A live source has lost so many packets since its start. */
  noteDrops(count: number): void {
    this.liveDrops = count;
  }

  /** Packets are stamped when they are delivered: short times mean little. */
  noteDeliveryClock(): void {
    this.clock = 'delivery';
  }

  stampedOnDelivery(): boolean {
    return this.clock === 'delivery';
  }

  /** Packets that the capture says were dropped before it; null when it says nothing. */
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

  /** Nothing was captured from `time` on, until the next file begins. */
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
