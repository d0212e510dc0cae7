import { expect } from 'chai';
import type { StateCase } from '../../support/trace.ts';
import { statesOf } from '../../support/trace.ts';

/** The three-way handshake, at 0, 1 and 2 ms; what follows begins at 3 ms. */
export const OPEN = 'C > S SYN; S > C SYN ACK; C > S ACK';

/** The same without timestamps: nothing tells then which of two sendings an answer is to. */
export const BARE = 'C > S SYN ts=0; S > C SYN ACK ts=0; C > S ACK ts=0';

/** A test for each case: the states of each end, with the milliseconds since when. Ends that a case does not name do not count. */
export function itShows(cases: readonly StateCase[]): void {
  for (const [clause, text, states] of cases) {
    it(clause, () => {
      const shown = statesOf(text);
      expect(Object.fromEntries(Object.keys(states).map((end) => [end, shown[end]]))).to.deep.equal(states);
    });
  }
}
