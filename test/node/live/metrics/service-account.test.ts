import { expect } from 'chai';
import { Engine, type EngineListeners, OUTCOMES } from '../../../../src/core/index.ts';
import { ServiceAccount } from '../../../../src/node/live/metrics/service-account.ts';
import type { ServiceTally } from '../../../../src/node/live/metrics/service-tally.ts';
import { TopServices } from '../../../../src/node/live/metrics/top-services.ts';
import { captureOf } from '../../../support/conversation-frames.ts';

function listenersOf(account: ServiceAccount): EngineListeners {
  return { fact: (...facts) => account.fact(...facts), over: (...facts) => account.over(...facts) };
}

/** What is counted of a conversation, by port of the service. */
function account(conversation: string): { [port: string]: ServiceTally } {
  const services = new TopServices(10);
  const counted = new ServiceAccount(services);
  const engine = new Engine({}, listenersOf(counted));
  engine.open('capture', null);
  engine.push(captureOf(conversation));
  engine.close();
  engine.finish();
  return Object.fromEntries([...services.named()].map(([name, tally]) => [name.split(':')[1], tally]));
}

function counts({ attempts, completed, refused, aborted, retransmitted }: ServiceTally): number[] {
  return [attempts, completed, refused, aborted, retransmitted];
}

describe('The account of services', () => {
  it('counts handshakes by what became of them, and SYNs that are sent again once', () => {
    const tallies = account(`
      W = 192.0.2.1:80
      X = 192.0.2.1:81
      Y = 192.0.2.1:82
      Z = 192.0.2.1:83
      repeat 3 every 0.1 { C# > W SYN; +0.02 W > C# SYN ACK; +0.001 C# > W ACK }
      repeat 2 every 0.1 { C# > X SYN; X > C# RST ACK }
      C > Y SYN; Y > C SYN ACK; C > Y RST
      D > Z SYN; +1 D > Z SYN again; +2 D > Z SYN again
    `);
    expect(counts(tallies['80'])).to.deep.equal([3, 3, 0, 0, 0]);
    expect(counts(tallies['81'])).to.deep.equal([2, 0, 2, 0, 0]);
    expect(counts(tallies['82'])).to.deep.equal([1, 0, 0, 1, 0]);
    expect(counts(tallies['83'])).to.deep.equal([1, 0, 0, 0, 0]);
  });

  it('measures both halves of the handshake in seconds', () => {
    const { synAck, ack } = account('repeat 4 every 0.1 { C# > S SYN; +0.02 S > C# SYN ACK; +0.0002 C# > S ACK }')['443'];
    expect(synAck.sum).to.be.closeTo(0.08, 1e-9);
    expect(ack.sum).to.be.closeTo(0.0008, 1e-9);
    // 20 ms lies in the bucket up to 25 ms, the eighth; 0.2 ms in that up to 0.25 ms, the second.
    expect([...synAck.buckets].flatMap((count, bucket) => (count > 0 ? [[bucket, count]] : []))).to.deep.equal([[7, 4]]);
    expect([...ack.buckets].flatMap((count, bucket) => (count > 0 ? [[bucket, count]] : []))).to.deep.equal([[1, 4]]);
  });

  it('counts segments sent again for the service, whichever end sends them', () => {
    const { retransmitted } = account(`
      C > S SYN; S > C SYN ACK; C > S ACK
      C > S PSH ACK 100; +0.3 C > S PSH ACK 100 again; S > C ACK
      S > C PSH ACK 200; +0.3 S > C PSH ACK 200 again; C > S ACK
    `)['443'];
    expect(retransmitted).to.equal(2);
  });

  it('knows services whose connections began before the capture, without an attempt', () => {
    const tallies = account('repeat 3 every 0.1 { ~ C# > S SYN; ~ S > C# SYN ACK; ~ C# > S ACK; C# > S PSH ACK 100; S > C# ACK; +0.3 C# > S PSH ACK 90; +0.3 C# > S PSH ACK 90 again }');
    expect(Object.keys(tallies)).to.deep.equal(['443']);
    expect(counts(tallies['443'])).to.deep.equal([0, 0, 0, 0, 3]);
  });

  it('counts nothing of a report that is made meanwhile', () => {
    const services = new TopServices(10);
    const counted = new ServiceAccount(services);
    const engine = new Engine({}, listenersOf(counted));
    engine.open('capture', null);
    engine.push(captureOf('repeat 3 every 0.1 { C# > S SYN; S > C# SYN ACK; C# > S ACK; C# > S PSH ACK 100; +0.3 C# > S PSH ACK 100 again }'));
    engine.drain();
    const [[, tally]] = services.named();
    const before = structuredClone(counts(tally));
    for (let time = 0; time < 3; time++) engine.snapshot();
    expect(counts(tally)).to.deep.equal(before).and.to.deep.equal([3, 3, 0, 0, 3]);
    expect(tally.ended.every((count) => count === 0)).to.equal(true);
  });

  it('counts the end of a connection once both ends are closed, once, and never one that only the capture ends', () => {
    const ends = (conversation: string): { [outcome: string]: number } => {
      const { ended } = account(conversation)['443'];
      return Object.fromEntries(OUTCOMES.flatMap((outcome, index) => (ended[index] > 0 ? [[outcome, ended[index]]] : [])));
    };
    const open = 'C:4000 > S SYN; S > C:4000 SYN ACK; C:4000 > S ACK';
    const closing = 'C:4000 > S FIN ACK; S > C:4000 FIN ACK; C:4000 > S ACK';
    expect(ends(open)).to.deep.equal({});
    expect(ends(`${open}; C:4000 > S FIN ACK; S > C:4000 ACK`)).to.deep.equal({});
    expect(ends(`${open}; ${closing}`)).to.deep.equal({ closed: 1 });
    expect(ends(`${open}; ${closing}; S > C:4000 FIN ACK again; C:4000 > S ACK again`)).to.deep.equal({ closed: 1 });
    // It is forgotten four minutes later, when another connection lets time pass.
    expect(ends(`${open}; ${closing}; +300 D > S SYN; S > D RST ACK`)).to.deep.equal({ closed: 1, refused: 1 });
    expect(ends(`${open}; C:4000 > S RST`)).to.deep.equal({ aborted: 1 });
    // If only the SYN-ACK of the next connection shows that the ports are used again, the former one is still counted once.
    const missed = '+90 ~ C:4000 > S SYN seq=+500000; S > C:4000 SYN ACK seq=+500000; C:4000 > S ACK';
    expect(ends(`${open}; ${closing}; ${missed}`)).to.deep.equal({ closed: 1 });
    expect(ends('C > S SYN; R > C ICMP 3/1 S')).to.deep.equal({ rejected: 1 });
    // The ports are used again: the former connection is over by that, the new one is open.
    expect(ends(`${open}; ${closing}; +90 C:4000 > S SYN; S > C:4000 SYN ACK; C:4000 > S ACK`)).to.deep.equal({ closed: 1 });
  });
});
