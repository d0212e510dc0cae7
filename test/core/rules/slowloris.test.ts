import { expect } from 'chai';
import { Kind } from '../../../src/core/observations.ts';
import { slowloris } from '../../../src/core/rules/slowloris.ts';
import { type FakeConnection, FakeRun } from '../../support/fake-context.ts';

const CLIENT = 0;
const PAIRS = 65_536;

/** A request that trickled from 0 until so many seconds. */
function trickle(client: string, seconds: number): FakeConnection {
  return { client, packets: [7, 6], bytes: [50, 0], lastData: [seconds * 1e9, -1] };
}

function address(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`;
}

/** One such connection of each of so many sources as there is room for, and later forty of one more. */
function run(passersEnded: number, attackEnded: number): FakeRun {
  const passers = Array.from({ length: PAIRS }, (_, index) => trickle(`${address(index)}:40000`, passersEnded));
  const attack = Array.from({ length: 40 }, (_, index) => trickle(`192.0.2.9:${40_000 + index}`, attackEnded));
  const fake = new FakeRun(slowloris, [...passers, ...attack]);
  for (let flow = 0; flow < PAIRS; flow += 1) fake.see(Kind.FLOW_ENDED, flow, CLIENT, passersEnded + 1);
  for (let flow = 0; flow < attack.length; flow += 1) fake.see(Kind.FLOW_ENDED, PAIRS + flow, CLIENT, attackEnded + 1);
  return fake;
}

describe('slowloris', () => {
  it('finds a source that comes when the table was full of others, who had stopped', () => {
    const [draft, ...others] = run(100, 900).finish(1_000);
    expect(others).to.have.length(0);
    expect(draft.facts).to.include({ source: '192.0.2.9', connections: 40 });
  });

  it('keeps those who may still go on', () => {
    expect(run(100, 300).finish(1_000)).to.deep.equal([]);
  });
});
