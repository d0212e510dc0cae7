import { expect } from 'chai';
import fc from 'fast-check';
import type { FlowRow } from '../../../../src/core/index.ts';
import { FlowList } from '../../../../src/node/live/screen/flow-list.ts';
import { FirstFlows, type FlowOrder, FlowScan, type FlowSource } from '../../../../src/node/live/screen/flow-scan.ts';
import { flowOrder } from '../../../../src/node/live/screen/panes/flows.ts';
import { sampleFlow } from '../../../support/sample-flow.ts';

const BY_DURATION: FlowOrder = { key: (row) => row.duration, descending: true };

/** What a view does with its flows. */
function sourceOf(rows: readonly FlowRow[]): FlowSource {
  return function* (wanted) {
    for (const row of rows) if (wanted(row.flow)) yield row;
  };
}

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
    const scan = new FlowScan(sourceOf(rows), (row) => row.duration === 3, BY_DURATION, 5);
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

describe('a scan in the order of numbers', () => {
  /** Rows that were made. */
  let made = 0;
  const counted = (rows: readonly FlowRow[]): FlowSource => function* (wanted) {
    for (const row of rows) {
      if (!wanted(row.flow)) continue;
      made++;
      yield row;
    }
  };

  for (const descending of [true, false]) {
    it(`finds what sorting finds, ${descending ? 'latest' : 'earliest'} first`, () => {
      fc.assert(fc.property(fc.shuffledSubarray(Array.from({ length: 300 }, (_, i) => i + 1)), fc.integer({ min: 1, max: 20 }), (flows, most) => {
        const scan = new FlowScan(counted(flows.map((flow) => sampleFlow(flow))), null, flowOrder('Flow', descending), most);
        while (!scan.run(1, () => 0)) continue;
        const all = [...flows].sort((one, other) => (descending ? other - one : one - other));
        expect(numbers(scan.rows())).to.deep.equal(all.slice(0, most));
        expect([scan.seen, scan.matching]).to.deep.equal([flows.length, flows.length]);
      }));
    });
  }

  it('makes no rows of flows that stand behind those it has', () => {
    made = 0;
    const scan = new FlowScan(counted(Array.from({ length: 2000 }, (_, i) => sampleFlow(2000 - i))), null, flowOrder('Flow', true), 50);
    while (!scan.run(1, () => 0)) continue;
    expect([made, scan.seen]).to.deep.equal([50, 2000]);
  });

  it('makes them all where a filter must see them', () => {
    made = 0;
    const scan = new FlowScan(counted(Array.from({ length: 200 }, (_, i) => sampleFlow(200 - i))), ({ flow }) => flow <= 10, flowOrder('Flow', true), 5);
    while (!scan.run(1, () => 0)) continue;
    expect([made, scan.seen, scan.matching]).to.deep.equal([200, 200, 10]);
    expect(numbers(scan.rows())).to.deep.equal([10, 9, 8, 7, 6]);
  });
});

describe('the list of flows', () => {
  const rows = Array.from({ length: 2000 }, (_, i) => sampleFlow(i + 1, { duration: (i * 37) % 101 }));

  it('holds the first 500 and the numbers of all', () => {
    const list = new FlowList(BY_DURATION, () => 0);
    expect(list.isStale).to.equal(true);
    list.refresh(sourceOf(rows));
    expect([list.rows.length, list.matching, list.total, list.isStale]).to.deep.equal([500, 2000, 2000, false]);
    expect(list.rows[0].duration).to.equal(100);
  });

  it('holds as many as are looked at where it is known which are the first, and the others as soon as those are', () => {
    let now = 0;
    const list = new FlowList(flowOrder('Flow', true), () => now);
    list.refresh(sourceOf(rows), 40);
    expect([list.rows.length, list.matching, list.total]).to.deep.equal([40, 2000, 2000]);
    expect(numbers(list.rows.slice(0, 2))).to.deep.equal([2000, 1999]);
    now += 200;
    list.refresh(sourceOf(rows), Infinity);
    expect([list.rows.length, list.matching, list.total]).to.deep.equal([500, 2000, 2000]);
    list.ask(BY_DURATION, null);
    list.refresh(sourceOf(rows), 40);
    expect(list.rows).to.have.lengthOf(500);
  });

  it('scans again after a rest only', () => {
    let now = 0;
    let scans = 0;
    const list = new FlowList(BY_DURATION, () => now);
    const flows: FlowSource = (wanted) => {
      scans++;
      return sourceOf(rows)(wanted);
    };
    for (; now < 3000; now += 200) list.refresh(flows);
    expect(scans).to.equal(3);
  });

  it('puts what it knows into a new order and filter at once, then asks for the rest', () => {
    const list = new FlowList(BY_DURATION, () => 0);
    list.refresh(sourceOf(rows));
    list.ask({ key: ({ flow }) => flow, descending: false }, (row) => row.duration === 100);
    expect(list.isStale).to.equal(true);
    expect(list.rows.every((row) => row.duration === 100)).to.equal(true);
    expect(numbers(list.rows)).to.deep.equal(numbers(rows.filter((row) => row.duration === 100)));
    list.refresh(sourceOf(rows));
    expect([list.matching, list.total, list.isStale]).to.deep.equal([list.rows.length, 2000, false]);
  });
});
