import { expect } from 'chai';
import { formatAddress, formatEndpoint } from '../../../src/core/wire/address.ts';
import { Decoder } from '../../../src/core/wire/decode.ts';
import { CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_UNKNOWN, REASON_NAMES, Segment } from '../../../src/core/wire/segment.ts';
import { wifi, snap, radiotap } from '../../support/links.ts';
import {
  bytes,
  concat,
  ethernet,
  extension,
  extensions,
  hex,
  icmpError,
  ip,
  mss,
  nop,
  PROTOCOL,
  record,
  tcp,
  tcpFrame,
  tcpPacket,
  timestamps,
  u16,
  udpPacket,
  windowScale,
} from '../../support/packets.ts';
import type { PacketFields, RecordFields } from '../../support/packets.ts';
import { overGre, toPort, TUNNEL_PACKETS } from '../../support/tunnels.ts';

const FOUR = { from: '192.0.2.1:40000', to: '192.0.2.2:80' };
const SIX = { from: '[2001:db8::1]:40000', to: '[2001:db8::2]:80' };
/** Length of Ethernet and IPv4 headers. */
const BEFORE_TCP = 34;

function decode(frame: Uint8Array, fields: RecordFields = {}): { reason: string; segment: Segment } {
  const segment = new Segment();
  const reason = new Decoder().decode(record(frame, fields), segment);
  return { reason: REASON_NAMES[reason], segment };
}

function reasonOf(frame: Uint8Array, fields: RecordFields = {}): string {
  return decode(frame, fields).reason;
}

function segmentOf(fields: Partial<PacketFields>, recordFields: RecordFields = {}): Segment {
  const { reason, segment } = decode(tcpFrame({ ...FOUR, ...fields }), recordFields);
  expect(reason).to.equal('segment');
  return segment;
}

