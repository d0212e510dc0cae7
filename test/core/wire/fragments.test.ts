import { expect } from 'chai';
import fc from 'fast-check';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { CHECKSUM_UNKNOWN, REASON_NAMES, Segment } from '../../../src/core/wire/segment.ts';
import { bytes, concat, ethernet, fragment, fragmentOf, ip, record, tcpPacket, udpPacket } from '../../support/packets.ts';
import type { RecordFields } from '../../support/packets.ts';
import { TUNNEL_PACKETS } from '../../support/tunnels.ts';

const SECOND = 1e9;
const TEXT = 'The quick brown fox jumps over the lazy dog, and does so again and again until it is tired of it.';
const IPV4 = tcpPacket({ from: '192.0.2.1:40000', to: '192.0.2.2:80', seq: 1000, payload: TEXT });
const IPV6 = tcpPacket({ from: '[2001:db8::1]:40000', to: '[2001:db8::2]:80', seq: 1000, payload: TEXT });

/** Decodes IP packets in order with one decoder; the reasons, and the last segment's payload as text. */
function feed(packets: readonly Uint8Array[], decoder = new Decoder(), fields: (at: number) => RecordFields = () => ({})) {
  const segment = new Segment();
  const reasons = packets.map((packet, at) => REASON_NAMES[decoder.decode(record(ethernet(packet), { number: at + 1, ...fields(at) }), segment)]);
  const text = String.fromCharCode(...segment.bytes.subarray(segment.payloadStart, segment.payloadStart + segment.payloadCaptured));
  return { reasons, segment, text, decoder };
}

