import { expect } from 'chai';
import type { PacketRow } from '../../../src/core/index.ts';
import { Engine } from '../../../src/core/index.ts';
import { fixtureCapture } from '../../support/fixtures.ts';

function rowsOf(fixture: string, flow?: number): PacketRow[] {
  const rows: PacketRow[] = [];
  const engine = new Engine({ rules: [] }, { ...(flow !== undefined && { packetsOf: flow }), packet: (row) => rows.push(row) });
  engine.open(fixture, null);
  engine.push(fixtureCapture(fixture));
  engine.close();
  engine.finish();
  return rows;
}

describe('packet rows of one flow', () => {
  // TCP packets as tshark counts them.
  for (const [fixture, packets] of [['mirror-duplicates', 172], ['reordering', 422], ['port-reuse-tw-server', 30], ['midstream', 52]] as const) {
    it(`of ${fixture} are those among all rows`, () => {
      const all = rowsOf(fixture);
      expect(all).to.have.lengthOf(packets);
      for (const flow of new Set(all.map((row) => row.flow))) expect(rowsOf(fixture, flow)).to.deep.equal(all.filter((row) => row.flow === flow));
    });
  }

  it('are none for a flow that is not there', () => {
    expect(rowsOf('midstream', 999)).to.deep.equal([]);
  });
});