describe('wire: TCP over IPv4', () => {
  it('reads every field of the header', () => {
    const segment = segmentOf(
      { flags: 'FSRPAUECN', seq: 0xfffffffe, ack: 0x80000000, window: 4321, urgent: 99, ttl: 17, id: 0xabcd, payload: 'abc' },
      { number: 42, time: -5, interface: 3 },
    );
    expect(segment).to.include({
      ipVersion: 4,
      ttl: 17,
      ipId: 0xabcd,
      sourcePort: 40000,
      destinationPort: 80,
      seq: -2,
      ack: -0x80000000,
      flags: 0x1ff,
      window: 4321,
      urgentPointer: 99,
      payloadLength: 3,
      payloadCaptured: 3,
      number: 42,
      time: -5,
      interface: 3,
      tunnel: 0,
      vlan: 0,
    });
    expect([segment.source0, segment.source1, segment.source2, segment.source3]).to.deep.equal([0, 0, 0xffff, 0xc0000201 | 0]);
    expect([...segment.bytes.subarray(segment.payloadStart, segment.payloadStart + 3)]).to.deep.equal([97, 98, 99]);
  });

  // A frame that another program made: a SYN of the Linux kernel, its fields as tshark 4.0 prints them.
  it('reads a SYN from a real capture', () => {
    const frame = hex(
      '0000000000000000000000000800 4500003c1c46400040062073 7f0000017f000001' +
        'c350 1f90 5f5e1000 00000000 a002 ffd7 fe30 0000 0204ffd7 0402 080a 0001e240 00000000 01 030307',
    );
    expect(decode(frame).segment).to.include({
      sourcePort: 50000,
      destinationPort: 8080,
      seq: 1_600_000_000,
      flags: 0x002,
      window: 65495,
      mss: 65495,
      sackPermitted: true,
      tsval: 123456,
      windowScale: 7,
      payloadLength: 0,
    });
  });

  it('does not take Ethernet padding for payload', () => {
    const { segment } = decode(tcpFrame(FOUR, { pad: 60 }));
    expect(segment).to.include({ payloadLength: 0, payloadCaptured: 0, checksumState: CHECKSUM_GOOD });
  });

  it('skips IPv4 options', () => {
    expect(segmentOf({ extra: hex('94040000 01010100'), payload: 'xy' })).to.include({ sourcePort: 40000, payloadLength: 2 });
  });

  it('takes the length from the frame where offload left the IP length 0', () => {
    expect(segmentOf({ length: 0, payload: 5000 })).to.include({ payloadLength: 5000, payloadCaptured: 5000 });
    const cut = decode(tcpFrame({ ...FOUR, length: 0, payload: 5000 }), { snaplen: 96 });
    expect(cut.segment).to.include({ payloadLength: 5000, payloadCaptured: 96 - BEFORE_TCP - 20 });
  });

  it('knows what was sent of a frame that the capture cut', () => {
    const segment = segmentOf({ payload: 1000 }, { snaplen: 100 });
    expect(segment).to.include({ payloadLength: 1000, payloadCaptured: 46, checksumState: CHECKSUM_UNKNOWN, optionsComplete: true });
    expect(segmentOf({ payload: 1000 }, { snaplen: 54 })).to.include({ payloadLength: 1000, payloadCaptured: 0 });
  });

  it('cannot use less than the fixed header', () => {
    const frame = tcpFrame({ ...FOUR, payload: 10 });
    for (const snaplen of [0, 13, 14, 33, 34, 40, 53]) expect(reasonOf(frame, { snaplen }), `${snaplen}`).to.equal('cut_short');
    expect(reasonOf(frame, { snaplen: 54 })).to.equal('segment');
  });

  it('tells a length that contradicts the frame from one that the capture cut', () => {
    const long = decode(tcpFrame({ ...FOUR, payload: 1000 }));
    expect(long.reason).to.equal('segment');
    const lying = tcpFrame({ ...FOUR, length: 2000, payload: 1000 });
    expect(reasonOf(lying)).to.equal('bad_length');
    expect(reasonOf(lying, { wireLength: 2014, snaplen: 96 })).to.equal('segment');
    for (const length of [1, 19]) expect(reasonOf(tcpFrame({ ...FOUR, length })), `${length}`).to.equal('bad_length');
    // A TCP header of less than 20 bytes, and 20 bytes of IP with nothing in them.
    expect(reasonOf(tcpFrame({ ...FOUR, length: 39 }))).to.equal('bad_length');
    expect(reasonOf(ethernet(ip({ from: '192.0.2.1', to: '192.0.2.2', protocol: 6 }, 0)))).to.equal('bad_length');
  });

  it('refuses data offsets below five words or beyond the segment', () => {
    for (const dataOffset of [0, 4, 6, 15]) expect(reasonOf(tcpFrame({ ...FOUR, dataOffset })), `${dataOffset}`).to.equal('bad_length');
    expect(reasonOf(tcpFrame({ ...FOUR, dataOffset: 6, payload: 4 }))).to.equal('segment');
  });

  it('keeps the ends of what says so of its own length, by kind', () => {
    const decoder = new Decoder();
    const frames = [tcpFrame({ ...FOUR, dataOffset: 4 }), tcpFrame({ ...SIX, dataOffset: 15 }), ethernet(ip({ from: '192.0.2.1', to: '192.0.2.2', protocol: 6 }, hex('9c400050')))];
    frames.forEach((frame, index) => decoder.decode(record(frame, { number: index + 1 }), new Segment()));
    expect(decoder.badHeaders.counts).to.deep.equal({ shorter_than_20_bytes: 1, offset_below_5: 1, offset_beyond_segment: 1 });
    expect(decoder.badHeaders.kept.map(({ packet, source, destination }) => [packet, source, destination])).to.deep.equal([
      [1, FOUR.from, FOUR.to],
      [2, SIX.from, SIX.to],
      [3, FOUR.from, FOUR.to],
    ]);
  });

  it('refuses an IP header of less than five words, and another version', () => {
    const frame = tcpFrame(FOUR);
    frame[14] = 0x44;
    expect(reasonOf(frame)).to.equal('bad_length');
    frame[14] = 0x55;
    expect(reasonOf(frame)).to.equal('not_ip');
  });

  it('believes the IP header of frames whose wire length a tool cut with them', () => {
    const decoder = new Decoder();
    const segment = new Segment();
    const cut = tcpFrame({ ...FOUR, payload: 1448 }).subarray(0, 128);
    expect(REASON_NAMES[decoder.decode(record(cut), segment)]).to.equal('segment');
    expect(segment).to.include({ payloadLength: 1448, payloadCaptured: 128 - 54, checksumState: CHECKSUM_UNKNOWN });
    // A longer frame shows that this capture was not cut there.
    decoder.decode(record(tcpFrame({ ...FOUR, payload: 100 })), segment);
    expect(REASON_NAMES[decoder.decode(record(cut), segment)]).to.equal('bad_length');
  });

  it('leaves nothing of the segment before', () => {
    const decoder = new Decoder();
    const segment = new Segment();
    const full = { flags: 'S', options: [mss(9), windowScale(3), timestamps(1, 2), nop()], payload: 'x' };
    decoder.decode(record(ethernet(TUNNEL_PACKETS[0].wrap(tcpPacket({ ...FOUR, ...full })), { vlans: [7] })), segment);
    expect(segment).to.include({ vlan: 7, mss: 9, windowScale: 3, tsval: 1 });
    decoder.decode(record(tcpFrame(FOUR)), segment);
    expect(segment).to.include({ vlan: 0, tunnel: 0, mss: -1, windowScale: -1, hasTimestamps: false, optionsLength: 0, payloadLength: 0 });
  });
});

