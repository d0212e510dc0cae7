import { fileURLToPath } from 'node:url';
import { complaintOf } from './complaints.ts';
import { ProcessSource } from './process.ts';
import { type LiveSource, SourceError, type SourceRequest } from './source.ts';

/** What the child says when the package is not installed. */
export const CAP_MISSING = 'cap is not installed';

/** cap asks libpcap for blocks of up to a second, unless it finds libpcap.so, which it asks for single packets (milliseconds). */
const HOLDS = 1_200;

/**
 * Captures with the optional package `cap`, in a process of its own: for machines without tcpdump and dumpcap. It does not tell drops, and
 * packets are stamped on delivery.
 */
export function openCap(request: SourceRequest): Promise<LiveSource> {
  const missing = 'the package cap is not there or was not built: npm install cap where synoptic is (it needs a compiler and libpcap-dev), or install tcpdump';
  return ProcessSource.open({
    name: 'cap',
    interface: request.interface,
    clock: 'delivery',
    command: process.execPath,
    args: [fileURLToPath(new URL('cap-child.js', import.meta.url)), JSON.stringify(request)],
    holds: HOLDS,
    readCounters: () => undefined,
    refusal: (complaint) =>
      complaint.includes(CAP_MISSING)
        ? new SourceError('missing', missing)
        : complaintOf('cap', request.interface, complaint, `cap may not capture on ${request.interface}: run as root, or install tcpdump, which can be granted it`),
    missing: (error) => new SourceError('missing', missing, { cause: error }),
  });
}
