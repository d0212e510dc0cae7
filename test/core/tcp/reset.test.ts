import { expect } from 'chai';
import { analyseFrames, framesOf, possibleOf, type StateCase, statesOf } from '../../support/trace.ts';
import { itShows, OPEN } from './cases.ts';

const C = '0 SYN_SENT, 2 ESTABLISHED';
const S = '0 SYN_RECEIVED, 2 ESTABLISHED';
const BOTH_OPEN = { C, S };

const CASES: readonly StateCase[] = [
  ['ends ESTABLISHED on both sides (RFC 9293 §3.5.3)', `${OPEN}; C > S RST ACK`, { C: `${C}, 3 CLOSED`, S: `${S}, 3 CLOSED` }],
  ['… also without ACK', `${OPEN}; S > C RST`, { C: `${C}, 3 CLOSED`, S: `${S}, 3 CLOSED` }],
  ['ends FIN-WAIT-1', `${OPEN}; C > S FIN ACK; S > C RST ACK`, { C: `${C}, 3 FIN_WAIT_1, 4 CLOSED`, S: `${S}, 3 CLOSE_WAIT, 4 CLOSED` }],
  [
    'ends FIN-WAIT-2',
    `${OPEN}; C > S FIN ACK; S > C ACK; S > C RST ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 5 CLOSED`, S: `${S}, 3 CLOSE_WAIT, 5 CLOSED` },
  ],
  [
    'ends CLOSE-WAIT',
    `${OPEN}; C > S FIN ACK; S > C ACK; C > S RST`,
    { C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 5 CLOSED`, S: `${S}, 3 CLOSE_WAIT, 5 CLOSED` },
  ],
  [
    'ends CLOSING',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK ack=-1; C > S RST seq=1002`,
    { C: `${C}, 3 FIN_WAIT_1, 4 CLOSING, 5 CLOSED`, S: `${S}, 4 CLOSING, 5 CLOSED` },
  ],
  ['ends LAST-ACK', `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S RST seq=1002`, { S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED` }],
  [
    'ends TIME-WAIT, which RFC 1337 §3 advises against and Linux does unless told otherwise',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK; S > C RST`,
    { C: `${C}, 3 FIN_WAIT_1, 4 TIME_WAIT, 6 CLOSED`, S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED` },
  ],
  [
    'answers data that meets no socket: seq is what was acknowledged (§3.5.2, group 1)',
    `${OPEN}; C > S FIN ACK; S > C ACK; S > C PSH ACK 100; C > S RST seq=1002`,
    { C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 6 CLOSED`, S: `${S}, 3 CLOSE_WAIT, 6 CLOSED` },
  ],
  ['in the window but not at RCV.NXT changes nothing (RFC 5961 §3.2)', `${OPEN}; C > S PSH ACK 10; S > C ACK; S > C RST seq=+100; C > S ACK`, BOTH_OPEN],
  [
    'behind bytes that its receiver has shown to be missing changes nothing there; the FIN before it counts when they come (RFC 5961 §3.2)',
    `${OPEN}; C > S FIN PSH ACK 5 seq=1101; S > C ACK ack=1001; +0.5 C > S RST seq=1106; S > C ACK ack=1001; +0.7 C > S PSH ACK 100 seq=1001; S > C ACK ack=1107`,
    { S: `${S}, 1205 CLOSE_WAIT` },
  ],
  [
    '… an abort, too: its sender is closed, its receiver by the RST that answers the challenge ACK',
    'C > S SYN sack=0; S > C SYN ACK; C > S ACK; C > S PSH ACK 9 seq=1101; S > C ACK ack=1001; C > S PSH ACK 9 seq=1110; S > C ACK ack=1001; C > S RST ACK seq=1119; S > C ACK ack=1001; +0.1 C > S RST seq=1001',
    { C: `${C}, 7 CLOSED`, S: `${S}, 108 CLOSED` },
  ],
  [
    '… but with SACK at the right edge of what was received it does on Linux',
    `${OPEN}; C > S PSH ACK 9 seq=1101; S > C ACK ack=1001; C > S PSH ACK 9 seq=1110; S > C ACK ack=1001; C > S RST ACK seq=1119`,
    { C: `${C}, 7 CLOSED`, S: `${S}, 7 CLOSED` },
  ],
  ['outside the window changes nothing (RFC 5961 §3.2)', `${OPEN}; C > S PSH ACK 10; S > C ACK; S > C RST seq=+2000000000`, BOTH_OPEN],
  ['below the window changes nothing (RFC 5961 §3.2)', `${OPEN}; S > C PSH ACK 100; C > S ACK; C > S PSH ACK 10; S > C ACK; S > C RST seq=5001`, BOTH_OPEN],
  [
    'within data that are outstanding may be at RCV.NXT: it counts',
    `${OPEN}; S > C PSH ACK 100; S > C PSH ACK 100; S > C RST seq=5101`,
    { C: `${C}, 5 CLOSED`, S: `${S}, 5 CLOSED` },
  ],
  [
    'was forged where its sender goes on: the receiver has taken it, the sender never closed',
    `${OPEN}; C > S PSH ACK 10; S > C PSH ACK 10; C > S ACK; S > C RST; +0.1 S > C PSH ACK 10; C > S RST seq=1011`,
    { C: `${C}, 6 CLOSED`, S: `${S}, 107 CLOSED` },
  ],
  [
    'never arrived where its receiver goes on, longer than anything was in flight',
    `${OPEN}; C > S PSH ACK 10; S > C ACK; C > S RST ACK; +2 S > C PSH ACK 10; C > S RST seq=1011`,
    { C: `${C}, 5 CLOSED`, S: `${S}, 2006 CLOSED` },
  ],
  ['passes what was in flight towards its sender: this proves nothing', `${OPEN}; C > S RST ACK; S > C PSH ACK 10`, { C: `${C}, 3 CLOSED`, S: `${S}, 3 CLOSED` }],
  [
    '… nor does a FIN: the RST reaches its sender after it',
    `${OPEN}; C > S FIN ACK; S > C PSH ACK 10 ack=1001; C > S RST seq=1001; S > C FIN ACK ack=1001`,
    { C: `${C}, 3 FIN_WAIT_1, 5 CLOSED`, S: `${S}, 3 CLOSE_WAIT, 5 CLOSED` },
  ],
  [
    'at the number of the FIN, which its receiver has taken, closes that on Linux: so it is where data meet an end that has closed',
    `${OPEN}; C > S PSH ACK 100; C > S FIN ACK; S > C FIN ACK ack=1001; C > S ACK; S > C RST seq=5001`,
    { C: `${C}, 4 FIN_WAIT_1, 5 CLOSING, 7 CLOSED`, S: `${S}, 5 CLOSING, 6 TIME_WAIT, 7 CLOSED` },
  ],
  ['… but not an end that has not', `${OPEN}; C > S PSH ACK 10; S > C PSH ACK 10; C > S ACK; S > C RST seq=5010`, BOTH_OPEN],
  ['in midstream, alone: nobody has a connection any more', 'S > C RST ACK', { C: '0 CLOSED', S: '0 CLOSED' }],
];

describe('tcp: reset', () => {
  itShows(CASES);

  it('whether it arrived stays open where its receiver has nothing to send again, however long it is silent', () => {
    const idle = `${OPEN}; C > S FIN ACK; S > C ACK; C > S RST ACK; +9 D > S SYN`;
    expect(possibleOf(idle)['S']).to.deep.equal(['CLOSED', 'CLOSE_WAIT']);
    expect(possibleOf(`${OPEN}; S > C PSH ACK 10; C > S RST ACK; +9 D > S SYN`)['S']).to.deep.equal(['CLOSED']);
  });

  it('that answers a FIN for want of a socket shows that this never came to CLOSE-WAIT, and may have gone at any time since it last sent something', () => {
    const gone = `${OPEN}; C > S PSH ACK 10; S > C PSH ACK 10; C > S ACK; +5 C > S FIN ACK; S > C RST`;
    expect(statesOf(gone)['S']).to.equal(`${S}, 5006 CLOSED`);
    const before = analyseFrames(framesOf(gone)).timeline.filter(({ local, state }) => local.endsWith(':443') && state === 'ESTABLISHED').at(-1);
    expect(before?.possible).to.deep.equal(['CLOSED', 'ESTABLISHED']);
    expect(Number(before!.t_ns % 1_000_000_000n) / 1e6).to.equal(4);
  });

  it('stays taken where acknowledgments from before it, overtaken by later ones, pass after it', () => {
    const late = `${OPEN}; S > C PSH ACK 100; S > C PSH ACK 100; S > C RST ACK; C > S ACK; +0.1 C > S ACK ack=5101`;
    expect(statesOf(late)['C']).to.equal(`${C}, 5 CLOSED`);
  });
});
