import { expect } from 'chai';
import type { PacketRow } from '../../../src/core/index.ts';
import { Engine } from '../../../src/core/index.ts';
import { fixtureCapture } from '../../support/fixtures.ts';
import { EPOCH, framesOf } from '../../support/trace.ts';
import { pcap } from '../../support/pcap-writer.ts';

function rowsIn(capture: Uint8Array): PacketRow[] {
  const rows: PacketRow[] = [];
  const engine = new Engine({ rules: [] }, { packet: (row) => rows.push(row) });
  engine.open('capture', null);
  engine.push(capture);
  engine.close();
  engine.finish();
  return rows;
}

function rowsOf(conversation: string): PacketRow[] {
  return rowsIn(pcap(framesOf(conversation).map(({ time, data }) => ({ time: EPOCH + BigInt(time), data })), { variant: 'nanosecond' }));
}

/** "3 hole:high, 5 retransmission:high loss:medium downstream": the packets that have labels. */
function verdictsOf(rows: readonly PacketRow[]): string {
  return rows
    .filter(({ labels, loss }) => labels.length > 0 || loss !== null)
    .map(({ packet, confidence, loss }) => `${packet} ${Object.entries(confidence).map(([label, sure]) => `${label}:${sure}`).join(' ')}${loss === null ? '' : ` ${loss}`}`)
    .join(', ');
}

const OPEN = 'C > S SYN; S > C SYN ACK; C > S ACK';
const TALKED = `${OPEN}; C > S PSH ACK 100; S > C ACK`;
/** The same without timestamps. */
const BARE = 'C > S SYN ts=0; S > C SYN ACK ts=0; C > S ACK ts=0; C > S PSH ACK 100 ts=0; S > C ACK ts=0';

/** [what it shows, the conversation, its labelled packets]. */
const CASES: readonly (readonly [string, string, string])[] = [
  [
    'a SYN of another number in SYN-RECEIVED: the SYN-ACK before it comes again, a late copy it is not',
    'C > S SYN; S > C SYN ACK; +1 C > S SYN seq=7777777; S > C ACK seq=5001 ack=1001; +1 S > C SYN ACK seq=5000 ack=1001',
    '5 synack-retransmission:high',
  ],
  [
    'a SYN-ACK from an end in SYN-SENT with another number than its SYN: outside the window of its receiver',
    'C > S SYN; S > C SYN ACK; C > S SYN ACK seq=424242 ack=1001',
    '3 out-of-window:medium',
  ],
  [
    'a SYN-ACK on an established connection draws a challenge ACK, whatever its number (RFC 5961 §4.2)',
    `${TALKED}; S > C SYN ACK seq=5001 ack=1101; C > S ACK seq=1101 ack=5001; S > C SYN ACK seq=9999999 ack=1101; C > S ACK seq=1101 ack=5001`,
    '7 challenge-ack:medium, 8 out-of-window:medium, 9 challenge-ack:medium',
  ],
  [
    'seen, sent again, acknowledged by the second: lost behind the capture point',
    `${TALKED}; C > S PSH ACK 50; +0.3 C > S PSH ACK 50 seq=1101; S > C ACK`,
    '7 retransmission:high loss:high downstream',
  ],
  [
    '… without timestamps less certain',
    `${BARE}; C > S PSH ACK 50 ts=0; +0.3 C > S PSH ACK 50 again ts=0; +0.01 S > C ACK ts=0`,
    '7 retransmission:high loss:medium downstream',
  ],
  [
    'acknowledged by an echo of the first timestamp: the second was not needed (RFC 3522)',
    `${TALKED}; C > S PSH ACK 50; +0.3 C > S PSH ACK 50 again; S > C ACK`,
    '7 retransmission:high spurious-retransmission:high',
  ],
  [
    'an acknowledgment sooner than half of the way there and back answers the first',
    'C > S SYN ts=0; +0.1 S > C SYN ACK ts=0; C > S ACK ts=0; C > S PSH ACK 50 ts=0; +0.08 C > S PSH ACK 50 again ts=0; +0.02 S > C ACK ts=0',
    '5 retransmission:high spurious-retransmission:medium',
  ],
  [
    '… a later one the second',
    'C > S SYN ts=0; +0.1 S > C SYN ACK ts=0; C > S ACK ts=0; C > S PSH ACK 50 ts=0; +0.08 C > S PSH ACK 50 again ts=0; +0.06 S > C ACK ts=0',
    '5 retransmission:high loss:medium downstream',
  ],
  [
    'never seen before, sent after later data: lost before the capture point',
    `${TALKED}; ~ C > S PSH ACK 70; C > S PSH ACK 80; S > C ACK ack=-150; +0.3 C > S PSH ACK 70 again; S > C ACK`,
    '6 hole:high, 7 duplicate-ack:high, 8 retransmission:high loss:high upstream',
  ],
  [
    '… stamped before its follower: reordered, nothing lost',
    `${TALKED}; C > S PSH ACK 80 seq=1171; C > S PSH ACK 70 ts=-5; S > C ACK ack=1251`,
    '6 hole:high, 7 out-of-order:high',
  ],
  [
    'acknowledged before any copy was seen: the capture missed it',
    `${TALKED}; ~ C > S PSH ACK 70; C > S PSH ACK 80; S > C ACK`,
    '6 hole:high, 7 ack-unseen:medium loss:medium capture',
  ],
  [
    '… beyond all that was captured, until the sender shows that it sent it',
    `${TALKED}; ~ C > S PSH ACK 70; S > C ACK; C > S PSH ACK 80; S > C ACK`,
    '6 ack-unseen:high loss:high capture, 7 hole:high',
  ],
  [
    '… and a copy that comes later is no second loss',
    `${TALKED}; ~ C > S PSH ACK 70; C > S PSH ACK 80; S > C ACK; +0.3 C > S PSH ACK 70 again`,
    '6 hole:high, 7 ack-unseen:medium loss:medium capture, 8 retransmission:high spurious-retransmission:high loss:medium capture',
  ],
  [
    'what the sender never sent was not missed',
    `${TALKED}; S > C ACK ack=+4000; +0.1 C > S ACK`,
    '6 bad-ack:high, 7 challenge-ack:medium',
  ],
  ['a SYN that was not answered before it was sent again', 'C > S SYN; +1 C > S SYN seq=1000; S > C SYN ACK', '2 syn-retransmission:high loss:high downstream'],
  [
    'bytes captured before and bytes of a hole in one segment: sent again, whatever its timestamp says',
    `${TALKED}; ~ C > S PSH ACK 70; C > S PSH ACK 80; C > S PSH ACK 150 seq=1101 ts=-9; S > C ACK ack=1251`,
    '6 hole:high, 7 retransmission:high loss:high upstream',
  ],
  ['a segment of the connection before', `${TALKED}; S > C FIN ACK; C > S FIN ACK; S > C ACK; +1 ${OPEN}; C > S PSH ACK 100 seq=1001 ack=5001 ts=-1008`, '9 port-reuse:high, 12 old-ack:high stale-segment:high out-of-window:high'],
  ['a RST of somebody else', `${TALKED}; S > C RST ACK ttl=250`, '6 forged-header:high'],
  ['a keep-alive', `${TALKED}; +60 C > S ACK seq=1100; S > C ACK`, '6 keep-alive:high, 7 keep-alive-ack:high'],
  [
    'a Linux probe of a zero window: nothing, at SND.UNA − 1',
    `${TALKED}; S > C ACK win=0; +0.3 C > S ACK seq=1100; S > C ACK win=0`,
    '6 zero-window:high, 7 zero-window-probe:high, 8 zero-window:high zero-window-probe-ack:high',
  ],
  [
    '… while data are outstanding',
    `${TALKED}; C > S PSH ACK 50; S > C ACK win=0 ack=1101; +0.3 C > S ACK seq=1100`,
    '7 zero-window:high, 8 zero-window-probe:high',
  ],
];

