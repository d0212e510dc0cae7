import { expect } from 'chai';
import { duration, filterOf, partsOf, percent, plural } from '../../../src/core/rules/words.ts';
import { auditConversation } from '../../support/conversation-frames.ts';

function refused(conversation: string): { count: number; subject: unknown; facts: { [name: string]: unknown }; explanation: string }[] {
  return auditConversation(conversation, { rules: ['connect-refused'] }).findings;
}

describe('folding', () => {
  it('makes one finding of single refusals that one client met at many hosts', () => {
    const findings = refused('repeat 10 every 0.1 { C > S# SYN; S# > C RST ACK seq=0 }');
    expect(findings).to.have.lengthOf(1);
    expect(findings[0]).to.deep.include({ count: 10, subject: { kind: 'host', host: '192.0.2.10' } });
    expect(findings[0].facts).to.include({ refused: 10, server_count: 10, connections: 10 });
    expect(findings[0].explanation).to.include('198.19.0.1:443 and 9 other endpoints refused 10 connections');
  });

  it('makes one finding of single refusals of many clients at the ports of one host', () => {
    const findings = refused('repeat 10 every 0.1 { C# > S:# SYN; S:# > C# RST ACK seq=0 }');
    expect(findings.map(({ subject }) => subject)).to.deep.equal([{ kind: 'host', host: '198.51.100.1' }]);
  });

  it('leaves what happened often, or at few places, to its own finding', () => {
    const often = refused('repeat 5 { repeat 3 { C:# > S:7000 SYN; S:7000 > C:# RST ACK seq=0 } }\nrepeat 3 { C:# > S:7001 SYN; S:7001 > C:# RST ACK seq=0 }');
    expect(often.map(({ subject, count }) => [subject, count])).to.deep.equal([
      [{ kind: 'endpoint', endpoint: '198.51.100.1:7000' }, 15],
      [{ kind: 'endpoint', endpoint: '198.51.100.1:7001' }, 3],
    ]);
    const few = refused('repeat 3 every 0.1 { C > S# SYN; S# > C RST ACK seq=0 }');
    expect(few).to.have.lengthOf(3);
    expect(few[0].subject).to.deep.equal({ kind: 'flow', flow: 1, client: '192.0.2.10:40000', server: '198.19.0.1:443' });
  });
});

describe('words', () => {
  it('writes durations as people say them', () => {
    expect([0.0005, 0.0123, 0.5, 4.26, 99, 240, 5000, 20_000, 400_000].map(duration)).to.deep.equal([
      '0.5 ms',
      '12 ms',
      '0.5 s',
      '4.3 s',
      '99 s',
      '4 min',
      '83 min',
      '5.6 h',
      '4.6 days',
    ]);
  });

  it('counts and shares', () => {
    expect([plural(1, 'byte'), plural(0, 'byte'), plural(2, 'byte')]).to.deep.equal(['1 byte', '0 bytes', '2 bytes']);
    expect([percent(0.5), percent(0.0042), percent(1), percent(0)]).to.deep.equal(['50 %', '0.42 %', '100 %', '0 %']);
  });

  it('takes endpoints apart, IPv6 too, and the first of several', () => {
    expect(partsOf('[2001:db8::1]:443')).to.deep.equal({ host: '2001:db8::1', port: '443' });
    expect(partsOf('192.0.2.1:80 and 9 other endpoints')).to.deep.equal({ host: '192.0.2.1', port: '80' });
    expect(filterOf('192.0.2.1:80', ' and tcp[13] = 2')).to.equal("'host 192.0.2.1 and tcp port 80 and tcp[13] = 2'");
    expect(filterOf('[2001:db8::1]:80', ' and tcp[13] = 2')).to.equal("'host 2001:db8::1 and tcp port 80'");
  });
});