describe('wire: checksums', () => {
  const states: [string, Partial<PacketFields>, number][] = [
    ['good', { payload: 'odd' }, CHECKSUM_GOOD],
    ['good, of 33 bytes', { payload: 'abcdefghijklm' }, CHECKSUM_GOOD],
    ['good, of a large segment', { payload: new Uint8Array(60_000).fill(0xff) }, CHECKSUM_GOOD],
    ['bad', { payload: 'odd', checksum: 'bad' }, CHECKSUM_BAD],
    ['zero', { payload: 'odd', checksum: 0 }, CHECKSUM_BAD],
    ['the pseudo header only', { payload: 'odd', checksum: 'partial' }, CHECKSUM_UNKNOWN],
  ];
  for (const [name, fields, expected] of states) {
    it(`judges ${name}, IPv4 and IPv6`, () => {
      expect(decode(tcpFrame({ ...FOUR, ...fields }), { number: 8 }).segment.checksumState).to.equal(expected);
      expect(decode(tcpFrame({ ...SIX, ...fields }), { number: 8 }).segment.checksumState).to.equal(expected);
    });
  }

  it('verifies one in eight of the segments with more than 512 bytes, and all that open or close', () => {
    const stateOf = (payload: number, flags: string, number: number): number =>
      decode(tcpFrame({ ...FOUR, payload, flags }), { number }).segment.checksumState;
    for (let number = 1; number <= 16; number++) {
      expect(stateOf(513, 'PA', number), `${number}`).to.equal(number % 8 === 0 ? CHECKSUM_GOOD : CHECKSUM_UNKNOWN);
      expect(stateOf(512, 'PA', number)).to.equal(CHECKSUM_GOOD);
      expect(stateOf(600, 'FA', number)).to.equal(CHECKSUM_GOOD);
    }
  });

  it('notices each single bit that flipped', () => {
    const frame = tcpFrame({ ...FOUR, payload: 'some payload of more than sixteen bytes' });
    for (let at = BEFORE_TCP; at < frame.length; at += 1) {
      for (let bit = 1; bit < 0x100; bit <<= 1) {
        if (at === BEFORE_TCP + 12) continue; // the data offset
        const changed = frame.slice();
        changed[at] ^= bit;
        expect(decode(changed).segment.checksumState, `${at}, ${bit}`).to.equal(CHECKSUM_BAD);
      }
    }
  });

  it('are not judged when the frame was cut, nor when that is switched off', () => {
    expect(segmentOf({ payload: 100, checksum: 'bad' }, { snaplen: 100 }).checksumState).to.equal(CHECKSUM_UNKNOWN);
    const segment = new Segment();
    new Decoder({ verifyChecksums: false }).decode(record(tcpFrame({ ...FOUR, checksum: 'bad' })), segment);
    expect(segment.checksumState).to.equal(CHECKSUM_UNKNOWN);
  });

  it('are not judged while a source route is under way', () => {
    const route = concat(bytes(131, 7, 4), bytes(10, 0, 0, 9), bytes(0));
    expect(segmentOf({ extra: route }).checksumState).to.equal(CHECKSUM_UNKNOWN);
    const arrived = concat(bytes(131, 7, 8), bytes(10, 0, 0, 9), bytes(0));
    expect(segmentOf({ extra: arrived }).checksumState).to.equal(CHECKSUM_GOOD);
  });
});

