import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import type { Finding } from '../../../src/core/report/report.ts';

function findingsOf(rule: string, conversation: string): Finding[] {
  return auditConversation(conversation).findings.filter((finding) => finding.rule === rule);
}

function summary(rule: string, conversation: string): [string, number, unknown][] {
  return findingsOf(rule, conversation).map(({ severity, count, subject }) => [severity, count, subject]);
}

const SCAN = 'repeat 30 every 0.01 { C > S:# SYN; S:# > C RST ACK seq=0 }';

describe('one cause is one finding', () => {
  it('a port scan explains the refusals it met', () => {
    expect(summary('syn-scan-vertical', SCAN)).to.deep.equal([['medium', 30, { kind: 'host', host: '198.51.100.1' }]]);
    expect(summary('connect-refused', SCAN)).to.deep.equal([]);
  });

  it('but not those that others met', () => {
    const others = `${SCAN}; repeat 25 every 0.1 { D:# > S:80 SYN; S:80 > D:# RST ACK seq=0 }`;
    expect(summary('connect-refused', others)).to.deep.equal([['medium', 25, { kind: 'endpoint', endpoint: '198.51.100.1:80' }]]);
  });

  it('a scan of many hosts explains the refusals it met', () => {
    const sweep = 'repeat 30 every 0.01 { C > S# SYN; S# > C RST ACK seq=0 }';
    expect(findingsOf('syn-scan-horizontal', sweep)).to.have.lengthOf(1);
    expect(summary('connect-refused', sweep)).to.deep.equal([]);
  });

  it('a flood explains the attempts that nobody answers', () => {
    const flood = 'repeat 1500 every 0.0005 { C# > S SYN }; repeat 12 every 0.01 { D:# > S SYN; +1 D:# > S SYN again; +2 D:# > S SYN again }; E > R SYN; R > E SYN ACK; E > R ACK';
    expect(summary('syn-flood', flood).length).to.equal(1);
    expect(summary('connect-filtered', flood)).to.deep.equal([]);
  });
});

describe('a listener whose queue is full', () => {
  const FULL = `
    repeat 2 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK; S > C:# PSH ACK 10; C:# > S ACK }
    repeat 4 every 0.1 {
      B:# > S SYN; S > B:# SYN ACK; B:# > S ACK; B:# > S PSH ACK 7
      +0.2 B:# > S PSH ACK 7 again; +0.4 B:# > S PSH ACK 7 again; +0.8 B:# > S PSH ACK 7 again
      S > B:# SYN ACK again; B:# > S ACK
      +1.6 B:# > S PSH ACK 7 again
      S > B:# ACK
    }`;

  it('explains the SYNs, SYN-ACKs and first data that were sent again', () => {
    expect(summary('accept-queue-overflow', FULL).map(([severity]) => severity)).to.deep.equal(['medium']);
    expect(summary('retransmission', FULL)).to.deep.equal([]);
  });

  it('but not what is lost on connections that it serves', () => {
    const lossy = `${FULL}; E > S SYN; S > E SYN ACK; E > S ACK; repeat 20 every 0.5 { E > S PSH ACK 100; +0.3 E > S PSH ACK 100 again; S > E ACK }`;
    expect(summary('accept-queue-overflow', lossy).map(([severity]) => severity)).to.deep.equal(['medium']);
    expect(summary('retransmission', lossy).map(([severity, count]) => [severity, count])).to.deep.equal([['medium', 36]]);
  });
});

