import { expect } from 'chai';
import * as fc from 'fast-check';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { CaptureClock } from '../../../src/core/capture/clock.ts';
import { UnrecognisedCapture } from '../../../src/core/capture/errors.ts';
import { CaptureReader } from '../../../src/core/capture/reader.ts';
import { PacketCounter } from '../../../src/core/capture/record.ts';
import { PcapParserReader } from '../../../src/node/sources/pcap-parser.ts';
import { copy, cut } from '../../core/capture/collect.ts';
import { filler, pcap, sectionHeader } from '../../support/pcap-writer.ts';

/** Everything that a reader tells of a file. */
function all(Reader: typeof CaptureReader | typeof PcapParserReader, chunks: readonly Uint8Array[]): object {
  const clock = new CaptureClock();
  const counter = new PacketCounter();
  const records: unknown[] = [];
  const reader = new Reader(clock, counter, (record) => records.push(copy(record, clock)));
  for (const chunk of chunks) {
    reader.push(chunk);
  }
  reader.finish();
  const { file, counters, misordered, clockSteps, truncated } = reader;
  return { records, file, counters, misordered, clockSteps, truncated, counter };
}

function expectAgreement(chunks: readonly Uint8Array[]): void {
  expect(all(PcapParserReader, chunks)).to.deep.equal(all(CaptureReader, chunks));
}

const packets = fc.array(
  fc.record({
    time: fc.bigInt({ min: 0n, max: 4_294_967_295_999_999n }).map((microseconds) => microseconds * 1000n),
    data: fc.uint8Array({ maxLength: 100 }),
    wireLength: fc.nat(200),
  }),
  { maxLength: 20 },
);

/** A nanosecond pcap (little-endian, as the fixtures are) as classic pcap; a cut last record stays cut. */
function inMicroseconds(file: Buffer, littleEndian: boolean): Uint8Array {
  expect(file.readUInt32LE(0)).to.equal(0xa1b23c4d);
  const classic = Buffer.from(file);
  const write = (value: number, at: number): void => {
    if (littleEndian) classic.writeUInt32LE(value, at);
    else classic.writeUInt32BE(value, at);
  };
  const swap = (at: number): void => write(file.readUInt32LE(at), at);
  write(0xa1b2c3d4, 0);
  if (!littleEndian) classic.subarray(4, 8).swap16();
  for (const at of [8, 12, 16, 20]) swap(at);
  for (let at = 24; at + 16 <= file.length; at += 16 + file.readUInt32LE(at + 8)) {
    for (const field of [0, 8, 12]) swap(at + field);
    write(Math.floor(file.readUInt32LE(at + 4) / 1000), at + 4);
  }
  return classic;
}

describe('pcap-parser and our reader', () => {
  it('find the same records in any classic pcap, in either byte order, cut anywhere', () => {
    fc.assert(
      fc.property(packets, fc.boolean(), fc.array(fc.nat(3000), { maxLength: 9 }), fc.nat(65_535), (list, littleEndian, cuts, link) => {
        expectAgreement(cut(pcap(list, { littleEndian, link }), cuts));
      }),
    );
  });

  it('tell the same damage of a file that ends early', () => {
    const file = pcap([{ time: 1000n, data: filler(30) }, { time: 2000n, data: filler(0) }, { time: 3000n, data: filler(50) }]);
    for (let length = 24; length <= file.length; length++) {
      expectAgreement([file.slice(0, length)]);
    }
  });

  it('tell the same damage of an absurd captured length, without reading on', () => {
    const good = { time: 1000n, data: filler(60) };
    const list = [good, { ...good, capturedLength: 0xffff_ffff }, ...Array.from({ length: 50 }, () => good)];
    const file = pcap(list);
    expectAgreement([file]);
    expectAgreement(cut(file, [10, 101, 117, 500, 900]));
  });

  const fixtures = new URL('../../../../fixtures/', import.meta.url);
  const captures = readdirSync(fixtures)
    .map((name) => new URL(`${name}/capture.pcap`, fixtures))
    .filter((file) => existsSync(file));
  it('find the same records in each of the fixtures, written in microseconds and either byte order', () => {
    expect(captures).to.have.length.greaterThan(50);
    for (const file of captures) {
      for (const littleEndian of [true, false]) {
        expectAgreement(cut(inMicroseconds(readFileSync(file), littleEndian), [100_000, 200_000]));
      }
    }
  });

  it('differ in what they read: nanoseconds and pcapng are refused by name', () => {
    for (const bytes of [pcap([], { variant: 'nanosecond' }), sectionHeader()]) {
      expect(() => all(PcapParserReader, [bytes])).to.throw(UnrecognisedCapture, /classic pcap with microseconds only/);
    }
    expect(() => all(PcapParserReader, [])).to.throw(UnrecognisedCapture, /empty input/);
  });
});
