import { expect } from 'chai';
import fc from 'fast-check';
import { Columns, FlowMark, KEY_HASH, KEY_WORDS } from '../../../src/core/flow/columns.ts';
import { endOf } from '../../../src/core/flow/end.ts';
import { FlowKey } from '../../../src/core/flow/key.ts';
import { FlowTable } from '../../../src/core/flow/table.ts';
import type { Segment } from '../../../src/core/wire/segment.ts';
import { segmentOf } from './segments.ts';

function tableOf(hash: (natural: number) => number = (natural) => natural): { columns: Columns; table: FlowTable } {
  const columns = new Columns();
  const table = new FlowTable(columns);
  table.key.fill = function fill(this: FlowKey, segment: Segment) {
    FlowKey.prototype.fill.call(this, segment);
    this.hash = hash(this.hash);
  };
  return { columns, table };
}

function connection(index: number, back = false): Segment {
  const client = index % 3 === 0 ? `[2001:db8::${(index >> 4).toString(16)}]:${1000 + (index % 16)}` : `10.0.${index >> 8}.${index & 255}:40000`;
  const server = index % 3 === 0 ? '[2001:db8::ffff]:443' : '198.51.100.1:443';
  return back ? segmentOf(server, client) : segmentOf(client, server);
}

interface Step {
  what: 'look' | 'add' | 'renew' | 'release';
  which: number;
  back: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('look', 'add', 'add', 'renew', 'release'),
  which: fc.nat(60),
  back: fc.boolean(),
});

const HASHES: [string, (natural: number) => number][] = [
  ['its own hash', (natural) => natural],
  ['hashes that all collide, at the last slot', () => -1],
  ['hashes on four neighbouring slots that wrap', (natural) => (natural & 3) - 2],
];

