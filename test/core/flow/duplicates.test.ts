import { expect } from 'chai';
import { Duplicates } from '../../../src/core/flow/duplicates.ts';
import type { Segment } from '../../../src/core/wire/segment.ts';
import { segmentOf } from './segments.ts';

const MS = 1e6;
const WINDOW = 50 * MS;
/** Times are told apart by so much. */
const TICK = 64;
const HASH = 0x1234_5678;
const SENT = { seq: 1000, ack: 2000, flags: 0x18, window: 502, checksum: 0xbeef, ipId: 77, payloadLength: 100, tsval: 9, tsecr: 8, hasTimestamps: true };

function seen(...segments: readonly Partial<Segment>[]): boolean[] {
  const duplicates = new Duplicates(WINDOW);
  const found = segments.map((fields) => duplicates.isCopy(segmentOf('192.0.2.1:40000', '198.51.100.1:443', { ...SENT, ...fields }), HASH));
  expect(duplicates.count).to.equal(found.filter(Boolean).length);
  return found;
}

describe('flow: duplicates', () => {
  it('knows a packet by what a router, a mirror or the any device leaves as it was', () => {
    expect(seen({ ttl: 64 }, { time: MS, ttl: 63 })).to.deep.equal([false, true]);
    expect(seen({ vlan: 10 }, { time: MS, vlan: 0 })).to.deep.equal([false, true]);
    expect(seen({}, {}, {})).to.deep.equal([false, true, true]);
  });

  it('takes it for a copy up to the end of the window, and no longer', () => {
    expect(seen({}, { time: WINDOW })).to.deep.equal([false, true]);
    expect(seen({}, { time: WINDOW + TICK })).to.deep.equal([false, false]);
    expect(seen({ time: WINDOW }, { time: 0 })).to.deep.equal([false, true]);
    expect(seen({ time: WINDOW + TICK }, { time: 0 })).to.deep.equal([false, false]);
  });

  it('does not take a real retransmission for a copy: IP numbers it anew, be it as quick as may be', () => {
    expect(seen({}, { time: 1, ipId: 78 })).to.deep.equal([false, false]);
  });

  it('without an IP-ID believes in copies within 2 ms only: below any retransmission timer', () => {
    expect(seen({ ipId: 0 }, { time: 2 * MS, ipId: 0 })).to.deep.equal([false, true]);
    expect(seen({ ipId: 0 }, { time: 2 * MS + TICK, ipId: 0 })).to.deep.equal([false, false]);
  });

  const DIFFERENCES: Partial<Segment>[] = [
    { seq: 1001 },
    { ack: 2001 },
    { flags: 0x10 },
    { window: 501 },
    { checksum: 0xbeee },
    { payloadLength: 101 },
    { tsval: 10 },
    { tsecr: 9 },
    { sourcePort: 40_001 },
  ];
  for (const difference of DIFFERENCES) {
    it(`tells packets apart by ${Object.keys(difference).join()}`, () => {
      expect(seen({}, { time: 1, ...difference })).to.deep.equal([false, false]);
    });
  }

  it('tells the two directions of a mirrored exchange apart', () => {
    const duplicates = new Duplicates(WINDOW);
    const symmetric = { ...SENT, seq: 5, ack: 5, tsval: 1, tsecr: 1 };
    expect(duplicates.isCopy(segmentOf('192.0.2.1:9000', '192.0.2.2:9000', symmetric), HASH)).to.equal(false);
    expect(duplicates.isCopy(segmentOf('192.0.2.2:9000', '192.0.2.1:9000', symmetric), HASH)).to.equal(false);
  });

  it('keeps the same packet of two connections apart', () => {
    const duplicates = new Duplicates(WINDOW);
    expect(duplicates.isCopy(segmentOf('192.0.2.1:40000', '198.51.100.1:443', SENT), 1)).to.equal(false);
    expect(duplicates.isCopy(segmentOf('192.0.2.1:40000', '198.51.100.2:443', SENT), 2)).to.equal(false);
  });

  it('finds nothing with a window of 0 but what came at the same instant', () => {
    const duplicates = new Duplicates(0);
    const segment = segmentOf('192.0.2.1:40000', '198.51.100.1:443', SENT);
    expect([0, 0, TICK].map((time) => duplicates.isCopy(Object.assign(segment, { time }), HASH))).to.deep.equal([false, true, false]);
  });
});
