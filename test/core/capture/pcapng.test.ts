import { expect } from 'chai';
import {
  block, enhancedPacket, filler, interfaceDescription, interfaceStatistics, join, obsoletePacket, sectionHeader, simplePacket,
} from '../../support/pcap-writer.ts';
import { collect } from './collect.ts';

const START = 1_340_954_905_298_858_123n;
const DATA = filler(60);

/** What tshark 4.0 shows of a timestamp of START in each resolution. */
const RESOLUTIONS: readonly (readonly [byte: number, ticks: bigint, epoch: bigint])[] = [
  [0, 1_340_954_905n, 1_340_954_905_000_000_000n],
  [3, 1_340_954_905_298n, 1_340_954_905_298_000_000n],
  [6, 1_340_954_905_298_858n, 1_340_954_905_298_858_000n],
  [9, 1_340_954_905_298_858_123n, 1_340_954_905_298_858_123n],
  [0x80, 1_340_954_905n, 1_340_954_905_000_000_000n],
  [0x8a, 1_373_137_823_026n, 1_340_954_905_298_828_125n],
  [0x93, 703_046_565_389_327n, 1_340_954_905_298_856_735n],
  [0xa0, 5_759_357_463_669_372_744n, 1_340_954_905_298_858_122n],
];

function read(...blocks: Uint8Array[]): ReturnType<typeof collect> {
  return collect([join(...blocks)]);
}

