import { expect } from 'chai';
import fc from 'fast-check';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { linkName } from '../../../src/core/capture/link-names.ts';
import { LINK_LAYERS } from '../../../src/core/wire/link/index.ts';
import { register } from '../../../src/core/wire/registry.ts';
import { CHECKSUM_GOOD, Decoded, REASON_NAMES, Segment } from '../../../src/core/wire/segment.ts';
import { tunnelName, TUNNELS } from '../../../src/core/wire/tunnel/index.ts';
import { formatEndpoint } from '../../../src/core/wire/address.ts';
import { LINK_FRAMES } from '../../support/links.ts';
import { ethernet, mss, nop, record, tcpPacket, timestamps } from '../../support/packets.ts';
import { TUNNEL_PACKETS } from '../../support/tunnels.ts';

const FIELDS = { flags: 'SA', seq: 4_000_000_000, ack: 7, window: 1234, payload: 'hello', options: [mss(1460), nop(2), timestamps(3, 5)] };
const INNER = [
  { version: 4, packet: tcpPacket({ from: '192.0.2.1:40000', to: '192.0.2.2:8080', ...FIELDS }) },
  { version: 6, packet: tcpPacket({ from: '[2001:db8::1]:40000', to: '[2001:db8::2]:8080', ...FIELDS }) },
];
const RAW_OF_ONE_VERSION = new Map([
  [228, 4],
  [229, 6],
]);

/** Every frame of the suite: each link layer and each tunnel around an IPv4 and an IPv6 packet. */
const FRAMES = INNER.flatMap(({ version, packet }) => [
  ...LINK_FRAMES.filter(({ link }) => (RAW_OF_ONE_VERSION.get(link) ?? version) === version).map((link) => ({
    name: `${link.name} (${link.link}), IPv${version}`,
    link: link.link,
    frame: link.frame(packet),
    vlan: link.vlan ?? 0,
    tunnel: null as string | null,
    id: 0,
    version,
  })),
  ...TUNNEL_PACKETS.filter(({ inner }) => (inner ?? version) === version).map((tunnel) => ({
    name: `${tunnel.name}, IPv${version}`,
    link: 1,
    frame: ethernet(tunnel.wrap(packet)),
    vlan: 0,
    tunnel: tunnel.tunnel as string | null,
    id: tunnel.id,
    version,
  })),
]);

