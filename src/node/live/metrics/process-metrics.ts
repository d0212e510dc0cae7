import { readdirSync } from 'node:fs';
import type { Metric } from './metric.ts';

const STARTED = Math.round(Date.now() - process.uptime() * 1000) / 1000;

function openDescriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}

/** The process itself, under the names that every exporter uses. Not for the textfile, where they would clash with those of node_exporter. */
export const PROCESS_METRICS: readonly Metric[] = [
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'Processor time of synoptic, user and system, in seconds; without the program that captures.',
    labels: [],
    read() {
      const { user, system } = process.cpuUsage();
      return [[{}, (user + system) / 1e6]];
    },
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory in bytes.',
    labels: [],
    read: () => [[{}, process.memoryUsage.rss()]],
  },
  {
    name: 'process_heap_bytes',
    type: 'gauge',
    help: 'Heap of JavaScript in use, in bytes; the columns of the flow table lie outside of it.',
    labels: [],
    read: () => [[{}, process.memoryUsage().heapUsed]],
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When the process started, in seconds since the epoch.',
    labels: [],
    read: () => [[{}, STARTED]],
  },
  {
    name: 'process_open_fds',
    type: 'gauge',
    help: 'Open file descriptors; absent where the system does not say.',
    labels: [],
    *read() {
      const open = openDescriptors();
      if (open !== null) yield [{}, open];
    },
  },
];
