import { expect } from 'chai';
import fc from 'fast-check';
import { EndpointIndex } from '../../../src/core/flow/endpoints.ts';

const word = fc.constantFrom(0, 1, -1, 0xffff, 0x7fff_ffff, -0x8000_0000);
const entry = fc.tuple(word, word, word, word, fc.constantFrom(-1, 0, 80, 65_535));

describe('flow: endpoint index', () => {
  it('numbers endpoints in order of appearance, as a plain Map does, and gives them back', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 300 }), (entries) => {
        const index = new EndpointIndex();
        const model = new Map<string, number>();
        for (const each of entries) {
          const key = each.join();
          if (!model.has(key)) model.set(key, model.size);
          const number = index.indexOf(...each);
          expect(number).to.equal(model.get(key));
          expect([0, 1, 2, 3, 4].map((which) => index.word(number, which))).to.deep.equal(each);
        }
        expect(index.size).to.equal(model.size);
      }),
      { numRuns: 100 },
    );
  });

  it('grows beyond its first thousand', () => {
    const index = new EndpointIndex();
    for (let at = 0; at < 20_000; at++) expect(index.indexOf(0, 0, 0xffff, at >> 4, at & 15)).to.equal(at);
    for (let at = 19_999; at >= 0; at--) expect(index.indexOf(0, 0, 0xffff, at >> 4, at & 15)).to.equal(at);
    expect(index.size).to.equal(20_000);
  });

  it('takes numbers back, the latest first, as if they had never been given', () => {
    const index = new EndpointIndex();
    const numbered = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => index.indexOf(0, 0, 0xffff, from + at, 80));
    const first = numbered(0, 500);
    numbered(500, 5_000);
    index.truncate(500);
    expect(index.size).to.equal(500);
    expect(numbered(0, 500)).to.deep.equal(first);
    expect(numbered(9_000, 9_003)).to.deep.equal([500, 501, 502]);
  });

  it('gives later ones shared numbers when its own are given: it does not grow', () => {
    const index = new EndpointIndex(100);
    for (let at = 0; at < 100; at++) expect(index.indexOf(0, 0, 0xffff, at, 80)).to.equal(at);
    const late = index.indexOf(0, 0, 0xffff, 4711, 80);
    expect(late).to.be.within(100, 100 + (1 << 20) - 1);
    expect(index.indexOf(0, 0, 0xffff, 4711, 80)).to.equal(late);
    expect([0, 1, 2, 3, 4].map((which) => index.word(late, which))).to.deep.equal([0, 0, 0xffff, 4711, 80]);
    expect(index.indexOf(0, 0, 0xffff, 99, 80)).to.equal(99);
    expect(index.size).to.equal(100);
  });
});
