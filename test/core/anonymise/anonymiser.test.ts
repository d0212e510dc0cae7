import { expect } from 'chai';
import fc from 'fast-check';
import { Anonymiser } from '../../../src/core/anonymise/anonymiser.ts';
import type { Record } from '../../../src/core/capture/record.ts';
import { PcapngWriter } from '../../../src/core/capture/pcapng-writer.ts';
import { formatEndpoint } from '../../../src/core/wire/address.ts';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_UNKNOWN, REASON_NAMES, Segment } from '../../../src/core/wire/segment.ts';
import { tunnelName } from '../../../src/core/wire/tunnel/index.ts';
import { aes128 } from '../../../src/node/extract/anonymising.ts';
import { LINK_FRAMES } from '../../support/links.ts';
import {
  addressBytes, bytes, concat, ethernet, extensions, extension, fastOpen, fragment, hex, icmpError, ip, mss, nop, record, tcp, tcpFrame, tcpPacket, timestamps,
} from '../../support/packets.ts';
import { join } from '../../support/pcap-writer.ts';
import { TUNNEL_PACKETS } from '../../support/tunnels.ts';
import { itWithWireshark, tsharkFields } from '../../support/wireshark.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 1);
const SECRET = 'hello, this names somebody';
const FIELDS = { flags: 'PA', seq: 4_000_000_000, ack: 7, window: 1234, payload: SECRET, options: [mss(1460), nop(2), timestamps(3, 5)] };
const PACKETS = { 4: tcpPacket({ from: '192.0.2.1:40000', to: '192.0.2.2:8080', ...FIELDS }), 6: tcpPacket({ from: '[2001:db8::1]:40000', to: '[2001:db8::2]:8080', ...FIELDS }) };
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'];
/** Link layers that are left away, with their VLAN tags, because not all of their headers can be anonymised. */
const LEFT_AWAY: ReadonlySet<number> = new Set([105, 127, 119, 163, 117, 109, 239]);

interface Sample {
  name: string;
  link: number;
  frame: Uint8Array;
}

const SAMPLES: readonly Sample[] = ([4, 6] as const).flatMap((version) => [
  ...LINK_FRAMES.filter(({ link }) => link !== (version === 4 ? 229 : 228)).map((each) => ({ name: `${each.name} (${each.link}), IPv${version}`, link: each.link, frame: each.frame(PACKETS[version]) })),
  ...TUNNEL_PACKETS.filter(({ inner }) => (inner ?? version) === version).map((each) => ({ name: `${each.name}, IPv${version}`, link: 1, frame: ethernet(each.wrap(PACKETS[version])) })),
]);

/** Frames through an anonymiser, as copies; and how many it left out. */
function anonymised(frames: readonly Record[], key = KEY): { frames: Record[]; leftOut: number } {
  const out: Record[] = [];
  const anonymiser = new Anonymiser(key, aes128, (frame) => out.push(record(frame.bytes.slice(frame.start, frame.end), {
    link: frame.link, number: frame.number, time: frame.time, wireLength: frame.wireLength, interface: frame.interface,
  })));
  for (const frame of frames) anonymiser.add(frame, 0n);
  anonymiser.finish();
  return { frames: out, leftOut: anonymiser.leftOut };
}

function one(frame: Uint8Array, fields: Parameters<typeof record>[1] = {}): Record {
  const { frames, leftOut } = anonymised([record(frame, fields)]);
  expect(leftOut).to.equal(0);
  expect(frames).to.have.lengthOf(1);
  return frames[0];
}

function bytesOf({ bytes: buffer, start, end }: Record): Uint8Array {
  return buffer.slice(start, end);
}

function decoded(frames: readonly Record[]): Segment {
  const decoder = new Decoder();
  const segment = new Segment();
  const reasons = frames.map((frame) => decoder.decode(frame, segment));
  expect(REASON_NAMES[reasons.at(-1)!]).to.be.oneOf(['segment', 'icmp_error']);
  return segment;
}

