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
    expect(factText('failed_share_lower', 0.378)).to.equal('failed share lower: 37.8 %');
  });

  it('keep apart a number and the share that it is', () => {
    expect([factText('completed', 12), factText('completed_share', 0.004)]).to.deep.equal(['completed: 12', 'completed share: 0.4 %']);
  });

  it('take seconds with a number before them for no unit', () => {
    expect(factText('peak_in_60_seconds', 12_345)).to.equal('peak in 60 seconds: 12,345');
  });
});
