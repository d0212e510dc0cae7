import { expect } from 'chai';
import type { StateCase } from '../../support/trace.ts';
import { analyseFrames, framesOf, possibleOf, statesOf } from '../../support/trace.ts';
import { BARE, itShows, OPEN } from './cases.ts';

const C = '0 SYN_SENT, 2 ESTABLISHED';
const S = '0 SYN_RECEIVED, 2 ESTABLISHED';

const CASES: readonly StateCase[] = [
  [
    'four segments close (RFC 9293 §3.6, Figure 12)',
    `${OPEN}; C > S FIN ACK; S > C ACK; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 5 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 5 LAST_ACK, 6 CLOSED` },
  ],
  [
    'the server may be the first (case 2)',
    `${OPEN}; S > C FIN ACK; C > S ACK; C > S FIN ACK; S > C ACK`,
    { C: `${C}, 3 CLOSE_WAIT, 5 LAST_ACK, 6 CLOSED`, S: `${S}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 5 TIME_WAIT` },
  ],
  [
    'the FIN may carry the acknowledgment of the other: from FIN-WAIT-1 to TIME-WAIT (§3.10.7.4, eighth check)',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED` },
  ],
  [
    'a FIN may carry data',
    `${OPEN}; C > S FIN PSH ACK 100; S > C FIN PSH ACK 50; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED` },
  ],
  [
    'both may close at once (case 3, Figure 13): a FIN that does not acknowledge the other shows that it had not come, so never CLOSE-WAIT',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK ack=-1; C > S ACK; S > C ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 CLOSING, 6 TIME_WAIT`, S: `${S}, 4 CLOSING, 5 TIME_WAIT` },
  ],
  [
    'the end that has closed still receives (half-close): FIN-WAIT-2 until the other FIN',
    `${OPEN}; C > S FIN ACK; S > C ACK; S > C PSH ACK 100; C > S ACK; +5 S > C PSH ACK 100; C > S ACK; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 5008 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 5008 LAST_ACK, 5009 CLOSED` },
  ],
  [
    'a FIN sent again without an answer to the first shows that this was lost behind the capture point: no CLOSE-WAIT before the second',
    `${BARE}; C > S FIN ACK ts=0; +0.3 C > S FIN ACK again; S > C FIN ACK ts=0; C > S ACK ts=0`,
    { C: `${C}, 3 FIN_WAIT_1, 304 TIME_WAIT`, S: `${S}, 303 CLOSE_WAIT, 304 LAST_ACK, 305 CLOSED` },
  ],
  [
    'a FIN lost before the capture point shows with its repeat',
    `${OPEN}; ~ C > S FIN ACK; +0.3 C > S FIN ACK again ipid=0; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 303 FIN_WAIT_1, 304 TIME_WAIT`, S: `${S}, 303 CLOSE_WAIT, 304 LAST_ACK, 305 CLOSED` },
  ],
  [
    '… and in the IP-IDs, one of which is missing, where nothing but a FIN can have had it: 200 ms and a round trip before',
    `${OPEN}; ~ C > S FIN ACK; +0.3 C > S FIN ACK again; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 101 FIN_WAIT_1, 304 TIME_WAIT`, S: `${S}, 303 CLOSE_WAIT, 304 LAST_ACK, 305 CLOSED` },
  ],
  [
    '… or with what its sender was seen to do last, where a timeout lies between the two',
    `${OPEN}; C > S PSH ACK 10; S > C PSH ACK 10; C > S ACK; ~ C > S FIN ACK; +0.2 C > S FIN ACK again; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 5 FIN_WAIT_1, 207 TIME_WAIT` },
  ],
  [
    '… so the second FIN of a close does, after the ACK of the first',
    `${OPEN}; C > S FIN ACK; S > C ACK; +0.4 ~ S > C FIN ACK; +0.25 S > C FIN ACK again; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 654 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 452 LAST_ACK, 655 CLOSED` },
  ],
  [
    '… not where the missing packet may be an ACK',
    `${OPEN}; ~ C > S FIN ACK; S > C PSH ACK 100 ack=1001; +0.5 C > S FIN ACK again; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 504 FIN_WAIT_1, 505 TIME_WAIT` },
  ],
  [
    '… or before that, where its sender acknowledges something from beyond it',
    `${OPEN}; ~ C > S FIN ACK; S > C PSH ACK 100 ack=1001; C > S ACK; +0.3 C > S FIN ACK again; S > C ACK`,
    { C: `${C}, 5 FIN_WAIT_1, 306 FIN_WAIT_2`, S: `${S}, 305 CLOSE_WAIT` },
  ],
  [
    'a FIN sent again after its ACK shows that the ACK was lost behind the capture point: FIN-WAIT-1 until the next',
    `${BARE}; C > S FIN ACK ts=0; S > C ACK ts=0; +0.3 C > S FIN ACK again; S > C ACK again; S > C FIN ACK ts=0; C > S ACK ts=0`,
    { C: `${C}, 3 FIN_WAIT_1, 305 FIN_WAIT_2, 306 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 306 LAST_ACK, 307 CLOSED` },
  ],
  [
    'the last FIN sent again shows that the last ACK was lost: LAST-ACK until the next, TIME-WAIT goes on',
    `${BARE}; C > S FIN ACK ts=0; S > C FIN ACK ts=0; C > S ACK ts=0; +0.3 S > C FIN ACK again; C > S ACK again`,
    { C: `${C}, 3 FIN_WAIT_1, 4 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 306 CLOSED` },
  ],
  [
    'a FIN behind a hole waits at the receiver for the hole to be filled (§3.10.7.4)',
    `${OPEN}; ~ C > S PSH ACK 100; C > S FIN ACK; S > C ACK ack=1001; C > S PSH ACK 100 again; S > C ACK; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 4 FIN_WAIT_1, 7 FIN_WAIT_2, 8 TIME_WAIT`, S: `${S}, 6 CLOSE_WAIT, 8 LAST_ACK, 9 CLOSED` },
  ],
  [
    'a FIN stamped before the data ahead of it is refused (PAWS, RFC 7323 §5.3), however often it comes: CLOSE-WAIT begins with one that is stamped later',
    `${OPEN}; C > S PSH ACK 10; S > C ACK; C > S FIN ACK ts=-500; S > C ACK ack=1011; +0.7 C > S FIN ACK again ts=-400; S > C ACK ack=1011; +0.7 C > S FIN ACK again`,
    { C: `${C}, 5 FIN_WAIT_1`, S: `${S}, 1407 CLOSE_WAIT` },
  ],
  [
    'numbers wrap in data and FIN (§3.4)',
    `C > S SYN seq=4294967290; S > C SYN ACK seq=4294967294; C > S ACK; C > S PSH ACK 4; S > C PSH ACK 1; C > S FIN ACK; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 5 FIN_WAIT_1, 6 TIME_WAIT`, S: `${S}, 5 CLOSE_WAIT, 6 LAST_ACK, 7 CLOSED` },
  ],
  [
    'a FIN whose sequence number is 2^32 − 1, so that its acknowledgment is 0',
    `C > S SYN seq=4294967294; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C ACK; S > C FIN ACK; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 5 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 5 LAST_ACK, 6 CLOSED` },
  ],
  [
    'an ACK from before the FIN, captured after it, leaves FIN-WAIT-1 as it is',
    `${OPEN}; C > S PSH ACK 10; C > S FIN ACK; S > C ACK ack=1011; S > C ACK`,
    { C: `${C}, 4 FIN_WAIT_1, 6 FIN_WAIT_2` },
  ],
  [
    'a FIN sent again shows that its ACK was lost, and so was the other FIN, which has the ACK too',
    `${BARE}; C > S FIN ACK ts=0; S > C ACK ts=0; S > C FIN ACK ts=0; +0.3 C > S FIN ACK again ack=5001`,
    { C: `${C}, 3 FIN_WAIT_1` },
  ],
  [
    'of two FINs that cross, one sent again had not arrived: the ACK of the own FIN, after it, had (FIN-WAIT-2, never CLOSING)',
    `${BARE}; C > S FIN ACK ts=0; S > C FIN ACK ack=-1 ts=0; S > C ACK ts=0; +0.3 S > C FIN ACK again; C > S ACK ts=0`,
    { C: `${C}, 3 FIN_WAIT_1, 5 FIN_WAIT_2, 305 TIME_WAIT` },
  ],
  [
    'of two FINs that cross, one was lost before the capture point: the ACK of the other stands beyond it, so it was sent before (CLOSING, never LAST-ACK)',
    `${OPEN}; C > S FIN ACK; ~ S > C FIN ACK ack=-1; S > C ACK; +0.3 S > C FIN ACK again ack=1002; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 5 FIN_WAIT_2, 305 TIME_WAIT`, S: `${S}, 3 CLOSING, 306 TIME_WAIT` },
  ],
  [
    '… also where an ACK from before the other FIN stands beyond it, and the FIN sent again is the first to acknowledge the other',
    `${OPEN}; C > S PSH ACK 10; ~ S > C FIN ACK ack=1001; S > C ACK; C > S FIN ACK ack=5001; ~ S > C ACK; +0.3 S > C FIN ACK again ack=1012; C > S ACK`,
    { S: `${S}, 6 CLOSING, 308 TIME_WAIT` },
  ],
  [
    '… not where the byte before that ACK was data',
    `${OPEN}; C > S FIN ACK; ~ S > C PSH ACK 1 ack=-1; S > C ACK; +0.3 S > C PSH ACK 1 again ack=1002; S > C FIN ACK; C > S ACK`,
    { S: `${S}, 3 CLOSE_WAIT, 306 LAST_ACK, 307 CLOSED` },
  ],
  [
    '… nor where the ACK overtook the FIN, which is stamped before it',
    `${OPEN}; C > S FIN ACK; S > C ACK seq=5002 ack=1002; S > C FIN ACK seq=5001 ack=1002 ts=-2; C > S ACK ack=5002`,
    { S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 6 CLOSED` },
  ],
  [
    'of two FINs that cross, one was lost before the capture point, twice, and the other behind it: the ACK of the third reports no duplicate (D-SACK), so no FIN answered one before',
    `${OPEN}; C > S FIN ACK; ~ S > C FIN ACK ack=-1; +0.25 C > S FIN ACK again ack=5001; ~ S > C FIN ACK again ack=1001; +0.25 C > S FIN ACK again ack=5001; S > C ACK echo=+502; +0.05 S > C FIN ACK again ack=1002; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 506 FIN_WAIT_2, 556 TIME_WAIT`, S: `${S}, 505 CLOSING, 557 TIME_WAIT` },
  ],
  [
    'of two FINs that cross, the ACK of one was lost behind the capture point: that FIN comes again with an echo of the first sending of the other, which had arrived (CLOSING)',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK ack=-1; C > S ACK; +0.25 C > S FIN ACK again ack=5002; S > C FIN ACK again ack=1002; C > S ACK`,
    { S: `${S}, 4 CLOSING, 257 TIME_WAIT` },
  ],
  [
    'a FIN sent again before the ACK of the first can have come back from the capture point says nothing of that ACK',
    `C > S SYN ts=0; S > C SYN ACK ts=0; +0.1 C > S ACK ts=0; C > S FIN ACK ts=0; +0.28 S > C ACK ts=0; +0.05 C > S FIN ACK again ts=0; S > C FIN ACK ts=0`,
    { C: '0 SYN_SENT, 101 ESTABLISHED, 102 FIN_WAIT_1, 432 FIN_WAIT_2, 433 TIME_WAIT' },
  ],
  [
    'data ahead of a FIN that come late, by the IP-ID of a host that counts, were not sent again: the ACK of the FIN stands',
    `${BARE}; S > C PSH ACK 10 ts=0; C > S ACK ts=0; C > S FIN ACK ts=0; S > C FIN ACK ts=0; C > S ACK ts=0; +0.3 S > C PSH ACK 10 seq=5001 ts=0 ipid=2`,
    { S: `${S}, 5 CLOSE_WAIT, 6 LAST_ACK, 7 CLOSED` },
  ],
  [
    '… nor was a FIN with the IP-ID of the first, which the network has copied',
    `${BARE}; C > S PSH ACK 10 ts=0; C > S FIN ACK ts=0; S > C FIN ACK ts=0; C > S ACK ts=0; +0.1 S > C FIN ACK again ipid=2`,
    { S: `${S}, 4 CLOSE_WAIT, 5 LAST_ACK, 6 CLOSED` },
  ],
  [
    '… but one far from the last number was: a host that counts for all its connections has gone round',
    `${BARE}; C > S PSH ACK 10 ts=0; C > S FIN ACK ts=0; S > C FIN ACK ts=0; C > S ACK ts=0; +0.1 S > C FIN ACK again ipid=40000`,
    { S: `${S}, 4 CLOSE_WAIT, 5 LAST_ACK` },
  ],
  [
    'a FIN captured after the answer to it (misordered) is no other FIN',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK; C > S FIN ACK again ipid=9; S > C ACK seq=5002 ack=1002`,
    { S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 5 CLOSED` },
  ],
  [
    'an end that waits for the ACK of its FIN sends again: silence shows that it came (RFC 6298)',
    `${OPEN}; C > S FIN ACK; +2 D > S SYN`,
    { C: `${C}, 3 FIN_WAIT_2`, S: `${S}, 3 CLOSE_WAIT` },
  ],
  ['… a silence shorter than any timer shows nothing', `${OPEN}; C > S FIN ACK; +0.1 D > S SYN`, { C: `${C}, 3 FIN_WAIT_1` }],
  [
    '… nor does one of three round trips, where these are long',
    'C > S SYN; +0.2 S > C SYN ACK; C > S ACK; C > S FIN ACK; +0.6 D > S SYN',
    { C: '0 SYN_SENT, 201 ESTABLISHED, 202 FIN_WAIT_1' },
  ],
  [
    '… and after a repeat the timer is twice as long: silence for longer shows that the last FIN was acknowledged at last',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK; +0.3 S > C FIN ACK again; ~ C > S ACK; +0.7 D > S SYN`,
    { C: `${C}, 3 FIN_WAIT_1, 4 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK, 305 CLOSED` },
  ],
  [
    '… a silence that is shorter does not',
    `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK; +0.3 S > C FIN ACK again; ~ C > S ACK; +0.5 D > S SYN`,
    { S: `${S}, 3 CLOSE_WAIT, 4 LAST_ACK` },
  ],
  [
    'an ACK of the FIN that comes after any timer was not the first, which the capture missed: FIN-WAIT-2 began soon after the FIN',
    `${OPEN}; C > S FIN ACK; ~ S > C ACK; +2 S > C PSH ACK 100; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_2`, S: `${S}, 3 CLOSE_WAIT` },
  ],
];

describe('tcp: close', () => {
  itShows(CASES);

  it('TIME-WAIT is over after 60 s on Linux, 2 MSL by RFC 9293: from then on either is possible', () => {
    const closed = `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK`;
    expect(possibleOf(`${closed}\n+59 D > S SYN`)['C']).to.deep.equal(['TIME_WAIT']);
    expect(possibleOf(`${closed}\n+61 D > S SYN`)['C']).to.deep.equal(['CLOSED', 'TIME_WAIT']);
  });

  it('so may FIN-WAIT-2 be, which Linux leaves after 60 s if no program holds the socket: its own segments show that it goes on', () => {
    const waits = `${OPEN}; C > S FIN ACK; S > C ACK`;
    expect(possibleOf(`${waits}\n+59 D > S SYN`)['C']).to.deep.equal(['FIN_WAIT_2']);
    expect(possibleOf(`${waits}\n+61 D > S SYN`)['C']).to.deep.equal(['CLOSED', 'FIN_WAIT_2']);
    expect(possibleOf(`${waits}; +50 S > C PSH ACK 10; C > S ACK\n+20 D > S SYN`)['C']).to.deep.equal(['FIN_WAIT_2']);
  });

  it('a bare RST that answers a FIN shows that FIN-WAIT-2 had ended, at a time that nothing shows: from its beginning CLOSED is possible', () => {
    const late = `${OPEN}; C > S FIN ACK; S > C ACK; +3 S > C FIN ACK; C > S RST seq=1002`;
    expect(statesOf(late)['C']).to.equal(`${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 3005 CLOSED`);
    const before = analyseFrames(framesOf(late)).timeline.filter(({ state }) => state === 'FIN_WAIT_2').at(-1);
    expect(before?.possible).to.deep.equal(['CLOSED', 'FIN_WAIT_1', 'FIN_WAIT_2']);
  });

  it('a FIN that was sent four times in vain, and is overdue, may have been given up', () => {
    const vain = `${OPEN}; C > S FIN ACK; +0.2 C > S FIN ACK again; +0.4 C > S FIN ACK again; +0.8 C > S FIN ACK again`;
    expect(possibleOf(`${vain}; +1.7 D > S SYN`)['C']).to.deep.equal(['FIN_WAIT_1']);
    expect(possibleOf(`${vain}; +1.9 D > S SYN`)['C']).to.deep.equal(['CLOSED', 'FIN_WAIT_1', 'FIN_WAIT_2']);
    expect(statesOf(`${vain}; +1.9 D > S SYN`)['C']).to.equal(`${C}, 3 FIN_WAIT_1`);
  });

  it('after a repeat the ACK of a FIN is known to have arrived by a silence of twice the time between the two, of which the capture may lack some', () => {
    const again = `${BARE}; C > S FIN ACK ts=0; +2 C > S FIN ACK again; S > C ACK ts=0`;
    expect(possibleOf(`${again}; +4.3 D > S SYN`)['C']).to.deep.equal(['FIN_WAIT_1', 'FIN_WAIT_2']);
    expect(possibleOf(`${again}; +4.5 D > S SYN`)['C']).to.deep.equal(['FIN_WAIT_2']);
  });

  it('of a FIN that was sent thrice, and had arrived before the last time by the D-SACK in its ACK, it is open which one did, until the last', () => {
    const thrice = `${OPEN}; C > S FIN ACK; +0.3 C > S FIN ACK again; +0.3 C > S FIN ACK again; S > C ACK echo=-300`;
    const rows = analyseFrames(framesOf(thrice)).timeline.filter(({ local, state }) => local.endsWith(':443') && state === 'CLOSE_WAIT');
    expect(rows.slice(-2).map(({ possible }) => possible)).to.deep.equal([['ESTABLISHED', 'CLOSE_WAIT'], ['CLOSE_WAIT']]);
    expect(rows.slice(-2).map(({ t_ns: time }) => Number(time % 1_000_000_000n) / 1e6)).to.deep.equal([3, 603]);
  });

  it('a FIN sent again may have arrived at first, and its answer been lost before the capture point: ESTABLISHED, CLOSE-WAIT or LAST-ACK', () => {
    const again = analyseFrames(framesOf(`${OPEN}; C > S FIN ACK; +0.3 C > S FIN ACK again`)).timeline.filter(({ local }) => local.endsWith(':443'));
    expect(again.at(-2)?.state).to.equal('ESTABLISHED');
    expect(again.at(-2)?.possible).to.include.members(['ESTABLISHED', 'CLOSE_WAIT', 'LAST_ACK']);
  });

  it('a FIN on its way may be lost: its receiver is in ESTABLISHED or CLOSE-WAIT until it answers', () => {
    expect(possibleOf(`${OPEN}; C > S PSH ACK 10; S > C ACK; C > S FIN ACK`)['S']).to.deep.equal(['ESTABLISHED', 'CLOSE_WAIT']);
    expect(possibleOf(`${OPEN}; C > S PSH ACK 10; S > C ACK; C > S FIN ACK; S > C ACK`)['S']).to.deep.equal(['CLOSE_WAIT']);
  });

  it('the ACK of a FIN on its way may be lost: FIN-WAIT-1 or FIN-WAIT-2, LAST-ACK or CLOSED', () => {
    expect(possibleOf(`${OPEN}; C > S FIN ACK; S > C ACK`)['C']).to.deep.equal(['FIN_WAIT_1', 'FIN_WAIT_2']);
    expect(possibleOf(`${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK`)['S']).to.deep.equal(['CLOSED', 'LAST_ACK']);
  });

  it('where two FINs cross, an end that acknowledges the other shows nothing of the ACK of its own: CLOSING or TIME-WAIT', () => {
    const crossed = `${OPEN}; C > S FIN ACK; S > C FIN ACK ack=-1`;
    expect(possibleOf(`${crossed}; S > C ACK; C > S ACK`)).to.deep.equal({ C: ['CLOSING', 'TIME_WAIT'], S: ['CLOSING', 'TIME_WAIT'] });
  });

  it('an ACK of a FIN from beyond what was captured: what is missing may be a FIN that crosses (CLOSING), or data (CLOSE-WAIT) until they come', () => {
    const beyond = `${OPEN}; C > S FIN ACK; ~ S > C PSH ACK 99 ack=-1; ~ S > C PSH ACK 1 ack=-1; S > C ACK`;
    expect(possibleOf(beyond)['S']).to.deep.equal(['CLOSE_WAIT', 'CLOSING']);
    expect(possibleOf(`${beyond}; C > S ACK ack=5001; +0.3 S > C PSH ACK 99 again ack=1002`)['S']).to.deep.equal(['CLOSE_WAIT', 'CLOSING']);
    expect(possibleOf(`${beyond}; C > S ACK ack=5001; +0.3 S > C PSH ACK 99 again ack=1002; S > C PSH ACK 1 again ack=1002`)['S']).to.deep.equal(['CLOSE_WAIT']);
    expect(possibleOf(`${beyond}; S > C PSH ACK 10 ack=1002`)['S']).to.deep.equal(['CLOSE_WAIT']);
  });

  it('… and where the first FIN came again before that ACK, the second may answer it: LAST-ACK, or CLOSING', () => {
    const answered = `${OPEN}; C > S FIN ACK; ~ S > C FIN ACK; +0.3 C > S FIN ACK again; S > C ACK`;
    expect(possibleOf(answered)['S']).to.deep.equal(['CLOSE_WAIT', 'CLOSING', 'LAST_ACK']);
    const again = `${answered}; +0.1 S > C FIN ACK again ack=1002`;
    expect(statesOf(again)['S']).to.match(/, 305 LAST_ACK$/);
    expect(possibleOf(again)['S']).to.deep.equal(['CLOSING', 'LAST_ACK']);
    expect(possibleOf(`${again}; C > S ACK`)['S']).to.deep.equal(['CLOSED', 'CLOSING', 'LAST_ACK', 'TIME_WAIT']);
  });

  it('a FIN that PAWS refuses may have been taken by a stack without it, which its next segment shows', () => {
    const refused = `${OPEN}; C > S PSH ACK 10; S > C ACK; C > S FIN ACK ts=-500`;
    expect(possibleOf(refused)['S']).to.deep.equal(['ESTABLISHED', 'CLOSE_WAIT']);
    expect(statesOf(`${refused}; S > C ACK`)['S']).to.equal(`${S}, 5 CLOSE_WAIT`);
  });

  it('only one direction: a FIN alone in midstream is of FIN-WAIT-1 or, where the other came before the capture, LAST-ACK', () => {
    expect(possibleOf('S > C FIN ACK')['S']).to.include.members(['FIN_WAIT_1', 'LAST_ACK']);
  });
});
