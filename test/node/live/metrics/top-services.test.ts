import { expect } from 'chai';
import fc from 'fast-check';
import { TopServices } from '../../../../src/node/live/metrics/top-services.ts';

const NAMES = { nameOfEndpoint: (key: number): string => `10.0.0.1:${key}` };

/** Connects so many times to a service. */
function connect(services: TopServices, key: number, times: number): void {
  for (let time = 0; time < times; time++) services.connected(key, NAMES).attempts++;
}

function attempts(services: TopServices): { [name: string]: number } {
  return Object.fromEntries([...[...services.named()].map(([name, tally]) => [name, tally.attempts]), ['other', services.others.attempts]]);
}

describe('The busiest services', () => {
  it('are named as they come, while there is room', () => {
    const services = new TopServices(2);
    connect(services, 80, 1);
    connect(services, 443, 3);
    connect(services, 22, 1);
    expect(attempts(services)).to.deep.equal({ '10.0.0.1:443': 3, '10.0.0.1:80': 1, other: 1 });
  });

  it('give way to one with twice the connections, and what was counted stays where it was', () => {
    const services = new TopServices(1);
    connect(services, 80, 10);
    connect(services, 443, 19);
    expect(attempts(services)).to.deep.equal({ '10.0.0.1:80': 10, other: 19 });
    connect(services, 443, 6);
    // The twentieth took the place: it and five more count under its name.
    expect(attempts(services)).to.deep.equal({ '10.0.0.1:443': 6, other: 19 });
  });

  it('go on counting where they were when they come back', () => {
    const services = new TopServices(1);
    connect(services, 80, 10);
    connect(services, 443, 20);
    connect(services, 80, 5);
    expect(attempts(services)).to.deep.equal({ '10.0.0.1:443': 1, other: 24 });
    connect(services, 80, 30);
    // 15 and 25 more make 40, twice the other's 20: the fortieth and five more count under its name, after the first ten.
    expect(attempts(services)).to.deep.equal({ '10.0.0.1:80': 16, other: 48 });
  });

  it('are found among more than are kept in mind', () => {
    const services = new TopServices(1);
    connect(services, 1, 100);
    // A scan of two hundred thousand ports, and every hundredth connection is to one of them.
    for (let port = 2; port < 200_000; port++) {
      connect(services, port, 1);
      if (port % 100 === 0) connect(services, 443, 1);
    }
    expect(attempts(services)).to.have.property('10.0.0.1:443').that.is.greaterThan(1700);
  });

  it('may be unknown: what happens at such a service counts with the others', () => {
    const services = new TopServices(1);
    services.of(80).retransmitted++;
    expect(services.named()).to.deep.equal([]);
    expect(services.others.retransmitted).to.equal(1);
  });

  it('never let a counter fall, nor an event be lost or counted twice, whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 })), { maxLength: 60 }), (limit, visits) => {
        const services = new TopServices(limit);
        const highest = new Map<string, number>();
        let total = 0;
        for (const [key, times] of visits) {
          const before = attempts(services);
          connect(services, key, times);
          total += times;
          const after = attempts(services);
          expect(Object.keys(after).length).to.be.at.most(limit + 1);
          for (const [name, value] of Object.entries(after)) {
            expect(value, name).to.be.at.least(highest.get(name) ?? 0);
            // What rate() would show can not be more than what happened.
            expect(value - (before[name] ?? highest.get(name) ?? 0), name).to.be.at.most(times);
            highest.set(name, value);
          }
        }
        expect([...highest.values()].reduce((sum, value) => sum + value, 0)).to.equal(total);
      }),
    );
  });
});
