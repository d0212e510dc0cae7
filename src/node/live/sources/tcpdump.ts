import { complaintOf, deniedMessage } from './complaints.ts';
import { ProcessSource } from './process.ts';
import { type LiveSource, type SourceCounters, SourceError, type SourceRequest } from './source.ts';

/** The counts that tcpdump tells: on SIGUSR1 all in one line, at its end one per line. */
const COUNTS = /(\d+) packets? (captured|received by filter|dropped by kernel|dropped by interface)/g;

/** tcpdump asks libpcap for blocks of up to a second (milliseconds). */
const HOLDS = 1_200;

/** Captures with tcpdump: times of the kernel in nanoseconds, exact counts of drops, and no privileges once it listens. */
export function openTcpdump({ interface: name, filter, snaplen, buffer }: SourceRequest): Promise<LiveSource> {
  return ProcessSource.open({
    name: 'tcpdump',
    interface: name,
    clock: 'kernel',
    command: 'tcpdump',
    args: [
      '-i', name, '-n', '-U', '-s', String(snaplen), '-B', String(buffer), '--time-stamp-precision=nano', '-w', '-',
      ...(filter === '' ? [] : ['--', filter]),
    ],
    holds: HOLDS,
    counterSignal: 'SIGUSR1',
    readCounters,
    refusal: (complaint) => complaintOf('tcpdump', name, complaint, deniedMessage('tcpdump', name)),
    missing: (error) => new SourceError('missing', 'tcpdump cannot be started: install it (apt install tcpdump), or name another with --source', { cause: error }),
  });
}

/** Reads the counters that tcpdump tells, if there are any, into `counters`. Exported for its test. */
export function readCounters(text: string, counters: SourceCounters): void {
  for (const [, count, what] of text.matchAll(COUNTS)) {
    if (what === 'received by filter') counters.received = Number(count);
    else if (what === 'captured') counters.captured = Number(count);
    else if (what === 'dropped by kernel') counters.kernelDrops = Number(count);
    else counters.interfaceDrops = Number(count);
  }
  // tcpdump mentions drops of the interface only if there are any.
  if (counters.received !== null) counters.interfaceDrops ??= 0;
}