describe('labels of packets', () => {
  for (const [what, conversation, expected] of CASES) {
    it(what, () => expect(verdictsOf(rowsOf(conversation))).to.equal(expected));
  }

  it('have a confidence each, and no other', () => {
    for (const fixture of ['loss-5pct-at-client', 'reordering', 'capture-drops', 'zero-window', 'syn-flood-hping3', 'port-reuse-old-syn']) {
      for (const { packet, labels, confidence, loss } of rowsIn(fixtureCapture(fixture))) {
        expect(Object.keys(confidence).filter((name) => name !== 'loss'), `${fixture} #${packet}`).to.deep.equal(labels);
        expect('loss' in confidence, `${fixture} #${packet}`).to.equal(loss !== null);
      }
    }
  });
});

/** The lab dropped frames between the hosts; these captures were taken at the client's own interface. */
describe('labels at an end of a path that loses packets', () => {
  const rows = rowsIn(fixtureCapture('loss-5pct-at-client')).filter(({ labels }) => labels.some((label) => label.includes('retransmission') || label === 'out-of-order'));
  const fromClient = rows.filter(({ from }) => !from.endsWith(':8001'));
  const fromServer = rows.filter(({ from }) => from.endsWith(':8001'));

  it("of what that end sends again: its own bytes were captured, so it is never out of order and was lost behind the capture point", () => {
    expect(fromClient.map(({ labels, loss }) => [labels[0], loss])).to.deep.equal(Array.from({ length: 13 }, () => ['retransmission', 'downstream']));
  });

  it('of what the other end sends again (8 times, by its kernel): lost before the capture point', () => {
    expect(fromServer.map(({ labels, loss }) => [labels[0], loss])).to.deep.equal(Array.from({ length: 8 }, () => ['retransmission', 'upstream']));
  });

  it("of Linux' probes of a closed window: none is a keep-alive", () => {
    const probes = rowsIn(fixtureCapture('zero-window')).filter(({ len, labels }) => len === 0 && labels.includes('zero-window-probe'));
    expect(probes.map(({ packet }) => packet)).to.deep.equal([16, 18, 19]);
    expect(rowsIn(fixtureCapture('zero-window')).flatMap(({ labels }) => labels)).not.to.include('keep-alive');
  });
});
