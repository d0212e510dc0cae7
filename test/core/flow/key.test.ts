import { expect } from 'chai';
import fc from 'fast-check';
import { domainOf, FlowKey } from '../../../src/core/flow/key.ts';
import type { Segment } from '../../../src/core/wire/segment.ts';
import { segmentOf } from './segments.ts';

/** Ends drawn from few values, so that equal addresses, ports and words come up. */
const end = fc.oneof(
  fc.tuple(fc.constantFrom('10.0.0.1', '10.0.0.2', '192.0.2.255', '255.255.255.255'), fc.constantFrom(1, 80, 40_000, 65_535)).map(([a, p]) => `${a}:${p}`),
);
const end6 = fc
  .tuple(fc.constantFrom('2001:db8::1', '2001:db8::2', '2001:db9::1', 'fe80:0:1::1', '::ffff:ffff:ffff:1'), fc.constantFrom(1, 443, 65_535))
  .map(([a, p]) => `[${a}]:${p}`);
const pair = fc.oneof(fc.tuple(end, end), fc.tuple(end6, end6));

function keyOf(segment: Segment): FlowKey {
  const key = new FlowKey();
  key.fill(segment);
  return key;
}

function text(key: FlowKey): string {
  const { lower0, lower1, lower2, lower3, upper0, upper1, upper2, upper3, ports } = key;
  return [lower0, lower1, lower2, lower3, upper0, upper1, upper2, upper3, ports].join(' ');
}

describe('flow: key', () => {
  it('is one for both directions, which it tells apart; both ends equal is said', () => {
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const there = keyOf(segmentOf(one, other));
        const back = keyOf(segmentOf(other, one));
        expect(text(back)).to.equal(text(there));
        expect(back.hash).to.equal(there.hash);
        expect(there.self).to.equal(one === other);
        if (one !== other) expect(back.sourceIsUpper).to.equal(!there.sourceIsUpper);
      }),
      { numRuns: 500 },
    );
  });

  it('differs for every other pair of ends', () => {
    fc.assert(
      fc.property(pair, pair, (one, other) => {
        const same = [...one].sort().join(' ') === [...other].sort().join(' ');
        expect(text(keyOf(segmentOf(...one))) === text(keyOf(segmentOf(...other)))).to.equal(same);
      }),
      { numRuns: 1000 },
    );
  });

  it('spreads related connections over all slots: one client and one server, ports counted up', () => {
    const slots = new Uint16Array(256);
    for (let port = 1024; port < 1024 + 25_600; port++) slots[keyOf(segmentOf(`192.0.2.1:${port}`, '198.51.100.1:443')).hash & 255]++;
    // 100 are expected in each; of 256 Poisson counts none lies beyond six deviations.
    expect(Math.min(...slots)).to.be.above(40);
    expect(Math.max(...slots)).to.be.below(160);
  });

  it('keeps VLANs, tunnels and their identifiers apart as domains; without any it is 0', () => {
    const domain = (fields: Partial<Segment>): number => domainOf(segmentOf('192.0.2.1:1', '192.0.2.2:2', fields));
    expect(domain({})).to.equal(0);
    const domains = [
      domain({ vlan: 1 }),
      domain({ vlan: 2 }),
      domain({ vlan: 4096 + 2 }),
      domain({ tunnel: 1 }),
      domain({ tunnel: 1, tunnelId: 1 }),
      domain({ tunnel: 2, tunnelId: 1 }),
      domain({ vlan: 1, tunnel: 1 }),
    ];
    expect(new Set([0, ...domains]).size).to.equal(8);
  });
});
