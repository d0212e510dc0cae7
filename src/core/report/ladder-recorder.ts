import { SIDES } from '../flow/end.ts';
import { otherSide, type Side } from '../observations.ts';
import { type Epoch, History } from './ladder-history.ts';
import { type LadderRow, Stretches } from './ladder-stretches.ts';
import { findingsOf } from './ladder-findings.ts';
import type { ChangeStep, End, FoldStep, Ladder, LadderStep, PacketStep, Step } from './ladder.ts';
import type { Report } from './report.ts';
import type { FlowRow, PacketRow, TimelineRow } from './rows.ts';

/** The client's and the server's side. */
type Sides = readonly [Side, Side];

/** Where an end's sequence space is counted from, and the highest number so far, unwrapped. */
interface SequenceSpace {
  base: number;
  latest: number;
}

/**
 * Gathers one flow while the capture is read: its packets (`EngineListeners.packet`) and the changes of its ends' states
 * (`EngineListeners.timeline`), and lays them out as the steps of a ladder. Memory is bounded, however long the flow.
 */
export class LadderRecorder {
  readonly #histories = [new History(), new History()] as const;
  readonly #stretches: Stretches;
  readonly #spaces: [SequenceSpace | null, SequenceSpace | null] = [null, null];
  #first: PacketRow | null = null;
  /** Second copies of packets: left out. */
  #copies = 0;

  /** @param evidence numbers of packets that are drawn in any case */
  constructor(evidence: ReadonlySet<number> = new Set()) {
    this.#stretches = new Stretches(evidence);
  }

  /**
   * Takes a change of one end of the flow, in the order in which it became known.
   *
   * @param side of the change
   * @param datedBack `t_ns` is before the time of the packet that shows it
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

  /** The ladder, once the capture has ended. `flow`: the flow's row; `report`: what was found in the capture. */
  ladder(flow: FlowRow, report: Pick<Report, 'findings' | 'capture'>): Ladder {
    const findings = findingsOf(flow, report);
    const rules = new Set(findings.filter(({ certain }) => certain).map(({ finding }) => finding.rule));
    return { schema: 'synoptic-ladder/1', flow: { ...flow, findings: [...rules] }, steps: this.#steps(flow), copies: this.#copies, findings };
  }

  #steps(flow: FlowRow): LadderStep[] {
    this.#stretches.finish();
    const first = this.#first;
    if (first === null) return [];
    const sides: Sides = first.from === flow.client ? [0, 1] : [1, 0];
    const reached: [number, number] = [-1, -1];
    const steps: LadderStep[] = [];
    let before = first.t_ns;
    const moment = (t_ns: bigint): Step => {
      const gap_seconds = Math.max(0, Number(t_ns - before) / 1e9);
      before = t_ns;
      const [client, server] = sides;
      return {
        t_ns,
        seconds: Number(t_ns - first.t_ns) / 1e9,
        gap_seconds,
        client: this.#histories[client].stateAt(reached[client]),
        server: this.#histories[server].stateAt(reached[server]),
      };
    };
    /** The changes between the last step and the next one, those dated to it not included. */
    const changesUpTo = (indices: readonly [number, number], isFold: boolean, t_ns: bigint): void => {
      for (const { side, index, epoch } of this.#between(reached, indices)) {
        reached[side] = index;
        if (isFold ? epoch.t_ns >= t_ns : epoch.t_ns === t_ns) continue;
        const end: End = side === sides[0] ? 'client' : 'server';
        steps.push({ kind: 'change', ...moment(epoch.t_ns), end, proof: epoch.proof } satisfies ChangeStep);
      }
    };
    for (const shown of this.#stretches.shown) {
      if ('row' in shown) {
        const { row } = shown;
        changesUpTo(this.#indicesAt(row), false, row.t_ns);
        steps.push(packetStep(shown, sides, moment(row.t_ns)));
        continue;
      }
      changesUpTo(this.#indicesAt(shown.last), true, shown.first.t_ns);
      const start = moment(shown.first.t_ns);
      before = shown.last.t_ns;
      const [client, server] = sides;
      steps.push({
        kind: 'fold',
        ...start,
        first: shown.first.packet,
        last: shown.last.packet,
        lasting_seconds: Number(shown.last.t_ns - shown.first.t_ns) / 1e9,
        segments: [shown.segments[client], shown.segments[server]],
        bytes: [shown.bytes[client], shown.bytes[server]],
        labels: Object.fromEntries(shown.labels),
      } satisfies FoldStep);
    }
    changesUpTo([this.#histories[0].epochs.length - 1, this.#histories[1].epochs.length - 1], false, before);
    return steps;
  }

  #indicesAt({ t_ns, packet }: PacketRow): [number, number] {
    return [this.#histories[0].indexAt(t_ns, packet), this.#histories[1].indexAt(t_ns, packet)];
  }

  /** What each end came to between two points of its history, in the order of time. */
  #between(reached: readonly [number, number], indices: readonly [number, number]): { side: Side; index: number; epoch: Epoch }[] {
    const found: { side: Side; index: number; epoch: Epoch }[] = [];
    for (const side of SIDES) {
      for (let index = reached[side] + 1; index <= indices[side]; index++) found.push({ side, index, epoch: this.#histories[side].epochs[index] });
    }
    return found.sort((one, other) => (one.epoch.t_ns < other.epoch.t_ns ? -1 : Number(one.epoch.t_ns > other.epoch.t_ns)));
  }

  /** A number of a side's sequence space, counted from its base and unwrapped. `offset`: what the first number seen counts as. */
  #place(side: Side, number: number, offset: number): number {
    const space = (this.#spaces[side] ??= { base: (number - offset) >>> 0, latest: offset });
    const place = space.latest + ((number - (space.base + space.latest)) | 0);
    if (place > space.latest) space.latest = place;
    return place;
  }
}

function packetStep({ row, side, seq, ack }: LadderRow, sides: Sides, moment: Step): PacketStep {
  return {
    kind: 'packet',
    ...moment,
    packet: row.packet,
    from: side === sides[0] ? 'client' : 'server',
    flags: row.flags,
    seq,
    ack,
    len: row.len,
    win: row.win,
    labels: row.labels,
  };
}
