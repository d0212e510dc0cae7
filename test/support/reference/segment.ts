import type { PcapPacket } from '../pcap-writer.ts';

/** A captured TCP segment, read plainly. Sequence numbers are as on the wire until `connection.ts` lays them out on a line. */
export interface Segment {
  /** Frame number, from 1. */
  number: number;
  /** Nanoseconds since the epoch given to `segmentsOf`. */
  time: number;
  /** "address:port" */
  from: string;
  to: string;
  syn: boolean;
  fin: boolean;
  rst: boolean;
  /** The ACK flag; without it `ack` says nothing. */
  acknowledges: boolean;
  seq: number;
  ack: number;
  /** Payload, bytes. */
  length: number;
  /** TSval and TSecr, null without the option. */
  stamp: number | null;
  echo: number | null;
  /** All that TCP sent, and the IP identification: what two sendings never share. */
  print: string;
}

const ETHERNET = 14;

/** The segments of Ethernet frames that hold TCP in IPv4, in the order of the capture. */
export function segmentsOf(packets: readonly PcapPacket[], epoch: bigint): Segment[] {
  return packets.map(({ time, data }, index) => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const tcp = ETHERNET + (data[ETHERNET] & 0x0f) * 4;
    const payload = tcp + (data[tcp + 12] >>> 4) * 4;
    const flags = data[tcp + 13];
    const address = (at: number): string => data.subarray(at, at + 4).join('.');
    return {
      number: index + 1,
      time: Number(time - epoch),
      from: `${address(ETHERNET + 12)}:${view.getUint16(tcp)}`,
      to: `${address(ETHERNET + 16)}:${view.getUint16(tcp + 2)}`,
      fin: (flags & 1) !== 0,
      syn: (flags & 2) !== 0,
      rst: (flags & 4) !== 0,
      acknowledges: (flags & 16) !== 0,
      seq: view.getUint32(tcp + 4),
      ack: view.getUint32(tcp + 8),
      length: ETHERNET + view.getUint16(ETHERNET + 2) - payload,
      ...timestampsOf(data.subarray(tcp + 20, payload)),
      print: `${view.getUint16(ETHERNET + 4)} ${data.subarray(tcp).join(' ')}`,
    };
  });
}

/** Stamps of one conversation lie close together: one of the lower half, where others are of the upper, is from after the wrap. */
const onALine = (stamp: number): number => (stamp < 2 ** 31 ? stamp + 2 ** 32 : stamp);

function timestampsOf(options: Uint8Array): { stamp: number | null; echo: number | null } {
  const view = new DataView(options.buffer, options.byteOffset, options.byteLength);
  for (let at = 0; at < options.length && options[at] !== 0; at += options[at] === 1 ? 1 : options[at + 1]) {
    if (options[at] === 8) return { stamp: onALine(view.getUint32(at + 2)), echo: onALine(view.getUint32(at + 6)) };
  }
  return { stamp: null, echo: null };
}
