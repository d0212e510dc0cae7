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
});
