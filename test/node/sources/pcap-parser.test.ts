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
  const captures = (existsSync(fixtures) ? readdirSync(fixtures) : [])
    .map((name) => new URL(`${name}/capture.pcap`, fixtures))
    .filter((file) => existsSync(file))
    .filter((file) => ['a1b2c3d4', 'd4c3b2a1'].includes(readFileSync(file).toString('hex', 0, 4)));
  it(`find the same records in each of the fixtures`, () => {
    for (const file of captures) {
      expectAgreement(cut(readFileSync(file), [100_000, 200_000]));
    }
  });

  it('differ in what they read: nanoseconds and pcapng are refused by name', () => {
    for (const bytes of [pcap([], { variant: 'nanosecond' }), sectionHeader()]) {
      expect(() => all(PcapParserReader, [bytes])).to.throw(UnrecognisedCapture, /classic pcap with microseconds only/);
    }
    expect(() => all(PcapParserReader, [])).to.throw(UnrecognisedCapture, /empty input/);
  });
});