describe('a connection that was being closed', () => {
  const OPEN = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; S > C ACK; S > C PSH ACK 100; C > S ACK';
  const TRIES = [0.3, 0.6, 1.2, 2.4];

  it('whose FIN is never acknowledged is low: nobody waits', () => {
    const fins = `${OPEN}; C > S FIN ACK; ${TRIES.map((gap) => `+${gap} C > S FIN ACK again`).join('; ')}`;
    expect(summary('peer-vanished', fins)).to.deep.equal([
      ['low', 1, { kind: 'flow', flow: 1, client: '192.0.2.10:40000', server: '198.51.100.1:443' }],
    ]);
    const [{ facts }] = findingsOf('peer-vanished', fins);
    expect([facts['vanished'], facts['vanished_while_closing'], facts['noticed_by_fin']]).to.deep.equal([1, 1, 1]);
  });

  it('by the end that vanishes is low, and no connection that an idle timeout killed', () => {
    const late = `${OPEN}; C > S FIN ACK; S > C ACK; +240 S > C PSH ACK 31; ${TRIES.map((gap) => `+${gap} S > C PSH ACK 31 again`).join('; ')}`;
    expect(summary('peer-vanished', late).map(([severity]) => severity)).to.deep.equal(['low']);
    expect(summary('idle-timeout-middlebox', late)).to.deep.equal([]);
  });

  it('was not being closed by the RST with which keep-alives give up', () => {
    const probes = `${OPEN}; +10 C > S ACK seq=-1; +1 C > S ACK seq=-1; +1 C > S ACK seq=-1; +1 C > S RST ACK`;
    expect(summary('peer-vanished', probes).map(([severity]) => severity)).to.deep.equal(['medium']);
    expect(findingsOf('peer-vanished', probes)[0].facts['vanished_while_closing']).to.equal(0);
  });

  it('by nobody is medium, and an idle timeout is likely', () => {
    const idle = `${OPEN}; +240 S > C PSH ACK 31; ${TRIES.map((gap) => `+${gap} S > C PSH ACK 31 again`).join('; ')}`;
    expect(summary('peer-vanished', idle).map(([severity]) => severity)).to.deep.equal(['medium']);
    expect(summary('idle-timeout-middlebox', idle).map(([severity]) => severity)).to.deep.equal(['medium']);
  });

  it('of several at once, while all were idle, may be a host that crashed: that is said, unless others survived idle times', () => {
    const idle = (gap: number): string => `C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 100; S > C:# PSH ACK 100; C:# > S ACK\n+${gap} C:# > S PSH ACK 50`;
    const dead = `repeat 10 every 0.3 { ${idle(5)}\n${TRIES.map((gap) => `+${gap} C:# > S PSH ACK 50 again`).join('\n')} }`;
    const [crash] = findingsOf('idle-timeout-middlebox', dead);
    expect([crash.severity, crash.confidence]).to.deep.equal(['medium', 'medium']);
    expect(crash.explanation).to.not.include('so some device on the path forgets');
    expect(crash.doubts.join()).to.include('crashed');
    const [bound] = findingsOf('idle-timeout-middlebox', `repeat 3 { ${idle(3).replaceAll('C:#', 'D:#')}; S > D:# ACK }\n${dead}`);
    expect([bound.severity, bound.confidence, bound.doubts]).to.deep.equal(['high', 'high', []]);
    expect(bound.explanation).to.include('so some device on the path forgets connections in between');
    const refused = (every: number): string => `repeat 3 { ${idle(3).replaceAll('C:#', 'D:#')}; S > D:# ACK }\nrepeat 10 every ${every} { ${idle(5)}; S > C:# RST }`;
    const [restart] = findingsOf('idle-timeout-middlebox', refused(0.3));
    expect([restart.severity, restart.doubts.join()]).to.deep.equal(['medium', 'All of them were idle at one time, and a RST answered: an end that restarted then looks the same.']);
    expect(findingsOf('idle-timeout-middlebox', refused(1)).map(({ severity, doubts }) => [severity, doubts])).to.deep.equal([['high', []]]);
  });
});

describe('segments of full size that get no answer', () => {
  const HANDSHAKE = 'C > S SYN; S > C SYN ACK; C > S ACK';
  const STUCK = `C > S PSH ACK 200; S > C ACK; C > S ACK 1448; C > S ACK 1448; S > C PSH ACK 50 ack=1201; C > S ACK
    +0.3 C > S ACK 1448 seq=1201; +0.6 C > S ACK 1448 seq=1201; +1.2 C > S ACK 1448 seq=1201; +2.4 C > S ACK 1448 seq=1201`;
  const said = (conversation: string): string[] =>
    auditConversation(conversation).findings.filter(({ rule }) => rule === 'peer-vanished' || rule === 'pmtu-blackhole').map(({ rule, severity, confidence }) => `${rule} ${severity} ${confidence}`);

  it('are a path too narrow', () => {
    expect(said(`${HANDSHAKE}; ${STUCK}`)).to.deep.equal(['pmtu-blackhole medium medium']);
  });

  it('may be a vanished peer, too, where the handshake was not captured', () => {
    expect(said(`~ ${HANDSHAKE.replaceAll('; ', '; ~ ')}; ${STUCK}`)).to.deep.equal(['peer-vanished low medium']);
  });

  it('are none where they are small', () => {
    expect(said(`~ ${HANDSHAKE.replaceAll('; ', '; ~ ')}; ${STUCK.replaceAll('1448', '400')}`)).to.deep.equal(['peer-vanished medium high']);
  });
});

