import { expect } from 'chai';
import { CaptureClock, type Instant } from '../../../src/core/capture/clock.ts';
import { Moments } from '../../../src/core/capture/moments.ts';

const SECOND = 1_000_000_000n;
const BASE = 1_700_000_000n * SECOND;

/** Feeds frames as the walk does, at these seconds after the first; gives what was told before each. */
function toldBefore(instants: readonly Instant[], frames: readonly number[], prepare: (moments: Moments, tell: (what: string) => void) => void = () => undefined): string[] {
  const told: string[] = [];
  let before = '';
  const clock = new CaptureClock();
  const moments = new Moments(clock, instants, (index) => told.push(`${index} before ${before}`));
  prepare(moments, (what) => told.push(`${what} before ${before}`));
  clock.base = BASE;
  for (const seconds of frames) {
    before = String(seconds);
    if (seconds * 1e9 > moments.due) moments.pass(seconds * 1e9);
  }
  before = 'the end';
  moments.pass(Infinity);
  return told;
}

describe('moments', () => {
  const at = (seconds: number): Instant => ({ kind: 'relative', ns: BigInt(seconds) * SECOND });

  it('are told once each, before the first frame that is later', () => {
    expect(toldBefore([at(2), at(0), at(5)], [0, 1, 2, 3, 3, 9])).to.deep.equal(['1 before 1', '0 before 3', '2 before 9']);
  });

  it('may be times of day, and several in the same gap', () => {
    expect(toldBefore([{ kind: 'epoch', ns: BASE + 2n * SECOND }, at(1)], [0, 3])).to.deep.equal(['0 before 3', '1 before 3']);
  });

  it('before the capture come with its first frame; those after it, and its end, with the end', () => {
    expect(toldBefore([at(-1), { kind: 'end' }, at(10)], [0, 3])).to.deep.equal(['0 before 0', '1 before the end', '2 before the end']);
  });

  it('include one alarm, told the time of the frame; a new one replaces it, and none comes at the end', () => {
    expect(toldBefore([], [0, 1, 4], (moments, tell) => {
      moments.onceAfter(0, () => tell('the first'));
      moments.onceAfter(1e9, (time) => tell(`at ${time / 1e9}`));
    })).to.deep.equal(['at 4 before 4']);
    expect(toldBefore([], [0, 1], (moments, tell) => moments.onceAfter(1e9, () => tell('late')))).to.deep.equal([]);
  });

  it('need no attention where there are none', () => {
    expect(new Moments(new CaptureClock(), [], () => undefined).due).to.equal(Infinity);
  });
});
