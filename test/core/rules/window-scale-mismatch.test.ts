import { expect } from 'chai';
import { pcap } from '../../support/pcap-writer.ts';
import { analyse } from '../../support/analyse.ts';
import { captureOf } from '../../support/conversation-frames.ts';
import { packetsOf } from '../../support/mutate.ts';

/** Severities of what is found in a capture of these segments, cut to so many bytes a frame. */
function foundIn(conversation: string, snaplen: number): string[] {
  const packets = packetsOf(captureOf(conversation)).map((packet) => ({ ...packet, data: packet.data.subarray(0, snaplen), wireLength: packet.data.length }));
  return analyse([pcap(packets)]).report.findings.filter(({ rule }) => rule === 'window-scale-mismatch').map(({ severity }) => severity);
}

describe('window-scale-mismatch', () => {
  // The client's SYN offers scaling behind ten NOPs, the server's SYN-ACK has no room for more than that; both scale.
  const SCALED = 'C > S SYN nop=10; S > C SYN ACK ts=0 sack=0; C > S ACK win=63; C > S PSH ACK 100 win=63; S > C ACK win=509';

  it('says nothing of a SYN whose options the capture cut, though the SYN-ACK is whole', () => {
    expect(foundIn(SCALED, 64)).to.deep.equal([]);
  });

  it('is found where the whole SYN has no scaling', () => {
    expect(foundIn(SCALED.replace('nop=10', 'ws=-8'), 256)).to.deep.equal(['medium']);
  });
});
