import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { RingError } from '../../../../src/node/live/ring/error.ts';
import { divided, PacketRing } from '../../../../src/node/live/ring/packet-ring.ts';
import { FileStore, MemoryStore } from '../../../../src/node/live/ring/ring-store.ts';
import type { RingStore } from '../../../../src/node/live/ring/ring-store.ts';
import { record } from '../../../support/packets.ts';
import { filler } from '../../../support/pcap-writer.ts';

interface Kept {
  number: number;
  flow: number;
  data: number[];
}

function contents(ring: PacketRing): Kept[] {
  const kept: Kept[] = [];
  for (let position = ring.oldest; position < ring.next; position++) {
    const { number, bytes, start, end } = ring.read(position);
    kept.push({ number, flow: ring.flowAt(position), data: [...bytes.subarray(start, end)] });
  }
  return kept;
}

describe('PacketRing', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'synoptic-test-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const stores: readonly (readonly [string, (size: number) => RingStore])[] = [
    ['memory', (size) => new MemoryStore(size)],
    ['a file', (size) => new FileStore(join(folder, 'ring'), size)],
  ];

  for (const [name, open] of stores) {
    it(`keeps the latest packets whole, in ${name}, as many as there is room for`, () => {
      const lengths = fc.array(fc.integer({ min: 0, max: 130 }), { maxLength: 60 });
      fc.assert(fc.property(lengths, fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 20 }), (list, size, places) => {
        const store = open(size);
        const ring = new PacketRing(store, places);
        const all = list.map((length, index) => ({ number: index + 1, flow: 1 + (index % 3), data: [...filler(length, index)] }));
        for (const { number, flow, data } of all) ring.add(record(Uint8Array.from(data), { number, time: number }), flow);
        const kept = contents(ring);
        const fitting = all.filter(({ data }) => data.length <= size);
        expect(kept).to.deep.equal(fitting.slice(fitting.length - kept.length));
        expect(kept.length).to.be.at.most(places);
        expect(kept.reduce((sum, { data }) => sum + data.length, 0)).to.be.at.most(size);
        // Nothing is driven out without need: what was lost would not have fitted beside the rest and the gap at the end of a round.
        const lost = fitting[fitting.length - kept.length - 1];
        if (lost !== undefined && kept.length < places) {
          expect(kept.reduce((sum, { data }) => sum + Math.max(1, data.length), Math.max(1, lost.data.length)) + 130).to.be.above(size);
        }
        store.close();
      }));
    });
  }

  it('gives back what a packet was, and its flow when that was seen later', () => {
    const ring = new PacketRing(new MemoryStore(1000), 10);
    ring.add(record(filler(50), { number: 7, time: 1234.5, link: 276, interface: 3, wireLength: 1514 }), 0);
    ring.add(record(filler(20), { number: 8, time: 2000 }), 5);
    expect([ring.flowAt(0), ring.flowAt(1)]).to.deep.equal([0, 5]);
    ring.label(7, 5);
    ring.label(99, 5);
    expect([ring.flowAt(0), ring.timeAt(0)]).to.deep.equal([5, 1234.5]);
    const seen = [0, 1].map((position) => {
      const { number, time, link, interface: index, wireLength, start, end } = ring.read(position);
      return { number, time, link, index, wireLength, length: end - start };
    });
    expect(seen).to.deep.equal([
      { number: 7, time: 1234.5, link: 276, index: 3, wireLength: 1514, length: 50 },
      { number: 8, time: 2000, link: 1, index: 0, wireLength: 20, length: 20 },
    ]);
  });

  it('takes its size for facts and bytes together', () => {
    const { places, bytes } = divided(64 * 1024 * 1024);
    expect(places * 36 + bytes).to.equal(64 * 1024 * 1024);
    expect(bytes / places).to.be.closeTo(128, 1);
    // Ten gigabytes on a disk do not take gigabytes of memory.
    expect(divided(10 * 1024 ** 3).places * 36).to.be.below(200e6);
  });

  it('leaves no file behind, and spares one that is there', () => {
    const path = join(folder, 'present');
    const store = new FileStore(path, 1000);
    expect(existsSync(path)).to.equal(false);
    store.close();
    writeFileSync(path, 'mine');
    expect(() => new FileStore(path, 1000)).to.throw(RingError, /--ring-file .*present: cannot be made: file already exists$/);
  });
});
