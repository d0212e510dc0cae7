import { expect } from 'chai';
import type { TimelineRow } from '../../../src/core/index.ts';
import { Engine } from '../../../src/core/index.ts';
import { fixtureCapture } from '../../support/fixtures.ts';
import type { StateCase } from '../../support/trace.ts';
import { analyseFrames, framesOf, observationsOf, possibleOf, statesIn, statesOf } from '../../support/trace.ts';
import { CHECKSUM_BAD, CHECKSUM_GOOD } from '../../../src/core/wire/segment.ts';
import { itShows, OPEN } from './cases.ts';

const MS = 1e6;
const C = '0 SYN_SENT, 2 ESTABLISHED';
const S = '0 SYN_RECEIVED, 2 ESTABLISHED';

const CASES: readonly StateCase[] = [
  ['both ends are ESTABLISHED in midstream, from the first segment on', 'C > S PSH ACK 10; S > C ACK; C > S PSH ACK 10', { C: '0 ESTABLISHED', S: '0 ESTABLISHED' }],
  [
    'a close in midstream is followed as any other',
    'C > S PSH ACK 10; S > C ACK; S > C FIN ACK; C > S FIN ACK; S > C ACK',
    { C: '0 ESTABLISHED, 2 CLOSE_WAIT, 3 LAST_ACK, 4 CLOSED', S: '0 ESTABLISHED, 2 FIN_WAIT_1, 3 TIME_WAIT' },
  ],
  [
    'of the client alone: what it acknowledges, its peer has sent',
    'C > S SYN; ~ S > C SYN ACK; C > S ACK; C > S PSH ACK 100; ~ S > C ACK; C > S FIN ACK; ~ S > C FIN ACK; C > S ACK',
    { C: `${C}, 5 FIN_WAIT_1, 7 TIME_WAIT`, S: `${S}, 5 CLOSE_WAIT, 7 CLOSED` },
  ],
  [
    'of the client alone, closed by its peer: the acknowledgment of its FIN would not show either',
    'C > S SYN; ~ S > C SYN ACK; C > S ACK; C > S PSH ACK 100; ~ S > C ACK; ~ S > C FIN ACK; C > S ACK; C > S FIN ACK; ~ S > C ACK',
    { C: `${C}, 6 CLOSE_WAIT, 7 CLOSED`, S: `${S}, 6 FIN_WAIT_2, 7 TIME_WAIT` },
  ],
  [
    '… unless it comes again',
    'C > S SYN; ~ S > C SYN ACK; C > S ACK; ~ S > C FIN ACK; C > S ACK; C > S FIN ACK; +0.3 C > S FIN ACK again',
    { C: `${C}, 4 CLOSE_WAIT, 5 LAST_ACK`, S: `${S}, 4 FIN_WAIT_2, 305 TIME_WAIT` },
  ],
  [
    'of one end alone: what it acknowledged before its FIN was a byte, not the other FIN, if it acknowledges one more after it',
    '~ C > S SYN; S > C SYN ACK; ~ C > S ACK; ~ C > S PSH ACK 1; S > C ACK; S > C PSH ACK 100; S > C FIN ACK; ~ C > S FIN ACK; S > C ACK',
    { S: '1 SYN_RECEIVED, 4 ESTABLISHED, 6 FIN_WAIT_1, 8 TIME_WAIT', C: '1 SYN_SENT, 4 ESTABLISHED, 6 CLOSE_WAIT, 8 CLOSED' },
  ],
  [
    'of one end alone: its FIN was acknowledged soon, as it did not send it again, though the other closes much later',
    'C > S SYN; ~ S > C SYN ACK; C > S ACK; C > S PSH ACK 100; ~ S > C ACK; C > S FIN ACK; ~ S > C ACK; +3 C > S ACK ack=5002',
    { C: `${C}, 5 FIN_WAIT_2, 3006 TIME_WAIT`, S: `${S}, 5 CLOSE_WAIT, 3006 CLOSED` },
  ],
  [
    'a FIN that the capture missed answers the other, where its ACK comes a round trip after that',
    `${OPEN}; C > S FIN ACK; ~ S > C FIN ACK; ~ C > S ACK; C > S ACK`,
    { C: `${C}, 3 FIN_WAIT_1, 6 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 6 CLOSED` },
  ],
  [
    '… sooner it has crossed the other',
    'C > S SYN; +0.01 S > C SYN ACK; +0.01 C > S ACK; C > S FIN ACK; ~ S > C FIN ACK ack=-1; C > S ACK',
    { C: '0 SYN_SENT, 20 ESTABLISHED, 21 FIN_WAIT_1, 23 CLOSING' },
  ],
  [
    'of the server alone: its SYN-ACK shows the SYN, its data the end of the handshake',
    '~ C > S SYN; S > C SYN ACK; ~ C > S ACK; S > C PSH ACK 10',
    { S: '1 SYN_RECEIVED, 3 ESTABLISHED' },
  ],
  ['an ICMP error in SYN-SENT ends the attempt, as on Linux (RFC 1122 §4.2.3.9, RFC 5927 §4)', 'C > S SYN; R > C ICMP 3/1 S', { C: '0 SYN_SENT, 1 CLOSED', S: '0 CLOSED' }],
  ['… "administratively prohibited" too', 'C > S SYN; R > C ICMP 3/13 S', { C: '0 SYN_SENT, 1 CLOSED', S: '0 CLOSED' }],
  ['… but not "fragmentation needed", which is a report about the path (RFC 1191)', 'C > S SYN; R > C ICMP 3/4 S', { C: '0 SYN_SENT' }],
  ['an ICMP error in ESTABLISHED is a soft error and ends nothing (RFC 5461, RFC 5927 §4)', `${OPEN}; C > S PSH ACK 10; R > C ICMP 3/1 S`, { C, S }],
  [
    'a socket may connect to itself: a simultaneous open of one end (RFC 9293 §3.5)',
    'C > C SYN; C > C SYN ACK seq=1000; C > C ACK; C > C FIN ACK; C > C ACK',
    { C: '0 SYN_SENT, 1 SYN_RECEIVED, 2 ESTABLISHED, 3 CLOSING, 4 TIME_WAIT' },
  ],
  ['an acknowledgment of data that the capture missed changes no state', `${OPEN}; ~ C > S PSH ACK 500; S > C ACK; C > S PSH ACK 100; S > C ACK`, { C, S }],
  ['… nor does one of data that never were', `${OPEN}; S > C ACK ack=+4000; +0.1 C > S ACK; C > S PSH ACK 10; S > C ACK`, { C, S }],
  ['keep-alives in silence leave ESTABLISHED as it is (RFC 9293 §3.8.4)', `${OPEN}; C > S PSH ACK 10; S > C ACK; +75 C > S ACK seq=1010; S > C ACK; +75 C > S ACK seq=1010; S > C ACK`, { C, S }],
  [
    'data on a closed window change nothing (RFC 9293 §3.8.6.1)',
    `${OPEN}; C > S PSH ACK 10; S > C ACK win=0; +0.2 C > S ACK seq=1010; S > C ACK win=0; +0.5 S > C ACK; C > S PSH ACK 10; S > C ACK`,
    { C, S },
  ],
];

