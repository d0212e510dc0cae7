import { expect } from 'chai';
import type { RecordReader } from '../../../src/core/capture/reader.ts';
import { CaptureQuality } from '../../../src/core/report/capture-quality.ts';
import { Segment } from '../../../src/core/wire/segment.ts';

/** A reader that has found these faults in its input. */
function reader(faults: { kernelDrops?: number; misordered?: number; clockSteps?: number; truncated?: number }): RecordReader {
  const { kernelDrops = -1, misordered = 0, clockSteps = 0, truncated = 0 } = faults;
  return { counters: { kernelDrops, interfaceDrops: -1 }, misordered, clockSteps, truncated } as RecordReader;
}

function quality(...readers: RecordReader[]): CaptureQuality {
  const made = new CaptureQuality();
  for (const each of readers) made.addReader(each);
  return made;
}

describe('report: quality of the capture', () => {
  it('adds the faults of all files', () => {
    const made = quality(reader({ misordered: 2, clockSteps: 1, truncated: 40 }), reader({ misordered: 3, truncated: 2 }));
    expect(made.summary()).to.include({ misordered: 5, clock_steps: 1, truncated: 42 });
    expect(made.clockStepped()).to.equal(true);
    expect(quality().clockStepped()).to.equal(false);
  });

  it('knows drops from files, from a live source, or from neither', () => {
    expect(quality(reader({})).dropped()).to.equal(null);
    expect(quality(reader({ kernelDrops: 0 })).dropped()).to.equal(0);
    expect(quality(reader({ kernelDrops: 5 }), reader({}), reader({ kernelDrops: 7 })).dropped()).to.equal(12);
    const live = quality(reader({}));
    live.noteDrops(3);
    live.noteDrops(9);
    expect(live.dropped(), 'a count since the start, not one more').to.equal(9);
  });

  it('estimates the share that the capture missed of all segments that were sent', () => {
    const made = quality();
    expect(made.lossShare()).to.equal(0);
    made.analysed = 95;
    made.missedSegments = 5;
    expect(made.lossShare()).to.equal(0.05);
  });

  it('counts segments above the MSS of their receiver, and without one those above a jumbo frame', () => {
    const made = quality();
    const segment = (payloadLength: number): Segment => Object.assign(new Segment(), { payloadLength });
    for (const [length, mss] of [[1461, 1460], [1461, 1461], [8960, 0], [8961, 0]]) made.noteLong(segment(length), mss);
    expect(made.summary().supersegments).to.equal(2);
  });

  it('knows until when it watched: up to the next gap between two files', () => {
    const made = quality();
    for (const time of [100, 200]) made.noteGap(time);
    expect([50, 100, 150, 201].map((time) => made.watchedUntil(time))).to.deep.equal([100, 100, 200, Infinity]);
  });

  describe('where it was taken', () => {
    type Vote = [clientTtl: number, serverTtl: number, synAckDelay: number, ackDelay: number];
    const vantage = (votes: Vote[], onDelivery = false): string => {
      const made = quality();
      if (onDelivery) made.noteDeliveryClock();
      for (const vote of votes) made.noteVantage(...vote);
      return made.summary().vantage;
    };
    const CASES: [title: string, vantage: string, votes: Vote[]][] = [
      ['without a handshake it is unknown', 'unknown', []],
      ['the end whose packets have passed no router', 'client', [[64, 57, 1e6, 1e6]]],
      ['… for a server as well', 'server', [[120, 255, 1e6, 1e6]]],
      ['between the ends, where both have passed one', 'between', [[63, 120, 1e6, 1e6]]],
      ['in one network, the end whose half of the handshake took a tenth of the other', 'client', [[64, 128, 10e6, 0.9e6]]],
      ['… and so for the server', 'server', [[64, 128, 0.9e6, 10e6]]],
      ['both ends, where neither half is so much shorter', 'both', [[64, 64, 10e6, 1e6]]],
      ['four of five flows agree', 'client', [...Array.from({ length: 4 }, (): Vote => [64, 57, 1e6, 1e6]), [63, 57, 1e6, 1e6]]],
      ['three of four do not', 'unknown', [...Array.from({ length: 3 }, (): Vote => [64, 57, 1e6, 1e6]), [63, 57, 1e6, 1e6]]],
      ['flows with one of either end: both', 'both', [[64, 57, 1e6, 1e6], [57, 64, 1e6, 1e6]]],
    ];
    for (const [title, expected, votes] of CASES) it(title, () => expect(vantage(votes)).to.equal(expected));

    it('is not judged by times that were stamped on delivery', () => {
      expect(vantage([[64, 128, 10e6, 0.9e6]], true)).to.equal('unknown');
      expect(vantage([[64, 57, 1e6, 1e6]], true)).to.equal('client');
    });
  });
});