describe('wire: IPv6', () => {
  const segment = tcp({ ...SIX, payload: 'hello' });
  const addresses = { from: '2001:db8::1', to: '2001:db8::2' };

  it('walks extension headers', () => {
    const { first, extra } = extensions(
      PROTOCOL.tcp,
      extension(0),
      extension(60),
      extension(43, bytes(4, 0, 0, 0, 0, 0)),
      extension(PROTOCOL.ah, new Uint8Array(22)),
      extension(135),
    );
    const { reason, segment: found } = decode(ethernet(ip({ ...addresses, protocol: first, extra }, segment)));
    expect(reason).to.equal('segment');
    expect(found).to.include({ destinationPort: 80, payloadLength: 5, ipVersion: 6, checksumState: CHECKSUM_GOOD });
  });

  it('does not judge the checksum where another address than the header’s counts', () => {
    const routed = extensions(PROTOCOL.tcp, extension(43, bytes(4, 1, 0, 0, 0, 0, ...new Uint8Array(16))));
    expect(decode(ethernet(ip({ ...addresses, protocol: routed.first, extra: routed.extra }, segment))).segment.checksumState).to.equal(
      CHECKSUM_UNKNOWN,
    );
    const home = extensions(PROTOCOL.tcp, extension(60, bytes(1, 2, 0, 0, 201, 16, ...new Uint8Array(16))));
    expect(decode(ethernet(ip({ ...addresses, protocol: home.first, extra: home.extra }, segment))).segment.checksumState).to.equal(
      CHECKSUM_UNKNOWN,
    );
  });

  it('takes the length from the frame where it is 0', () => {
    const jumbo = decode(ethernet(ip({ ...addresses, protocol: 6, length: 0 }, segment)));
    expect(jumbo.segment).to.include({ payloadLength: 5, checksumState: CHECKSUM_GOOD });
  });

  it('tells why there is no segment', () => {
    const packet = (protocol: number, extra = bytes(), payload = segment): Uint8Array => ethernet(ip({ ...addresses, protocol, extra }, payload));
    expect(reasonOf(packet(50))).to.equal('encrypted');
    expect(reasonOf(packet(59))).to.equal('not_tcp');
    expect(reasonOf(packet(58))).to.equal('not_tcp');
    expect(reasonOf(packet(0, hex('06ff000000000000')))).to.equal('bad_length');
    expect(reasonOf(packet(6, bytes(), bytes(1, 2, 3)))).to.equal('bad_length');
    expect(reasonOf(packet(6), { snaplen: 60 })).to.equal('cut_short');
  });
});

