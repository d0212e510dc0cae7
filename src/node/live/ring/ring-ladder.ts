import { Engine, type FlowRow, type Ladder, LadderRecorder, type ReaderFactory, type Report } from '../../../core/index.ts';
import type { PacketRing } from './packet-ring.ts';

/**
 * The ladder of a flow, from the packets that the ring still holds: they are analysed again, as a capture that begins with the first of
 * them. Null if there are none.
 *
 * @param base epoch time of the ring's time zero, in nanoseconds
 * @param report of the live audit, with its numbers of flows and packets
 */
export function ladderOf(ring: PacketRing, flow: number, base: bigint, report: Pick<Report, 'findings' | 'capture'>): Ladder | null {
  const evidence = report.findings.filter(({ evidence: { flows } }) => flows.includes(flow)).flatMap(({ evidence: { packets } }) => packets);
  const recorder = new LadderRecorder(new Set(evidence));
  let row: FlowRow | null = null;
  const engine = new Engine(
    { rules: [] },
    {
      packet: (packet) => recorder.packet(packet),
      timeline: (change, by) => recorder.change(by.timelineRow(change), change.side, change.time < by.now),
      flow: (each) => {
        // Usually the packets make one flow again: not if its beginning is gone and its ports had been used before.
        if (row === null || each.packets[0] + each.packets[1] > row.packets[0] + row.packets[1]) row = each;
      },
    },
  );
  engine.open('ring', null, readerOf(ring, flow, base));
  engine.push(new Uint8Array(0));
  engine.close();
  engine.finish();
  return row === null ? null : recorder.ladder({ ...(row as FlowRow), flow }, report);
}

/** Hands on the packets of a flow with their former numbers and times. */
function readerOf(ring: PacketRing, flow: number, base: bigint): ReaderFactory {
  return (clock, counter, sink) => ({
    push() {
      clock.base = base;
      for (let position = ring.oldest; position < ring.next; position++) {
        if (ring.flowAt(position) !== flow) continue;
        counter.packets++;
        sink(ring.read(position));
      }
    },
    finish: () => undefined,
    file: { name: '', format: 'ring', compression: null, link_types: [], snaplen: 0, packets: 0, bytes: 0, complete: true, damage: null },
    counters: { kernelDrops: -1, interfaceDrops: -1 },
    misordered: 0,
    clockSteps: 0,
    truncated: 0,
  });
}
