import type { AuditOptions, FlowRow, Ladder } from '../../src/core/index.ts';
import { Engine, LadderRecorder } from '../../src/core/index.ts';

/** The ladder of one flow of a capture. */
export function ladderOf(capture: Uint8Array, flow: number, options: AuditOptions = {}, evidence: readonly number[] = []): Ladder {
  const recorder = new LadderRecorder(new Set(evidence));
  let row: FlowRow | undefined;
  const engine = new Engine(options, {
    packetsOf: flow,
    packet: (each) => recorder.packet(each),
    timeline(change, by) {
      if (by.flowNumber(change.flow) === flow) recorder.change(by.timelineRow(change), change.side, change.time < by.now);
    },
    flow(each) {
      if (each.flow === flow) row = each;
    },
  });
  engine.open('capture', null);
  engine.push(capture);
  engine.close();
  const report = engine.finish();
  if (row === undefined) throw new Error(`no flow ${flow}`);
  return recorder.ladder(row, report);
}