describe('tcp: part of a conversation', () => {
  itShows(CASES);

  it('an end that only acknowledges data may have closed before the capture: ESTABLISHED or FIN-WAIT-2, and so TIME-WAIT once the other FIN is there', () => {
    const streams = 'S > C PSH ACK 10; C > S ACK; S > C PSH ACK 10; C > S ACK';
    expect(possibleOf(streams)).to.deep.equal({ S: ['ESTABLISHED', 'CLOSE_WAIT'], C: ['ESTABLISHED', 'FIN_WAIT_2'] });
    const closes = `${streams}; S > C FIN ACK; C > S ACK; +2 D > S SYN`;
    expect(possibleOf(closes)).to.deep.include({ S: ['CLOSED', 'FIN_WAIT_2'], C: ['CLOSE_WAIT', 'TIME_WAIT'] });
  });

  it('… but not an end that sends data, nor one whose peer does', () => {
    const talks = 'S > C PSH ACK 10; C > S ACK; C > S PSH ACK 10; S > C ACK';
    expect(possibleOf(talks)).to.deep.equal({ S: ['ESTABLISHED'], C: ['ESTABLISHED'] });
    expect(possibleOf(`${talks}; S > C FIN ACK; C > S ACK; +2 D > S SYN`)).to.deep.include({ S: ['FIN_WAIT_2'], C: ['CLOSE_WAIT'] });
  });

  it('two ends that only acknowledge, as keep-alives have it, may both have closed', () => {
    const probes = 'C > S ACK seq=1000; S > C ACK; +75 C > S ACK seq=1000; S > C ACK';
    expect(possibleOf(probes)['S']).to.include.members(['ESTABLISHED', 'CLOSE_WAIT', 'FIN_WAIT_2']);
    expect(possibleOf(probes)['C']).to.include.members(['ESTABLISHED', 'CLOSE_WAIT', 'FIN_WAIT_2']);
  });

  it('an acknowledgment one beyond what was captured, of an end whose peer closes, implies a FIN that the capture missed', () => {
    const states = statesOf(`${OPEN}; C > S FIN ACK; S > C ACK; ~ S > C FIN ACK; C > S ACK`);
    expect(states).to.deep.equal({ C: `${C}, 3 FIN_WAIT_1, 4 FIN_WAIT_2, 6 TIME_WAIT`, S: `${S}, 3 CLOSE_WAIT, 6 CLOSED` });
  });

  it('of the client alone: a D-SACK of one number tells of a FIN that came with data, was sent again, and was the first', () => {
    const timeline: TimelineRow[] = [];
    const engine = new Engine({ rules: [] }, { timeline: (change, by) => timeline.push(by.timelineRow(change)) });
    engine.open('capture', null);
    engine.push(fixtureCapture('one-way-client'));
    engine.close();
    engine.finish();
    const closed = timeline.filter(({ local }) => local.endsWith(':54234') || local.endsWith(':57792'));
    const last = new Map(timeline.map(({ local, remote, state }) => [`${local} ${remote}`, state]));
    expect(new Set(closed.map(({ local, remote }) => last.get(`${local} ${remote}`)))).to.deep.equal(new Set(['CLOSED']));
    expect(new Set(closed.map(({ local, remote }) => last.get(`${remote} ${local}`)))).to.deep.equal(new Set(['TIME_WAIT']));
  });

  it('an ACK in midstream may be of an end that has closed or been closed to', () => {
    const possible = possibleOf('C > S ACK');
    expect(possible['C']).to.include.members(['ESTABLISHED', 'FIN_WAIT_2', 'CLOSE_WAIT', 'TIME_WAIT']);
    expect(possible['C']).to.not.include('SYN_SENT').and.not.include('CLOSED');
  });

  it('a clock set back by half a minute moves no state, and time goes on', () => {
    const text = `C > S ACK seq=7 ack=7\n+60 ${OPEN}; C > S PSH ACK 10; S > C ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK`.replace('C > S ACK seq=7 ack=7', 'D > S SYN');
    const frames = framesOf(text).map(({ time, data }, index) => ({ time: index < 4 ? time : time - 30_000 * MS, data }));
    const { timeline, report } = analyseFrames(frames);
    const states = statesIn(timeline);
    expect(states['C']).to.equal('60000 SYN_SENT, 60002 ESTABLISHED, 60005 FIN_WAIT_1, 60006 TIME_WAIT');
    expect(states['S']).to.equal('60000 SYN_RECEIVED, 60002 ESTABLISHED, 60005 CLOSE_WAIT, 60006 LAST_ACK, 60007 CLOSED');
    expect(report.totals.flows).to.equal(2);
  });

  it('frames a little out of order are put in order: the states are those of the conversation', () => {
    const frames = framesOf(`${OPEN}; C > S PSH ACK 10; S > C FIN ACK; C > S FIN ACK; S > C ACK`);
    const inOrder = statesIn(analyseFrames(frames.map(({ time, data }) => ({ time: time / 10, data }))).timeline);
    const swapped = frames.map(({ time, data }) => ({ time: time / 10, data }));
    for (const at of [0, 2, 4]) [swapped[at], swapped[at + 1]] = [swapped[at + 1], swapped[at]];
    expect(statesIn(analyseFrames(swapped).timeline)).to.deep.equal(inOrder);
  });

  it('a segment with a bad checksum is dropped by its receiver: it changes nothing', () => {
    const frames = framesOf(`${OPEN}; C > S PSH ACK 10; S > C ACK; S > C FIN PSH ACK 10; C > S PSH ACK 10; C > S PSH ACK 10 again`);
    const damaged = frames[5].data;
    damaged[damaged.length - 1] ^= 0xff;
    expect(statesIn(analyseFrames(frames).timeline)).to.deep.equal({ C, S });
  });

  it('… and a SYN so damaged neither opens a new connection on the ports of one that is over, nor meets a live one', () => {
    const over = `${OPEN}; C > S FIN ACK; S > C FIN ACK; C > S ACK`;
    expect(analyseFrames(framesOf(`${over}; +90 C > S SYN seq=900000`)).report.totals.flows).to.equal(2);
    expect(analyseFrames(framesOf(`${over}; +90 C > S SYN seq=900000 checksum=0`)).report.totals.flows).to.equal(1);
    const met = observationsOf(`${OPEN}; C > S PSH ACK 10; S > C ACK; C > S SYN seq=900000 checksum=0; S > C ACK`);
    expect(met.filter((fact) => fact.includes('SYN') || fact.startsWith('CHALLENGE'))).to.deep.equal(observationsOf(`${OPEN}; C > S PSH ACK 10`).filter((fact) => fact.includes('SYN')));
  });

  it('… but one that is good by chance, among those that offload leaves unfinished, makes no damage of the others', () => {
    const good = `${OPEN}; C > S PSH ACK 10; S > C ACK; C > S PSH ACK 10; S > C ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK`;
    const steps = good.split('; ');
    const offloaded = (lucky: number): string => steps.map((step, index) => (step.startsWith('C') && index !== lucky ? `${step} checksum=0` : step)).join('; ');
    const expected = statesIn(analyseFrames(framesOf(good)).timeline);
    for (const [lucky, step] of steps.entries()) if (step.startsWith('C')) expect(statesIn(analyseFrames(framesOf(offloaded(lucky))).timeline)).to.deep.equal(expected);
  });

  it('… nor does an acknowledgment damaged on its way say anything of what was sent', () => {
    const facts = observationsOf(`${OPEN}; C > S PSH ACK 10; S > C ACK; S > C ACK ack=+4000; +0.1 C > S ACK; C > S ACK`, (segment) => {
      segment.checksumState = segment.ack >>> 0 === 1011 + 4000 ? CHECKSUM_BAD : CHECKSUM_GOOD;
    });
    expect(facts.filter((fact) => fact.startsWith('BAD_ACK'))).to.deep.equal([]);
  });
});
