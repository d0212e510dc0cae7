import { expect } from 'chai';
import fc from 'fast-check';
import { PairMap } from '../../../src/core/rules/pair-map.ts';

interface Entry {
  one: number;
  other: number;
  value: number;
}

function entriesOf(map: PairMap<Entry>): Entry[] {
  const entries: Entry[] = [];
  map.forEach((entry) => entries.push(entry));
  return entries;
}

describe('a map by pairs', () => {
  it('tells pairs apart by both numbers, and by which is which', () => {
    const map = new PairMap<string>();
    map.set(1, 2, 'one');
    map.set(2, 1, 'two');
    map.set(-1, 2, 'three');
    expect([map.get(1, 2), map.get(2, 1), map.get(-1, 2), map.get(1, 1), map.size]).to.deep.equal(['one', 'two', 'three', undefined, 3]);
  });

  it('keeps the order in which pairs were set; one that was deleted comes last when it comes again', () => {
    const map = new PairMap<string>();
    for (const [one, value] of ['a', 'b', 'c'].entries()) map.set(one, 0, value);
    map.set(0, 0, 'A');
    map.delete(1, 0);
    map.set(1, 0, 'B');
    const values: string[] = [];
    map.forEach((value) => values.push(value));
    expect(values).to.deep.equal(['A', 'c', 'B']);
  });

  it('lets what it visits be deleted', () => {
    const map = new PairMap<Entry>();
    for (let one = 0; one < 1_000; one += 1) map.set(one, 7, { one, other: 7, value: one });
    map.forEach(({ one, other }) => one % 3 !== 0 && map.delete(one, other));
    expect(map.size).to.equal(334);
    expect(entriesOf(map).map(({ one }) => one).slice(0, 3)).to.deep.equal([0, 3, 6]);
  });

  it('is as a Map by a text of both, whatever is set and deleted', () => {
    const index = fc.integer({ min: -1, max: 40 });
    const step = fc.record({ one: index, other: index, value: fc.nat(), isDelete: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3_000, size: 'max' }), (steps) => {
        const map = new PairMap<Entry>();
        const model = new Map<string, Entry>();
        for (const { one, other, value, isDelete } of steps) {
          if (isDelete) {
            map.delete(one, other);
            model.delete(`${one} ${other}`);
          } else {
            map.set(one, other, { one, other, value });
            model.set(`${one} ${other}`, { one, other, value });
          }
          expect(map.get(one, other)).to.deep.equal(model.get(`${one} ${other}`));
        }
        expect(map.size).to.equal(model.size);
        expect(entriesOf(map)).to.deep.equal([...model.values()]);
      }),
      { numRuns: 30 },
    );
  });
});
