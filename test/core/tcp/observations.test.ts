import { expect } from 'chai';
import { HEADER_ODDITIES, Kind, MISFIT, RESET_CONTEXT, RESET_FORMS, RETRANSMISSION, STRIPPED } from '../../../src/core/observations.ts';
import { CHECKSUM_GOOD } from '../../../src/core/wire/segment.ts';
import { observationsOf } from '../../support/trace.ts';
import { OPEN } from './cases.ts';

const MS = 1e6;
const NO_SOCKET = RESET_FORMS.indexOf('no-socket');
const ABORT = RESET_FORMS.indexOf('abort');
const MIDDLEBOX = RESET_FORMS.indexOf('middlebox');
const ANSWERS_CHALLENGE = RESET_FORMS.indexOf('answers-challenge');
const { AFTER_OWN_FIN, AFTER_PEER_FIN, HANDSHAKE, PEER_DATA_UNACKED, ANSWERS } = RESET_CONTEXT;
const CLOSED = 0;
const odd = (name: (typeof HEADER_ODDITIES)[number], end: string, value: number): string => `ODD_HEADER ${end} ${HEADER_ODDITIES.indexOf(name)} ${value}`;
const stripped = (name: (typeof STRIPPED)[number], end: string, options = 0): string => `OPTION_STRIPPED ${end} ${STRIPPED.indexOf(name)} ${options}`;
const TIME_WAIT = 10;
const TALKED = `${OPEN}; C > S PSH ACK 100; S > C ACK`;
const DONE = `${OPEN}; S > C FIN ACK; C > S FIN ACK; S > C ACK`;
const DONE_TALKED = `${TALKED}; S > C PSH ACK 200; C > S ACK; S > C FIN ACK; C > S FIN ACK; S > C ACK`;
const AGAIN = `${DONE_TALKED}; +1 C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK`;

/** [what is to be seen, by which source, the fact: kind, end, a, b]. */
type FactCase = readonly [source: string, text: string, ...facts: string[]];

