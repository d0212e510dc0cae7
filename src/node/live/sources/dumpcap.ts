import { complaintOf, deniedMessage } from './complaints.ts';
import { ProcessSource } from './process.ts';
import { type LiveSource, type SourceCounters, SourceError, type SourceRequest } from './source.ts';

/** What dumpcap says at its end: received, dropped (in all), and of these by whom. */
const FINAL_COUNTS = /^Packets received\/dropped on interface .*: (\d+)\/(\d+) \(pcap:(\d+)\/dumpcap:(\d+)\/flushed:\d+\/ps_ifdrop:(\d+)\)/m;

/** It asks libpcap for blocks of up to a quarter of a second. */
const HOLDS = 500;

/** Captures with Wireshark's dumpcap: for machines where it alone may capture. Its drops are known at its end only. */
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

/** Exported for its test. */
export function readCounters(text: string, counters: SourceCounters): void {
  const found = FINAL_COUNTS.exec(text);
  if (found === null) return;
  const [, received, , byKernel, byDumpcap, byInterface] = found.map(Number);
  counters.received = received + byKernel;
  // What dumpcap itself could not take in time is lost to us as what the kernel could not keep.
  counters.kernelDrops = byKernel + byDumpcap;
  counters.interfaceDrops = byInterface!;
}
