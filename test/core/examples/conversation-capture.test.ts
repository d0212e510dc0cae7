import { expect } from 'chai';
import { conversationCapture, frameOf } from '../../../src/core/examples/conversation-capture.ts';
import { conversation } from '../../../src/core/rules/conversation.ts';
import type { ConversationSegment, Place } from '../../../src/core/rules/conversation.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../../src/core/wire/segment.ts';
import { ethernet, fastOpen, icmpError, mss, nop, sackPermitted, tcpPacket, timestamps, windowScale } from '../../support/packets.ts';
import { pcap } from '../../support/pcap-writer.ts';

const EPOCH = 1_767_225_600_000_000_000n;
const LETTERS: readonly [number, string][] = [[FIN, 'F'], [SYN, 'S'], [RST, 'R'], [PSH, 'P'], [ACK, 'A'], [URG, 'U'], [ECE, 'E'], [CWR, 'C']];

/** The frame by the tests' own packet builder. */
function expectedFrame(segment: ConversationSegment): Uint8Array {
  const { source, destination, vlan, icmp, flags, payload, seq, fill } = segment;
  const packet = tcpPacket({
    from: nameOf(source),
    to: nameOf(destination),
    flags: LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter).join(''),
    seq,
    ack: segment.ack,
    window: segment.window,
    ttl: segment.ttl,
    id: segment.ipId,
    payload: Uint8Array.from({ length: payload }, (_, at) => (seq + at + fill) & 0xff),
    options: [
      ...(segment.mss >= 0 ? [mss(segment.mss)] : []),
      ...(segment.sackPermitted ? [sackPermitted()] : []),
      ...(segment.timestamps === null ? [] : [nop(2), timestamps(segment.timestamps.value, segment.timestamps.echo)]),
      ...(segment.windowScale >= 0 ? [nop(), windowScale(segment.windowScale)] : []),
      ...(segment.fastOpenCookie >= 0 ? [fastOpen(new Uint8Array(segment.fastOpenCookie).fill(0xc0))] : []),
    ],
  });
  const link = vlan === 0 ? {} : { vlans: [vlan] };
  if (icmp === null) return ethernet(packet, link);
  return ethernet(icmpError({ from: icmp.reporter.address, to: icmp.receiver.address, type: icmp.type, code: icmp.code }, packet), link);
}

function nameOf({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe('a conversation as a capture', () => {
  const CONVERSATIONS: readonly [string, string][] = [
    ['a connection with data', 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 101; S > C ACK; C > S FIN ACK; S > C RST ACK'],
    ['options one by one', 'C > S SYN mss=1400 ws=-8 ts=0 cookie=8; S > C SYN ACK ts=0; C > S SYN ECE CWR; C > S URG PSH ACK 3 win=0 fill=7'],
    ['IPv6', 'S = [2001:db8::1]:8080 ttl=57; C = [2001:db8::2]:40000; C > S SYN; S > C SYN ACK; C > S PSH ACK 9'],
    ['a VLAN', 'C > S SYN vlan=5; S > C RST ACK vlan=5'],
  ];
  for (const [what, text] of CONVERSATIONS) {
    it(`has the bytes that the wire would have: ${what}`, () => {
      for (const segment of conversation(text)) expect(hex(frameOf(segment))).to.equal(hex(expectedFrame(segment)));
    });
  }

  it('has the bytes that the wire would have: ICMP errors of both versions', () => {
    const ICMP = 'C > S SYN; R > C ICMP 3/1 S';
    const ICMPV6 = 'S = [2001:db8::1]:80; C = [2001:db8::2]:40000; R = [2001:db8::3]:1; C > S SYN; R > C ICMP 1/4 S';
    for (const text of [ICMP, ICMPV6]) {
      const [, error] = conversation(text);
      // The frame's own TTL and IP-ID are of no interest: only the quoted packet's are compared.
      const actual = frameOf(error);
      const expected = expectedFrame(error);
      const icmpAt = text === ICMP ? 34 : 54;
      expect(hex(actual.subarray(icmpAt))).to.equal(hex(expected.subarray(icmpAt)));
    }
  });

  it('makes a checksum wrong where the line says so', () => {
    const [good] = conversation('C > S SYN');
    const [bad] = conversation('C > S SYN checksum=0');
    const differing = [...frameOf(good).keys()].filter((at) => frameOf(good)[at] !== frameOf(bad)[at]);
    expect(differing).to.deep.equal([50, 51]);
  });

  it('is a nanosecond pcap from 2026-01-01 on', () => {
    const text = 'C > S SYN; +1.5 S > C SYN ACK';
    const packets = conversation(text).map((segment) => ({ time: EPOCH + BigInt(segment.time), data: expectedFrame(segment) }));
    expect(hex(conversationCapture(text))).to.equal(hex(pcap(packets, { variant: 'nanosecond' })));
  });

  it('refuses what is no address', () => {
    expect(() => conversationCapture('S = 1.2.3:80; C > S SYN')).to.throw('"1.2.3" is no address');
  });
});