const CASES: readonly FactCase[] = [
  ['the first segment begins a flow, with its flags', 'C > S SYN', 'FLOW_STARTED C 2 0'],
  ['… and one that is no SYN is told as such', 'C > S PSH ACK 10', 'FLOW_STARTED C 24 0', 'STARTED_WITHOUT_SYN C 24 0'],
  ['… as is a SYN with FIN', 'C > S SYN FIN', 'STARTED_WITHOUT_SYN C 3 0'],
  ['RFC 9293 §3.5: SYN with its ISN and data', 'C > S SYN 30 cookie=8', 'SYN C 1000 30', 'SYN_DATA C 30 8'],
  ['a SYN with data and without the option', 'C > S SYN 30', 'SYN_DATA C 30 -1'],
  ['RFC 6298 §5: the SYN again, second sending, after 1 s', 'C > S SYN; +1 C > S SYN again', `SYN_REPEATED C 2 ${1000 * MS}`],
  ['another ISN while the first is unanswered', 'C > S SYN; +1 C > S SYN', `SYN_CHANGED C 10001000 ${1000 * MS}`],
  ['SYN-ACK, a millisecond after the SYN', OPEN, `SYN_ACK S 5000 ${1 * MS}`, `HANDSHAKE_COMPLETED C ${1 * MS} ${1 * MS}`],
  ['… and without the SYN', '~ C > S SYN; S > C SYN ACK; C > S ACK', 'SYN_ACK S 5000 -1', `HANDSHAKE_COMPLETED C ${1 * MS} -1`],
  ['RFC 9293 §3.8.5: URG and no data', `${OPEN}; C > S URG ACK urg=7`, odd('urgent_without_data', 'C', 7)],
  ['… with data, and a pointer of 0', `${OPEN}; C > S URG ACK 10`, odd('urgent_without_data', 'C', 0)],
  ['… a pointer at 65000, where the receiver offered 64240 bytes at most', `${OPEN}; S > C URG ACK 10 urg=65000`, odd('urgent_beyond_window', 'S', 65_000)],
  ['… a pointer without the flag', `${OPEN}; C > S PSH ACK 10 urg=3`, odd('urgent_pointer_without_flag', 'C', 3)],
  ['RFC 9293 §3.1: a reserved bit, with ACK and PSH', `${OPEN}; C > S PSH ACK 10 reserved=2`, odd('reserved_bits', 'C', 0x418)],
  ['port 0, in a SYN', 'C > S:0 SYN', odd('port_zero', 'C', 2)],
  ['an MSS of 0', 'C > S SYN mss=0', odd('tiny_mss', 'C', 0)],
  ['RFC 7323 §2.3: a shift of 15, of a server', 'C > S SYN; S > C SYN ACK ws=15', odd('window_scale_above_14', 'S', 15)],
  ['RFC 7323 §3.2: data without the timestamps that were agreed', `${OPEN}; C > S PSH ACK 10 ts=0`, odd('timestamps_missing', 'C', 10)],
  ['RFC 7323 §3.2: timestamps that were not agreed', 'C > S SYN; S > C SYN ACK ts=0; C > S ACK', stripped('timestamps', 'C')],
  ['RFC 2018 §2: blocks, where the SYN as captured permits none', `C > S SYN sack=0; S > C SYN ACK; C > S ACK; S > C ACK sack=1000`, stripped('sack', 'S')],
  ['RFC 9293 §3.7.1: other options, and no MSS', 'C > S SYN mss=-1461', stripped('mss_missing', 'C')],
  ['four NOPs in a row in a SYN', 'C > S SYN nop=4', stripped('overwritten', 'C')],
  ['a SYN before and behind a router that makes its MSS smaller', 'C > S SYN; C > S SYN copy mss=1200', stripped('rewritten', 'C', 1)],
  ['… a SYN-ACK', 'C > S SYN; S > C SYN ACK; S > C SYN ACK copy ws=-8', stripped('rewritten', 'S', 2)],
  ['a SYN-ACK with what the SYN had not offered: window scale and timestamps', 'C > S SYN ws=-8 ts=0; S > C SYN ACK', stripped('unoffered', 'S', 2 + 8)],
  ['a SYN-ACK alone: nobody asked, as far as the capture shows', 'S > C SYN ACK', 'UNSOLICITED_SYN_ACK S 0 0'],
  ['the SYN-ACK again before its ACK', 'C > S SYN; S > C SYN ACK; +1 S > C SYN ACK again', `SYN_ACK_REPEATED S 2 ${1000 * MS}`],
  ['the SYN-ACK again although its ACK was captured: that was lost, or nobody accepts', `${OPEN}; +1 S > C SYN ACK again`, `SYN_ACK_REPEATED S 2 ${1001 * MS}`],
  ['RFC 9293 §3.10.7.3: RST confirms a SYN-ACK of another number', 'C > S SYN; S > C SYN ACK ack=+5; C > S RST seq=1006', 'BAD_SYN_ACK S 1006 1001'],
  ['… and nothing after it leaves it doubtful', 'C > S SYN; S > C SYN ACK ack=+5', 'DOUBTFUL_SYN_ACK S 1006 1001'],
  ['RFC 9293 §3.10.7.4, fifth check: a third segment of another number', 'C > S SYN; S > C SYN ACK; C > S ACK ack=+7', 'BAD_THIRD_SEGMENT C 5008 5001'],
  ['what the capture missed: a later timestamp than that of the SYN-ACK is echoed', 'C > S SYN; S > C SYN ACK; ~ C > S ACK; +3 ~ S > C PSH ACK 11; C > S ACK', 'HANDSHAKE_COMPLETED C 3002000000 1000000'],
  ['RFC 9293 §3.10.7.1: refused, after 1 ms, with its TTL', 'C > S SYN; S > C RST ACK seq=0 ttl=57', `REFUSED S ${1 * MS} 57`],
  ['the client aborts after the SYN-ACK', 'C > S SYN; S > C SYN ACK; C > S RST', `HANDSHAKE_ABORTED C ${1 * MS} ${NO_SOCKET}`, `RESET C ${NO_SOCKET} ${HANDSHAKE | ANSWERS}`],
  ['RFC 7413 §4.1.1: a cookie is asked for, and given', 'C > S SYN cookie=0; S > C SYN ACK cookie=8', 'FAST_OPEN C 1 0', 'FAST_OPEN S 2 0'],
  ['RFC 7413 §4.2: data in the SYN are acknowledged', 'C > S SYN 30 cookie=8; S > C SYN ACK', 'FAST_OPEN S 3 30'],
  ['RFC 7413 §4.2: … or not', 'C > S SYN 30 cookie=8; S > C SYN ACK ack=1001', 'FAST_OPEN S 4 30'],
  ['RFC 7413 §4.1.3.1: … or got no answer, so that the SYN comes again without them', 'C > S SYN 30 cookie=8; +1 C > S SYN seq=1000', 'SYN_REPEATED C 2 1000000000', 'FAST_OPEN C 5 0'],
  ['the first payload of each end', `${OPEN}; C > S PSH ACK 100; S > C PSH ACK 70; C > S PSH ACK 10`, 'FIRST_DATA C 100 0', 'FIRST_DATA S 70 0'],
  ['RFC 9293 §3.5, Figure 7', 'C > S SYN; S > C SYN', 'SIMULTANEOUS_OPEN S 0 0'],
  ['… and a SYN after an ACK of the peer\'s: a split handshake', 'C > S SYN; S > C ACK seq=4999; S > C SYN; C > S SYN ACK seq=1000; S > C ACK', 'SIMULTANEOUS_OPEN S 1 0', 'HANDSHAKE_COMPLETED S 1000000 1000000'],
  ['a socket with itself', 'C > C SYN', 'SELF_CONNECT C 0 0'],
  [
    'RFC 6191: the tuple again, after a second, its receiver in TIME-WAIT; how far the ISN moved in 1,005 ms',
    `${DONE}; +1 C > S SYN`,
    `TUPLE_REUSED C ${1000 * MS} ${TIME_WAIT}`,
    `ISN_PAIR C 10000000 ${1005 * MS}`,
  ],
  ['… or its receiver closed', `${OPEN}; C > S RST ACK; +1 C > S SYN`, `TUPLE_REUSED C ${1000 * MS} ${CLOSED}`],
  ['RFC 9293 §3.10.7.4: a SYN older than what TIME-WAIT remembers', `${DONE}; +1 C > S SYN seq=500 ts=0`, 'STALE_SYN C 500 0'],
  ['RFC 6191 §2: … by its timestamp, though its number is newer', `${DONE}; +1 C > S SYN seq=900000 ts=-2000`, 'STALE_SYN C 900000 0'],
  ['the same ISN for the next connection', `${DONE}; +1 C > S SYN seq=1000; S > C SYN ACK seq=5000`, `ISN_PAIR C 0 ${1005 * MS}`, `ISN_PAIR S 0 ${1005 * MS}`],
  ['… which without timestamps only the SYN-ACK tells from a late copy', `${DONE}; +1 C > S SYN seq=1000 ts=0; S > C SYN ACK`, `ISN_PAIR C 0 ${1005 * MS}`],
  ['… so that this is one', `${DONE}; +1 C > S SYN seq=1000 ts=0; S > C ACK`, 'STALE_SYN C 1000 0'],
  ['data of the connection before, by their numbers and timestamp, and the challenge ACK', `${AGAIN}; C > S PSH ACK 100 seq=1001 ack=5001 ts=-1011; S > C ACK`, 'STALE_SEGMENT C 1001 0', 'CHALLENGE_ACK S 4 0'],
  ['… of its other end, before the handshake is complete', `${DONE_TALKED}; +1 C > S SYN; S > C SYN ACK; S > C PSH ACK 200 seq=5001 ack=1101 ts=-1005; C > S ACK`, 'STALE_SEGMENT S 5001 0'],
  ['… that SYN-SENT meets', `${DONE_TALKED}; +1 C > S SYN; C > S PSH ACK 100 seq=1001 ack=5001 ts=-1005`, 'STALE_SEGMENT C 1001 0'],
  ['… its SYN-ACK', `${DONE_TALKED}; +1 C > S SYN; S > C SYN ACK seq=5000 ack=1001 ts=-1009`, 'STALE_SEGMENT S 5000 0'],
  ['… its SYN, on the connection after it', `${AGAIN}; C > S SYN seq=1000 ts=-1010; S > C ACK`, 'STALE_SYN C 1000 0'],
  ['RFC 5961 §4: a SYN on the connection, and the challenge ACK', `${TALKED}; C > S SYN seq=77777; S > C ACK ack=1101`, 'SYN_ON_ESTABLISHED C 77777 0', 'CHALLENGE_ACK S 2 0'],
  ['… and one that is accepted: the close was not captured', `${TALKED}; +9 C > S SYN; S > C SYN ACK; C > S ACK`, `TUPLE_REUSED S ${9002 * MS} 4`, `HANDSHAKE_COMPLETED C ${1 * MS} -1`],
  ['… with the ISN of the connection itself', `${TALKED}; C > S SYN again`, 'SYN_ON_ESTABLISHED C 1000 1'],
  ['ICMP: port unreachable', 'C > S SYN; R > C ICMP 3/3 S', `ICMP_ERROR C ${3 * 256 + 3} 4`],
  [
    'data sent again to a server that has never acknowledged any: the handshake was for nothing',
    `${OPEN}; C > S PSH ACK 100; +0.3 C > S PSH ACK 100 again`,
    'UNSERVED_DATA C 1 0',
  ],

  ['an acknowledgment of 500 bytes that the capture missed', `${TALKED}; ~ C > S PSH ACK 500; S > C ACK; C > S PSH ACK 100`, 'ACK_UNSEEN S 500 0'],
  ['RFC 9293 §3.10.7.4: an acknowledgment of what was never sent, as the next ACK proves', `${TALKED}; S > C ACK ack=+4000; +0.1 C > S ACK`, 'BAD_ACK S 4000 0', 'CHALLENGE_ACK C 3 0'],
  ['RFC 5961 §5: an acknowledgment from before the connection, and its challenge', `${TALKED}; C > S PSH ACK 9; S > C ACK ack=500; C > S ACK`, 'OLD_ACK S 601 1', 'CHALLENGE_ACK C 3 0'],
  ['RFC 5961 §3: a RST within the window, and its challenge', `${TALKED}; S > C RST seq=+100; C > S ACK`, 'RESET_UNACCEPTABLE S 100 1', 'CHALLENGE_ACK C 1 0'],
  ['… outside of it, without one', `${TALKED}; S > C RST seq=+2000000000; C > S ACK`, 'RESET_UNACCEPTABLE S 2000000000 0'],
  ['RFC 9293 §3.10.7.4, first check: data far outside the window, and its challenge', `${TALKED}; C > S PSH ACK 10 seq=+100000000; S > C ACK`, 'OUT_OF_WINDOW C 100000000 0', 'CHALLENGE_ACK S 4 0'],
  [
    'RFC 6298: 100 bytes again after the timer',
    `${TALKED}; C > S PSH ACK 100; +0.3 C > S PSH ACK 100 again; S > C ACK`,
    `RETRANSMITTED C 100 ${RETRANSMISSION.indexOf('timeout')}`,
  ],
  ['… after they had been acknowledged: spurious', `${TALKED}; +0.3 C > S PSH ACK 100 again`, `RETRANSMITTED C 100 ${RETRANSMISSION.indexOf('spurious')}`],
  ['a hole filled by a later sending: lost before the capture point', `${TALKED}; ~ C > S PSH ACK 70; C > S PSH ACK 80; +0.3 C > S PSH ACK 70 again`, 'HOLE_FILLED C 70 2'],
  ['50 bytes once more, stamped before they were sent last: the original comes late', `${TALKED}; C > S PSH ACK 50; +0.01 C > S PSH ACK 50 seq=1101 ts=-20`, 'LATE_ORIGINAL C 50 0'],
  ['RFC 9293 §3.8.6: the window closes, and opens', `${TALKED}; S > C ACK win=0; S > C ACK`, 'ZERO_WINDOW S 1 0', 'WINDOW_OPENED S 0 0'],
  [
    'RFC 9293 §3.8.6.1: two probes of it, each answered; the second answer opens it',
    `${TALKED}; S > C ACK win=0; +0.2 C > S ACK seq=-1; S > C ACK win=0; +0.4 C > S ACK seq=-1; S > C ACK`,
    'WINDOW_PROBE C 1 0',
    'WINDOW_PROBE C 1 0',
    'WINDOW_OPENED S 1 0',
  ],
  [
    '… and an update later than an answer would be opens it by itself',
    `${TALKED}; S > C ACK win=0; +0.2 C > S ACK seq=-1; ~ S > C ACK win=0; +1.1 S > C ACK`,
    'WINDOW_PROBE C 1 0',
    'WINDOW_OPENED S 0 0',
  ],
  ['… a byte at SND.NXT is a probe, too', `${TALKED}; S > C ACK win=0; +0.2 C > S PSH ACK 1; S > C ACK`, 'WINDOW_PROBE C 1 0', 'WINDOW_OPENED S 1 0'],
  ['RFC 9293 §3.8.4: keep-alive and answer', `${TALKED}; +60 C > S ACK seq=1100; S > C ACK`, 'KEEP_ALIVE C 1 0', 'KEEP_ALIVE_ANSWERED S 0 0'],
  ['… unanswered, the second', `${TALKED}; +60 C > S ACK seq=1100; +60 C > S ACK seq=1100`, 'KEEP_ALIVE C 2 0'],
  ['a pure ACK below data that were captured as its own: somebody else sent them', `${TALKED}; C > S PSH ACK 40 ttl=200; S > C ACK; +0.1 C > S ACK seq=1101`, 'DISOWNED_DATA C 40 40'],
  ['data in the place of a FIN that the peer has acknowledged: somebody else sent it', `${TALKED}; C > S FIN ACK; S > C ACK; C > S PSH ACK 50 seq=1101`, 'DISOWNED_FIN C 0 0'],

  ['RFC 9293 §3.6: FIN after 100 bytes', `${TALKED}; C > S FIN ACK`, 'FIN C 100 0'],
  ['… that acknowledges the other', `${TALKED}; C > S FIN ACK; S > C FIN ACK`, 'FIN S 0 1'],
  ['the FIN again', `${TALKED}; C > S FIN ACK; +0.3 C > S FIN ACK again`, 'FIN_REPEATED C 2 0'],
  [
    'half-closed: data in CLOSE-WAIT, left by FIN after 3 ms',
    `${OPEN}; C > S FIN ACK; S > C ACK; S > C PSH ACK 50; S > C FIN ACK`,
    'HALF_CLOSED S 0 0',
    'DATA_IN_CLOSE_WAIT S 50 0',
    `CLOSE_WAIT_LEFT S ${3 * MS} 1`,
  ],
  ['CLOSE-WAIT left by its own RST', `${OPEN}; C > S FIN ACK; S > C ACK; S > C RST ACK`, `CLOSE_WAIT_LEFT S ${2 * MS} 2`, `RESET_AFTER_FIN S ${ABORT} 0`, `RESET S ${ABORT} ${AFTER_PEER_FIN}`],
  ['CLOSE-WAIT left by the peer\'s RST', `${OPEN}; C > S FIN ACK; S > C ACK; C > S RST ACK`, `CLOSE_WAIT_LEFT S ${2 * MS} 3`, `RESET C ${ABORT} ${AFTER_OWN_FIN}`],
  ['CLOSE-WAIT left by a FIN that the capture missed', `${OPEN}; C > S FIN ACK; S > C ACK; ~ S > C FIN ACK; C > S ACK`, `CLOSE_WAIT_LEFT S ${3 * MS} 4`],
  [
    'data sent to an end that has closed both ways: RST without a socket, 100 bytes lost',
    `${OPEN}; C > S FIN ACK; S > C ACK; S > C PSH ACK 100; C > S RST seq=1002`,
    `DATA_AFTER_CLOSE S 100 0`,
    `MET_NO_SOCKET S ${3 * MS} 0`,
    `RESET C ${NO_SOCKET} ${AFTER_OWN_FIN | PEER_DATA_UNACKED | ANSWERS}`,
    `RESET_AFTER_FIN C ${NO_SOCKET} 100`,
  ],
  ['RFC 9293 §3.6, Figure 13', `${OPEN}; C > S FIN ACK; S > C FIN ACK ack=-1`, 'SIMULTANEOUS_CLOSE S 0 0'],
  ['data beyond the own FIN', `${OPEN}; C > S FIN ACK; S > C ACK; C > S PSH ACK 50`, 'DATA_AFTER_OWN_FIN C 50 0'],
  ['an abort with data outstanding', `${OPEN}; C > S PSH ACK 100; S > C ACK; C > S PSH ACK 100; S > C RST ACK ack=1101`, `RESET S ${ABORT} ${PEER_DATA_UNACKED}`, 'RESET_LOST S 100 0'],
  ['a RST whose TTL is that of another sender', `${TALKED}; S > C RST ACK ttl=250`, `FORGED_HEADER S ${250 - 64} ${MISFIT.TTL | MISFIT.OPTIONS}`, `RESET S ${MIDDLEBOX} 0`],
  ['… a hop off, without the timestamp', `${TALKED}; S > C RST ACK ttl=63`, `FORGED_HEADER S -1 ${MISFIT.TTL_NEAR | MISFIT.OPTIONS}`],
  ['… of a sender that counts its IP packets, without timestamp', `${TALKED}; C > S RST ACK ipid=60000`, `FORGED_HEADER C 0 ${MISFIT.IP_ID | MISFIT.OPTIONS}`],
  ['… without socket, and a window, a hop off', `${TALKED}; S > C PSH ACK 10; C > S RST seq=+0 win=512 ttl=65`, `FORGED_HEADER C 1 ${MISFIT.TTL_NEAR | MISFIT.WINDOW}`],
  [
    '… that acknowledges, 10 ms after they passed, data whose receiver is 40 ms away, without the timestamp',
    'C > S SYN; +0.04 S > C SYN ACK; C > S ACK; C > S PSH ACK 100; +0.04 S > C ACK; C > S PSH ACK 100; +0.01 S > C RST ACK',
    `FORGED_HEADER S 0 ${MISFIT.OPTIONS | MISFIT.TIMING}`,
  ],
  ['R6: the RST that answers a challenge ACK', `${TALKED}; +5 C > S SYN seq=900000; S > C ACK ack=1101; C > S RST seq=1101`, 'CHALLENGE_ACK S 2 0', `RESET C ${ANSWERS_CHALLENGE} ${ANSWERS}`],
  ['a RST whose sender goes on', `${TALKED}; S > C RST; +0.1 S > C PSH ACK 10`, 'RESET_DISOWNED S 0 0'],

  ['flags that no TCP sends: SYN with FIN', 'C > S SYN FIN', 'INVALID_FLAGS C 3 0'],
  ['… or none', 'C > S NONE', 'INVALID_FLAGS C 0 0'],
  ['… or FIN, PSH and URG without ACK', 'C > S FIN PSH URG', 'INVALID_FLAGS C 41 0'],
  ['PSH with nothing to push', `${TALKED}; C > S PSH ACK`, 'PSH_WITHOUT_DATA C 0 0'],
];

