import { CaptureClock, CaptureReader, PacketCounter } from '../../src/core/index.ts';
import { join, type PcapPacket } from './pcap-writer.ts';

/** The frames of a capture, with epoch times, to be spoiled and written again. */
export function packetsOf(capture: Uint8Array): PcapPacket[] {
  const packets: PcapPacket[] = [];
  const clock = new CaptureClock();
  const reader = new CaptureReader(clock, new PacketCounter(), ({ bytes, start, end, wireLength, time }) => {
    packets.push({ time: clock.toEpoch(time), data: bytes.slice(start, end), wireLength });
  });
  reader.push(capture);
  reader.finish(null);
  return packets;
}

/** Every frame, and each again as `change` makes it, so many nanoseconds later. */
export function repeated(packets: readonly PcapPacket[], nanoseconds: bigint, change: (frame: Uint8Array) => Uint8Array): PcapPacket[] {
  const copies = packets.map(({ time, data, wireLength = data.length }) => {
    const changed = change(data);
    return { time: time + nanoseconds, data: changed, wireLength: wireLength + changed.length - data.length };
  });
  return inOrder([...packets, ...copies]);
}

/** The same Ethernet frame one hop on: other MACs, a TTL or hop limit less one, the IPv4 checksum mended (RFC 1624). */
export function routed(frame: Uint8Array): Uint8Array {
  const hop = frame.slice();
  hop.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]);
  if (isIpv6(frame)) {
    hop[21]--;
    return hop;
  }
  hop[22]--;
  const view = new DataView(hop.buffer);
  const sum = view.getUint16(24) + 0x100;
  view.setUint16(24, (sum & 0xffff) + (sum >>> 16));
  return hop;
}

/** The same Ethernet frame in VLAN 7. */
export function tagged(frame: Uint8Array): Uint8Array {
  return join(frame.subarray(0, 12), Uint8Array.of(0x81, 0, 0, 7), frame.subarray(12));
}

/** The eight ways in which a capture may be bad although the traffic is good. */
export const SPOILS: readonly { title: string; spoil: (packets: readonly PcapPacket[]) => readonly PcapPacket[] }[] = [
  { title: 'every frame twice', spoil: (packets) => repeated(packets, 2_000n, (frame) => frame) },
  { title: 'captured before and behind a router', spoil: (packets) => repeated(packets, 300_000n, routed) },
  { title: 'captured with and without a VLAN tag', spoil: (packets) => repeated(packets, 5_000n, tagged) },
  { title: '5 % of the frames missing', spoil: (packets) => packets.filter(chance(0.95)) },
  { title: 'shuffled within 150 µs', spoil: shuffled },
  { title: 'one direction only', spoil: (packets) => packets.filter(({ data }) => sourceOf(data) === sourceOf(packets[0].data)) },
  { title: 'both ends cut off', spoil: (packets) => packets.slice(Math.floor(packets.length / 3), -Math.floor(packets.length / 3)) },
  {
    title: 'cut to 54 bytes a frame',
    spoil: (packets) => packets.map(({ time, data, wireLength = data.length }) => ({ time, data: data.subarray(0, 54), wireLength })),
  },
];

/** Numbers from 0 to 1, the same ones every time (a linear congruential generator modulo 2^32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** In the order of the file, not of time: a capture out of order. */
function shuffled(packets: readonly PcapPacket[]): PcapPacket[] {
  const random = randomNumbers(7);
  return packets
    .map((packet) => ({ packet, key: packet.time + BigInt(Math.floor(random() * 150_000)) }))
    .sort((one, other) => Number(one.key - other.key))
    .map(({ packet }) => packet);
}

function chance(share: number): () => boolean {
  const random = randomNumbers(7);
  return () => random() < share;
}

function inOrder(packets: readonly PcapPacket[]): PcapPacket[] {
  return [...packets].sort((one, other) => Number(one.time - other.time));
}

function isIpv6(frame: Uint8Array): boolean {
  return frame[12] === 0x86 && frame[13] === 0xdd;
}

function sourceOf(frame: Uint8Array): string {
  return (isIpv6(frame) ? frame.subarray(22, 38) : frame.subarray(26, 30)).join('.');
}
