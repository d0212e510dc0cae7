import { SIDES } from '../flow/end.ts';
import type { Side } from '../observations.ts';
import type { Epoch, History } from './ladder-history.ts';
import type { LadderRow, Stretch } from './ladder-stretches.ts';
import type { ChangeStep, End, FoldStep, LadderStep, PacketStep, Step } from './ladder.ts';
import type { PacketRow } from './rows.ts';

/** By side: how many epochs of its history the ladder has passed, as the index of the last one, −1 for none. */
type Reached = readonly [number, number];

/**
 * Lays out the steps of a ladder: packets and folded stretches, in order, and between them the changes of state at whose time no packet is
 * drawn.
 */
export class StepWriter {
  readonly #histories: readonly [History, History];
  /** The sides of client and server. */
  readonly #sides: readonly [Side, Side];
  readonly #start: bigint;
  readonly #steps: LadderStep[] = [];
  readonly #reached: [number, number] = [-1, -1];
  /** When the previous step ended. */
  #before: bigint;

  /**
   * @param histories by side
   * @param sides of client and server
   * @param start time of the flow's first packet
   */
  constructor(histories: readonly [History, History], sides: readonly [Side, Side], start: bigint) {
    this.#histories = histories;
    this.#sides = sides;
    this.#start = start;
    this.#before = start;
  }

  packet({ row, side, seq, ack }: LadderRow): void {
    this.#changes(this.#reachedAt(row), (time) => time === row.t_ns);
    const { packet, flags, len, win, labels } = row;
    this.#steps.push({ kind: 'packet', ...this.#step(row.t_ns), packet, from: this.#endOf(side), flags, seq, ack, len, win, labels } satisfies PacketStep);
  }

  fold({ first, last, segments, bytes, labels }: Stretch): void {
    this.#changes(this.#reachedAt(last), (time) => time >= first.t_ns);
    const [client, server] = this.#sides;
    this.#steps.push({
      kind: 'fold',
      ...this.#step(first.t_ns),
      first: first.packet,
      last: last.packet,
      lasting_seconds: Number(last.t_ns - first.t_ns) / 1e9,
      segments: [segments[client], segments[server]],
      bytes: [bytes[client], bytes[server]],
      labels: Object.fromEntries(labels),
    } satisfies FoldStep);
    this.#before = last.t_ns;
  }

  /** All steps, with the changes after the last packet. */
  finish(): LadderStep[] {
    const [one, other] = this.#histories;
    const last = this.#before;
    this.#changes([one.epochs.length - 1, other.epochs.length - 1], (time) => time === last);
    return this.#steps;
  }

  /** Passes the epochs up to `reached`, and writes those as steps that the step to come does not show itself. */
  #changes(reached: Reached, isShown: (time: bigint) => boolean): void {
    for (const { side, index, epoch } of this.#epochsUpTo(reached)) {
      this.#reached[side] = index;
      if (isShown(epoch.t_ns)) continue;
      this.#steps.push({ kind: 'change', ...this.#step(epoch.t_ns), end: this.#endOf(side), proof: epoch.proof } satisfies ChangeStep);
    }
  }

  /** The epochs of both ends from the last ones passed up to `reached`, in order of time. */
  #epochsUpTo(reached: Reached): { side: Side; index: number; epoch: Epoch }[] {
    const found: { side: Side; index: number; epoch: Epoch }[] = [];
    for (const side of SIDES) {
      const { epochs } = this.#histories[side];
      for (let index = this.#reached[side] + 1; index <= reached[side]; index++) found.push({ side, index, epoch: epochs[index] });
    }
    return found.sort((one, other) => (one.epoch.t_ns < other.epoch.t_ns ? -1 : Number(one.epoch.t_ns > other.epoch.t_ns)));
  }

  #reachedAt({ t_ns, packet }: PacketRow): Reached {
    return [this.#histories[0].indexAt(t_ns, packet), this.#histories[1].indexAt(t_ns, packet)];
  }

  /** What all steps have in common, for one that begins at `time`. */
  #step(time: bigint): Step {
    const [client, server] = this.#sides;
    const gap = Math.max(0, Number(time - this.#before) / 1e9);
    this.#before = time;
    return {
      t_ns: time,
      seconds: Number(time - this.#start) / 1e9,
      gap_seconds: gap,
      client: this.#histories[client].stateAt(this.#reached[client]),
      server: this.#histories[server].stateAt(this.#reached[server]),
    };
  }

  #endOf(side: Side): End {
    return side === this.#sides[0] ? 'client' : 'server';
  }
}
