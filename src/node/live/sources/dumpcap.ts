import { complaintOf, deniedMessage } from './complaints.ts';
import { ProcessSource } from './process.ts';
import { type LiveSource, type SourceCounters, SourceError, type SourceRequest } from './source.ts';

/** What dumpcap says at its end: packets received, all that were dropped, and by whom. */
const FINAL_COUNTS = /^Packets received\/dropped on interface .*: (\d+)\/(\d+) \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:\d+\/ps_ifdrop:(\d+)\)/m;

/** dumpcap asks libpcap for blocks of up to a quarter of a second (milliseconds). */
const HOLDS = 500;

/** Captures with dumpcap of Wireshark, for machines where only that may capture. It tells its drops only at its end. */
export function openDumpcap({ interface: name, filter, snaplen, buffer }: SourceRequest): Promise<LiveSource> {
  return ProcessSource.open({
    name: 'dumpcap',
    interface: name,
    clock: 'kernel',
    command: 'dumpcap',
    args: [
      '-i', name, '-P', '-q', '-s', String(snaplen), '-B', String(Math.max(1, Math.ceil(buffer / 1024))), '-w', '-',
      ...(filter === '' ? [] : ['-f', filter]),
    ],
    holds: HOLDS,
    readCounters,
    refusal: (complaint) => complaintOf('dumpcap', name, complaint, deniedMessage('dumpcap', name)),
    missing: (error) => new SourceError('missing', 'dumpcap cannot be started: install it (apt install wireshark-common), or name another with --source', { cause: error }),
  });
}

/** Reads the counters that dumpcap tells, if there are any, into `counters`. Exported for its test. */
export function readCounters(text: string, counters: SourceCounters): void {
  const found = FINAL_COUNTS.exec(text);
  if (found === null) return;
  const [, received, , byKernel, byDumpcap, byInterface] = found.map(Number);
  counters.received = received + byKernel;
  // For us, packets dropped by dumpcap are lost just like packets dropped by the kernel.
  counters.kernelDrops = byKernel + byDumpcap;
  counters.interfaceDrops = byInterface!;
}
