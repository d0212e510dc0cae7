import { expect } from 'chai';
import type { FoldStep, Ladder, LadderStep, PacketRow, TimelineRow } from '../../../src/core/index.ts';
import { LadderRecorder } from '../../../src/core/index.ts';
import { History } from '../../../src/core/report/ladder-history.ts';
import { fixtureCapture } from '../../support/fixtures.ts';
import { ladderOf } from '../../support/ladder.ts';
import { sampleReport } from '../../support/sample-report.ts';

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;

const FLOW: Ladder['flow'] = {
  flow: 1, client: 'C:1', server: 'S:2', start_ns: START, end_ns: START, duration: 0, outcome: 'open', client_state: 'ESTABLISHED', server_state: 'ESTABLISHED',
  closed_first: null, handshake: { synack_seconds: null, ack_seconds: null }, packets: [1, 1], bytes: [0, 0], retransmitted: [0, 0], conn_state: 'OTH',
  history: 'ShA', direction: 'seen', direction_confidence: 1, vlan: null, tunnel: null, findings: [],
};

function packet(number: number, changes: Partial<PacketRow> = {}): PacketRow {
  return {
    packet: number, t_ns: START + BigInt(number) * 1_000_000n, flow: 1, from: 'C:1', to: 'S:2', flags: 'A', seq: 1000, ack: 1, len: 100, win: 5,
    labels: [], sender_state: 'ESTABLISHED', receiver_state: 'ESTABLISHED', confidence: {}, loss: null, ...changes,
  };
}

function change(state: string, proof: number, t_ns: bigint, possible = [state]): TimelineRow {
  return { t_ns, packet: proof, flow: 1, local: 'C:1', remote: 'S:2', state, possible };
}

function steps(recorder: LadderRecorder): LadderStep[] {
  return recorder.ladder(FLOW, sampleReport()).steps;
}

/** "1 2 3 [4-9] 10": packets drawn, and those folded. */
function outline(all: readonly LadderStep[]): string {
  return all.map((step) => (step.kind === 'packet' ? step.packet : step.kind === 'fold' ? `[${step.first}-${step.last}]` : step.end)).join(' ');
}

function plain(count: number, special: { readonly [number: number]: Partial<PacketRow> } = {}): LadderStep[] {
  const recorder = new LadderRecorder();
  for (let number = 1; number <= count; number++) recorder.packet(packet(number, special[number]));
  return steps(recorder);
}

