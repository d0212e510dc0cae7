import { expect } from 'chai';
import fc from 'fast-check';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { readPlain } from '../../../src/core/wire/plain.ts';
import { CHECKSUM_BAD, CHECKSUM_GOOD, Decoded, Segment } from '../../../src/core/wire/segment.ts';
import { concat, ethernet, ETHERNET, fragment, hex, mss, nop, record, sackPermitted, tcpFrame, tcpPacket, timestamps, windowScale } from '../../support/packets.ts';
import type { PacketFields, RecordFields } from '../../support/packets.ts';

const ENDS = { from: '192.0.2.1:40000', to: '198.51.100.2:80' };
const STAMPED = [nop(), nop(), timestamps(0xfffffff0, 7)];
const SYN_OPTIONS = [mss(1460), sackPermitted(), timestamps(1, 0), nop(), windowScale(7)];
const RAW = 101;

function isPlain(frame: Uint8Array, fields: RecordFields = {}): boolean {
  return readPlain(record(frame, fields), new Segment(), true);
}

/** What walking the layers one by one makes of an Ethernet frame: a priority tag, which says nothing of a VLAN, makes it another one. */
function walked(frame: Uint8Array, { snaplen, wireLength, ...fields }: RecordFields): Segment | null {
  const tagged = concat(frame.subarray(0, 12), hex('81000000'), frame.subarray(12));
  const segment = new Segment();
  const further = { ...(snaplen !== undefined && { snaplen: snaplen + 4 }), ...(wireLength !== undefined && { wireLength: wireLength + 4 }) };
  return new Decoder().decode(record(tagged, { ...fields, ...further }), segment) === Decoded.SEGMENT ? segment : null;
}

/** All that a segment says, the payload by its bytes instead of where they stand. */
function contents(segment: Segment): object {
  const { bytes, payloadStart, payloadCaptured, sackEdges, ...rest } = segment;
  return { ...rest, sackEdges: [...sackEdges.subarray(0, segment.sackCount * 2)], payload: [...bytes.subarray(payloadStart, payloadStart + payloadCaptured)] };
}

describe('wire: the plain frame', () => {
  it('is Ethernet, IPv4 and TCP with timestamps or without options, padded or not', () => {
    expect(isPlain(tcpFrame(ENDS))).to.equal(true);
    expect(isPlain(tcpFrame({ ...ENDS, options: STAMPED, payload: 1400 }))).to.equal(true);
    expect(isPlain(tcpFrame(ENDS, { pad: 60 }))).to.equal(true);
  });

  it('is no other: options, fragments, tags, a cut, a length that cannot be, another link', () => {
    expect(isPlain(tcpFrame({ ...ENDS, flags: 'S', options: SYN_OPTIONS }))).to.equal(false);
    expect(isPlain(tcpFrame({ ...ENDS, extra: hex('01010101') }))).to.equal(false);
    expect(isPlain(tcpFrame({ from: '[2001:db8::1]:40000', to: '[2001:db8::2]:80' }))).to.equal(false);
    expect(isPlain(tcpFrame({ ...ENDS, payload: 40 }), { snaplen: 80 })).to.equal(false);
    expect(isPlain(tcpFrame({ ...ENDS, length: 0 }))).to.equal(false);
    expect(isPlain(tcpFrame({ ...ENDS, length: 41 }))).to.equal(false);
    expect(isPlain(tcpFrame({ ...ENDS, dataOffset: 4 }))).to.equal(false);
    expect(isPlain(tcpFrame({ ...ENDS, dataOffset: 8 }))).to.equal(false);
    expect(isPlain(tcpFrame(ENDS), { link: RAW })).to.equal(false);
    expect(isPlain(tcpFrame(ENDS).subarray(0, 53))).to.equal(false);
    for (const piece of fragment(tcpPacket({ ...ENDS, payload: 80 }), 7, 48)) expect(isPlain(ethernet(piece))).to.equal(false);
  });

  it('leaves nothing of the segment before', () => {
    const decoder = new Decoder();
    const segment = new Segment();
    decoder.decode(record(tcpFrame({ from: '[2001:db8::1]:1', to: '[2001:db8::2]:2', flags: 'S', options: SYN_OPTIONS, payload: 9 }), {}), segment);
    decoder.decode(record(tcpFrame({ ...ENDS, payload: 'abc' }), { number: 2 }), segment);
    expect(contents(segment)).to.deep.equal(contents(walked(tcpFrame({ ...ENDS, payload: 'abc' }), { number: 2 })!));
  });

  it('has its checksum verified', () => {
    const stateOf = (checksum: 'good' | 'bad'): number => {
      const segment = new Segment();
      readPlain(record(tcpFrame({ ...ENDS, payload: 'odd', checksum }), {}), segment, true);
      return segment.checksumState;
    };
    expect(stateOf('good')).to.equal(CHECKSUM_GOOD);
    expect(stateOf('bad')).to.equal(CHECKSUM_BAD);
  });

  it('is read as walking its layers would read it, whatever bytes it is made of', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    const fields: fc.Arbitrary<Partial<PacketFields>> = fc.record(
      {
        flags: fc.constantFrom('A', 'PA', 'FA', 'S', 'R', 'RA', '', 'FSRPAUECN'),
        seq: word,
        ack: word,
        window: fc.nat(0xffff),
        urgent: fc.nat(0xffff),
        ttl: fc.nat(255),
        id: fc.nat(0xffff),
        payload: fc.oneof(fc.nat(1400), fc.string({ maxLength: 40 }).map((text) => text.replaceAll(/[^ -~]/g, '.'))),
        options: fc.constantFrom([], STAMPED, SYN_OPTIONS, [timestamps(1, 2)]),
        checksum: fc.constantFrom('good' as const, 'bad' as const, 'partial' as const),
      },
      { requiredKeys: [] },
    );
    const damage = fc.array(fc.tuple(fc.integer({ min: 12, max: 70 }), fc.nat(255)), { maxLength: 2 });
    const spoiled = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, damage);
    const recorded: fc.Arbitrary<RecordFields> = fc.record({ number: fc.nat(100), time: fc.nat(), snaplen: fc.integer({ min: 40, max: 2000 }), wireLength: fc.integer({ min: 60, max: 200 }) }, { requiredKeys: ['number', 'time'] });
    let plain = 0;
    fc.assert(
      fc.property(fields, spoiled, recorded, fc.nat(8), (packet, flips, where, padding) => {
        const whole = tcpFrame({ ...ENDS, ...packet });
        const frame = concat(whole, new Uint8Array(padding));
        for (const [at, value] of flips) if (at < frame.length) frame[at] = value;
        const segment = new Segment();
        if (!readPlain(record(frame, { link: ETHERNET, ...where }), segment, true)) return;
        plain++;
        const reference = walked(frame, where);
        expect(reference).not.to.equal(null);
        expect(contents(segment)).to.deep.equal(contents(reference!));
      }),
      { numRuns: 3000 },
    );
    expect(plain).to.be.above(500);
  });
});