/** What of a segment anonymising must not change. */
function shape(segment: Segment): object {
  const { flags, seq, ack, window, payloadLength, payloadCaptured, checksumState, mss: size, windowScale, sackPermitted, hasTimestamps, tsval, tsecr } = segment;
  const { sourcePort, destinationPort, ipVersion, ttl, ipId, tunnelId, optionsLength, optionsComplete, optionsMalformed, fastOpenCookie, icmpType, icmpCode, icmpMtu } = segment;
  return {
    flags, seq, ack, window, payloadLength, payloadCaptured, checksumState, size, windowScale, sackPermitted, hasTimestamps, tsval, tsecr, sourcePort, destinationPort,
    ipVersion, ttl, ipId, tunnelId, optionsLength, optionsComplete, optionsMalformed, fastOpenCookie, icmpType, icmpCode, icmpMtu, tunnel: tunnelName(segment.tunnel),
  };
}

function source(segment: Segment): string {
  return formatEndpoint(segment.source0, segment.source1, segment.source2, segment.source3, segment.sourcePort);
}

function payload(segment: Segment): Uint8Array {
  return segment.bytes.slice(segment.payloadStart, segment.payloadStart + segment.payloadCaptured);
}

function expectNothingOf(frame: Uint8Array, secrets: readonly (string | Uint8Array)[]): void {
  for (const secret of secrets) expect(Buffer.from(frame).includes(Buffer.from(secret)), String(secret)).to.equal(false);
}

