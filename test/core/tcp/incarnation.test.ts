import { expect } from 'chai';
import { lastRows } from '../../support/analyse.ts';
import type { StateCase } from '../../support/trace.ts';
import { analyseFrames, framesOf } from '../../support/trace.ts';
import { itShows, OPEN } from './cases.ts';

const C = '0 SYN_SENT, 2 ESTABLISHED';
const S = '0 SYN_RECEIVED, 2 ESTABLISHED';
const SERVER_FIRST = `${OPEN}; S > C FIN ACK; C > S FIN ACK; S > C ACK`;
const S_WAITS = `${S}, 3 FIN_WAIT_1, 4 TIME_WAIT`;
const C_DONE = `${C}, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED`;

const CASES: readonly StateCase[] = [
  [
    'a newer SYN ends TIME-WAIT (RFC 6191 §2, RFC 9293 §3.10.7.4)',
    `${SERVER_FIRST}; +1 C > S SYN; S > C SYN ACK; C > S ACK`,
    { C: `${C_DONE}, 1005 SYN_SENT, 1007 ESTABLISHED`, S: `${S_WAITS}, 1005 SYN_RECEIVED, 1007 ESTABLISHED` },
  ],
  [
    'the holder of TIME-WAIT may use the tuple itself',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK; +1 C > S SYN; S > C SYN ACK; C > S ACK`,
    {
      C: `${C}, 3 FIN_WAIT_1, 4 TIME_WAIT, 1005 SYN_SENT, 1007 ESTABLISHED`,
      S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED, 1005 SYN_RECEIVED, 1007 ESTABLISHED`,
    },
  ],
  [
    'an older SYN leaves TIME-WAIT as it is, which answers by ACK (RFC 9293 §3.10.7.4, RFC 6191 §2)',
    `${SERVER_FIRST}; +1 C > S SYN seq=500 ts=0; S > C ACK seq=5002 ack=1002`,
    { S: S_WAITS },
  ],
  [
    '… and the RST that refuses this answer ends TIME-WAIT, as any exact one does (RFC 9293 §3.10.7.4, second check)',
    `${SERVER_FIRST}; +1 C > S SYN seq=500 ts=0; S > C ACK seq=5002 ack=1002; C > S RST seq=1002`,
    { S: `${S_WAITS}, 1007 CLOSED` },
  ],
  [
    'the answer to a SYN from a connection before the capture is in no handshake; the RST of the client ends it, and its SYN opens (RFC 9293 §3.5.1, Figure 10)',
    'C > S SYN; S > C ACK seq=77000 ack=999000; C > S RST seq=999000; +1 C > S SYN seq=1000; S > C SYN ACK; C > S ACK',
    { C: '0 SYN_SENT, 1004 ESTABLISHED', S: '0 CLOSED, 1 ESTABLISHED, 2 CLOSED, 1002 SYN_RECEIVED, 1004 ESTABLISHED' },
  ],
  [
    'a FIN that acknowledges one too much leaves SYN-SENT as it is (RFC 9293 §3.10.7.3, first check)',
    'C > S SYN; S > C FIN ACK ack=1002; C > S RST seq=1002; +1 C > S SYN again; S > C SYN ACK; C > S ACK',
    { C: '0 SYN_SENT, 1004 ESTABLISHED' },
  ],
  [
    '… and nothing of it is left in the connection that opens then, even with the same numbers',
    'C > S SYN; S > C FIN ACK seq=5000 ack=1002; C > S RST seq=1002; +1 C > S SYN again; S > C SYN ACK seq=5000; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK',
    { C: '0 SYN_SENT, 1004 ESTABLISHED, 1005 FIN_WAIT_1, 1006 TIME_WAIT' },
  ],
  [
    'the same ISN again with a later timestamp begins a new connection',
    `${SERVER_FIRST}; +1 C > S SYN seq=1000; S > C SYN ACK; C > S ACK`,
    { C: `${C_DONE}, 1005 SYN_SENT, 1007 ESTABLISHED`, S: `${S_WAITS}, 1005 SYN_RECEIVED, 1007 ESTABLISHED` },
  ],
  [
    '… without timestamps the SYN-ACK shows it',
    `${SERVER_FIRST}; +1 C > S SYN seq=1000 ts=0; S > C SYN ACK; C > S ACK`,
    { C: `${C_DONE}, 1005 SYN_SENT, 1007 ESTABLISHED` },
  ],
  [
    'a SYN-ACK of the connection before leaves SYN-SENT as it is',
    `${SERVER_FIRST}; +1 C > S SYN; S > C SYN ACK seq=5000 ack=1001 ts=-1005; C > S RST seq=1001; S > C SYN ACK; C > S ACK`,
    { C: `${C_DONE}, 1005 SYN_SENT, 1009 ESTABLISHED` },
  ],
  [
    'a SYN of another number leaves SYN-RECEIVED as it is, which answers with its own and sends its SYN-ACK again (RFC 9293 §3.10.7.4, first check)',
    'C > S SYN; S > C SYN ACK; +1 C > S SYN seq=7777777; S > C ACK seq=5001 ack=1001; +1 S > C SYN ACK seq=5000 ack=1001',
    { C: '0 SYN_SENT', S: '0 SYN_RECEIVED' },
  ],
  [
    '… the SYN-ACK alone shows it as well',
    'C > S SYN; S > C SYN ACK; +1 C > S SYN seq=7777777; +1 S > C SYN ACK seq=5000 ack=1001',
    { S: '0 SYN_RECEIVED' },
  ],
  [
    '… until the RST that refuses this arrives; then the SYN opens',
    'C > S SYN; S > C SYN ACK; +1 C > S SYN seq=7777777; S > C ACK seq=5001 ack=1001; C > S RST seq=1001; +1 C > S SYN seq=7777777; S > C SYN ACK seq=90000; C > S ACK',
    { C: '0 SYN_SENT, 2005 ESTABLISHED', S: '0 SYN_RECEIVED, 1003 CLOSED, 2003 SYN_RECEIVED, 2005 ESTABLISHED' },
  ],
  [
    'an end in CLOSE-WAIT that did not get a RST is there still when its peer asks anew (RFC 9293 §3.5.1, Figure 9)',
    `${OPEN}; C > S FIN ACK; S > C ACK; C > S RST ACK; +9 C > S SYN seq=900000; S > C ACK seq=5001 ack=1002; C > S RST seq=1002`,
    { S: `${S}, 3 CLOSE_WAIT, 9007 CLOSED` },
  ],
  [
    'a SYN-ACK on an established connection changes nothing, whatever its number: a challenge ACK answers (RFC 5961 §4.2)',
    `${OPEN}; C > S PSH ACK 10; S > C ACK; S > C SYN ACK seq=66666 ack=1011; C > S ACK seq=1011 ack=5001; S > C SYN ACK seq=77777 ack=123; C > S PSH ACK 5 seq=1011; S > C ACK seq=5001 ack=1016`,
    { C, S },
  ],
  [
    'a SYN-ACK alone shows a new incarnation whose SYN was not captured',
    `${SERVER_FIRST}; +1 ~ C > S SYN; S > C SYN ACK; C > S ACK`,
    { C: `${C_DONE}, 1006 SYN_SENT, 1007 ESTABLISHED`, S: `${S_WAITS}, 1006 SYN_RECEIVED, 1007 ESTABLISHED` },
  ],
  [
    'a SYN on an established connection changes nothing: a challenge ACK answers (RFC 5961 §4)',
    `${OPEN}; C > S PSH ACK 10; S > C ACK; C > S SYN seq=77777; S > C ACK seq=5001 ack=1011; C > S PSH ACK 10 seq=1011; S > C ACK seq=5001 ack=1021`,
    { C, S },
  ],
  [
    'the SYN itself, captured again long after, changes nothing either',
    `${OPEN}; C > S PSH ACK 10; S > C ACK; +0.2 C > S SYN again; S > C ACK`,
    { C, S },
  ],
  [
    'the SYN of a client that has forgotten is answered by a challenge ACK, which it resets; then its SYN opens (RFC 9293 §3.5.1, Figure 9)',
    `${OPEN}; C > S PSH ACK 10; S > C ACK; +5 C > S SYN seq=900000; S > C ACK seq=5001 ack=1011; C > S RST seq=1011; +1 C > S SYN seq=900000; S > C SYN ACK seq=70000; C > S ACK`,
    { S: `${S}, 5006 CLOSED, 6006 SYN_RECEIVED, 6008 ESTABLISHED` },
  ],
  [
    'after a reset the tuple is free at once',
    `${OPEN}; C > S RST ACK; C > S SYN; S > C SYN ACK; C > S ACK`,
    { C: `${C}, 3 CLOSED, 4 SYN_SENT, 6 ESTABLISHED`, S: `${S}, 3 CLOSED, 4 SYN_RECEIVED, 6 ESTABLISHED` },
  ],
  [
    'after a refusal the next attempt is another connection',
    'C > S SYN; S > C RST ACK seq=0; +1 C > S SYN; S > C SYN ACK; C > S ACK',
    { C: '0 SYN_SENT, 1 CLOSED, 1001 SYN_SENT, 1003 ESTABLISHED', S: '0 CLOSED, 1001 SYN_RECEIVED, 1003 ESTABLISHED' },
  ],
];

describe('tcp: incarnations of a 4-tuple', () => {
  itShows(CASES);

  it('a SYN-ACK that shows a new incarnation is counted with that one alone', () => {
    const packets = (text: string): number[][] => {
      const { ended, open } = analyseFrames(framesOf(text));
      return lastRows([...ended, ...open]).map((row) => row.packets);
    };
    expect(packets(`${SERVER_FIRST}; +1 ~ C > S SYN; S > C SYN ACK; C > S ACK`)).to.deep.equal([[3, 3], [1, 1]]);
    const taken = `${OPEN}; C > S PSH ACK 10; S > C ACK; ~ C > S RST ACK; +5 C > S SYN seq=900000; S > C SYN ACK seq=70000; C > S ACK`;
    expect(packets(taken)).to.deep.equal([[3, 2], [2, 1]]);
  });
});
