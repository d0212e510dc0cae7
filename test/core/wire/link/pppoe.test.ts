import { expect } from 'chai';
import { Decoder } from '../../../../src/core/wire/decode.ts';
import { CHECKSUM_UNKNOWN, REASON_NAMES, Segment } from '../../../../src/core/wire/segment.ts';
import { concat, ethernet, hex, record, tcpPacket, u16 } from '../../../support/packets.ts';

const ENDS = { from: '192.0.2.1:40000', to: '192.0.2.2:443' };

/** A PPPoE session's frame: what its length field says, the IPv4 packet within, and what the frame holds beyond that. */
function framed(length: number, packet: Uint8Array, beyond = 0): Uint8Array {
  return ethernet(concat(hex('1100 0007'), u16(length), hex('0021'), packet, new Uint8Array(beyond)), { type: 0x8864, vlans: [3704, 2474] });
}

function decoded(frame: Uint8Array, wireLength = frame.length): { reason: string; segment: Segment } {
  const segment = new Segment();
  const decoder = new Decoder();
  // A longer frame before shows that this capture does not cut frames and state the cut length.
  decoder.decode(record(new Uint8Array(600)), segment);
  return { reason: REASON_NAMES[decoder.decode(record(frame, { wireLength }), segment)], segment };
}

describe('wire: the length of PPPoE', () => {
  it('tells payload from padding, as every IP length does', () => {
    const { reason, segment } = decoded(framed(42, tcpPacket(ENDS), 6));
    expect([reason, segment.payloadLength]).to.deep.equal(['segment', 0]);
  });

  it('is believed where the IP header counts the padding in', () => {
    // 40 bytes of IP and TCP header and 6 of padding, which the length of the IP header holds, too: the checksum may do either.
    const { reason, segment } = decoded(framed(42, tcpPacket({ ...ENDS, length: 46 }), 6));
    expect([reason, segment.payloadLength, segment.checksumState]).to.deep.equal(['segment', 0, CHECKSUM_UNKNOWN]);
  });

  it('is not believed where a large segment stands behind it', () => {
    const { reason, segment } = decoded(framed(42, tcpPacket({ ...ENDS, payload: 4_000 })));
    expect([reason, segment.payloadLength]).to.deep.equal(['segment', 4_000]);
  });

  it('is left alone where it reaches beyond the frame', () => {
    const { reason, segment } = decoded(framed(900, tcpPacket({ ...ENDS, payload: 10 })));
    expect([reason, segment.payloadLength]).to.deep.equal(['segment', 10]);
  });

  it('does not make up for an IP header that reaches beyond the frame', () => {
    expect(decoded(framed(42, tcpPacket({ ...ENDS, length: 47 }), 6)).reason).to.equal('bad_length');
  });
});
