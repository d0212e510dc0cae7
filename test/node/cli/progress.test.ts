import { expect } from 'chai';
import { Progress, progressLine } from '../../../src/node/cli/progress.ts';

describe('progress line', () => {
  it('shows share, rates and time left', () => {
    expect(progressLine({ bytes: 250_000_000, size: 1_000_000_000, packets: 5_000_000 }, 10, 200)).to.equal(
      '██████░░░░░░░░░░░░░░░░░░  25 %  25 MB/s  500,000 packets/s  30 s left');
  });

  it('only counts where the size is not known', () => {
    expect(progressLine({ bytes: 3_000_000, size: null, packets: 20_000 }, 2, 200)).to.equal('3 MB  20,000 packets  1.5 MB/s  10,000 packets/s');
  });

  it('keeps within the terminal', () => {
    expect(progressLine({ bytes: 1, size: 3, packets: 1 }, 2, 30).length).to.equal(30);
  });

  it('comes after a second, ten times a second at most, and is erased', () => {
    const written: string[] = [];
    let now = 5000;
    const progress = new Progress(80, (text) => written.push(text), () => now);
    for (; now < 7000; now += 10) progress.update({ bytes: 1, size: 2, packets: 3 });
    expect(written.length).to.equal(10);
    progress.erase();
    expect(written.at(-1)).to.equal('\r\u001b[2K');
  });

  it('leaves no trace of a short run', () => {
    const written: string[] = [];
    const progress = new Progress(80, (text) => written.push(text), () => 0);
    progress.update({ bytes: 1, size: 2, packets: 3 });
    progress.erase();
    expect(written).to.deep.equal([]);
  });
});