describe('wire: fragments', () => {
  for (const [name, packet] of [
    ['IPv4', IPV4],
    ['IPv6', IPV6],
  ] as const) {
    it(`make a segment with the last of them, in any order and any cut (${name})`, () => {
      const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
      fc.assert(
        fc.property(cuts, fc.infiniteStream(fc.nat()), (sizes, random) => {
          const parts = fragment(packet, 7, ...within(packet, sizes));
          const shuffled = parts
            .map((part) => ({ part, key: random.next().value }))
            .sort((a, b) => a.key - b.key)
            .map(({ part }) => part);
          const { reasons, segment, text } = feed(shuffled);
          expect(reasons).to.deep.equal([...shuffled.slice(1).map(() => 'fragment'), 'segment']);
          expect(segment).to.include({ seq: 1000, payloadLength: TEXT.length, number: shuffled.length, checksumState: CHECKSUM_UNKNOWN });
          expect(text).to.equal(TEXT);
        }),
        { numRuns: 200 },
      );
    });

    it(`that come twice change nothing (${name})`, () => {
      const [a, b, c] = fragment(packet, 7, 24, 40);
      const { reasons, text } = feed([a, a, c, c, b]);
      expect(reasons).to.deep.equal(['fragment', 'fragment', 'fragment', 'fragment', 'segment']);
      expect(text).to.equal(TEXT);
    });

    it(`that overlap: the first one stays (${name})`, () => {
      const data = packet.subarray(name === 'IPv6' ? 40 : 20);
      const forged = new Uint8Array(40).fill(0x58);
      const { reasons, text } = feed([
        fragmentOf(packet, 7, 0, data.subarray(0, 32), true),
        fragmentOf(packet, 7, 24, forged, true),
        fragmentOf(packet, 7, 40, data.subarray(40), false),
      ]);
      expect(reasons).to.deep.equal(['fragment', 'fragment', 'segment']);
      expect(text).to.equal(`${TEXT.slice(0, 12)}${'X'.repeat(32)}${TEXT.slice(44)}`);
    });

    it(`of another datagram do not mix in (${name})`, () => {
      const [a, b] = fragment(packet, 7, 24);
      const [otherA, otherB] = fragment(packet, 8, 32);
      expect(feed([a, otherB, b]).reasons).to.deep.equal(['fragment', 'fragment', 'segment']);
      expect(feed([a, otherA]).reasons).to.deep.equal(['fragment', 'fragment']);
    });

    it(`cannot end before what came, nor after the last (${name})`, () => {
      const long = fragmentOf(packet, 7, 64, new Uint8Array(16), true);
      expect(feed([long, fragmentOf(packet, 7, 32, new Uint8Array(8), false)]).reasons).to.deep.equal(['fragment', 'bad_length']);
      expect(feed([fragmentOf(packet, 7, 32, new Uint8Array(8), false), long]).reasons).to.deep.equal(['fragment', 'bad_length']);
      // Not a multiple of eight; nothing at all; beyond the longest datagram.
      expect(feed([fragmentOf(packet, 7, 0, new Uint8Array(31), true)]).reasons).to.deep.equal(['bad_length']);
      expect(feed([fragmentOf(packet, 7, 0, bytes(), true)]).reasons).to.deep.equal(['bad_length']);
      expect(feed([fragmentOf(packet, 7, 65528, new Uint8Array(100), false)]).reasons).to.deep.equal(['bad_length']);
    });
  }

  it('are joined within a tunnel, and when they are the tunnel’s', () => {
    const gre = TUNNEL_PACKETS.find(({ name }) => name === 'GRE');
    if (gre === undefined) throw new Error('no GRE');
    const inside = feed(fragment(IPV4, 7, 24, 24).map((part) => gre.wrap(part)));
    expect(inside.reasons).to.deep.equal(['fragment', 'fragment', 'segment']);
    expect(inside.segment).to.include({ tunnel: 5, payloadLength: TEXT.length });
    const outside = feed(fragment(gre.wrap(IPV4), 7, 48));
    expect(outside.reasons).to.deep.equal(['fragment', 'segment']);
    expect(outside.segment.tunnel).to.equal(5);
    expect(outside.text).to.equal(TEXT);
  });

  it('of IPv6 may be a whole datagram each', () => {
    const atomic = fragmentOf(IPV6, 7, 0, IPV6.subarray(40), false);
    expect(feed([atomic, atomic]).reasons).to.deep.equal(['segment', 'segment']);
  });

  it('that the capture cut are joined as far as they were captured', () => {
    const { reasons, segment, text } = feed(fragment(IPV4, 7, 40), new Decoder(), (at) => (at === 1 ? { snaplen: 14 + 20 + 24 } : {}));
    expect(reasons).to.deep.equal(['fragment', 'segment']);
    expect(segment).to.include({ payloadLength: TEXT.length, payloadCaptured: 40 + 24 - 20 });
    expect(text).to.equal(TEXT.slice(0, 44));
  });

  it('are told apart by VLAN: a mirror port shows the same ones twice', () => {
    const decoder = new Decoder();
    const segment = new Segment();
    const [a, b] = fragment(IPV4, 7, 40);
    const frames = [ethernet(a, { vlans: [1] }), ethernet(a, { vlans: [2] }), ethernet(b, { vlans: [1] }), ethernet(b, { vlans: [2] })];
    const reasons = frames.map((frame) => REASON_NAMES[decoder.decode(record(frame), segment)]);
    expect(reasons).to.deep.equal(['fragment', 'fragment', 'segment', 'segment']);
  });

  it('of no interest are not kept', () => {
    const icmp = ip({ from: '192.0.2.1', to: '192.0.2.2', protocol: 1 }, 100);
    expect(feed(fragment(icmp, 7, 48)).reasons).to.deep.equal(['not_tcp', 'not_tcp']);
    expect(feed(fragment(udpPacket({ from: '192.0.2.1:1000', to: '192.0.2.2:1001' }, 100), 7, 48)).reasons).to.deep.equal(['fragment', 'not_tcp']);
  });

  it('are waited for 30 seconds in IPv4 and 60 in IPv6', () => {
    const after = (packet: Uint8Array, seconds: number) => feed(fragment(packet, 7, 40), new Decoder(), (at) => ({ time: at * seconds * SECOND }));
    expect(after(IPV4, 30).reasons).to.deep.equal(['fragment', 'segment']);
    const late = after(IPV4, 31);
    expect(late.reasons).to.deep.equal(['fragment', 'fragment']);
    expect(late.decoder.evictedFragments).to.equal(1);
    expect(after(IPV6, 60).reasons).to.deep.equal(['fragment', 'segment']);
    expect(after(IPV6, 61).reasons).to.deep.equal(['fragment', 'fragment']);
  });

  it('keep to their memory: the oldest datagrams are given up and counted', () => {
    const decoder = new Decoder({ fragmentBytes: 10_000 });
    const [first, last] = fragment(IPV4, 1, 40);
    const flood = Array.from({ length: 1000 }, (_, at) => fragment(IPV4, at + 2, 40)[0]);
    expect(feed([first, ...flood, last], decoder).reasons.filter((reason) => reason !== 'fragment')).to.deep.equal([]);
    expect(decoder.evictedFragments).to.be.within(990, 1000);
    const [newest] = flood.slice(-1);
    expect(newest).to.not.equal(undefined);
    expect(feed([fragment(IPV4, 1001, 40)[1]], decoder).reasons).to.deep.equal(['segment']);
  });

  it('of any shape are survived', () => {
    const decoder = new Decoder({ fragmentBytes: 200_000 });
    const part = fc.record({ offset: fc.nat(8191), length: fc.nat(600), more: fc.boolean(), id: fc.nat(3), six: fc.boolean() });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const packets = parts.map(({ offset, length, more, id, six }) =>
          fragmentOf(six ? IPV6 : IPV4, id, offset * 8, concat(new Uint8Array(length)), more),
        );
        for (const reason of feed(packets, decoder).reasons) expect(reason).to.be.a('string');
      }),
      { numRuns: 200 },
    );
  });
});

/** Fragment lengths, in blocks of eight, that leave something for the last fragment. */
function within(packet: Uint8Array, blocks: readonly number[]): number[] {
  const room = packet.length - (packet[0] >>> 4 === 6 ? 40 : 20) - 1;
  const lengths: number[] = [];
  let sum = 0;
  for (const count of blocks) {
    if (sum + count * 8 > room) break;
    lengths.push(count * 8);
    sum += count * 8;
  }
  return lengths;
}
