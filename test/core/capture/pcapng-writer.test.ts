import { expect } from 'chai';
import fc from 'fast-check';
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts';
import { utf8 } from '../../../src/core/capture/utf8.ts';
import { tcpFrame, tcpPacket } from '../../support/packets.ts';
import { filler, join } from '../../support/pcap-writer.ts';
import { askWireshark, itWithWireshark, tsharkFields } from '../../support/wireshark.ts';
import { collect } from './collect.ts';

const START = 1_340_954_905_298_858_123n;
const FRAME = tcpFrame({ from: '192.0.2.1:40000', to: '192.0.2.2:80', flags: 'S' });
const PACKET = tcpPacket({ from: '[2001:db8::1]:40000', to: '[2001:db8::2]:80', flags: 'SA', payload: 'odd' });

function written(write: (writer: PcapngWriter) => void, comment?: string): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => pieces.push(bytes.slice()), { application: 'synoptic test', comment });
  write(writer);
  writer.flush();
  const file = join(...pieces);
  expect(writer.length).to.equal(file.length);
  return file;
}

function frame(bytes: Uint8Array, wireLength = bytes.length): { bytes: Uint8Array; start: number; end: number; wireLength: number } {
  return { bytes, start: 0, end: bytes.length, wireLength };
}

/** Two link types, a cut frame, comments, drops. */
const SAMPLE = written((writer) => {
  const ethernet = writer.describe(1, 96);
  const raw = writer.describe(101, 0);
  writer.packet(ethernet, START, frame(FRAME), ['first: 12 µs', 'second']);
  writer.packet(raw, START + 1n, frame(PACKET, 1500));
  writer.packet(ethernet, START + 2_000_000_001n, { bytes: filler(100), start: 3, end: 64, wireLength: 61 }, ['日本語 😀']);
  writer.statistics(ethernet, START + 3n, { kernelDrops: 7, interfaceDrops: -1 });
}, 'about all of it');

describe('PcapngWriter', () => {
  it('writes what our reader reads: bytes, lengths, link types, nanoseconds, drops', () => {
    const { records, reader } = collect([SAMPLE]);
    expect(records).to.deep.equal([
      { number: 1, epoch: START, link: 1, interface: 0, wireLength: FRAME.length, data: [...FRAME] },
      { number: 2, epoch: START + 1n, link: 101, interface: 1, wireLength: 1500, data: [...PACKET] },
      { number: 3, epoch: START + 2_000_000_001n, link: 1, interface: 0, wireLength: 61, data: [...filler(100).subarray(3, 64)] },
    ]);
    expect(reader.file).to.include({ format: 'pcapng', snaplen: 96, complete: true, damage: null });
    expect(reader.counters).to.deep.equal({ kernelDrops: 7, interfaceDrops: -1 });
  });

  it('gives back any frames, however long, at any time of the format', () => {
    const packets = fc.array(fc.record({ time: fc.bigInt(0n, 2n ** 63n - 1n), data: fc.uint8Array({ maxLength: 300 }), comments: fc.array(fc.string()) }), { maxLength: 20 });
    fc.assert(fc.property(packets, (list) => {
      const file = written((writer) => {
        const id = writer.describe(1, 0);
        for (const { time, data, comments } of list) writer.packet(id, time, frame(data), comments);
      });
      const { records, reader } = collect([file], { reorderNanoseconds: 0 });
      expect(reader.file.damage).to.equal(null);
      expect(records.map(({ data }) => data)).to.deep.equal(list.map(({ data }) => [...data]));
      // Times are numbers relative to the first, exact for 104 days.
      list.forEach(({ time }, index) => {
        const far = time - list[0].time;
        if (far < 2n ** 53n && far > -(2n ** 53n)) expect(records[index].epoch).to.equal(time);
      });
    }));
  });

  it('cuts a comment that is too long for its length field, before a character', () => {
    const file = written((writer) => writer.packet(writer.describe(1, 0), START, frame(FRAME), ['€'.repeat(30_000)]));
    const { records, reader } = collect([file]);
    expect(records).to.have.lengthOf(1);
    expect(reader.file.complete).to.equal(true);
    expect(utf8('€'.repeat(30_000), 65_535)).to.have.lengthOf(65_535);
    expect(utf8('€€', 5)).to.deep.equal(new TextEncoder().encode('€'));
  });

  it('encodes text as every other program does', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8(text)).to.deep.equal(new TextEncoder().encode(text));
    }));
    expect(utf8('a\ud800b')).to.deep.equal(new TextEncoder().encode('a\ufffdb'));
  });

  itWithWireshark('is read by tshark: times to the nanosecond, lengths, comments, link types', () => {
    const rows = tsharkFields(SAMPLE, ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.encap_type', 'frame.comment']);
    // WTAP_ENCAP_ETHERNET is 1, WTAP_ENCAP_RAW_IP 7.
    expect(rows).to.deep.equal([
      ['1340954905.298858123', String(FRAME.length), String(FRAME.length), '1', 'first: 12 µs,second'],
      ['1340954905.298858124', '1500', String(PACKET.length), '7', ''],
      ['1340954907.298858124', '61', '61', '1', '日本語 😀'],
    ]);
  });

  itWithWireshark('is described by capinfos', () => {
    const out = askWireshark(SAMPLE, 'capinfos', ['FILE']);
    expect(out).to.match(/File type: +Wireshark\/\.\.\. - pcapng/);
    expect(out).to.match(/Number of packets: +3/);
    expect(out).to.match(/Capture application: +synoptic test/);
    expect(out).to.match(/Capture comment: +about all of it/);
    expect(out).to.match(/Capture length = 96/);
    expect(out).to.match(/Time precision = nanoseconds \(9\)/);
  });
});