describe('wire: every link layer and tunnel', () => {
  it('has a frame in this suite for each link type, EtherType and tunnel', () => {
    const links = new Set(LINK_FRAMES.map(({ link }) => link));
    const etherTypes = new Set(LINK_FRAMES.flatMap((link) => link.etherTypes ?? []));
    const tunnels = new Set(TUNNEL_PACKETS.map(({ tunnel }) => tunnel));
    expect(LINK_LAYERS.flatMap(({ dlt }) => dlt).filter((dlt) => !links.has(dlt))).to.deep.equal([]);
    expect(LINK_LAYERS.flatMap((layer) => layer.etherTypes ?? []).filter((type) => !etherTypes.has(type))).to.deep.equal([]);
    expect(TUNNELS.map(({ name }) => name).filter((name) => !tunnels.has(name))).to.deep.equal([]);
  });

  for (const { name, link, frame, vlan, tunnel, id, version } of FRAMES) {
    it(`finds the segment in ${name}`, () => {
      const segment = new Segment();
      const reason = new Decoder().decode(record(frame, { link }), segment);
      expect(REASON_NAMES[reason]).to.equal('segment');
      expect(segment).to.include({
        ipVersion: version,
        ttl: 64,
        seq: 4_000_000_000 | 0,
        ack: 7,
        flags: 0x12,
        window: 1234,
        checksumState: CHECKSUM_GOOD,
        payloadLength: 5,
        payloadCaptured: 5,
        mss: 1460,
        tsval: 3,
        tsecr: 5,
        vlan,
        tunnelId: id,
      });
      expect(endpoints(segment)).to.deep.equal(
        version === 4 ? ['192.0.2.1:40000', '192.0.2.2:8080'] : ['[2001:db8::1]:40000', '[2001:db8::2]:8080'],
      );
      expect(payload(segment)).to.equal('hello');
      expect(tunnelName(segment.tunnel)).to.equal(tunnel);
    });
  }

  it('decodes every prefix of every frame to the segment or to a reason why not', () => {
    const decoder = new Decoder();
    const segment = new Segment();
    for (const { name, link, frame } of FRAMES) {
      for (let length = 0; length <= frame.length; length += 1) {
        const cut = decoder.decode(record(frame, { link, snaplen: length }), segment);
        if (cut === Decoded.SEGMENT) {
          // Cut by the capture: what the sender sent is known as soon as the fixed header is there.
          expect(segment, `${name}, cut to ${length}`).to.include({ payloadLength: 5, seq: 4_000_000_000 | 0 });
          expect(segment.payloadCaptured).to.be.at.most(5);
        }
        expect(cut, `${name}, cut to ${length}: malformed?`).to.not.equal(Decoded.BAD_LENGTH);
        decoder.decode(record(frame.subarray(0, length), { link }), segment);
      }
    }
  });

  it('survives any change of any byte', () => {
    const decoder = new Decoder();
    const segment = new Segment();
    const change = fc.tuple(fc.nat(FRAMES.length - 1), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(change, ([which, changes]) => {
        const { frame, link } = FRAMES[which];
        const changed = frame.slice();
        for (const [at, value] of changes) changed[at % changed.length] = value;
        const made = record(changed, { link });
        const reason = decoder.decode(made, segment);
        expect(REASON_NAMES[reason]).to.be.a('string');
        if (reason === Decoded.SEGMENT) expectWithin(segment);
      }),
      { numRuns: 3000 },
    );
  });

  it('survives random bytes behind any link type', () => {
    const decoder = new Decoder({ fragmentBytes: 100_000 });
    const segment = new Segment();
    const links = LINK_LAYERS.flatMap(({ dlt }) => dlt);
    fc.assert(
      fc.property(fc.constantFrom(...links), fc.uint8Array({ maxLength: 300 }), fc.nat(400), (link, data, wireLength) => {
        const reason = decoder.decode(record(data, { link, wireLength }), segment);
        expect(REASON_NAMES[reason]).to.be.a('string');
        if (reason === Decoded.SEGMENT) expectWithin(segment);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('wire: registries', () => {
  it('name link types as the tcpdump registry does, and number those unknown', () => {
    expect([1, 113, 276, 101, 228, 0, 147].map(linkName)).to.deep.equal([
      'ETHERNET',
      'LINUX_SLL',
      'LINUX_SLL2',
      'RAW',
      'IPV4',
      'NULL',
      'LINKTYPE 147',
    ]);
    for (const { dlt, name } of LINK_LAYERS) {
      for (const number of Array.isArray(dlt) ? dlt : [dlt]) expect(linkName(Number(number)), name).to.equal(name);
    }
  });

  it('name tunnels, and no tunnel', () => {
    expect(tunnelName(0)).to.equal(null);
    expect(tunnelName(200)).to.equal(null);
    expect(new Set(TUNNELS.map(({ name }) => name)).size).to.equal(TUNNELS.length);
  });

  it('refuse two entries under one key', () => {
    const table = new Map<number, { name: string }>();
    register(table, 7, { name: 'one' });
    expect(() => register(table, 7, { name: 'other' })).to.throw('7 belongs to one and to other');
  });

  it('leave a link type they do not know', () => {
    expect(new Decoder().decode(record(new Uint8Array(60), { link: 147 }), new Segment())).to.equal(Decoded.UNKNOWN_LINK);
    expect(new Decoder().decode(record(new Uint8Array(60), { link: 70_000 }), new Segment())).to.equal(Decoded.UNKNOWN_LINK);
  });
});

function expectWithin(segment: Segment): void {
  expect(segment.payloadStart).to.be.at.least(0);
  expect(segment.payloadCaptured).to.be.within(0, segment.payloadLength);
  expect(segment.payloadStart + segment.payloadCaptured).to.be.at.most(segment.bytes.length);
  expect(segment.sackCount).to.be.within(0, 4);
}

function endpoints(segment: Segment): string[] {
  return [
    formatEndpoint(segment.source0, segment.source1, segment.source2, segment.source3, segment.sourcePort),
    formatEndpoint(segment.destination0, segment.destination1, segment.destination2, segment.destination3, segment.destinationPort),
  ];
}

function payload(segment: Segment): string {
  return String.fromCharCode(...segment.bytes.subarray(segment.payloadStart, segment.payloadStart + segment.payloadCaptured));
}