/** In the vocabulary, and not shown above: facts of the engine, of nobody yet, or those that the examples of their one rule show. */
const ELSEWHERE = new Set([
  'FLOW_ENDED',
  'MALFORMED_OPTIONS',
  'OVERLAP_CONFLICT',
  'IDLE_ENDED',
  'TIMESTAMP_BACK',
  'FULL_SIZE_LOST',
  'BAD_CHECKSUM',
  'SCALE_MISMATCH',
]);

describe('tcp: facts', () => {
  for (const [source, text, ...facts] of CASES) {
    it(`${[...new Set(facts.map((fact) => fact.split(' ')[0]))].join(', ')}: ${source}`, () => {
      expect(observationsOf(text)).to.include.members(facts);
    });
  }

  it('MALFORMED_OPTIONS: an option that its sender built wrong', () => {
    const facts = observationsOf(`${TALKED}; C > S PSH ACK 10`, (segment) => {
      segment.optionsMalformed = segment.payloadLength === 10;
      segment.checksumState = CHECKSUM_GOOD;
    });
    expect(facts).to.include('MALFORMED_OPTIONS C 0 0');
  });

  for (const [why, text] of [
    ['urgent data whose last byte the pointer marks, also in a later segment', `${OPEN}; C > S URG ACK 10 urg=10; C > S URG ACK 10 urg=900`],
    ['an MSS of 216 bytes and a shift of 14', 'C > S SYN mss=216 ws=14; S > C SYN ACK; C > S ACK'],
    ['a bare ACK without timestamps, and a RST', `${OPEN}; C > S ACK ts=0; C > S RST ACK`],
    ['no timestamps, as neither SYN has them', 'C > S SYN ts=0; S > C SYN ACK ts=0; C > S ACK ts=0; C > S PSH ACK 10 ts=0'],
    ['SACK blocks that both permit', `${OPEN}; S > C ACK sack=1000`],
    ['blocks where the SYNs were not captured', '~ C > S SYN; ~ S > C SYN ACK; C > S ACK; S > C ACK sack=1000'],
    ['three NOPs before the options, as aligning needs', 'C > S SYN sack=0 nop=3'],
  ] as const) {
    it(`nothing odd: ${why}`, () => {
      const kinds = observationsOf(text).map((fact) => fact.split(' ')[0]);
      expect(kinds).to.include('FLOW_STARTED');
      expect(kinds).not.to.include('ODD_HEADER');
      expect(kinds).not.to.include('OPTION_STRIPPED');
    });
  }

  for (const [why, late] of [
    ['was stamped after the connection before had ended', 'C > S PSH ACK 100 seq=1001 ack=5001'],
    ['comes after more than the maximum segment lifetime (RFC 9293 §3.4.2)', '+120 C > S PSH ACK 100 seq=1001 ack=5001 ts=-121011'],
    ['acknowledges what the connection before had not sent', 'C > S PSH ACK 100 seq=1001 ack=5300 ts=-1011'],
    ['carries no timestamp, as the connection before did', 'C > S PSH ACK 100 seq=1001 ack=5001 ts=0'],
    ['fits the present connection as well', 'C > S PSH ACK 5 seq=+0 ack=+0 ts=-1011'],
  ] as const) {
    it(`none of an earlier connection: the segment ${why}`, () => {
      const kinds = observationsOf(`${AGAIN}; ${late}; S > C ACK`).map((fact) => fact.split(' ')[0]);
      expect(kinds).not.to.include('STALE_SEGMENT');
    });
  }

  for (const [why, text] of [
    ['an abort without the timestamp, as some stacks send it', `${TALKED}; S > C RST ACK`],
    ['an abort a hop off', 'C > S SYN ts=0; S > C SYN ACK ts=0; C > S ACK ts=0; S > C RST ACK ttl=63'],
    ['a host without a socket, whose RST has neither IP-ID nor options', `${TALKED}; C > S FIN ACK; S > C ACK; S > C PSH ACK 100; C > S RST seq=1102 ipid=0`],
    ['a server behind a proxy that opened in its name', 'C > S SYN; S > C SYN ACK ttl=250; C > S ACK; C > S PSH ACK 10; S > C ACK; S > C RST ACK'],
    ['an abort 10 ms after data, where the handshake took no longer', 'C > S SYN; +0.01 S > C SYN ACK; C > S ACK; C > S PSH ACK 100; +0.01 S > C RST ACK'],
  ] as const) {
    it(`no forged header: ${why}`, () => {
      const kinds = observationsOf(text).map((fact) => fact.split(' ')[0]);
      expect(kinds).to.include('RESET');
      expect(kinds).not.to.include('FORGED_HEADER');
    });
  }

  it('of a SYN captured before and behind a router are not those of one sent again', () => {
    const kinds = observationsOf('C > S SYN; C > S SYN copy mss=1200; S > C SYN ACK; S > C SYN ACK copy mss=1200; C > S ACK').map((fact) => fact.split(' ')[0]);
    expect(kinds).to.deep.equal(['FLOW_STARTED', 'SYN', 'OPTION_STRIPPED', 'SYN_ACK', 'OPTION_STRIPPED', 'HANDSHAKE_COMPLETED']);
  });

  it('of a SYN sent again later with fewer options, as some stacks do, are not those of a device on the way', () => {
    const kinds = observationsOf('C > S SYN; +1 C > S SYN again ws=-8; S > C SYN ACK').map((fact) => fact.split(' ')[0]);
    expect(kinds).to.include('SYN_REPEATED').and.not.include('OPTION_STRIPPED');
  });

  it('of a connection that begins on a live one are not of data that its SYN never had', () => {
    const kinds = observationsOf(`${TALKED}; +9 C > S SYN; S > C SYN ACK; C > S ACK; C > S PSH ACK 10; S > C ACK`).map((fact) => fact.split(' ')[0]);
    expect(kinds).to.include('TUPLE_REUSED').and.not.include('FAST_OPEN');
  });

  it('of every kind are shown here', () => {
    const shown = new Set(CASES.flatMap(([, , ...facts]) => facts.map((fact) => fact.split(' ')[0])));
    expect(Object.keys(Kind).filter((kind) => !shown.has(kind) && !ELSEWHERE.has(kind))).to.deep.equal([]);
  });

  it('are none but the usual of a clean conversation', () => {
    const kinds = observationsOf(`${TALKED}; S > C PSH ACK 2000; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK`).map((fact) => fact.split(' ')[0]);
    expect(kinds).to.deep.equal(['FLOW_STARTED', 'SYN', 'SYN_ACK', 'HANDSHAKE_COMPLETED', 'FIRST_DATA', 'FIRST_DATA', 'FIN', 'HALF_CLOSED', 'CLOSE_WAIT_LEFT', 'FIN']);
  });
});
