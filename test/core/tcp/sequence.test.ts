import { expect } from 'chai';
import fc from 'fast-check';
import { distance } from '../../../src/core/tcp/sequence.ts';

const number = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const step = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe('tcp: sequence numbers (RFC 9293 §3.4)', () => {
  it('go on over the wrap: 2^32 − 1 comes before 0, 2^31 − 1 before 2^31', () => {
    expect(distance(0, -1)).to.equal(1);
    expect(distance(-1, 0)).to.equal(-1);
    expect(distance(-0x8000_0000, 0x7fff_ffff)).to.equal(1);
    expect(distance(0x7fff_ffff, -0x8000_0000)).to.equal(-1);
  });

  it('are as far apart as was counted, from anywhere (law)', () => {
    fc.assert(
      fc.property(number, step, (from, count) => {
        const to = (from + count) | 0;
        return distance(to, from) === count && distance(from, to) === -count;
      }),
      { numRuns: 1000 },
    );
  });

  it('are neither before nor after themselves', () => {
    fc.assert(fc.property(number, (one) => distance(one, one) === 0));
  });
});
