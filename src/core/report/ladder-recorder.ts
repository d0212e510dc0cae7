import { otherSide, type Side } from '../observations.ts';
import { findingsOf } from './ladder-findings.ts';
import { History } from './ladder-history.ts';
import { StepWriter } from './ladder-steps.ts';
import { Stretches } from './ladder-stretches.ts';
import type { Ladder, LadderStep } from './ladder.ts';
import type { Report } from './report.ts';
import type { FlowRow, PacketRow, TimelineRow } from './rows.ts';

/** What the numbers of an end's sequence space count from, and the highest one so far, unwrapped. */
interface SequenceSpace {
  base: number;
  latest: number;
}

/**
 * Records one flow while the capture is read, to draw it as a ladder: its packets (`EngineListeners.packet`) and the changes of state of its
 * ends (`EngineListeners.timeline`). Memory is bounded, however long the flow is.
 */
export class LadderRecorder {
  readonly #histories = [new History(), new History()] as const;
  readonly #stretches: Stretches;
  readonly #spaces: [SequenceSpace | null, SequenceSpace | null] = [null, null];
  #first: PacketRow | null = null;
  /** Packets left out because they were captured before. */
  #copies = 0;

  /** @param evidence numbers of packets that are always drawn */
  constructor(evidence: ReadonlySet<number> = new Set()) {
    this.#stretches = new Stretches(evidence);
  }

  /**
   * Takes a change of state of one end of the flow, in the order in which they become known.
   *
   * @param side the end whose state changes
   * @param datedBack `t_ns` is before the time of the packet that shows the change
   */
  change({ t_ns, state, possible, packet }: TimelineRow, side: Side, datedBack: boolean): void {
    this.#histories[side].add({ t_ns, state, possible, proof: packet, datedBack });
  }

  /** Takes a packet of the flow, in the order of the capture. */
  packet(row: PacketRow): void {
    if (row.labels.includes('capture-duplicate')) {
      this.#copies++;
      return;
    }
    this.#first ??= row;
    const side = row.from === this.#first.from ? 0 : 1;
    const opens = row.flags.includes('S') || row.flags.includes('R');
    const seq = this.#place(side, row.seq, opens ? 0 : 1);
    const ack = row.flags.includes('A') ? this.#place(row.from === row.to ? side : otherSide(side), row.ack, 1) : null;
    this.#stretches.add({ row, side, seq, ack }, this.#histories.some((history) => history.changesAt(row.t_ns, row.packet)));
  }

  /** The ladder, when the capture has ended. `flow`: the row of the flow; `report`: what was found in the capture. */
  ladder(flow: FlowRow, report: Pick<Report, 'findings' | 'capture'>): Ladder {
    const findings = findingsOf(flow, report);
    const rules = new Set(findings.filter(({ certain }) => certain).map(({ finding }) => finding.rule));
    return { schema: 'synoptic-ladder/1', flow: { ...flow, findings: [...rules] }, steps: this.#steps(flow), copies: this.#copies, findings };
  }

  #steps(flow: FlowRow): LadderStep[] {
    this.#stretches.finish();
    const first = this.#first;
    if (first === null) return [];
    const writer = new StepWriter(this.#histories, first.from === flow.client ? [0, 1] : [1, 0], first.t_ns);
    for (const shown of this.#stretches.shown) {
      if ('row' in shown) writer.packet(shown);
      else writer.fold(shown);
    }
    return writer.finish();
  }

  /** A sequence number of a side, relative to its base and unwrapped. `offset`: what the first number counts as. */
  #place(side: Side, number: number, offset: number): number {
    const space = (this.#spaces[side] ??= { base: (number - offset) >>> 0, latest: offset });
    const place = space.latest + ((number - (space.base + space.latest)) | 0);
    if (place > space.latest) space.latest = place;
    return place;
  }
}