describe('a ladder', () => {
  it('folds plain data but for its beginning and end', () => {
    const all = plain(100);
    expect(outline(all)).to.equal('1 2 3 [4-98] 99 100');
    expect(all[3]).to.deep.include({ kind: 'fold', segments: [95, 0], bytes: [9500, 0], labels: {}, lasting_seconds: 0.094, gap_seconds: 0.001 });
    expect(all[4]).to.include({ packet: 99, gap_seconds: 0.001, seconds: 0.098 });
  });

  it('does not fold what would hardly be shorter', () => {
    expect(outline(plain(8))).to.equal('1 2 3 4 5 6 7 8');
    expect(outline(plain(9))).to.equal('1 2 3 [4-7] 8 9');
  });

  it('keeps an incident and what surrounds it', () => {
    expect(outline(plain(100, { 50: { labels: ['retransmission'] } }))).to.equal('1 2 3 [4-47] 48 49 50 51 52 [53-98] 99 100');
    expect(outline(plain(100, { 50: { flags: 'FA' } }))).to.equal('1 2 3 [4-47] 48 49 50 51 52 [53-98] 99 100');
    expect(outline(plain(100, { 50: { labels: ['window-update'] } }))).to.equal('1 2 3 [4-98] 99 100');
  });

  it('keeps the packets before and after a silence', () => {
    const recorder = new LadderRecorder();
    for (let number = 1; number <= 60; number++) recorder.packet(packet(number, number > 30 ? { t_ns: START + SECOND + BigInt(number) * 1_000_000n } : {}));
    const all = steps(recorder);
    expect(outline(all)).to.equal('1 2 3 [4-28] 29 30 31 32 33 [34-58] 59 60');
    expect(all.find((step) => step.kind === 'packet' && step.packet === 31)?.gap_seconds).to.equal(1.001);
  });

  it('keeps the packets that a finding names', () => {
    const recorder = new LadderRecorder(new Set([50]));
    for (let number = 1; number <= 100; number++) recorder.packet(packet(number));
    expect(outline(steps(recorder))).to.equal('1 2 3 [4-47] 48 49 50 51 52 [53-98] 99 100');
  });

  it('is bounded, however many incidents there are, and counts those that it does not draw', () => {
    const recorder = new LadderRecorder();
    for (let number = 1; number <= 50_000; number++) {
      recorder.packet(packet(number, number % 10 === 0 ? { labels: ['retransmission'] } : number % 10 === 5 ? { flags: 'S' } : {}));
    }
    const all = steps(recorder);
    expect(all.length).to.be.below(200);
    const folds = all.filter((step): step is FoldStep => step.kind === 'fold');
    expect(folds.at(-1)?.labels['retransmission']).to.be.above(4900);
    const drawn = all.filter(({ kind }) => kind === 'packet').length;
    expect(drawn + folds.reduce((sum, { segments }) => sum + segments[0], 0)).to.equal(50_000);
  });

  it('leaves second copies out', () => {
    const recorder = new LadderRecorder();
    for (let number = 1; number <= 6; number++) recorder.packet(packet(number, number % 2 === 0 ? { labels: ['capture-duplicate'] } : {}));
    const ladder = recorder.ladder(FLOW, sampleReport());
    expect([outline(ladder.steps), ladder.copies]).to.deep.equal(['1 3 5', 3]);
  });

  it('counts sequence numbers from the SYN, across the wrap and on beyond it', () => {
    const recorder = new LadderRecorder();
    recorder.packet(packet(1, { flags: 'S', seq: 4_294_967_290, len: 0 }));
    recorder.packet(packet(2, { flags: 'SA', from: 'S:2', to: 'C:1', seq: 77, ack: 4_294_967_291, len: 0 }));
    for (let number = 3; number <= 12; number++) recorder.packet(packet(number, { flags: 'FA', seq: (4_294_967_291 + (number - 3) * 1_000_000_000) >>> 0, ack: 78 }));
    recorder.packet(packet(13, { flags: 'RA', from: 'S:2', to: 'C:1', seq: 78, ack: (4_294_967_291 - 5) >>> 0, len: 0 }));
    const numbers = steps(recorder).map((step) => (step.kind === 'packet' ? [step.seq, step.ack] : []));
    expect(numbers[0]).to.deep.equal([0, null]);
    expect(numbers[1]).to.deep.equal([0, 1]);
    expect(numbers[11]).to.deep.equal([9_000_000_001, 1]);
    expect(numbers[12]).to.deep.equal([1, 8_589_934_592 - 4]);
  });

  it('counts from one where the capture does not show the SYN', () => {
    const [first, second] = plain(2, { 1: { seq: 5000, ack: 9000 }, 2: { from: 'S:2', to: 'C:1', seq: 9000, ack: 5100, len: 0 } });
    expect(first).to.deep.include({ seq: 1, ack: 1 });
    expect(second).to.deep.include({ seq: 1, ack: 101, from: 'server' });
  });

  it('shows what the whole capture proves: the client resent its lost third ACK', () => {
    const ladder = ladderOf(fixtureCapture('open-third-ack-lost'), 1);
    const states = ladder.steps.map((step) => (step.kind === 'packet' ? [step.packet, step.client?.state, step.server?.state] : []));
    expect(states.slice(0, 5)).to.deep.equal([
      [1, 'SYN_SENT', 'SYN_RECEIVED'],
      [2, 'SYN_SENT', 'SYN_RECEIVED'],
      [3, 'ESTABLISHED', 'SYN_RECEIVED'],
      [4, 'ESTABLISHED', 'SYN_RECEIVED'],
      [5, 'ESTABLISHED', 'ESTABLISHED'],
    ]);
  });

  it('shows a change that no packet of the connection brings', () => {
    const { steps: all } = ladderOf(fixtureCapture('open-rejected-icmp'), 1);
    expect(all.map(({ kind }) => kind)).to.deep.equal(['packet', 'change']);
    expect(all[1]).to.include({ end: 'client', proof: 2, seconds: 0.000817618 });
    expect(all[1].client?.state).to.equal('CLOSED');
  });

  it('has the client on its left, whoever sent first', () => {
    const recorder = new LadderRecorder();
    recorder.change(change('SYN_SENT', 1, START), 1, false);
    recorder.packet(packet(1, { from: 'S:2', to: 'C:1', t_ns: START }));
    recorder.packet(packet(2, { t_ns: START + 1n }));
    const [first, second] = steps(recorder);
    expect([first, second].map((step) => step.kind === 'packet' && step.from)).to.deep.equal(['server', 'client']);
    expect([first.client?.state, first.server]).to.deep.equal(['SYN_SENT', null]);
  });

  it('tells which findings concern the flow, and what capture would settle them', () => {
    const { flow, findings } = ladderOf(fixtureCapture('rst-answers-fin'), 1, { rules: ['rst-after-fin', 'syn-flood'] });
    expect(findings.map(({ finding, certain, number }) => [finding.rule, certain, number])).to.deep.equal([['rst-after-fin', true, 1]]);
    expect(flow.findings).to.deep.equal(['rst-after-fin']);
    const lost = ladderOf(fixtureCapture('open-third-ack-lost'), 1).findings.find(({ finding }) => finding.rule === 'synack-retransmit');
    expect(lost?.settled_by.join()).to.match(/at the server, 10\.77\.30\.3: .* tcpdump .*host 10\.77\.30\.2 and host 10\.77\.30\.3 and tcp port 8001/);
  });
});

describe('the history of an end', () => {
  const history = new History();
  const epoch = (state: string, t_ns: bigint, proof: number, datedBack = false): void => history.add({ t_ns, state, possible: [state], proof, datedBack });
  epoch('SYN_SENT', 10n, 1);
  epoch('ESTABLISHED', 20n, 3);
  epoch('CLOSE_WAIT', 30n, 5);

  it('is asked by time, and among packets of one time by number', () => {
    expect(history.stateAt(history.indexAt(9n, 1))).to.equal(null);
    expect(history.stateAt(history.indexAt(20n, 2))?.state).to.equal('SYN_SENT');
    expect(history.stateAt(history.indexAt(20n, 3))?.state).to.equal('ESTABLISHED');
    expect([history.changesAt(20n, 3), history.changesAt(25n, 4)]).to.deep.equal([true, false]);
  });

  it('takes back what was said from a time on', () => {
    epoch('LAST_ACK', 20n, 9, true);
    expect(history.epochs.map(({ state }) => state)).to.deep.equal(['SYN_SENT', 'LAST_ACK']);
    expect(history.stateAt(history.indexAt(20n, 2))?.state).to.equal('LAST_ACK');
  });

  it('is bounded', () => {
    for (let number = 0; number < 100_000; number++) epoch(`S${number}`, 100n + BigInt(number), number);
    expect(history.epochs.length).to.be.below(5000);
    expect(history.epochs.at(-1)?.state).to.equal('S99999');
    expect(history.epochs[0].state).to.equal('SYN_SENT');
  });
});
