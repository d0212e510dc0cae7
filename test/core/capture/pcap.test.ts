import { expect } from 'chai';
import { filler, join, pcap, pcapHeader, pcapRecord } from '../../support/pcap-writer.ts';
import { collect } from './collect.ts';

const START = 1_340_954_905_298_858_123n;
const MICROSECOND_START = 1_340_954_905_298_858_000n;

describe('classic pcap', () => {
  const variants = [
    { variant: 'microsecond', format: 'pcap', first: MICROSECOND_START, second: MICROSECOND_START + 1_500_000_000n },
    { variant: 'nanosecond', format: 'pcap-nanosecond', first: START, second: START + 1_500_000_001n },
    { variant: 'modified', format: 'pcap-modified', first: MICROSECOND_START, second: MICROSECOND_START + 1_500_000_000n },
  ] as const;
  for (const { variant, format, first, second } of variants) {
    for (const littleEndian of [true, false]) {
      it(`reads ${format}, ${littleEndian ? 'little' : 'big'} endian`, () => {
        const file = pcap(
          [{ time: START, data: filler(60) }, { time: START + 1_500_000_001n, data: filler(14, 1), wireLength: 1514 }],
          { variant, littleEndian, link: 113, snaplen: 96 },
        );
        const { reader, records } = collect([file]);
        expect(records).to.deep.equal([
          { number: 1, epoch: first, link: 113, interface: 0, wireLength: 60, data: [...filler(60)] },
          { number: 2, epoch: second, link: 113, interface: 0, wireLength: 1514, data: [...filler(14, 1)] },
        ]);
        expect(reader.truncated).to.equal(1);
        expect(reader.file).to.deep.equal({
          name: '', format, compression: null, link_types: ['LINUX_SLL'], snaplen: 96, packets: 2, bytes: file.length, complete: true,
          damage: null,
        });
        expect(reader.counters).to.deep.equal({ kernelDrops: -1, interfaceDrops: -1 });
      });
    }
  }

  it('masks the FCS length and class off the link type', () => {
    const { reader, records } = collect([pcap([{ time: 0n, data: filler(64) }], { link: 0x5400_0001 | 0 })]);
    expect(records[0].link).to.equal(1);
    expect(records[0].wireLength).to.equal(64);
    expect(reader.file.link_types).to.deep.equal(['ETHERNET']);
  });

  it('names a link type it does not know by its number', () => {
    expect(collect([pcap([], { link: 147 })]).reader.file.link_types).to.deep.equal(['LINKTYPE 147']);
  });

  it('takes a captured length beyond the wire length for the wire length', () => {
    const { records, reader } = collect([pcap([{ time: 0n, data: filler(60), wireLength: 20 }])]);
    expect(records[0].wireLength).to.equal(60);
    expect(reader.truncated).to.equal(0);
  });

  it('reads the lengths of versions before 2.3 in their old order, those of 2.3 in the order that makes sense', () => {
    const lengths = (minor: number, first: number, second: number, held: number): number[] => {
      const record = pcapRecord({ time: 0n, data: filler(held), capturedLength: first, wireLength: second });
      return collect([join(pcapHeader({ minor }), record)]).records.map(({ data }) => data.length);
    };
    expect(lengths(2, 60, 20, 20)).to.deep.equal([20]);
    expect(lengths(2, 20, 60, 60)).to.deep.equal([60]);
    expect(lengths(3, 60, 20, 20)).to.deep.equal([20]);
    expect(lengths(3, 20, 60, 20)).to.deep.equal([20]);
    expect(lengths(4, 20, 60, 20)).to.deep.equal([20]);
    expect(lengths(4, 60, 20, 60)).to.deep.equal([60]);
  });

  it('keeps seconds of the unsigned range and fractions beyond a second', () => {
    const record = pcapRecord({ time: 0n, data: filler(4) });
    const view = new DataView(record.buffer);
    view.setUint32(0, 4_294_967_295, true);
    view.setUint32(4, 1_000_001, true);
    expect(collect([join(pcapHeader(), record)]).records[0].epoch).to.equal(4_294_967_296_000_001_000n);
  });

  it('reads an empty capture', () => {
    const { reader, records, clock } = collect([pcap([])]);
    expect(records).to.deep.equal([]);
    expect(reader.file).to.include({ complete: true, packets: 0, bytes: 24 });
    expect(clock.base).to.equal(undefined);
  });

  it('reads records up to the snaplen stated, beyond the usual limit', () => {
    const large = filler(400_000);
    const { records, reader } = collect([pcap([{ time: 0n, data: large }, { time: 1n, data: filler(3) }], { snaplen: 500_000 })]);
    expect(reader.file.damage).to.equal(null);
    expect(records.map((record) => record.data.length)).to.deep.equal([400_000, 3]);
    expect(records[0].data).to.deep.equal([...large]);
  });

  it('reads times before the first frame as negative', () => {
    const { records } = collect([pcap([{ time: START, data: filler(4) }, { time: START - 3_000_000_000n, data: filler(4) }])]);
    expect(records[1].epoch).to.equal(MICROSECOND_START - 3_000_000_000n);
  });
});
