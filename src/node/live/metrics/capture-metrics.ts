import { STATE_NAMES, VERSION } from '../../../core/index.ts';
import type { Metric } from './metric.ts';

function seconds(epochNanoseconds: bigint | null): number {
  return Number(epochNanoseconds ?? 0n) / 1e9;
}

/** The program, its source, and what came through it. */
export const CAPTURE_METRICS: readonly Metric[] = [
  {
    name: 'synoptic_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say which version of synoptic this is, and of Node.js.',
    labels: ['version', 'nodejs'],
    read: () => [[{ version: VERSION, nodejs: process.version }, 1]],
  },
  {
    name: 'synoptic_source_info',
    type: 'gauge',
    help: 'Always 1; the labels say what is listened to, by which program, whose clock stamps the packets, and the filter.',
    labels: ['interface', 'source', 'clock', 'filter'],
    read: ({ view }) => [[{ interface: view.interface, source: view.source, clock: view.clock, filter: view.filter }, 1]],
  },
  {
    name: 'synoptic_source_up',
    type: 'gauge',
    help: '1 while packets may come, 0 once the source has ended or died.',
    labels: [],
    read: ({ status }) => [[{}, status.alive ? 1 : 0]],
  },
  {
    name: 'synoptic_first_packet_timestamp_seconds',
    type: 'gauge',
    help: 'Capture time of the first packet, seconds since the epoch; 0 before it.',
    labels: [],
    read: ({ view }) => [[{}, seconds(view.started())]],
  },
  {
    name: 'synoptic_last_packet_timestamp_seconds',
    type: 'gauge',
    help: 'Capture time of the latest packet, seconds since the epoch; 0 before the first. All else is as of then.',
    labels: [],
    read: ({ view }) => [[{}, seconds(view.now())]],
  },
  {
    name: 'synoptic_packets_total',
    type: 'counter',
    help: 'Packets read from the source.',
    labels: [],
    read: ({ counters }) => [[{}, counters.packets]],
  },
  {
    name: 'synoptic_packet_bytes_total',
    type: 'counter',
    help: 'Bytes of the packets read, as long as they were on the wire.',
    labels: [],
    read: ({ counters }) => [[{}, counters.bytes]],
  },
  {
    name: 'synoptic_dropped_packets_total',
    type: 'counter',
    help: 'Packets lost before they were analysed: by the full buffer of the kernel, by the interface, by synoptic itself because it was behind. Absent where the source does not say.',
    labels: ['where'],
    *read({ counters: { drops } }) {
      if (drops.kernel !== null) yield [{ where: 'kernel' }, drops.kernel];
      if (drops.interface !== null) yield [{ where: 'interface' }, drops.interface];
      yield [{ where: 'own' }, drops.own];
    },
  },
  {
    name: 'synoptic_segments_total',
    type: 'counter',
    help: 'TCP segments that begin or end connections, by kind: syn (without ACK), synack, rst, fin.',
    labels: ['kind'],
    read: ({ counters }) => [
      [{ kind: 'syn' }, counters.syn],
      [{ kind: 'synack' }, counters.synAck],
      [{ kind: 'rst' }, counters.rst],
      [{ kind: 'fin' }, counters.fin],
    ],
  },
  {
    name: 'synoptic_retransmitted_segments_total',
    type: 'counter',
    help: 'Data segments that sent something again, of all connections.',
    labels: [],
    read: ({ counters }) => [[{}, counters.retransmitted]],
  },
  {
    name: 'synoptic_flows',
    type: 'gauge',
    help: 'Connections kept in memory: open ones, and closed ones for a while.',
    labels: [],
    read: ({ view }) => [[{}, view.population().reduce((sum, ends) => sum + ends, 0) / 2]],
  },
  {
    name: 'synoptic_ends',
    type: 'gauge',
    help: 'Ends of these connections, by the state that each is in.',
    labels: ['state'],
    read({ view }) {
      const population = view.population();
      return STATE_NAMES.map((state, index) => [{ state }, population[index] ?? 0] as const);
    },
  },
];