describe('pcapng', () => {
  for (const littleEndian of [true, false]) {
    const order = { littleEndian };
    it(`reads every packet block, ${littleEndian ? 'little' : 'big'} endian`, () => {
      const { records, reader } = read(
        sectionHeader(order),
        interfaceDescription({ ...order, snaplen: 128, resolution: 9 }),
        interfaceDescription({ ...order, link: 113, resolution: 6 }),
        enhancedPacket({ ...order, ticks: START, data: DATA, wireLength: 314, options: [[1, filler(9)]] }),
        obsoletePacket({ ...order, interface: 1, ticks: START / 1000n, data: filler(41, 2) }),
        simplePacket(filler(128, 3), 1514, littleEndian),
        enhancedPacket({ ...order, ticks: START + 7_000_000_000n, data: filler(0) }),
      );
      expect(records).to.deep.equal([
        { number: 2, epoch: 1_340_954_905_298_858_000n, link: 113, interface: 1, wireLength: 41, data: [...filler(41, 2)] },
        { number: 3, epoch: 1_340_954_905_298_858_000n, link: 1, interface: 0, wireLength: 1514, data: [...filler(128, 3)] },
        { number: 1, epoch: START, link: 1, interface: 0, wireLength: 314, data: [...DATA] },
        { number: 4, epoch: START + 7_000_000_000n, link: 1, interface: 0, wireLength: 0, data: [] },
      ].sort((a, b) => (a.epoch < b.epoch ? -1 : a.epoch > b.epoch ? 1 : 0)));
      expect(reader.file).to.include({ format: 'pcapng', snaplen: 128, packets: 4, complete: true });
      expect(reader.file.link_types).to.deep.equal(['ETHERNET', 'LINUX_SLL']);
      expect(reader.truncated).to.equal(2);
      expect(reader.misordered).to.equal(2);
    });
  }

  for (const [resolution, ticks, epoch] of RESOLUTIONS) {
    it(`reads times with an if_tsresol of 0x${resolution.toString(16)}`, () => {
      const { records, clock } = read(
        sectionHeader(),
        interfaceDescription({ resolution }),
        enhancedPacket({ ticks, data: DATA }),
        enhancedPacket({ ticks, data: DATA }),
      );
      expect(clock.base).to.equal(epoch);
      expect(records.map((record) => record.epoch)).to.deep.equal([epoch, epoch]);
    });
  }

  it('cuts times finer than a nanosecond towards the past', () => {
    const picoseconds = 12_789_331_014_092_970_999n;
    const { records } = read(
      sectionHeader(),
      interfaceDescription({ resolution: 12 }),
      enhancedPacket({ ticks: picoseconds, data: DATA }),
      enhancedPacket({ ticks: picoseconds + 1n, data: DATA }),
    );
    expect(records.map((record) => record.epoch)).to.deep.equal([12_789_331_014_092_970n, 12_789_331_014_092_971n]);
  });

  it('counts microseconds where no resolution is stated, and adds if_tsoffset', () => {
    const { records } = read(
      sectionHeader(),
      interfaceDescription({ offset: -5n }),
      interfaceDescription({ offset: -5_000_000_000n }),
      enhancedPacket({ ticks: START / 1000n, data: DATA }),
      enhancedPacket({ ticks: START / 1000n, data: DATA, interface: 1 }),
    );
    expect(records[0].epoch).to.equal(1_340_954_900_298_858_000n);
    expect(records[1].epoch < 0n).to.equal(true);
  });

  it('keeps impossible times within a signed 64-bit count of nanoseconds', () => {
    const { records } = read(
      sectionHeader(),
      interfaceDescription({ resolution: 0 }),
      interfaceDescription({ resolution: 0, offset: -(2n ** 63n) }),
      enhancedPacket({ ticks: 0xffff_ffff_ffff_ffffn, data: DATA }),
      enhancedPacket({ ticks: 0xffff_ffff_ffff_fff0n, data: DATA }),
      enhancedPacket({ ticks: 0n, data: DATA, interface: 1 }),
    );
    expect(records.map((record) => record.epoch)).to.deep.equal([2n ** 63n - 1n, 2n ** 63n - 1n, -(2n ** 63n) - 1n]);
  });

  it('keeps impossible times within it after possible ones, too', () => {
    const { records } = read(
      sectionHeader(),
      interfaceDescription({ resolution: 0 }),
      enhancedPacket({ ticks: 1n, data: DATA }),
      enhancedPacket({ ticks: 0xffff_ffff_ffff_ffffn, data: DATA }),
    );
    // So far from the first frame a time is exact to 1024 ns.
    expect(Number(records[1].epoch - 2n ** 63n)).to.be.within(-1024, 1024);
  });

  it('reads exact nanoseconds far into a capture', () => {
    const { records } = read(
      sectionHeader(),
      interfaceDescription({ resolution: 9 }),
      enhancedPacket({ ticks: START, data: DATA }),
      enhancedPacket({ ticks: START + 8_999_999_999_999_999n, data: DATA }),
    );
    expect(records[1].epoch).to.equal(START + 8_999_999_999_999_999n);
  });

  it('takes the first of two resolutions, ignores one of the wrong length and options that overrun', () => {
    const times = [
      interfaceDescription({ resolution: 3, options: [[9, Uint8Array.of(6)]] }),
      interfaceDescription({ options: [[14, filler(4)], [9, Uint8Array.of(7, 7)]] }),
      block(1, join(Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), Uint8Array.of(9, 0, 0xf4, 1, 3, 0, 0, 0))),
    ].map((description) => read(sectionHeader(), description, enhancedPacket({ ticks: 1_000_000n, data: DATA })).records[0].epoch);
    expect(times).to.deep.equal([1_000_000_000_000n, 1_000_000_000n, 1_000_000_000n]);
  });

  it('gives simple packets the time of the packet before', () => {
    const { records, clock } = read(
      sectionHeader(), interfaceDescription({ snaplen: 20 }),
      simplePacket(filler(20), 60), enhancedPacket({ ticks: 5_000_000n, data: DATA }), simplePacket(filler(10), 10),
    );
    expect(clock.base).to.equal(5_000_000_000n);
    expect(records.map(({ number, epoch, wireLength, data }) => [number, epoch, wireLength, data.length])).to.deep.equal([
      [1, 5_000_000_000n, 60, 20],
      [2, 5_000_000_000n, 60, 60],
      [3, 5_000_000_000n, 10, 10],
    ]);
  });

  it('reads sections of either byte order, each with its own interfaces', () => {
    const big = { littleEndian: false };
    const { records, reader, counter } = read(
      sectionHeader(),
      interfaceDescription(),
      interfaceDescription({ link: 113 }),
      enhancedPacket({ ticks: 1_000_000n, data: DATA, interface: 1 }),
      sectionHeader(big),
      interfaceDescription({ ...big, link: 101, resolution: 3 }),
      enhancedPacket({ ...big, ticks: 2000n, data: DATA }),
      sectionHeader({ sectionLength: 0n, minor: 2 }),
      interfaceDescription({ link: 276 }),
      enhancedPacket({ ticks: 3_000_000n, data: DATA }),
    );
    expect(records.map((record) => [record.link, record.interface, record.epoch])).to.deep.equal([
      [113, 1, 1_000_000_000n],
      [101, 2, 2_000_000_000n],
      [276, 3, 3_000_000_000n],
    ]);
    expect(counter.interfaces).to.equal(4);
    expect(reader.file.link_types).to.deep.equal(['ETHERNET', 'LINUX_SLL', 'RAW', 'LINUX_SLL2']);
  });

  it('passes over blocks without a packet, whatever their length, and numbers those that Wireshark numbers', () => {
    const pen = Uint8Array.of(0xd9, 0x7e, 0, 0);
    const { records, reader, counter } = read(
      sectionHeader({ options: [[4, filler(33)]] }),
      interfaceDescription({ options: [[2, filler(5)]] }),
      block(0x0bad, join(pen, filler(4))),
      enhancedPacket({ ticks: 1n, data: DATA }),
      block(0x4000_0bad, join(pen, filler(4))),
      enhancedPacket({ ticks: 2n, data: DATA }),
      block(0x77, filler(3_000_000)),
      block(4, filler(64)),
      block(0x0a, filler(12)),
      enhancedPacket({ ticks: 3n, data: DATA }),
      block(9, filler(40)),
      enhancedPacket({ ticks: 4n, data: DATA }),
    );
    expect(records.map((record) => record.number)).to.deep.equal([2, 4, 5, 7]);
    expect(reader.file).to.include({ packets: 4, complete: true });
    expect(counter.packets).to.equal(7);
  });

  it('sums the last statistics of each interface', () => {
    const { reader } = read(
      sectionHeader(),
      interfaceDescription(),
      interfaceDescription(),
      interfaceStatistics({ interface: 0, interfaceDrops: 3n, kernelDrops: 1n }),
      interfaceStatistics({ interface: 0, interfaceDrops: 10n, kernelDrops: 2n }),
      interfaceStatistics({ interface: 1, interfaceDrops: 5n }),
      interfaceStatistics({ interface: 9, interfaceDrops: 1000n, kernelDrops: 1000n }),
      sectionHeader({ littleEndian: false }),
      interfaceDescription({ littleEndian: false }),
      interfaceStatistics({ littleEndian: false, kernelDrops: 40n }),
    );
    expect(reader.counters).to.deep.equal({ kernelDrops: 42, interfaceDrops: 15 });
  });

  it('leaves counters unknown that no statistics state', () => {
    const { reader } = read(sectionHeader(), interfaceDescription(), interfaceStatistics());
    expect(reader.counters).to.deep.equal({ kernelDrops: -1, interfaceDrops: -1 });
  });

  it('tolerates a length that is no multiple of four where the padding is there', () => {
    const odd = block(0x77, filler(3));
    new DataView(odd.buffer).setUint32(4, 15, true);
    new DataView(odd.buffer).setUint32(odd.length - 4, 15, true);
    const { records } = read(sectionHeader(), interfaceDescription(), odd, enhancedPacket({ ticks: 2n, data: DATA }));
    expect(records).to.have.length(1);
  });
});
