import { formatEndpoint } from './address.ts';
import type { Segment } from './segment.ts';

/** Packets whose ends and number are kept; further ones are only counted. */
const MOST_KEPT = 200;

/** What is wrong with the length of a TCP header (RFC 9293 §3.1). */
const HEADER_FAULTS = ['shorter_than_20_bytes', 'offset_below_5', 'offset_beyond_segment'] as const;
export type HeaderFault = (typeof HEADER_FAULTS)[number];

export interface BadHeader {
  packet: number;
  /** Nanoseconds since the first frame. */
  time: number;
  /** `address:port`; the port is 0 where the packet ends before it. */
  source: string;
  destination: string;
}

/** TCP headers whose length contradicts their packet. Nothing behind the ports can be believed, so they belong to no connection. */
export class BadHeaders {
  readonly counts: { [fault in HeaderFault]: number } = { shorter_than_20_bytes: 0, offset_below_5: 0, offset_beyond_segment: 0 };
  readonly kept: BadHeader[] = [];

  /** Addresses, ports, number and time of `segment` are filled. */
  note(segment: Segment, fault: HeaderFault): void {
    this.counts[fault]++;
    if (this.kept.length >= MOST_KEPT) return;
    const { source0, source1, source2, source3, destination0, destination1, destination2, destination3 } = segment;
    this.kept.push({
      packet: segment.number,
      time: segment.time,
      source: formatEndpoint(source0, source1, source2, source3, segment.sourcePort),
      destination: formatEndpoint(destination0, destination1, destination2, destination3, segment.destinationPort),
    });
  }
}
