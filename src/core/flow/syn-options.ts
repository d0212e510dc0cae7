import { type Columns, Mark } from './columns.ts';

/** Options of a SYN as bits, in the order of SYN_OPTIONS (`observations.ts`). */
export const SynOption = { MSS: 1, WINDOW_SCALE: 2, SACK: 4, TIMESTAMPS: 8 } as const;

/** The options in the captured SYN or SYN-ACK of an end. */
export function synOptionsOf({ marks, mss }: Columns, end: number): number {
  const seen = marks[end];
  return (
    (mss[end] > 0 ? SynOption.MSS : 0) |
    ((seen & Mark.SCALE_OFFERED) !== 0 ? SynOption.WINDOW_SCALE : 0) |
    ((seen & Mark.SACK) !== 0 ? SynOption.SACK : 0) |
    ((seen & Mark.TIMESTAMPS) !== 0 ? SynOption.TIMESTAMPS : 0)
  );
}
