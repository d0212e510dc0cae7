import { expect } from 'chai';
import * as fc from 'fast-check';
import { CaptureClock } from '../../../src/core/capture/clock.ts';
import { CaptureReader } from '../../../src/core/capture/reader.ts';
import { PacketCounter } from '../../../src/core/capture/record.ts';
import { filler, pcap, pcapHeader, pcapRecord } from '../../support/pcap-writer.ts';
import { collect } from './collect.ts';
import type { Collected } from './collect.ts';

const START = 10_000_000_000n;

/** Reads frames with these times, nanoseconds after a start. */
function read(times: readonly number[], reorderNanoseconds = 1000, length = 20): Collected {
  const packets = times.map((time, index) => ({ time: START + BigInt(time), data: filler(length, index) }));
  return collect([pcap(packets, { variant: 'nanosecond' })], { reorderNanoseconds });
}

const numbers = ({ records }: Collected): number[] => records.map((record) => record.number);

/** The order by the definition, slowly: runs between clock steps, each sorted by time. */
function expected(times: readonly number[], window: number): { order: number[]; misordered: number; clockSteps: number } {
  const order: number[] = [];
  let run: { time: number; number: number }[] = [];
  let latest = -Infinity;
  let misordered = 0;
  let clockSteps = 0;
  const close = (): void => {
    order.push(...run.sort((a, b) => a.time - b.time || a.number - b.number).map((each) => each.number));
    run = [];
  };
  times.forEach((time, index) => {
    if (time < latest - window) {
      clockSteps++;
      close();
      latest = time;
    } else if (time < latest) {
      misordered++;
    }
    latest = Math.max(latest, time);
    run.push({ time, number: index + 1 });
  });
  close();
  return { order, misordered, clockSteps };
}

describe('the reorder window', () => {
  it('puts records in the order of time, equal times in the order of the file', () => {
    const collected = read([0, 500, 300, 300, 900, 100, 2000]);
    expect(numbers(collected)).to.deep.equal([1, 6, 3, 4, 2, 5, 7]);
    expect(collected.reader).to.include({ misordered: 3, clockSteps: 0 });
    expect(collected.records.map(({ data }) => data[0])).to.deep.equal([0, 5, 2, 3, 1, 4, 6].map((index) => (index * 31) & 0xff));
  });

  it('accepts a time exactly the window back and takes one beyond for a clock step', () => {
    expect(read([0, 5000, 4000]).reader).to.include({ misordered: 1, clockSteps: 0 });
    expect(numbers(read([0, 5000, 4000]))).to.deep.equal([1, 3, 2]);
    expect(read([0, 5000, 3999]).reader).to.include({ misordered: 0, clockSteps: 1 });
    expect(numbers(read([0, 5000, 3999]))).to.deep.equal([1, 2, 3]);
  });

  it('goes on from the new time after a clock step', () => {
    const collected = read([0, 900_000, 900_500, 900_100, 100, 700, 400]);
    expect(numbers(collected)).to.deep.equal([1, 2, 4, 3, 5, 7, 6]);
    expect(collected.reader).to.include({ misordered: 2, clockSteps: 1 });
  });

  it('changes nothing when it is 0', () => {
    const collected = read([5, 3, 4, 4], 0);
    expect(numbers(collected)).to.deep.equal([1, 2, 3, 4]);
    expect(collected.reader.clockSteps).to.equal(1);
  });

  it('holds a record until one a window later has been read, or until it is drained', () => {
    const clock = new CaptureClock();
    const seen: number[] = [];
    const reader = new CaptureReader(clock, new PacketCounter(), (record) => seen.push(record.number), { reorderNanoseconds: 1000 });
    reader.push(pcapHeader({ variant: 'nanosecond' }));
    const seenAfter = [0, 400, 999, 1000, 1400].map((time) => {
      reader.push(pcapRecord({ time: START + BigInt(time), data: filler(4) }, { variant: 'nanosecond' }));
      return seen.length;
    });
    expect(seenAfter).to.deep.equal([0, 0, 0, 1, 2]);
    reader.drain();
    expect(seen).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('sorts every run between clock steps, as the definition says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -2500, max: 6000 }), { maxLength: 200 }), (steps) => {
        let time = 1_000_000;
        const times = steps.map((step) => (time += step));
        const collected = read(times);
        const { order, misordered, clockSteps } = expected(times, 1000);
        expect(numbers(collected)).to.deep.equal(order);
        expect(collected.reader).to.include({ misordered, clockSteps });
      }),
    );
  });

  it('lets the earliest go when more than 4096 records would wait', () => {
    const times = [500, ...Array.from({ length: 5000 }, (_, index) => index % 400)];
    const collected = read(times);
    expect(numbers(collected)).to.have.length(5001);
    expect(new Set(numbers(collected)).size).to.equal(5001);
    // Record 1 is last of the first 4096 in time: they all leave to let record 4097 in.
    expect(numbers(collected).indexOf(1)).to.equal(4095);
    const first = Array.from({ length: 4096 }, (_, index) => index + 1);
    expect(numbers(collected).slice(0, 4096)).to.deep.equal(first.sort((a, b) => times[a - 1] - times[b - 1] || a - b));
  });

  it('lets the earliest go when more than 1 MiB of input would wait', () => {
    // Records of 65,536 bytes: the seventeenth begins exactly 1 MiB after the first, the eighteenth beyond that.
    const times = [900, ...Array.from({ length: 17 }, (_, index) => index)];
    const collected = read(times, 1000, 65_520);
    expect(numbers(collected)).to.deep.equal([...Array.from({ length: 16 }, (_, index) => index + 2), 1, 18]);
    expect(collected.records.find(({ number }) => number === 1)?.data).to.deep.equal([...filler(65_520, 0)]);
  });
});
