import { expect } from 'chai';
import fc from 'fast-check';
import { oddsOfServer, probability } from '../../../src/core/flow/direction.ts';
import type { DirectionEvidence } from '../../../src/core/flow/direction.ts';
import { analyseFrames, framesOf } from '../../support/trace.ts';

const evidence: fc.Arbitrary<DirectionEvidence> = fc.record({ port: fc.nat(65_535), listens: fc.boolean(), hasAloneSpoken: fc.boolean() });
const end = (port: number, more: Partial<DirectionEvidence> = {}): DirectionEvidence => ({ port, listens: false, hasAloneSpoken: false, ...more });

function row(text: string): { client: string; direction: string } {
  const { open, ended } = analyseFrames(framesOf(text));
  const { client, direction } = [...ended, ...open].at(-1)!;
  return { client, direction };
}

describe('flow: direction', () => {
  it('weighs both ends alike: exchanged they give the opposite', () => {
    fc.assert(fc.property(evidence, evidence, (one, other) => oddsOfServer(one, other) + oddsOfServer(other, one) === 0));
    expect(probability(0)).to.equal(0.5);
    fc.assert(fc.property(fc.integer({ min: -30, max: 30 }), (odds) => probability(odds) >= 0.5 && probability(odds) <= 1 && probability(odds) === probability(-odds)));
  });

  it('takes a system port for the server, then a port that is no ephemeral one, then the lower', () => {
    expect(oddsOfServer(end(443), end(40_000))).to.be.above(0);
    expect(oddsOfServer(end(5432), end(6000))).to.be.above(0);
    expect(oddsOfServer(end(30_000), end(50_000))).to.be.above(0);
    expect(oddsOfServer(end(50_000), end(50_001))).to.be.above(0);
  });

  it('counts ports below 1024 as those of services, and ports from 32,768 on as ephemeral', () => {
    // Log-odds of docs/architecture.md: 2 for a port of a service, 2 for an ephemeral peer, 0.5 for the lower port.
    expect(oddsOfServer(end(1023), end(1024))).to.equal(2.5);
    expect(oddsOfServer(end(1024), end(1025))).to.equal(0.5);
    expect(oddsOfServer(end(30_000), end(32_767))).to.equal(0.5);
    expect(oddsOfServer(end(30_000), end(32_768))).to.equal(2.5);
    expect(oddsOfServer(end(0), end(30_000))).to.equal(0.5);
  });

  it('believes a listener seen elsewhere before any port, and a port before who spoke first', () => {
    expect(oddsOfServer(end(50_000, { listens: true }), end(443))).to.be.above(0);
    expect(oddsOfServer(end(22, { hasAloneSpoken: true }), end(50_000))).to.be.above(0);
  });

  it('is seen where a SYN or a SYN-ACK was captured, whatever the ports', () => {
    expect(row('C = 192.0.2.10:22\nS = 198.51.100.1:50000\nC > S SYN')).to.deep.equal({ client: '192.0.2.10:22', direction: 'seen' });
    expect(row('C = 192.0.2.10:22\nS = 198.51.100.1:50000\nS > C SYN ACK; C > S ACK')).to.deep.equal({ client: '192.0.2.10:22', direction: 'seen' });
  });

  it('is inferred in midstream', () => {
    expect(row('S > C PSH ACK 10; C > S ACK')).to.deep.equal({ client: '192.0.2.10:40000', direction: 'inferred' });
  });

  it('is inferred from a listener that another connection showed', () => {
    const text = `
      S = 198.51.100.1:45000
      C = 192.0.2.10:443
      C2 > S SYN
      S > C2 SYN ACK
      C2 > S ACK
      C > S PSH ACK 10`;
    expect(row(text)).to.deep.equal({ client: '192.0.2.10:443', direction: 'inferred' });
  });
});