describe('flow: table', () => {
  for (const [name, hash] of HASHES) {
    it(`finds, adds, renews and releases as a plain Map does, with ${name}`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
          const { columns, table } = tableOf(hash);
          const model = new Map<number, { flow: number; back: boolean }>();
          const former: number[] = [];
          let numbered = 0;
          for (const { what, which, back } of steps) {
            const segment = connection(which, back);
            const flow = table.find(segment);
            const known = model.get(which);
            expect(flow).to.equal(known?.flow ?? -1);
            if (known !== undefined) expect(table.senderSide(flow)).to.equal(known.back === back ? 0 : 1);
            if ((what === 'add' && known === undefined) || (what === 'renew' && known !== undefined)) {
              const added = table.add(segment, flow);
              expect(table.senderSide(added)).to.equal(0);
              expect(columns.number[added]).to.equal(++numbered);
              if (known !== undefined) former.push(known.flow);
              model.set(which, { flow: added, back });
            } else if (what === 'release') {
              // A flow whose tuple another has taken over, or this one.
              const gone = former.pop() ?? known?.flow;
              if (gone !== undefined) table.release(gone);
              if (gone === known?.flow) model.delete(which);
            }
            expect(table.live).to.equal(model.size + former.length);
          }
          for (let which = 0; which <= 60; which++) expect(table.find(connection(which))).to.equal(model.get(which)?.flow ?? -1);
          const held: number[] = [];
          table.forEach((flow) => held.push(flow));
          expect(held).to.have.members([...[...model.values()].map(({ flow }) => flow), ...former]);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('grows over its first size, slots and columns, and forgets nothing', () => {
    const { columns, table } = tableOf();
    const count = 9000;
    for (let index = 0; index < count; index++) {
      expect(table.find(connection(index))).to.equal(-1);
      const flow = table.add(connection(index), -1);
      columns.missed[endOf(flow, 1)] = index;
    }
    expect(columns.capacity).to.be.within(count, count * 2);
    for (let index = 0; index < count; index++) {
      const flow = table.find(connection(index, true));
      expect(columns.missed[endOf(flow, 1)]).to.equal(index);
    }
    for (let index = 0; index < count; index += 2) table.release(table.find(connection(index)));
    for (let index = 0; index < count; index++) expect(table.find(connection(index)) >= 0).to.equal(index % 2 === 1);
    expect(table.live).to.equal(count / 2);
  });

  it('gives slots again: as many are ever used as flows lived at once', () => {
    const { table } = tableOf();
    for (let index = 0; index < 20_000; index++) {
      table.find(connection(index));
      table.add(connection(index), -1);
      if (index >= 100) {
        table.release(table.find(connection(index - 100)));
      }
    }
    expect(table.limit).to.equal(101);
    expect(table.live).to.equal(100);
    expect(table.numbered).to.equal(20_000);
  });

  it('begins a flow with nothing of the one that had its slot before', () => {
    const { columns, table } = tableOf();
    table.find(connection(1));
    const flow = table.add(Object.assign(connection(1), { time: 5e9, vlan: 7, tunnel: 1, tunnelId: 9 }), -1);
    const fresh = snapshot(columns, flow);
    for (const column of arrays(columns)) column.fill(77);
    columns.key[flow * KEY_WORDS + KEY_HASH] = table.key.hash;
    table.release(flow);
    table.find(connection(1));
    expect(table.add(Object.assign(connection(1), { time: 5e9, vlan: 7, tunnel: 1, tunnelId: 9 }), -1)).to.equal(flow);
    const again = snapshot(columns, flow);
    // These hold a value only where a mark or the tracker's first step says so.
    const guarded = new Set([
      'number', 'server', 'state', 'possible', 'formerState', 'formerSince', 'formerPossible', 'formerProof', 'iss', 'nxt', 'una',
      'contiguous', 'fin', 'edge', 'doubtAck', 'doubtTime', 'doubtPacket', 'leap', 'tsval', 'fullSize', 'fullSizeTime', 'finTime',
      'finTsval', 'said',
    ]);
    for (const [name, values] of Object.entries(fresh)) if (!guarded.has(name)) expect(again[name], name).to.deep.equal(values);
  });

  it('dates what is not known of an end to the start of its flow', () => {
    const { columns, table } = tableOf();
    table.find(connection(1));
    const first = table.add(Object.assign(connection(1), { time: 3e9 }), -1);
    expect([columns.since[endOf(first, 0)], columns.since[endOf(first, 1)]]).to.deep.equal([3e9, 3e9]);
    table.release(first);
    table.find(connection(2));
    const second = table.add(Object.assign(connection(2), { time: 9e9 }), -1);
    expect(second).to.equal(first);
    expect([columns.since[endOf(second, 0)], columns.since[endOf(second, 1)]]).to.deep.equal([9e9, 9e9]);
  });

  describe('VLANs and tunnels', () => {
    const tagged = (vlan: number, back = false): Segment => Object.assign(connection(1, back), { vlan });

    it('count for nothing until two connections show that they separate', () => {
      const { table } = tableOf();
      table.find(tagged(10));
      const flow = table.add(tagged(10), -1);
      for (const vlan of [0, 10, 20]) for (const back of [false, true]) expect(table.find(tagged(vlan, back))).to.equal(flow);
    });

    it('separate from then on, in both directions, and only the one that was shown to', () => {
      const { table } = tableOf();
      table.find(tagged(10));
      const first = table.add(tagged(10), -1);
      expect(table.find(tagged(20))).to.equal(first);
      expect(table.separate(tagged(20), first)).to.equal(true);
      const second = table.add(tagged(20), -1);
      for (const back of [false, true]) {
        expect(table.find(tagged(10, back))).to.equal(first);
        expect(table.find(tagged(20, back))).to.equal(second);
        expect(table.senderSide(second)).to.equal(back ? 1 : 0);
        expect(table.find(tagged(0, back))).to.equal(first);
        expect(table.find(tagged(30, back))).to.equal(first);
      }
      table.release(second);
      expect(table.find(tagged(20))).to.equal(-1);
      expect(table.find(tagged(10))).to.equal(first);
    });

    it('do not separate a connection from itself, nor an untagged one from a tagged', () => {
      const { table } = tableOf();
      table.find(tagged(10));
      const flow = table.add(tagged(10), -1);
      expect(table.separate(tagged(10), flow)).to.equal(false);
      expect(table.separate(tagged(0), flow)).to.equal(false);
    });

    it('leave the second its place when the first is gone', () => {
      const { columns, table } = tableOf();
      table.find(tagged(10));
      const first = table.add(tagged(10), -1);
      table.find(tagged(20));
      table.separate(tagged(20), first);
      const second = table.add(tagged(20), -1);
      table.release(first);
      expect(table.find(tagged(20, true))).to.equal(second);
      expect(table.find(tagged(10))).to.equal(-1);
      expect((columns.flowMarks[second] & FlowMark.LIVE) !== 0).to.equal(true);
    });
  });
});

type Column = Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array;

function columnsOf(columns: Columns): [string, Column][] {
  return Object.entries(columns).filter((entry): entry is [string, Column] => ArrayBuffer.isView(entry[1]));
}

function arrays(columns: Columns): Column[] {
  return columnsOf(columns).map(([, column]) => column);
}

/** All that the columns hold of one flow. */
function snapshot(columns: Columns, flow: number): { [name: string]: number[] } {
  return Object.fromEntries(
    columnsOf(columns).map(([name, column]) => {
      const width = column.length / columns.capacity;
      // A column of ends has places for three more in between, and so lacks the last.
      const values = Number.isInteger(width) ? column.subarray(flow * width, (flow + 1) * width) : [column[endOf(flow, 0)], column[endOf(flow, 1)]];
      return [name, [...values]];
    }),
  );
}