describe('wire: what is no segment', () => {
  const addresses = { from: '192.0.2.1', to: '192.0.2.2' };

  it('is counted under its reason', () => {
    expect(reasonOf(ethernet(new Uint8Array(28), { type: 0x0806 }))).to.equal('not_ip');
    expect(reasonOf(ethernet(hex('424203 0000'), { type: 5 }))).to.equal('not_ip');
    expect(reasonOf(ethernet(udpPacket({ from: '192.0.2.1:53', to: '192.0.2.2:5353' }, 'x')))).to.equal('not_tcp');
    expect(reasonOf(ethernet(ip({ ...addresses, protocol: 132 }, 40)))).to.equal('not_tcp');
    expect(reasonOf(ethernet(ip({ ...addresses, protocol: 50 }, 40)))).to.equal('encrypted');
    expect(reasonOf(new Uint8Array(0))).to.equal('bad_length');
  });

  it('is encrypted, fragmented or no data in 802.11', () => {
    const body = snap(tcpPacket(FOUR));
    expect(reasonOf(wifi('0841', bytes(), body), { link: 105 })).to.equal('encrypted');
    expect(reasonOf(wifi('0805', bytes(), body), { link: 105 })).to.equal('fragment');
    expect(reasonOf(wifi('4801', bytes(), body), { link: 105 })).to.equal('not_ip');
    expect(reasonOf(wifi('8000', bytes(), body), { link: 105 })).to.equal('not_ip');
    expect(reasonOf(radiotap(0x40, wifi('0801', bytes(), body)), { link: 127 })).to.equal('not_ip');
  });

  it('is too deep beyond eight IP headers', () => {
    const nested = (depth: number): Uint8Array => {
      let packet = tcpPacket(FOUR);
      for (let at = 1; at < depth; at += 1) packet = ip({ ...addresses, protocol: 4 }, packet);
      return ethernet(packet);
    };
    expect(reasonOf(nested(8))).to.equal('segment');
    expect(reasonOf(nested(9))).to.equal('too_deep');
  });
});

describe('wire: tunnels', () => {
  const inner = tcpPacket(FOUR);
  const wrap = (tunnel: string, packet: Uint8Array): Uint8Array => {
    const found = TUNNEL_PACKETS.find((each) => each.name === tunnel);
    if (found === undefined) throw new Error(tunnel);
    return found.wrap(packet);
  };

  it('label a segment with the innermost of them', () => {
    const { reason, segment } = decode(ethernet(wrap('GRE', wrap('VXLAN', inner))));
    expect(reason).to.equal('segment');
    expect(segment).to.include({ tunnel: 10, tunnelId: 0xabcdef });
    expect(decode(ethernet(wrap('VXLAN', wrap('IPv4 in IPv4', inner)))).segment).to.include({ tunnel: 1, tunnelId: 0 });
  });

  it('leave alone what only has their port', () => {
    for (const port of [4789, 8472, 4790, 6081, 2152, 3544, 4754, 6635, 5072, 1701, 37008, 4341]) {
      for (const payload of ['GET / HTTP/1.1\r\nHost: example.org\r\n\r\n', '', '\0', 'E\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0']) {
        expect(reasonOf(ethernet(toPort(port, Uint8Array.from(payload, (letter) => letter.charCodeAt(0))))), `${port} ${payload}`).to.equal('not_tcp');
      }
    }
  });

  it('on unusual ports are believed only when the inner packet fits to the byte', () => {
    const whole = wrap('GTP-U on another port', inner);
    expect(reasonOf(ethernet(whole))).to.equal('segment');
    const header = whole.slice();
    header[20 + 8 + 8 + 8] ^= 1; // the inner TTL: its header checksum no longer fits
    expect(reasonOf(ethernet(header))).to.equal('not_tcp');
    expect(reasonOf(ethernet(wrap('GTP-U on another port', concat(inner, bytes(0)))))).to.equal('not_tcp');
  });

  it('carry other things than IP', () => {
    expect(reasonOf(ethernet(overGre(concat(hex('0000 0806'), new Uint8Array(28)))))).to.equal('not_tcp');
    expect(reasonOf(ethernet(overGre(hex('0000 0000 12345678'))))).to.equal('not_tcp');
    expect(reasonOf(ethernet(overGre(hex('2081 880b 0000 0005 00000001'))))).to.equal('not_tcp');
    expect(reasonOf(ethernet(wrap('VXLAN', ip({ from: '192.0.2.1', to: '192.0.2.2', protocol: 17 }, 30))))).to.equal('not_tcp');
  });
});

