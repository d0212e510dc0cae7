import type { AuditOptions } from '../../src/core/options.ts';
import { Engine } from '../../src/core/engine.ts';
import type { Report } from '../../src/core/report/report.ts';
import { conversation } from '../../src/core/rules/conversation.ts';
import type { ConversationSegment, Place } from '../../src/core/rules/conversation.ts';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../src/core/wire/segment.ts';
import { ethernet, fastOpen, icmpError, mss, nop, sackPermitted, tcpPacket, timestamps, windowScale } from './packets.ts';
import { pcap } from './pcap-writer.ts';

/** 2026-01-01T00:00:00Z. */
const EPOCH = 1_767_225_600_000_000_000n;
const LETTERS: readonly [number, string][] = [
  [FIN, 'F'],
  [SYN, 'S'],
  [RST, 'R'],
  [PSH, 'P'],
  [ACK, 'A'],
  [URG, 'U'],
  [ECE, 'E'],
  [CWR, 'C'],
];

/** A conversation as a capture: nanosecond pcap of Ethernet frames. */
export function captureOf(text: string): Uint8Array {
  const packets = conversation(text).map((segment) => ({ time: EPOCH + BigInt(segment.time), data: frameOf(segment) }));
  return pcap(packets, { variant: 'nanosecond' });
}

/** What the whole engine says of a conversation. */
export function auditConversation(text: string, options: AuditOptions = {}): Report {
  const engine = new Engine(options);
  engine.open('conversation.pcap', null);
  engine.push(captureOf(text));
  engine.close();
  return engine.finish();
}

export function frameOf(segment: ConversationSegment): Uint8Array {
  const { source, destination, vlan, icmp } = segment;
  const packet = tcpPacket({
    from: nameOf(source),
    to: nameOf(destination),
    flags: LETTERS.filter(([bit]) => (segment.flags & bit) !== 0)
      .map(([, letter]) => letter)
      .join(''),
    seq: segment.seq,
    ack: segment.ack,
    window: segment.window,
    ttl: segment.ttl,
    id: segment.ipId,
    payload: payloadOf(segment),
    options: optionsOf(segment),
    checksum: segment.checksumGood ? 'good' : 'bad',
  });
  const link = vlan === 0 ? {} : { vlans: [vlan] };
  if (icmp === null) return ethernet(packet, link);
  const { reporter, receiver, type, code } = icmp;
  return ethernet(icmpError({ from: reporter.address, to: receiver.address, type, code }, packet), link);
}

/** Bytes that depend on their sequence number alone, so that what is sent again is the same. */
function payloadOf({ seq, payload, fill }: ConversationSegment): Uint8Array {
  return Uint8Array.from({ length: payload }, (_, at) => (seq + at + fill) & 0xff);
}

function optionsOf(segment: ConversationSegment): Uint8Array[] {
  const options: Uint8Array[] = [];
  if (segment.mss >= 0) options.push(mss(segment.mss));
  if (segment.sackPermitted) options.push(sackPermitted());
  if (segment.timestamps !== null) options.push(nop(2), timestamps(segment.timestamps.value, segment.timestamps.echo));
  if (segment.windowScale >= 0) options.push(nop(), windowScale(segment.windowScale));
  if (segment.fastOpenCookie >= 0) options.push(fastOpen(new Uint8Array(segment.fastOpenCookie).fill(0xc0)));
  return options;
}

function nameOf({ address, port }: Place): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
