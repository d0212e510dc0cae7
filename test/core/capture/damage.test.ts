import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  block, enhancedPacket, filler, interfaceDescription, join, pcap, pcapHeader, pcapRecord, sectionHeader, simplePacket,
} from '../../support/pcap-writer.ts';
import { collect } from './collect.ts';

const DATA = filler(60);
const SHB = sectionHeader();
const IDB = interfaceDescription();
const HEAD = SHB.length + IDB.length;

/** What is read of a file that begins like `parts` joined: complete up to each part's end, damaged within it. */
function cutEverywhere(parts: readonly Uint8Array[], isPacket: (index: number) => boolean): void {
  const file = join(...parts);
  for (let length = 4; length <= file.length; length++) {
    let whole = 0;
    let offset = 0;
    let packets = 0;
    while (whole < parts.length && offset + parts[whole].length <= length) {
      offset += parts[whole].length;
      packets += isPacket(whole) ? 1 : 0;
      whole++;
    }
    const { reader, records } = collect([file.slice(0, length)]);
    expect(records.length, `packets of ${length} bytes`).to.equal(packets);
    expect(reader.file.packets).to.equal(packets);
    expect(reader.file.complete, `complete at ${length} bytes`).to.equal(offset === length);
    expect(reader.file.damage?.offset ?? offset, `damage at ${length} bytes`).to.equal(offset);
  }
}

describe('damage', () => {
  it('is told at the record that a cut pcap does not hold whole', () => {
    for (const variant of ['microsecond', 'modified'] as const) {
      const records = [0, 1, 33].map((length, index) => pcapRecord({ time: BigInt(index) * 1000n, data: filler(length) }, { variant }));
      cutEverywhere([pcapHeader({ variant }), ...records], (index) => index > 0);
    }
  });

  it('is told at the block that a cut pcapng does not hold whole', () => {
    const parts = [
      SHB, IDB, enhancedPacket({ ticks: 1n, data: filler(5) }), block(0x77, filler(30)), simplePacket(filler(7)),
      sectionHeader({ littleEndian: false }), interfaceDescription({ littleEndian: false }),
      enhancedPacket({ littleEndian: false, ticks: 9n, data: filler(9) }),
    ];
    cutEverywhere(parts, (index) => [2, 4, 7].includes(index));
  });

  it('ends the reading at a captured length beyond the limit', () => {
    const good = { time: 1000n, data: DATA };
    for (const [capturedLength, snaplen, limit] of [
      [0xffff_ffff, 65_535, 262_144], [262_145, 262_144, 262_144], [300_001, 300_000, 300_000], [16_777_217, 0xffff_ffff, 16_777_216],
    ]) {
      const file = pcap([good, good, { ...good, capturedLength }, good, good], { snaplen });
      const { reader, records } = collect([file]);
      expect(records).to.have.length(2);
      expect(reader.file).to.include({ complete: false, bytes: file.length });
      expect(reader.file.damage).to.deep.equal({ offset: 24 + 2 * 76, reason: `record of ${capturedLength} bytes, the limit is ${limit}` });
    }
  });

  const packet = enhancedPacket({ ticks: 1n, data: DATA });
  const unequal = packet.slice();
  unequal[packet.length - 4] ^= 8;
  const unequalUnknown = block(0x77, filler(20));
  unequalUnknown[unequalUnknown.length - 4] ^= 8;
  const cases: readonly (readonly [name: string, bad: Uint8Array, reason: RegExp])[] = [
    ['a block of length 0', Uint8Array.of(0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), /^block of type 0x77 with a length of 0 bytes$/],
    ['a packet block of absurd length', join(Uint8Array.of(6, 0, 0, 0, 0xfc, 0xff, 0xff, 0xff), DATA), /^packet block of 4294967292 bytes/],
    ['a packet block too small', block(6, filler(12)), /^block of type 0x6 with a length of 24 bytes$/],
    ['two lengths that differ', unequal, /^a block's two lengths differ: 92 and 84$/],
    ['two lengths that differ around unknown content', unequalUnknown, /^a block's two lengths differ: 32 and 40$/],
    ['a captured length beyond the block', enhancedPacket({ ticks: 1n, data: DATA, capturedLength: 61 }), /^packet of 61 bytes in a block of 92/],
    ['a simple packet beyond its block', simplePacket(DATA, 100), /^packet of 100 bytes in a block of 76/],
    ['a packet beyond the usual limit', enhancedPacket({ ticks: 1n, data: filler(262_145) }), /^packet of 262145 bytes .* the limit is 262144$/],
    ['a packet of an unknown interface', enhancedPacket({ ticks: 1n, data: DATA, interface: 7 }), /^packet of interface 7, but the section describes 1$/],
    ['a section of an unknown version', sectionHeader({ major: 2 }), /^pcapng section of version 2\.0/],
    ['a section without byte order', block(0x0a0d0d0a, filler(16)), /^section header without its byte-order magic$/],
  ];
  for (const [name, bad, reason] of cases) {
    it(`ends the reading at ${name}`, () => {
      const { reader, records } = collect([join(SHB, IDB, packet, bad, packet, packet)]);
      expect(records).to.have.length(1);
      expect(reader.file.damage?.offset).to.equal(HEAD + packet.length);
      expect(reader.file.damage?.reason).to.match(reason);
    });
  }

  it('ends the reading at a packet before any interface', () => {
    const { reader, records } = collect([join(SHB, simplePacket(DATA))]);
    expect(records).to.deep.equal([]);
    expect(reader.file.damage?.offset).to.equal(SHB.length);
  });

  it('never throws, whatever bytes follow a header', () => {
    const heads = [pcapHeader(), pcapHeader({ littleEndian: false, variant: 'nanosecond' }), join(SHB, IDB), join(SHB, IDB, packet)];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), (head, tail) => {
        const { reader } = collect([join(head, tail)]);
        expect(reader.file.bytes).to.equal(head.length + tail.length);
        expect(reader.file.complete).to.equal(reader.file.damage === null);
      }),
    );
  });

  it('never throws when bytes of a good file are changed', () => {
    const good = join(SHB, IDB, packet, block(0x77, filler(40)), packet, simplePacket(DATA), packet);
    const changes = fc.array(fc.tuple(fc.integer({ min: SHB.length, max: good.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(changes, (list) => {
        const bytes = good.slice();
        for (const [position, value] of list) {
          bytes[position] = value;
        }
        const { reader, records } = collect([bytes]);
        expect(records.length).to.equal(reader.file.packets);
      }),
    );
  });
});
