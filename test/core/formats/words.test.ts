import { expect } from 'chai';
import { factText } from '../../../src/core/formats/words.ts';

describe('facts in words', () => {
  it('group amounts in thousands', () => {
    expect(factText('segments', 12_345)).to.equal('segments: 12,345');
    expect(factText('ports', 28_232)).to.equal('ports: 28,232');
  });

  it('leave port, packet and flow numbers as they are: they are names', () => {
    expect(factText('lowest_port', 40_000)).to.equal('lowest port: 40000');
    expect(factText('open_ports', [22, 8080, 40_000])).to.equal('open ports: 22, 8080, 40000');
    expect(factText('first_packet', 123_456)).to.equal('first packet: 123456');
  });

  it('put a unit that stands in the name to the number', () => {
    expect(factText('hold_seconds', 341)).to.equal('hold: 5 min 41 s');
    expect(factText('share_of_ports', 0.168)).to.equal('share of ports: 16.8 %');
  });
});
