import { parseEndpoint } from '../../../src/core/wire/address.ts';
import { Segment } from '../../../src/core/wire/segment.ts';

/** A segment between two endpoints, "10.0.0.1:40000" or "[2001:db8::1]:443"; whatever else is given is set on it. */
export function segmentOf(from: string, to: string, fields: Partial<Segment> = {}): Segment {
  const segment = new Segment();
  const source = parseEndpoint(from);
  const destination = parseEndpoint(to);
  if (source === null || destination === null) throw new Error(`not endpoints: ${from}, ${to}`);
  [segment.source0, segment.source1, segment.source2, segment.source3] = source.address;
  [segment.destination0, segment.destination1, segment.destination2, segment.destination3] = destination.address;
  segment.sourcePort = source.port;
  segment.destinationPort = destination.port;
  segment.ipVersion = from.startsWith('[') ? 6 : 4;
  return Object.assign(segment, fields);
}
