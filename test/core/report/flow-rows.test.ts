import { expect } from 'chai';
import { type AuditOptions, Engine, type FlowRow } from '../../../src/core/index.ts';
import { analyse, toJson } from '../../support/analyse.ts';
import { captureOf } from '../../support/conversation-frames.ts';
import { fixtureCapture, fixtureNames } from '../../support/fixtures.ts';

interface Told {
  row: FlowRow;
  isRevised: boolean;
  /** Packets that were read by then; null: the capture had ended. */
  packet: number | null;
}

/** The rows of a capture whose flows are told at their close, in order. */
function toldOf(capture: Uint8Array, options: AuditOptions = {}): Told[] {
  const told: Told[] = [];
  let hasEnded = false;
  const engine = new Engine(options, { flowsAtClose: true, flow: (row, isRevised) => told.push({ row, isRevised, packet: hasEnded ? null : engine.packets }) });
  engine.open('capture', null);
  engine.push(capture);
  engine.close();
  hasEnded = true;
  engine.finish();
  return told;
}

/** Flow, outcome, packets of both ends, whether it was revised, and when it was told: of a conversation, without findings. */
function short(conversation: string): unknown[] {
  return toldOf(captureOf(conversation), { rules: [] }).map(({ row: { flow, outcome, packets }, isRevised, packet }) => [flow, outcome, packets, isRevised, packet]);
}

const SHAKE = 'C > S SYN; S > C SYN ACK; C > S ACK';
const CLOSE = 'C > S FIN ACK; S > C FIN ACK; C > S ACK';

describe('rows of flows told at their close', () => {
  it('come with the packet that closes the second end', () => {
    // From tshark: tcp.stream 2 of the capture ends with frame 21, which acknowledges the second FIN; it sends 5 packets and gets 3.
    const [{ row, isRevised, packet }] = toldOf(fixtureCapture('leaking-server'));
    expect([row.flow, row.outcome, row.packets, isRevised, packet]).to.deep.equal([3, 'closed', [5, 3], false, 21]);
  });

  it('come with the segment that refuses or resets, and with the ICMP error that rejects', () => {
    expect(short('C > S SYN; S > C RST ACK; +1 D > S SYN; S > D SYN ACK').at(0)).to.deep.equal([1, 'refused', [1, 1], false, 2]);
    expect(short(`${SHAKE}; S > C RST; +1 D > S SYN`).at(0)).to.deep.equal([1, 'aborted', [2, 2], false, 4]);
    expect(short('C > S SYN; R > C ICMP 3/1 S; +1 D > S SYN').at(0)).to.deep.equal([1, 'rejected', [1, 0], false, 2]);
  });

  it('come at the end of the capture for what never closes', () => {
    expect(short(`${SHAKE}; E > S SYN; S > E SYN ACK; E > S ACK; E > S FIN ACK; S > E ACK; D > S SYN; +1 D > S SYN again`)).to.deep.equal([
      [1, 'open', [2, 1], false, null],
      [2, 'half-closed', [3, 2], false, null],
      [3, 'unanswered', [2, 0], false, null],
    ]);
  });

  it('come again when a late segment has changed them: once the flow is forgotten', () => {
    // The FIN again 0.3 s later, then nothing of this connection; four minutes after it a packet of another.
    const late = `${SHAKE}; ${CLOSE}; +0.3 S > C FIN ACK again; C > S ACK; +239 D > S SYN; +2 D > S SYN again`;
    expect(short(late)).to.deep.equal([
      [1, 'closed', [4, 2], false, 6],
      [1, 'closed', [5, 3], true, 10],
      [2, 'unanswered', [2, 0], false, null],
    ]);
  });

  it('come again at the next close of a connection that went on after a reset', () => {
    const data = 'C > S PSH ACK 10; S > C ACK';
    const survived = `${SHAKE}; ${data}; S > C RST ttl=30; +0.2 ${data}; +250 ${data}; +0.1 ${CLOSE}`;
    expect(short(survived)).to.deep.equal([
      [1, 'aborted', [3, 3], false, 6],
      [1, 'closed', [7, 6], true, 13],
    ]);
  });

  it('come once as the first of each connection on ports that are used again, if only the SYN-ACK shows the second', () => {
    const again = `${SHAKE}; ${CLOSE}; +70 ~ C > S SYN seq=+500000; S > C SYN ACK seq=+500000; C > S ACK; +0.1 ${CLOSE}`;
    const first = toldOf(captureOf(again)).filter(({ isRevised }) => !isRevised);
    expect(first.map(({ row, packet }) => [row.flow, packet])).to.deep.equal([[1, 6], [2, 11]]);
  });

  for (const name of fixtureNames) {
    it(`of ${name} are in the end what they are without, each first told once`, () => {
      const capture = fixtureCapture(name);
      const { ended, open } = analyse([capture]);
      const last = new Map<number, string>();
      for (const { row, isRevised } of toldOf(capture)) {
        expect(isRevised, `flow ${row.flow}`).to.equal(last.has(row.flow));
        expect(toJson(row), `flow ${row.flow}`).not.to.equal(last.get(row.flow));
        last.set(row.flow, toJson(row));
      }
      const rows = [...ended, ...open];
      expect(last.size).to.equal(rows.length);
      for (const row of rows) expect(last.get(row.flow)).to.equal(toJson(row));
    });
  }
});
