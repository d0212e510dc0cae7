import { expect } from 'chai';
import { LinkWatch } from '../../../src/node/live/link-watch.ts';

describe('live: the interface', () => {
  let now = 0;
  let state = 'up';
  let asked = 0;
  let told: string[] = [];
  let watch = new LinkWatch('eth1', () => undefined);

  beforeEach(() => {
    now = 0;
    state = 'up';
    asked = 0;
    told = [];
    const read = (): string => {
      asked++;
      return state;
    };
    watch = new LinkWatch('eth1', (text, isUp) => told.push(`${isUp ? 'good' : 'bad'}: ${text}`), read, () => now);
  });

  /** As an audit does: ten times a second. */
  function pass(seconds: number): void {
    for (let tick = 0; tick < seconds * 10; tick++, now += 100) watch.tick();
  }

  it('is told to be down once, and once to be up again', () => {
    pass(5);
    expect(told).to.deep.equal([]);
    state = 'down';
    pass(5);
    state = 'up';
    pass(5);
    // No carrier: its other end is down.
    state = 'lowerlayerdown';
    pass(5);
    const down = 'bad: eth1 is down: nothing comes until it is up again, the audit waits';
    expect(told).to.deep.equal([down, 'good: eth1 is up again', down]);
    expect(asked).to.equal(20);
  });

  it('of which the kernel says nothing is up: the loopback, "any", a pipe', () => {
    state = 'unknown';
    pass(5);
    expect(told).to.deep.equal([]);
  });
});