describe('accept-queue-overflow', () => {
  it('counts what the listener had served when the first SYN was dropped, not when that was noticed', () => {
    const conversation = `
      repeat 4 every 0.01 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK }
      repeat 3 every 0.1 { B:# > S SYN; +1 B:# > S SYN again; +1 B:# > S SYN again }
      +0 D > S SYN; S > D SYN ACK; D > S ACK`;
    const [{ facts }] = findingsOf('accept-queue-overflow', conversation);
    expect([facts['completed_before_first_drop'], facts['syns_unanswered']]).to.deep.equal([4, 3]);
  });

  it('is low where a few get no answer, now and then, and all others are served', () => {
    const conversation = `
      repeat 600 every 0.1 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK }
      repeat 3 every 0.1 { B:# > S SYN; +1 B:# > S SYN again; +1 B:# > S SYN again }
      repeat 600 every 0.1 { D:# > S SYN; S > D:# SYN ACK; D:# > S ACK }
      repeat 2 every 0.1 { E:# > S SYN; +1 E:# > S SYN again; +1 E:# > S SYN again }`;
    expect(summary('accept-queue-overflow', conversation)).to.deep.equal([['low', 5, { kind: 'endpoint', endpoint: '198.51.100.1:443' }]]);
  });

  const SERVED = 'repeat 40 every 0.1 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK; S > C:# PSH ACK 10; C:# > S ACK }';

  it('is none where the SYN-ACK echoes the first SYN: it had arrived', () => {
    const late = (echo: string): string => `${SERVED}; repeat 4 every 0.1 { B:# > S SYN; +1 B:# > S SYN again; +1 B:# > S SYN again; +0.5 S > B:# SYN ACK ${echo}; B:# > S ACK }`;
    expect(summary('accept-queue-overflow', late('echo=+2000')).map(([, count]) => count)).to.deep.equal([4]);
    expect(summary('accept-queue-overflow', late('echo=+0'))).to.deep.equal([]);
  });

  it('is none where data that came with the ACK is taken without being sent again', () => {
    const crossed = (again: string): string =>
      `${SERVED}; repeat 4 every 0.1 { B:# > S SYN; S > B:# SYN ACK; B:# > S ACK; B:# > S PSH ACK 10; ${again} +0.5 S > B:# SYN ACK again; B:# > S ACK; S > B:# ACK; S > B:# PSH ACK 10 }`;
    expect(summary('accept-queue-overflow', crossed(''))).to.deep.equal([]);
    expect(summary('accept-queue-overflow', crossed('+0.5 B:# > S PSH ACK 10 again;')).map(([severity, count]) => [severity, count])).to.deep.equal([['medium', 4]]);
  });

  it('is low where one gets no answer and two wait for a program that has answered nobody', () => {
    const waiting = (clients: number, then = ''): string =>
      `repeat ${clients} { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK; C:# > S PSH ACK 10; S > C:# ACK }; B > S SYN; +1 B > S SYN again; +1 B > S SYN again; +1 B > S SYN again ${then}`;
    expect(summary('accept-queue-overflow', waiting(2)).map(([severity, count]) => [severity, count])).to.deep.equal([['low', 1]]);
    expect(findingsOf('accept-queue-overflow', waiting(2))[0].facts).to.include({ backlog_connections_at_most: 1, backlog_connections_if_none_accepted: 1 });
    expect(summary('accept-queue-overflow', waiting(1))).to.deep.equal([]);
    expect(summary('accept-queue-overflow', waiting(2, '; S > C:40000 PSH ACK 10'))).to.deep.equal([]);
  });

  it('is low where three of a thousand had to send their data again', () => {
    const few = `repeat 1000 every 0.01 { C:# > S SYN; S > C:# SYN ACK; C:# > S ACK }
      repeat 3 every 0.1 { B:# > S SYN; S > B:# SYN ACK; B:# > S ACK; B:# > S PSH ACK 10; +0.5 B:# > S PSH ACK 10 again; +0.5 S > B:# SYN ACK again; B:# > S ACK; S > B:# ACK }`;
    expect(summary('accept-queue-overflow', few).map(([severity, count]) => [severity, count])).to.deep.equal([['low', 3]]);
  });
});
