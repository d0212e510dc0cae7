import { expect } from 'chai';
import fc from 'fast-check';
import { Columns } from '../../../src/core/flow/columns.ts';
import { Holes } from '../../../src/core/tcp/holes.ts';

const MOST = 256;

type Step = { what: 'skip'; bytes: number; after: number } | { what: 'fill'; at: number; bytes: number } | { what: 'acknowledge'; at: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constant('skip' as const), bytes: fc.integer({ min: 1, max: 20 }), after: fc.integer({ min: 0, max: 5 }) }),
  fc.record({ what: fc.constant('fill' as const), at: fc.nat(150), bytes: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ what: fc.constant('acknowledge' as const), at: fc.nat(150) }),
);

describe('tcp: holes', () => {
  it('are the bytes that a plain Set says are missing, over the wrap of sequence numbers too', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, -75, 0x7fff_ffff - 75), fc.array(step, { maxLength: 60 }), (start, steps) => {
        const columns = new Columns();
        const holes = new Holes(columns);
        const missing = new Set<number>();
        let next = 0;
        const place = (offset: number): number => (start + offset) | 0;
        const take = (from: number, to: number): number => {
          let taken = 0;
          for (let at = from; at < to; at++) if (missing.delete(at)) taken++;
          return taken;
        };
        for (const each of steps) {
          if (each.what === 'skip') {
            holes.add(3, place(next), place(next + each.bytes), 0, 0, 0);
            for (let at = next; at < next + each.bytes; at++) missing.add(at);
            next += each.bytes + each.after;
          } else if (each.what === 'fill') {
            expect(holes.fill(3, place(each.at), place(each.at + each.bytes))).to.equal(take(each.at, each.at + each.bytes));
          } else {
            expect(holes.acknowledge(3, place(each.at))).to.equal(take(0, each.at));
          }
          expect(columns.hole[3] === 0).to.equal(missing.size === 0);
          if (missing.size > 0) expect(holes.first(3)).to.equal(place(Math.min(...missing)));
        }
        expect(holes.release(3)).to.equal(missing.size);
        expect(columns.hole[3]).to.equal(0);
      }),
      { numRuns: 500 },
    );
  });

  it('of different ends are kept apart', () => {
    const columns = new Columns();
    const holes = new Holes(columns);
    columns.reserve(600);
    for (let end = 0; end < 600; end++) holes.add(end, 100, 200 + end, 0, 0, 0);
    for (let end = 0; end < 600; end += 2) expect(holes.release(end)).to.equal(100 + end);
    for (let end = 0; end < 600; end++) expect(holes.fill(end, 0, 1000)).to.equal(end % 2 === 0 ? 0 : 100 + end);
  });

  it('are at most 256 an end: the oldest is given up, and its bytes are told', () => {
    const columns = new Columns();
    const holes = new Holes(columns);
    for (let hole = 0; hole < MOST; hole++) expect(holes.add(0, hole * 10, hole * 10 + 3, 0, 0, 0)).to.equal(0);
    expect(holes.add(0, MOST * 10, MOST * 10 + 5, 0, 0, 0)).to.equal(3);
    expect(holes.first(0)).to.equal(10);
    expect(holes.release(0)).to.equal((MOST - 1) * 3 + 5);
  });

  it('are at most so many also where one is filled byte by byte, every second one: bounded memory, bounded walks', () => {
    for (const order of [1, -1]) {
      const columns = new Columns();
      const holes = new Holes(columns);
      const bytes = 4000;
      holes.add(0, 0, bytes, 0, 0, 0);
      for (let at = 1; at < bytes; at += 2) holes.fill(0, order > 0 ? at : bytes - at, (order > 0 ? at : bytes - at) + 1);
      let pieces = 0;
      while (columns.hole[0] !== 0) {
        // Fills the first hole from its first byte until there is nothing more of it.
        let at = holes.first(0);
        while (holes.fill(0, at, at + 1) === 1) at++;
        pieces++;
      }
      expect(pieces).to.be.at.most(MOST + 1);
    }
  });
});
