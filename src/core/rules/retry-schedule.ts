import type { Fact } from '../report/report.ts';
import type { Group } from './occurrences.ts';
import { SlotNumbers } from './slot-numbers.ts';

/** How stacks space the SYNs and SYN-ACKs that they send again. Bits of a set: a schedule stays possible while every gap fits it. */
const SCHEDULES = [
  /** 1, 2, 4 … s (RFC 6298): SYNs of Linux before 6.5, SYN-ACKs of any Linux. */
  'doubling_from_1_s',
  /** 3, 6, 12 … s (RFC 1122): Windows with its former initial timeout, and stacks before 2011. */
  'doubling_from_3_s',
  /** Every second five times, then doubling: SYNs of Linux from 6.5 on (tcp_syn_linear_timeouts), of the BSDs and macOS (`tcp_syn_backoff`). */
  'every_second_first',
] as const;
/** The same in words. */
const WORDS: { readonly [name in (typeof SCHEDULES)[number]]: string } = {
  doubling_from_1_s: '1, 2, 4 … s apart (Linux, and stacks that follow RFC 6298)',
  doubling_from_3_s: '3, 6, 12 … s apart (Windows with its former timeout, and stacks from before 2011)',
  every_second_first: 'a second apart at first (Linux from 6.5 on, the BSDs, macOS)',
};
const ALL = (1 << SCHEDULES.length) - 1;
/** SYNs sent again a second apart before that doubles: the first, and tcp_syn_linear_timeouts (4) more; five ones in `tcp_syn_backoff`. */
const LINEAR = 5;
/** Timers fire late, seldom early. */
const EARLY = 0.05;
const LATE = 0.15;
/** With one retry a second apart nothing is told: two schedules begin so. */
const LEAST_TOLD = 2;

/** The schedules that what each flow sent again (its SYN, or its SYN-ACK) fits. */
export class RetrySchedules {
  /** What is left of the schedules, plus one; 0 where nothing was sent again. */
  private readonly left = new SlotNumbers();
  private readonly retries = new SlotNumbers();

  /** The n-th retry (from 1) of a flow, `gap` nanoseconds after what was sent before it. */
  note(flow: number, retry: number, gap: number): void {
    const before = retry === 1 ? ALL : this.left.of(flow) - 1;
    this.left.note(flow, (before & fitting(retry, gap / 1e9)) + 1);
    this.retries.note(flow, retry);
  }

  /** Index of the one schedule that the flow's retries fit; -1 where several do, or none. */
  of(flow: number): number {
    const set = this.left.of(flow) - 1;
    return this.retries.of(flow) < LEAST_TOLD ? -1 : SCHEDULES.findIndex((_, index) => set === 1 << index);
  }

  /** The flow is over, and its slot may be used again. */
  forget(flow: number): void {
    if (this.retries.of(flow) !== 0) this.retries.note(flow, 0);
  }
}

/** The schedules in which the gap before the n-th retry (from 1) is about as long as this. */
function fitting(retry: number, seconds: number): number {
  const expected = [2 ** (retry - 1), 3 * 2 ** (retry - 1), retry <= LINEAR ? 1 : 2 ** (retry - LINEAR)];
  return expected.reduce((set, gap, index) => (seconds >= gap * (1 - EARLY) && seconds <= gap * (1 + LATE) ? set | (1 << index) : set), 0);
}

/** A fact: the schedules that attempts were found to fit, by name, of a group that counts them from tally `from` on. */
export function schedulesOf(group: Group, from: number): { [name: string]: number } {
  return Object.fromEntries(SCHEDULES.map((name, index): [string, number] => [name, group.at(from + index)]).filter(([, count]) => count > 0));
}

/** That fact as a sentence to append, with the space before it; empty where no schedule was found. */
export function scheduleSentence(facts: { readonly [name: string]: Fact }): string {
  const found = facts['retry_schedules'];
  if (typeof found !== 'object' || found === null) return '';
  const words = SCHEDULES.filter((name) => name in found).map((name) => WORDS[name]);
  return words.length === 0 ? '' : ` Repeats came ${words.join('; others ')}.`;
}