describe('Anonymiser', () => {
  for (const { name, link, frame } of SAMPLES) {
    it(`keeps the segment and nothing of its network: ${name}`, () => {
      const before = decoded([record(frame, { link })]);
      const result = one(frame, { link });
      const after = decoded([result]);
      expect(shape(after)).to.deep.equal(shape(before));
      expect(after.checksumState).to.equal(CHECKSUM_GOOD);
      if (!LEFT_AWAY.has(link)) expect(after.vlan).to.equal(before.vlan);
      expectNothingOf(bytesOf(result), [...ADDRESSES.map(addressBytes), SECRET.slice(0, 5), hex('020000000001'), hex('020000000002'), hex('020000000003')]);
      expect(result.wireLength - (result.end - result.start)).to.equal(0);
      // The same host, however it is carried.
      expect(source(after)).to.equal(source(decoded([one(ethernet(PACKETS[before.ipVersion as 4 | 6]))])));
    });
  }

  itWithWireshark('leaves every checksum as good or bad as it was, as tshark verifies them', () => {
    const bad = { from: '192.0.2.1:40000', to: '192.0.2.2:8080', ...FIELDS, checksum: 'bad' as const };
    const damaged = tcpFrame(bad);
    const header = tcpFrame({ ...bad, checksum: 'good' });
    header[24] ^= 0x40;
    const frames = [...SAMPLES.filter(({ link }) => link === 1).map(({ frame }) => frame), damaged, header, ethernet(icmpError({ from: '198.51.100.1', to: '192.0.2.1', type: 3, code: 1 }, PACKETS[4]))];
    const file = (list: readonly Uint8Array[]): Uint8Array => {
      const pieces: Uint8Array[] = [];
      const writer = new PcapngWriter((piece) => pieces.push(piece.slice()), { application: 'test' });
      const id = writer.describe(1, 0);
      list.forEach((each, index) => writer.packet(id, BigInt(index), { bytes: each, start: 0, end: each.length, wireLength: each.length }));
      writer.flush();
      return join(...pieces);
    };
    const fields = ['frame.protocols', 'ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status', 'icmp.checksum.status', 'gre.checksum.status'];
    const options = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
    const before = tsharkFields(file(frames), fields, options);
    const after = tsharkFields(file(frames.map((frame) => bytesOf(one(frame)))), fields, options);
    // Where a pseudowire's content is not stated, tshark guesses by the MAC addresses in it.
    const comparable = before.map((row, index) => [row, after[index]] as const).filter(([row, other]) => row[0] === other[0]);
    expect(comparable).to.have.lengthOf.above(before.length - 5);
    for (const [row, other] of comparable) expect(other).to.deep.equal(row);
    expect(before.map((row) => row.slice(1).join())).to.include.members(['1,0,,,', '0,1,,,', '1,1,1,,1,']);
  });

  it('keeps what a checksum says: good, bad, or left to the network card', () => {
    const states = [['good', CHECKSUM_GOOD], ['bad', CHECKSUM_BAD], ['partial', CHECKSUM_UNKNOWN]] as const;
    for (const [checksum, state] of states) {
      const frame = tcpFrame({ from: '192.0.2.1:40000', to: '192.0.2.2:8080', ...FIELDS, checksum });
      expect(decoded([one(frame)]).checksumState, checksum).to.equal(state);
    }
  });

  it('gives the same byte at the same place in the sequence space the same image, and another byte another', () => {
    const part = (text: string, seq: number): Uint8Array => payload(decoded([one(tcpFrame({ from: '192.0.2.1:40000', to: '192.0.2.2:8080', seq, payload: text }))]));
    const whole = part('abcdefghijklmnopqrstuvwxyz', 100);
    expect(part('klmnopq', 110)).to.deep.equal(whole.slice(10, 17));
    const other = part('abcdefghijKlmnopqrstuvwxyz', 100);
    expect([...other].map((byte, index) => byte !== whole[index])).to.deep.equal(Array.from({ length: 26 }, (_, index) => index === 10));
    expect(part('abcdefghij', 1100)).not.to.deep.equal(whole.slice(0, 10));
    fc.assert(fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), fc.nat(0xffff_ffff), (data, seq) => {
      const image = (bytesOf: Uint8Array): Uint8Array => payload(decoded([one(tcpFrame({ from: '192.0.2.1:1', to: '192.0.2.2:2', seq, payload: bytesOf }))]));
      expect(image(data).slice(3)).to.deep.equal(payload(decoded([one(tcpFrame({ from: '192.0.2.1:1', to: '192.0.2.2:2', seq: (seq + 3) >>> 0, payload: data.slice(3) }))])));
    }), { numRuns: 30 });
  });

  it('gives other images with another key', () => {
    const frame = record(ethernet(PACKETS[4]));
    const [first, second] = [KEY, KEY.map((byte) => byte ^ 1)].map((key) => decoded(anonymised([frame], key).frames));
    expect(source(first)).not.to.equal(source(second));
    expect(payload(first)).not.to.deep.equal(payload(second));
  });

  it('wipes options that hold more than numbers of TCP, and those of IP', () => {
    const multipath = bytes(30, 8, 0x30, 1, 192, 0, 2, 77);
    const options = [fastOpen(hex('c00cbeefc00cbeef')), multipath, mss(1460)];
    const route = bytes(131, 11, 4, 198, 51, 100, 7, 198, 51, 100, 8, 0);
    const packet = ip({ from: '192.0.2.1', to: '192.0.2.2', protocol: 6, extra: route }, tcp({ from: '192.0.2.1:1', to: '192.0.2.2:2', flags: 'S', options }));
    const result = one(ethernet(packet));
    const segment = decoded([result]);
    expect(segment).to.include({ fastOpenCookie: 8, mss: 1460, optionsMalformed: false, checksumState: CHECKSUM_UNKNOWN });
    expectNothingOf(result.bytes, [hex('c00cbeef'), addressBytes('192.0.2.77'), addressBytes('198.51.100.7'), addressBytes('198.51.100.8')]);
  });

  it('takes all that follows a header of impossible length for payload, though it look like options', () => {
    for (const offset of [3, 15]) {
      const frame = tcpFrame({ from: '192.0.2.1:40000', to: '192.0.2.2:8080', flags: 'PA', seq: 1, ack: 1, payload: `\u0005\u0014${SECRET.slice(0, 18)}` });
      const at = frame.length - 40;
      frame[at + 12] = (offset << 4) | (frame[at + 12] & 0x0f);
      const text = Buffer.from(bytesOf(one(frame))).toString('latin1');
      for (let from = 0; from < 18 - 4; from++) expect(text).not.to.include(SECRET.slice(from, from + 4));
    }
  });

  it('wipes what IPv6 extension headers hold, and keeps their form', () => {
    const home = extension(60, concat(bytes(1, 2, 0, 0), bytes(201, 16), addressBytes('2001:db8::77')));
    const body = tcp({ from: '[2001:db8::1]:1', to: '[2001:db8::2]:2', payload: SECRET });
    const { first, extra } = extensions(6, home);
    const result = one(ethernet(ip({ from: '2001:db8::1', to: '2001:db8::2', protocol: first, extra }, body)));
    const segment = decoded([result]);
    expect(segment.payloadLength).to.equal(SECRET.length);
    expect(segment.checksumState).to.equal(CHECKSUM_UNKNOWN);
    expectNothingOf(result.bytes, [addressBytes('2001:db8::77'), addressBytes('2001:db8::1'), 'hello']);
  });

  it('zeroes padding, which holds what was in memory before', () => {
    const frame = tcpFrame({ from: '192.0.2.1:1', to: '192.0.2.2:2' }, { pad: 60 });
    frame.set(new TextEncoder().encode('leaked'), 54);
    const result = one(frame);
    expect([...bytesOf(result).subarray(54, 60)]).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect(decoded([result]).payloadLength).to.equal(0);
  });

  it('lets an ICMP error quote the images of what it quoted', () => {
    const quoted = decoded([one(ethernet(PACKETS[4]))]);
    const frame = ethernet(icmpError({ from: '198.51.100.1', to: '192.0.2.1', type: 3, code: 1 }, PACKETS[4]));
    const before = decoded([record(frame)]);
    const result = one(frame);
    const after = decoded([result]);
    expect(shape(after)).to.deep.equal(shape(before));
    expect(source(after)).to.equal(source(quoted));
    expectNothingOf(result.bytes, [...ADDRESSES.map(addressBytes), addressBytes('198.51.100.1'), 'hello']);
  });

  it('hides a checksum that the capture does not let it work out, alike for copies', () => {
    const frame = tcpFrame({ from: '192.0.2.1:40000', to: '192.0.2.2:8080', ...FIELDS });
    const cut = one(frame, { snaplen: 70 });
    expect(decoded([cut]).checksum).not.to.equal(decoded([record(frame)]).checksum);
    expect(decoded([cut]).checksum).to.equal(decoded([one(frame, { snaplen: 90 })]).checksum);
  });

  for (const version of [4, 6] as const) {
    it(`joins fragments of IPv${version} to overwrite them, and keeps every frame in its place`, () => {
      const parts = fragment(PACKETS[version], 99, 16, 24).map((packet) => ethernet(packet));
      const others = [tcpFrame({ from: '203.0.113.1:1', to: '203.0.113.2:2', seq: 5, payload: 'x'.repeat(20) }), tcpFrame({ from: '203.0.113.1:1', to: '203.0.113.2:2', seq: 25 })];
      const order = [parts[1], others[0], parts[2], others[1], parts[0]];
      const { frames, leftOut } = anonymised(order.map((frame, index) => record(frame, { number: index + 1, time: index })));
      expect(leftOut).to.equal(0);
      expect(frames.map(({ number }) => number)).to.deep.equal([1, 2, 3, 4, 5]);
      const joined = decoded([frames[0], frames[2], frames[4]]);
      const whole = decoded([one(ethernet(PACKETS[version]))]);
      expect(source(joined)).to.equal(source(whole));
      expect(payload(joined)).to.deep.equal(payload(whole));
      expect(joined.checksum).to.equal(whole.checksum);
      for (const frame of frames) expectNothingOf(frame.bytes, [...ADDRESSES.map(addressBytes), 'hello', 'names', 'xxxx']);
    });
  }

  it('gives nothing of what it does not understand', () => {
    const arp = ethernet(hex('0001080006040001 020000000001 c0000201 000000000000 c0000202'), { type: 0x0806 });
    const { frames, leftOut } = anonymised([record(arp), record(ethernet(ip({ from: '192.0.2.1', to: '192.0.2.2', protocol: 17 }, hex('0035003500100000 0102030405060708'))))]);
    expect(frames).to.have.lengthOf(0);
    expect(leftOut).to.equal(2);
    const [alone] = fragment(PACKETS[4], 5, 24);
    expect(anonymised([record(ethernet(alone))])).to.deep.equal({ frames: [], leftOut: 1 });
  });

  it('survives any change of any byte, and never gives an address away where it gives a frame', () => {
    const change = fc.tuple(fc.nat(SAMPLES.length - 1), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 5 }), fc.nat(200));
    fc.assert(fc.property(change, ([which, changes, snaplen]) => {
      const { frame, link } = SAMPLES[which];
      const changed = frame.slice();
      for (const [at, value] of changes) changed[at % changed.length] = value;
      const { frames } = anonymised([record(changed, { link, snaplen: 40 + snaplen })]);
      for (const { bytes: result, start, end, wireLength } of frames) {
        expect(end - start).to.be.at.most(wireLength);
        if (changes.length === 0) expectNothingOf(result.subarray(start, end), [...ADDRESSES.map(addressBytes), 'hello']);
      }
    }), { numRuns: 500 });
  });
});
