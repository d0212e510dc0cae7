import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  block, enhancedPacket, filler, interfaceDescription, interfaceStatistics, join, pcap, sectionHeader, simplePacket,
} from '../../support/pcap-writer.ts';
import { collect, cut } from './collect.ts';

const times = fc.array(fc.integer({ min: 0, max: 4_000_000 }), { maxLength: 30 });
const cuts = fc.array(fc.nat(10_000), { maxLength: 40 });

function all(chunks: readonly Uint8Array[]): unknown {
  const { reader, records, counter, clock } = collect(chunks);
  const { file, counters, misordered, clockSteps, truncated } = reader;
  return { records, file, counters, misordered, clockSteps, truncated, counter, clock };
}

describe('the cutting of a file into chunks makes no difference', () => {
  it('to pcap', () => {
    fc.assert(
      fc.property(times, cuts, fc.boolean(), (list, positions, littleEndian) => {
        const file = pcap(
          list.map((time, index) => ({ time: BigInt(time), data: filler((time * 7) % 90, index), wireLength: time % 100 })),
          { littleEndian, variant: 'nanosecond' },
        );
        expect(all(cut(file, positions))).to.deep.equal(all([file]));
      }),
    );
  });

  it('to pcapng, damaged or not', () => {
    fc.assert(
      fc.property(times, cuts, fc.boolean(), (list, positions, damaged) => {
        const blocks = list.map((time, index) => {
          const data = filler(time % 90, index);
          const kinds = [
            enhancedPacket({ ticks: BigInt(time), data, options: [[1, filler(time % 11)]] }), simplePacket(data),
            block(0x0bad, filler(time % 200)), interfaceStatistics({ kernelDrops: BigInt(time) }), block(4, filler(time % 50)),
            join(sectionHeader(), interfaceDescription({ link: index, resolution: 9 })),
          ];
          return kinds[(time + index) % kinds.length];
        });
        const file = join(sectionHeader(), interfaceDescription({ resolution: 9 }), ...blocks, damaged ? filler(31) : new Uint8Array(0));
        expect(all(cut(file, positions))).to.deep.equal(all([file]));
      }),
    );
  });

  it('to a file of several buffers, in single bytes or as one chunk', () => {
    const packets = Array.from({ length: 3000 }, (_, index) => ({
      time: BigInt(index * 100_000 - (index % 3) * 250_000 + 10_000_000), data: filler((index * 37) % 1500, index),
    }));
    const file = pcap(packets, { variant: 'nanosecond' });
    expect(file.length).to.be.greaterThan(2 << 20);
    const whole = collect([file]);
    const pieces = collect(cut(file, Array.from({ length: 400 }, (_, index) => index * 7919)));
    expect(pieces.records).to.deep.equal(whole.records);
    expect(whole.records).to.have.length(3000);
    const byNumber = [...whole.records].sort((a, b) => a.number - b.number);
    expect(byNumber.every(({ data }, index) => data.length === (index * 37) % 1500)).to.equal(true);
    expect(byNumber.at(-1)?.data).to.deep.equal([...filler((2999 * 37) % 1500, 2999)]);
  });
});
