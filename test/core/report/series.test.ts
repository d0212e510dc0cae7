import { expect } from 'chai';
import fc from 'fast-check';
import { SeriesEvent, SeriesRecorder } from '../../../src/core/report/series.ts';
import { CLOSED, ESTABLISHED, SYN_SENT } from '../../../src/core/tcp/state.ts';

const NAMES = { [CLOSED]: 'CLOSED', [SYN_SENT]: 'SYN_SENT', [ESTABLISHED]: 'ESTABLISHED' } as const;
const MOST_BINS = 240;

/** What happens at one time (nanoseconds): a segment, and a new end in a state. */
const happening = fc.record({
  after: fc.oneof(fc.nat(50_000_000), fc.nat(3_000_000_000), fc.constant(100_000_000)),
  event: fc.constantFrom(SeriesEvent.SYN, SeriesEvent.SYN_ACK, SeriesEvent.RST, SeriesEvent.FIN),
  state: fc.constantFrom(CLOSED, SYN_SENT, ESTABLISHED),
});

describe('series', () => {
  it('are, in the bins that they end up with, what a list of all that happened says', () => {
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 120 }), fc.nat(200_000_000), (steps, rest) => {
        const recorder = new SeriesRecorder();
        const all: { time: number; event: SeriesEvent; state: number }[] = [];
        let time = 0;
        for (const { after, event, state } of steps) {
          time += after;
          recorder.advance(time);
          recorder.count(event);
          recorder.move(-1, state);
          all.push({ time, event, state });
        }
        const end = time + rest;
        const { bin_seconds, states, events } = recorder.series(end, 0n);
        const bin = bin_seconds * 1e9;
        const bins = Math.floor(end / bin) + 1;
        expect(bins).to.be.at.most(MOST_BINS);
        // Doubled no more than it takes.
        if (bin > 100_000_000) expect(Math.floor(end / (bin / 2)) + 1).to.be.above(MOST_BINS);
        const eventsIn = (wanted: SeriesEvent): number[] =>
          Array.from({ length: bins }, (_, index) => all.filter((each) => each.event === wanted && Math.floor(each.time / bin) === index).length);
        expect(events).to.deep.equal({ syn: eventsIn(SeriesEvent.SYN), synack: eventsIn(SeriesEvent.SYN_ACK), rst: eventsIn(SeriesEvent.RST), fin: eventsIn(SeriesEvent.FIN) });
        const kinds = [SeriesEvent.SYN, SeriesEvent.SYN_ACK, SeriesEvent.RST, SeriesEvent.FIN];
        expect([...recorder.totals]).to.deep.equal(kinds.map((kind) => all.filter((each) => each.event === kind).length));
        for (const state of [CLOSED, SYN_SENT, ESTABLISHED] as const) {
          const ends = Array.from({ length: bins }, (_, index) => all.filter((each) => each.state === state && each.time < (index + 1) * bin).length);
          expect(states[NAMES[state]] ?? ends.map(() => 0), NAMES[state]).to.deep.equal(ends);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('hold what happens last, also where that falls behind the last bin that there is room for', () => {
    const recorder = new SeriesRecorder();
    recorder.count(SeriesEvent.SYN);
    recorder.advance(24_050_000_000);
    recorder.count(SeriesEvent.FIN);
    const { bin_seconds, events } = recorder.series(24_050_000_000, 0n);
    expect([bin_seconds, events.syn.length, events.fin.at(-1)]).to.deep.equal([0.2, 121, 1]);
  });
});
