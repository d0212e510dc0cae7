import { expect } from 'chai';
import type { Analysis } from '../../support/analyse.ts';
import { analyseFrames, framesOf, statesIn } from '../../support/trace.ts';

function run(text: string): Analysis {
  return analyseFrames(framesOf(text));
}

function flows({ ended, open }: Analysis): string[] {
  return [...ended, ...open].sort((one, other) => one.flow - other.flow).map(({ outcome, packets, vlan }) => `${outcome} ${packets.join('+')} vlan ${vlan}`);
}

describe('flow: VLANs', () => {
  it('hold two connections with the same addresses and ports, alive at once', () => {
    const analysis = run(`
      C > S SYN vlan=10
      S > C SYN ACK vlan=10
      C > S ACK vlan=10
      C > S SYN vlan=20 seq=900000
      S > C SYN ACK vlan=20 seq=700000
      C > S ACK vlan=20
      C > S PSH ACK 10 vlan=10 seq=1001 ack=5001
      S > C ACK vlan=10 seq=5001 ack=1011
      C > S FIN ACK vlan=20
      S > C FIN ACK vlan=20
      C > S ACK vlan=20`);
    expect(flows(analysis)).to.deep.equal(['open 3+2 vlan 10', 'closed 4+2 vlan 20']);
    expect(analysis.report.findings.filter(({ severity }) => severity !== 'info')).to.deep.equal([]);
  });

  it('hold two attempts at once that nobody has answered', () => {
    expect(flows(run('C > S SYN vlan=10; C > S SYN vlan=20; C > S SYN vlan=10 again seq=1000; C > S SYN vlan=20 again seq=10001000'))).to.deep.equal([
      'unanswered 2+0 vlan 10',
      'unanswered 2+0 vlan 20',
    ]);
  });

  it('do not divide a connection that a mirror tags one way for each direction', () => {
    const analysis = run(`
      C > S SYN vlan=10
      S > C SYN ACK vlan=20
      C > S ACK vlan=10
      C > S FIN ACK vlan=10
      S > C FIN ACK vlan=20
      C > S ACK vlan=10`);
    expect(flows(analysis)).to.deep.equal(['closed 4+2 vlan 10']);
    expect(statesIn(analysis.timeline)).to.deep.equal({ C: '0 SYN_SENT, 2 ESTABLISHED, 3 FIN_WAIT_1, 4 TIME_WAIT', S: '0 SYN_RECEIVED, 2 ESTABLISHED, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED' });
  });

  it('do not divide a connection whose frames a mirror doubles, with a tag and without: the second copies are duplicates', () => {
    const frames = framesOf('C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK');
    const tagged = framesOf(`C > S SYN vlan=5; S > C SYN ACK vlan=5; C > S ACK vlan=5; C > S PSH ACK 10 vlan=5; S > C ACK vlan=5
      C > S FIN ACK vlan=5; S > C FIN ACK vlan=5; C > S ACK vlan=5`);
    const doubled = frames.flatMap(({ time, data }, index) => [{ time, data }, { time: time + 100, data: tagged[index].data }]);
    const once = analyseFrames(frames);
    const twice = analyseFrames(doubled);
    expect(flows(twice)).to.deep.equal(['closed 5+3 vlan null']);
    expect(twice.report.capture.packets).to.deep.equal({ read: 16, analysed: 8, left_out: { duplicate: 8 } });
    expect(twice.report.capture.quality.duplicates).to.equal(8);
    expect(statesIn(twice.timeline)).to.deep.equal(statesIn(once.timeline));
  });

  it('hold a connection and, after its close, its next incarnation in another VLAN', () => {
    const analysis = run(`
      C > S SYN vlan=10; S > C SYN ACK vlan=10; C > S ACK vlan=10; C > S FIN ACK vlan=10; S > C FIN ACK vlan=10; C > S ACK vlan=10
      +1 C > S SYN vlan=20; S > C SYN ACK vlan=20; C > S ACK vlan=20`);
    expect(flows(analysis)).to.deep.equal(['closed 4+2 vlan 10', 'open 2+1 vlan 20']);
  });
});
