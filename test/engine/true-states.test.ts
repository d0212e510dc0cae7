import { expect } from 'chai';
import fc from 'fast-check';
import type { StateName } from '../../src/core/index.ts';
import { analyse } from '../support/analyse.ts';
import { type Conversation, captureFile, capturePackets, converse, EPOCH, plans } from '../support/simulation/conversations.ts';
import { endName, type Timeline, timelines } from '../support/truth/timeline.ts';

/** Looks at the ends this often, nanoseconds. */
const EVERY = 10e6;

interface Tally {
  compared: number;
  agreed: number;
  covered: number;
  misses: string[];
}

/** Compares a simulated end's true states with what the engine says of it, instant by instant. */
function compare(conversation: Conversation, ends: Map<string, Timeline>, tally: Tally): void {
  const { client, server, states, frames, delay } = conversation;
  const [first, last] = [frames[0]?.time ?? 0, frames.at(-1)?.time ?? -1];
  for (const [local, remote] of [[client, server] as const, [server, client] as const]) {
    const timeline = ends.get(endName(local, remote));
    for (let time = first + delay; time <= last + 500e6; time += EVERY) {
      const state = stateAt(states[local] ?? [], time);
      // A listener, and an end that does not exist, are not of this connection.
      if (state === 'LISTEN' || (state === 'CLOSED' && timeline === undefined)) continue;
      tally.compared++;
      const held = timeline?.during(time - delay, time + delay) ?? new Set<StateName>();
      const possible = timeline?.possibleDuring(time - delay, time + delay)?.states ?? new Set<StateName>();
      if (held.has(state) || (state === 'CLOSED' && held.size === 0)) tally.agreed++;
      if (possible.has(state) || (state === 'CLOSED' && possible.size === 0)) tally.covered++;
      else tally.misses.push(`${local} at ${(time / 1e6).toFixed(1)} ms: is ${state}, said ${[...possible].join('|')}`);
    }
  }
}

function stateAt(states: readonly { time: number; state: StateName }[], time: number): StateName {
  let found: StateName = 'CLOSED';
  for (const each of states) if (each.time <= time) found = each.state;
  return found;
}

describe('simulated conversations', () => {
  it('without loss have the states that their ends know', () => {
    const total: Tally = { compared: 0, agreed: 0, covered: 0, misses: [] };
    fc.assert(
      fc.property(fc.array(plans([]), { minLength: 1, maxLength: 5 }), (all) => {
        const conversations = all.map(converse);
        const { timeline } = analyse([captureFile(capturePackets(conversations))]);
        const tally: Tally = { compared: 0, agreed: 0, covered: 0, misses: [] };
        const ends = timelines(timeline, EPOCH);
        for (const conversation of conversations) compare(conversation, ends, tally);
        expect(tally.misses.slice(0, 5)).to.deep.equal([]);
        total.compared += tally.compared;
        total.agreed += tally.agreed;
      }),
      { seed: 20_260_101, numRuns: 40 },
    );
    expect(total.agreed / total.compared).to.be.above(0.995);
  });

  it('with loss on both sides of the tap, reordering and gaps in the capture are mostly followed', () => {
    const total: Tally = { compared: 0, agreed: 0, covered: 0, misses: [] };
    fc.assert(
      fc.property(fc.array(plans(['lost-upstream', 'lost-downstream', 'missed', 'twice', 'late']), { minLength: 1, maxLength: 5 }), (all) => {
        const conversations = all.map(converse);
        const { timeline } = analyse([captureFile(capturePackets(conversations))]);
        const ends = timelines(timeline, EPOCH);
        for (const conversation of conversations) compare(conversation, ends, total);
      }),
      { seed: 20_260_102, numRuns: 40 },
    );
    expect(total.agreed / total.compared, total.misses.slice(0, 8).join('; ')).to.be.above(0.97);
    expect(total.covered / total.compared).to.be.above(0.98);
  });

  it('are never said to be in a state that is not among the possible ones', () => {
    fc.assert(
      fc.property(fc.array(plans(['lost-upstream', 'lost-downstream', 'missed', 'twice', 'late']), { minLength: 1, maxLength: 5 }), (all) => {
        const { timeline } = analyse([captureFile(capturePackets(all.map(converse)))]);
        for (const { state, possible } of timeline) expect(possible).to.include(state);
      }),
      { seed: 20_260_103, numRuns: 50 },
    );
  });
});
