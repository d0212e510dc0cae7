import { expect } from 'chai';
import { RandomWalk } from '../../../../src/core/rules/statistics/random-walk.ts';

/** `+` succeeds, `-` fails. */
function decidedAfter(outcomes: string): number {
  const walk = new RandomWalk();
  for (const outcome of outcomes) walk.step(outcome === '+');
  return walk.decidedAfter;
}

describe('the sequential test of first contacts', () => {
  it('calls a scanner whose first four contacts fail: the ratio is 4^4 = 256, beyond 0.99 / 0.01 = 99', () => {
    expect(decidedAfter('---')).to.equal(0);
    expect(decidedAfter('----')).to.equal(4);
    expect(decidedAfter('------')).to.equal(4);
  });

  it('takes a failure back for each success', () => {
    expect(decidedAfter('-+-+-+-+-+-+')).to.equal(0);
    expect(decidedAfter('-+----')).to.equal(6);
  });

  it('gives no credit beyond what makes a source benign: 0.01 / 0.99, a little more than three successes', () => {
    expect(decidedAfter(`${'+'.repeat(100)}------`)).to.equal(0);
    expect(decidedAfter(`${'+'.repeat(100)}-------`)).to.equal(107);
  });

  it('stays with its verdict', () => {
    expect(decidedAfter('----++++++++++++')).to.equal(4);
  });
});