describe('wire: ICMP errors', () => {
  const fields = { flags: 'PA', seq: 0xdeadbeef, ack: 5, window: 77, payload: 'hello', id: 9, ttl: 3 };
  const four = tcpPacket({ ...FOUR, ...fields });
  const six = tcpPacket({ ...SIX, ...fields });

  it('quote the segment that caused them, IPv4', () => {
    const { reason, segment } = decode(ethernet(icmpError({ from: '198.51.100.7', to: '192.0.2.1', type: 3, code: 4, mtu: 1400 }, four)));
    expect(reason).to.equal('icmp_error');
    expect(segment).to.include({ icmpType: 3, icmpCode: 4, icmpMtu: 1400, seq: 0xdeadbeef | 0, ack: 5, flags: 0x18, window: 77, ipId: 9, ttl: 3 });
    expect(segment).to.include({ sourcePort: 40000, destinationPort: 80, payloadLength: 5, payloadCaptured: 0, ipVersion: 4 });
    expect(formatEndpoint(segment.source0, segment.source1, segment.source2, segment.source3, segment.sourcePort)).to.equal(FOUR.from);
    expect(formatAddress(segment.reporter0, segment.reporter1, segment.reporter2, segment.reporter3)).to.equal('198.51.100.7');
  });

  it('quote no more than eight bytes of it, often', () => {
    const { reason, segment } = decode(ethernet(icmpError({ from: '198.51.100.7', to: '192.0.2.1', type: 11, quoted: 28 }, four)));
    expect(reason).to.equal('icmp_error');
    expect(segment).to.include({ icmpType: 11, icmpCode: 0, icmpMtu: 0, sourcePort: 40000, seq: 0xdeadbeef | 0, ack: 0, flags: 0, payloadLength: 0 });
    expect(segment.optionsComplete).to.equal(false);
  });

  it('quote the segment that caused them, IPv6', () => {
    const { reason, segment } = decode(ethernet(icmpError({ from: '2001:db8:9::9', to: '2001:db8::1', type: 2, mtu: 1280 }, six)));
    expect(reason).to.equal('icmp_error');
    expect(segment).to.include({ icmpType: 2, icmpCode: 0, icmpMtu: 1280, seq: 0xdeadbeef | 0, ipVersion: 6, payloadLength: 5 });
    expect(formatEndpoint(segment.destination0, segment.destination1, segment.destination2, segment.destination3, segment.destinationPort)).to.equal(SIX.to);
    expect(formatAddress(segment.reporter0, segment.reporter1, segment.reporter2, segment.reporter3)).to.equal('2001:db8:9::9');
  });

  it('of every kind that tells of a segment’s fate', () => {
    const reason4 = (type: number): string => reasonOf(ethernet(icmpError({ from: '198.51.100.7', to: '192.0.2.1', type }, four)));
    expect([3, 4, 11, 12].map(reason4)).to.deep.equal(['icmp_error', 'icmp_error', 'icmp_error', 'icmp_error']);
    expect([0, 5, 8, 13].map(reason4)).to.deep.equal(['not_tcp', 'not_tcp', 'not_tcp', 'not_tcp']);
    const reason6 = (type: number): string => reasonOf(ethernet(icmpError({ from: '2001:db8:9::9', to: '2001:db8::1', type }, six)));
    expect([1, 2, 3, 4].map(reason6)).to.deep.equal(['icmp_error', 'icmp_error', 'icmp_error', 'icmp_error']);
    expect([0, 128, 135].map(reason6)).to.deep.equal(['not_tcp', 'not_tcp', 'not_tcp']);
  });

  it('about other protocols are not TCP', () => {
    const udp = udpPacket({ from: FOUR.from, to: FOUR.to }, 'x');
    expect(reasonOf(ethernet(icmpError({ from: '198.51.100.7', to: '192.0.2.1', type: 3, code: 3 }, udp)))).to.equal('not_tcp');
    const later = four.slice();
    later.set(u16(0x0003), 6);
    expect(reasonOf(ethernet(icmpError({ from: '198.51.100.7', to: '192.0.2.1', type: 11 }, later)))).to.equal('not_tcp');
  });
});
