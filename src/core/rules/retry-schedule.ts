import type { Observation } from '../observations.ts';
import { SlotNumbers } from './slot-numbers.ts';

/** How stacks space the SYNs that they send again. Bits of a set: a schedule stays possible while every gap fits it. */
export const SCHEDULES = [
  /** Linux before 6.5, BSD, macOS: 1, 2, 4 … s (RFC 6298). */
  'doubling_from_1_s',
  /** Windows and stacks before 2011: 3, 6, 12 … s. */
  'doubling_from_3_s',
  /** Linux from 6.5 on (tcp_syn_linear_timeouts): every second four times, then doubling. */
  'every_second_first',
] as const;
const ALL = (1 << SCHEDULES.length) - 1;
/** SYNs that Linux sends again a second apart before it doubles: the first, and tcp_syn_linear_timeouts (4) more. */
const LINEAR = 5;
/** Timers fire late, seldom early. */
const EARLY = 0.05;
const LATE = 0.15;
/** With one retry a second apart nothing is told: two schedules begin so. */
const LEAST_TOLD = 2;

/** The schedules that each flow's repeated SYNs fit. */
export class RetrySchedules {
  /** What is left of the schedules, plus one; 0 where no SYN was sent again. */
  private readonly left = new SlotNumbers();
  private readonly retries = new SlotNumbers();

  /** A SYN sent again (Kind.SYN_REPEATED). */
  note({ flow, a: sent, b: gap }: Observation): void {
    const isFirst = sent === 2;
    const before = isFirst ? ALL : this.left.of(flow) - 1;
    this.left.note(flow, (before & fitting(sent - 1, gap / 1e9)) + 1);
    this.retries.note(flow, sent - 1);
  }

  /** Name of the one schedule that the flow's SYNs fit; null where several do, or none. */
  of(flow: number): (typeof SCHEDULES)[number] | null {
    const set = this.left.of(flow) - 1;
    if (this.retries.of(flow) < LEAST_TOLD) return null;
    return SCHEDULES.find((_, index) => set === 1 << index) ?? null;
  }
}

/** The schedules in which the gap before the n-th retry (from 1) is about as long as this. */
function fitting(retry: number, seconds: number): number {
  const expected = [2 ** (retry - 1), 3 * 2 ** (retry - 1), retry <= LINEAR ? 1 : 2 ** (retry - LINEAR)];
  return expected.reduce((set, gap, index) => (seconds >= gap * (1 - EARLY) && seconds <= gap * (1 + LATE) ? set | (1 << index) : set), 0);
}
