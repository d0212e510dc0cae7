import { expect } from 'chai';
import fc from 'fast-check';
import type { FlowRow } from '../../../../src/core/index.ts';
import { FlowList } from '../../../../src/node/live/screen/flow-list.ts';
import { FirstFlows, type FlowOrder, FlowScan } from '../../../../src/node/live/screen/flow-scan.ts';
import { sampleFlow } from '../../../support/sample-flow.ts';


const BY_DURATION: FlowOrder = { key: (row) => row.duration, descending: true };

function numbers(rows: readonly FlowRow[]): number[] {
  return rows.map(({ flow }) => flow);
}

describe('the first flows in an order', () => {
  it('are those that sorting all of them gives', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), fc.integer({ min: 1, max: 30 }), fc.boolean(), (keys, most, descending) => {
      const rows = keys.map((duration, i) => sampleFlow(i + 1, { duration }));
      const first = new FirstFlows({ key: (row) => row.duration, descending }, most);
      for (const row of rows) first.add(row);
      // Of equals, the later flow comes first, whatever the order.
      const all = [...rows].sort((one, other) => (one.duration - other.duration) * (descending ? -1 : 1) || other.flow - one.flow);
      expect(numbers(first.rows())).to.deep.equal(numbers(all.slice(0, most)));
    }));
  });

  it('names each flow once, though it was met twice', () => {
    const first = new FirstFlows(BY_DURATION, 5);
    for (const flow of [3, 1, 3, 2]) first.add(sampleFlow(flow));
    expect(numbers(first.rows())).to.deep.equal([3, 2, 1]);
  });
});

describe('a scan of flows', () => {
  it('stops when its time is over and goes on later, meeting each flow once', () => {
    let now = 0;
    const rows = Array.from({ length: 1000 }, (_, i) => sampleFlow(i + 1, { duration: i % 7 }));
    const scan = new FlowScan(rows, (row) => row.duration === 3, BY_DURATION, 5);
    let slices = 1;
    // The clock is looked at twice a slice at least: each look takes a millisecond.
    while (!scan.run(1, () => now++)) slices++;
    expect(slices).to.be.within(3, 10);
    expect(scan.seen).to.equal(1000);
    expect(scan.matching).to.equal(143);
    // i % 7 = 3 for i = 997 and every seventh before it; flow = i + 1.
    expect(numbers(scan.rows())).to.deep.equal([998, 991, 984, 977, 970]);
  });
});

describe('the list of flows', () => {
  const rows = Array.from({ length: 2000 }, (_, i) => sampleFlow(i + 1, { duration: (i * 37) % 101 }));

  it('holds the first 500 and the numbers of all', () => {
    const list = new FlowList(BY_DURATION, () => 0);
    expect(list.isStale).to.equal(true);
    list.refresh(() => rows);
    expect([list.rows.length, list.matching, list.total, list.isStale]).to.deep.equal([500, 2000, 2000, false]);
    expect(list.rows[0]!.duration).to.equal(100);
  });

  it('scans again after a rest only', () => {
    let now = 0;
    let scans = 0;
    const list = new FlowList(BY_DURATION, () => now);
    const flows = (): FlowRow[] => {
      scans++;
      return rows;
    };
    for (; now < 3000; now += 200) list.refresh(flows);
    expect(scans).to.equal(3);
  });

  it('puts what it knows into a new order and filter at once, then asks for the rest', () => {
    const list = new FlowList(BY_DURATION, () => 0);
    list.refresh(() => rows);
    list.ask({ key: ({ flow }) => flow, descending: false }, (row) => row.duration === 100);
    expect(list.isStale).to.equal(true);
    expect(list.rows.every((row) => row.duration === 100)).to.equal(true);
    expect(numbers(list.rows)).to.deep.equal(numbers(rows.filter((row) => row.duration === 100)));
    list.refresh(() => rows);
    expect([list.matching, list.total, list.isStale]).to.deep.equal([list.rows.length, 2000, false]);
  });
});
