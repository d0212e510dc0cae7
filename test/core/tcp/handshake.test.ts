import { expect } from 'chai';
import type { StateCase } from '../../support/trace.ts';
import { observationsOf, possibleOf, statesOf } from '../../support/trace.ts';
import { itShows } from './cases.ts';

const OPENED = { C: '0 SYN_SENT, 2 ESTABLISHED', S: '0 SYN_RECEIVED, 2 ESTABLISHED' };
const REFUSED = { C: '0 SYN_SENT, 1 CLOSED', S: '0 CLOSED' };
const HALF_OPEN = { C: '0 SYN_SENT', S: '0 SYN_RECEIVED' };

const CASES: readonly StateCase[] = [
  ['three segments open a connection (RFC 9293 §3.5, Figure 6)', 'C > S SYN; S > C SYN ACK; C > S ACK', OPENED],
  ['the first data may stand for the third segment', 'C > S SYN; S > C SYN ACK; C > S PSH ACK 100', OPENED],
  ['a SYN that reached a listener makes it SYN-RECEIVED, whether or not its answer is captured', 'C > S SYN', HALF_OPEN],
  ['the end in SYN-SENT stays there while it does not answer the SYN-ACK', 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again; +2 S > C SYN ACK again', HALF_OPEN],
  [
    'a SYN sent again shows that the first reached nobody (RFC 6298 §5)',
    'C > S SYN ts=0; +1 C > S SYN again; S > C SYN ACK ts=0; C > S ACK ts=0',
    { C: '0 SYN_SENT, 1002 ESTABLISHED', S: '0 CLOSED, 1000 SYN_RECEIVED, 1002 ESTABLISHED' },
  ],
  [
    'a SYN-ACK that echoes the first SYN\'s timestamp shows that it did arrive, after all (RFC 7323 §4.3)',
    'C > S SYN; ~ S > C SYN ACK; +1 C > S SYN again; S > C SYN ACK again; C > S ACK',
    { C: '0 SYN_SENT, 1003 ESTABLISHED', S: '0 SYN_RECEIVED, 1003 ESTABLISHED' },
  ],
  [
    'a SYN sent again after the SYN-ACK shows that this one was lost: its sender was in SYN-SENT all along',
    'C > S SYN ts=0; S > C SYN ACK ts=0; +1 C > S SYN again; S > C SYN ACK again; C > S ACK ts=0',
    { C: '0 SYN_SENT, 1003 ESTABLISHED', S: '0 SYN_RECEIVED, 1003 ESTABLISHED' },
  ],
  [
    '… or late: where the ACK echoes its timestamp it came after the SYN sent again, not before',
    'C > S SYN; S > C SYN ACK; +1 C > S SYN again; S > C SYN ACK again; C > S ACK',
    { C: '0 SYN_SENT, 1001 ESTABLISHED', S: '0 SYN_RECEIVED, 1003 ESTABLISHED' },
  ],
  [
    'a SYN-ACK sent again shows that the third segment was lost: its sender is in SYN-RECEIVED until the next ACK',
    'C > S SYN; S > C SYN ACK; C > S ACK; +1 S > C SYN ACK again; C > S ACK again',
    { C: '0 SYN_SENT, 2 ESTABLISHED', S: '0 SYN_RECEIVED, 1003 ESTABLISHED' },
  ],
  [
    'a SYN-ACK sent again although data came shows the same',
    'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 100; +1 S > C SYN ACK again; C > S PSH ACK 100 again; S > C ACK',
    { C: '0 SYN_SENT, 2 ESTABLISHED', S: '0 SYN_RECEIVED, 1004 ESTABLISHED' },
  ],
  [
    'a SYN-ACK captured after the ACK of it is the first one, and takes nothing back',
    'C > S SYN; C > S ACK seq=1001 ack=5001; C > S PSH ACK 10 seq=1001 ack=5001; S > C SYN ACK seq=5000 ack=1001; S > C ACK',
    { C: '0 SYN_SENT, 1 ESTABLISHED', S: '0 SYN_RECEIVED, 1 ESTABLISHED' },
  ],
  [
    'both ends may open at once (RFC 9293 §3.5, Figure 7)',
    'C > S SYN; S > C SYN; C > S SYN ACK seq=1000; S > C SYN ACK seq=5000; C > S ACK; S > C ACK',
    { C: '0 SYN_SENT, 2 SYN_RECEIVED, 3 ESTABLISHED', S: '0 CLOSED, 1 SYN_SENT, 3 ESTABLISHED' },
  ],
  ['RST and ACK of the SYN refuse it (RFC 9293 §3.10.7.1 and §3.10.7.3, second check)', 'C > S SYN; S > C RST ACK seq=0', REFUSED],
  ['a RST without ACK does not end SYN-SENT (RFC 9293 §3.10.7.3, second check)', 'C > S SYN; S > C RST seq=0', HALF_OPEN],
  ['a RST that acknowledges something else does not either (§3.10.7.3, first check)', 'C > S SYN; S > C RST ACK seq=0 ack=+1', HALF_OPEN],
  ['the client takes its SYN back by RST: half-open scan', 'C > S SYN; S > C SYN ACK; C > S RST', { C: '0 SYN_SENT, 2 CLOSED', S: '0 SYN_RECEIVED, 2 CLOSED' }],
  [
    'the listener may give up by RST in SYN-RECEIVED (§3.10.7.4, second check)',
    'C > S SYN; S > C SYN ACK; S > C RST ACK',
    { C: '0 SYN_SENT, 2 CLOSED', S: '0 SYN_RECEIVED, 2 CLOSED' },
  ],
  [
    'a SYN-ACK that acknowledges another SYN is answered by RST and leaves SYN-SENT as it is (§3.10.7.3, first check)',
    'C > S SYN; S > C SYN ACK ack=+5; C > S RST seq=1006; +1 C > S SYN again; S > C SYN ACK seq=5000; C > S ACK',
    { C: '0 SYN_SENT, 1004 ESTABLISHED' },
  ],
  [
    'a third segment that acknowledges another number is answered by RST and leaves SYN-RECEIVED as it is (§3.10.7.4, fifth check)',
    'C > S SYN; S > C SYN ACK; C > S ACK ack=+7; S > C RST seq=5008; C > S ACK',
    { C: '0 SYN_SENT, 4 ESTABLISHED', S: '0 SYN_RECEIVED, 4 ESTABLISHED' },
  ],
  [
    'numbers wrap in the handshake (§3.4)',
    'C > S SYN seq=4294967295; S > C SYN ACK seq=4294967295; C > S ACK; C > S PSH ACK 10; S > C ACK',
    OPENED,
  ],
  [
    'data in the SYN that are acknowledged leave the answer in SYN-RECEIVED, data of its own included (RFC 7413 §4.2.2)',
    'C > S SYN 100 cookie=8; S > C SYN ACK; S > C PSH ACK 200; C > S ACK',
    { C: '0 SYN_SENT, 3 ESTABLISHED', S: '0 SYN_RECEIVED, 3 ESTABLISHED' },
  ],
  [
    'data in the SYN that are not acknowledged are sent again after the handshake (RFC 7413 §4.2.1)',
    'C > S SYN 100 cookie=8; S > C SYN ACK ack=1001; C > S ACK seq=1001; C > S PSH ACK 100 seq=1001; S > C ACK',
    OPENED,
  ],
  [
    'an end that closes in SYN-RECEIVED is in FIN-WAIT-1 (RFC 9293 §3.10.4)',
    'C > S SYN; S > C SYN ACK; S > C FIN ACK; C > S ACK',
    { C: '0 SYN_SENT, 3 CLOSE_WAIT', S: '0 SYN_RECEIVED, 2 FIN_WAIT_1, 3 FIN_WAIT_2' },
  ],
  [
    'a FIN that reaches SYN-RECEIVED leads to CLOSE-WAIT (RFC 9293 §3.10.7.4, eighth check)',
    'C > S SYN; S > C SYN ACK; ~ C > S ACK; C > S FIN ACK; S > C ACK',
    { C: '0 SYN_SENT, 3 FIN_WAIT_1, 4 FIN_WAIT_2', S: '0 SYN_RECEIVED, 3 CLOSE_WAIT' },
  ],
];

describe('tcp: handshake', () => {
  itShows(CASES);

  it('a SYN-ACK stamped before one that has passed is late, not sent again (RFC 7323 §5.3)', () => {
    const twice = 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again; C > S ACK; S > C SYN ACK again';
    const repeats = (facts: readonly string[]): string[] => facts.filter((fact) => fact.startsWith('SYN_ACK_REPEATED'));
    expect(repeats(observationsOf(twice))).to.deep.equal(['SYN_ACK_REPEATED S 2 1000000000', 'SYN_ACK_REPEATED S 3 2000000']);
    const late = observationsOf(twice, (segment, { time }) => {
      if (time === 1003e6) segment.tsval -= 500;
    });
    expect(repeats(late)).to.deep.equal(['SYN_ACK_REPEATED S 2 1000000000']);
  });

  it('a SYN-ACK without an answer may have arrived, and the answer been lost before the capture point: until the SYN comes again its receiver is in SYN-SENT or ESTABLISHED', () => {
    expect(possibleOf('C > S SYN; S > C SYN ACK')['C']).to.deep.equal(['SYN_SENT', 'ESTABLISHED']);
    expect(possibleOf('C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again')['C']).to.deep.equal(['SYN_SENT', 'ESTABLISHED']);
    expect(possibleOf('C > S SYN; S > C SYN ACK; +1 C > S SYN again')['C']).to.deep.equal(['SYN_SENT']);
    expect(possibleOf('C > S SYN; S > C SYN ACK; C > S ACK')['C']).to.deep.equal(['ESTABLISHED']);
  });

  it('… an end that did not send its SYN again within a second had it', () => {
    const silent = 'C > S SYN; S > C SYN ACK; ~ C > S ACK; +1.5 C > S PSH ACK 10';
    expect(statesOf(silent)).to.deep.equal({ C: '0 SYN_SENT, 1 ESTABLISHED', S: '0 SYN_RECEIVED, 1502 ESTABLISHED' });
  });

  it('… but not where what it answers in the end is the second SYN-ACK, by the echoed timestamp: then its second SYN was lost before the capture point', () => {
    const repeated = 'C > S SYN; S > C SYN ACK; ~ C > S SYN again; +1.5 S > C SYN ACK again; C > S ACK';
    expect(statesOf(`${repeated} echo=+1501`)['C']).to.equal('0 SYN_SENT, 1503 ESTABLISHED');
    expect(statesOf(repeated)['C']).to.equal('0 SYN_SENT, 1 ESTABLISHED');
  });

  it('… nor where that acknowledges nothing of data that were sent between the two SYN-ACKs', () => {
    const open = 'C > S SYN; S > C SYN ACK; ~ C > S ACK; S > C PSH ACK 10; +1.5 S > C SYN ACK seq=5000 ack=1001; C > S ACK ack=5001';
    expect(statesOf(`${open} echo=+0`)['C']).to.equal('0 SYN_SENT, 1504 ESTABLISHED');
  });

  it('an end that goes on beyond what it must have sent first had the SYN-ACK before: that was lost before the capture point', () => {
    const lost = 'C > S SYN; S > C SYN ACK; ~ C > S ACK; ~ C > S PSH ACK 10; +0.2 C > S PSH ACK 20';
    expect(statesOf(lost)['C']).to.equal('0 SYN_SENT, 1 ESTABLISHED');
  });

  it('of three SYNs the timestamp echo tells which one arrived, by the ticks between', () => {
    const asks = 'C > S SYN; +1 C > S SYN again; +1 C > S SYN again; S > C SYN ACK';
    expect(statesOf(`${asks} echo=+1000`)['S']).to.equal('0 CLOSED, 1000 SYN_RECEIVED');
    expect(statesOf(`${asks} echo=+2000`)['S']).to.equal('0 CLOSED, 2000 SYN_RECEIVED');
    expect(statesOf(asks)['S']).to.equal('0 SYN_RECEIVED');
  });

  it('a SYN sent again shows that no answer came, not that there was none: a SYN-ACK may have been lost before the capture point', () => {
    expect(possibleOf('C > S SYN; +1 C > S SYN again')['S']).to.deep.equal(['CLOSED', 'LISTEN', 'SYN_RECEIVED', 'UNSEEN']);
  });

  it('an end that stops asking has its answer, or has given up: each timeout is twice the one before (RFC 6298 §5.5)', () => {
    const asks = 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again; +2 S > C SYN ACK again';
    expect(possibleOf(`${asks}; +3.9 D > S SYN`)['S']).to.deep.equal(['SYN_RECEIVED']);
    expect(possibleOf(`${asks}; +4.5 D > S SYN`)['S']).to.deep.equal(['CLOSED', 'SYN_RECEIVED', 'ESTABLISHED']);
  });

  it('of one direction a SYN-ACK that does not come again may have been acknowledged', () => {
    expect(possibleOf('~ C > S SYN; S > C SYN ACK; +1 D > S SYN')['S']).to.deep.equal(['SYN_RECEIVED']);
    expect(possibleOf('~ C > S SYN; S > C SYN ACK; +2 D > S SYN')['S']).to.deep.equal(['CLOSED', 'SYN_RECEIVED', 'ESTABLISHED']);
  });

  it('data sent again and again to a server that has only answered the SYN: its queue is full, or it has no socket', () => {
    const unserved = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; +0.3 C > S PSH ACK 10 again; +9 D > S SYN';
    expect(possibleOf(unserved)['S']).to.deep.equal(['CLOSED', 'SYN_RECEIVED', 'ESTABLISHED']);
  });

  it('of two SYNs that cross, either end may have the other: SYN-SENT or SYN-RECEIVED', () => {
    expect(possibleOf('C > S SYN; S > C SYN')).to.deep.equal({ C: ['SYN_SENT', 'SYN_RECEIVED'], S: ['SYN_SENT', 'SYN_RECEIVED'] });
  });

  it('a SYN-ACK in a simultaneous open that comes a timeout later is sent again: its sender was in SYN-RECEIVED since the SYNs crossed', () => {
    const states = statesOf('C > S SYN; S > C SYN; ~ S > C SYN ACK seq=5000; C > S SYN ACK seq=1000; +1 S > C SYN ACK seq=5000 ack=1001; C > S ACK');
    expect(states['S']).to.equal('0 CLOSED, 1 SYN_RECEIVED, 1003 ESTABLISHED');
  });

  it('a SYN captured after the SYN-ACK that answers it is the first, not a repeat', () => {
    const facts = observationsOf('S > C SYN ACK ack=1001; C > S SYN ts=0; C > S ACK').map((fact) => fact.split(' ')[0]);
    expect(facts).to.include('SYN');
    expect(facts).not.to.include('SYN_REPEATED');
  });

  it('a SYN-ACK captured after the ACK of it completes the handshake, and is no repeat', () => {
    const facts = observationsOf('C > S SYN; C > S ACK seq=1001 ack=5001; S > C SYN ACK seq=5000 ack=1001').map((fact) => fact.split(' ')[0]);
    expect(facts).to.include.members(['SYN_ACK', 'HANDSHAKE_COMPLETED']);
    expect(facts).not.to.include('SYN_ACK_REPEATED');
  });
});
