import { expect } from 'chai';
import { Kind } from '../../../src/core/observations.ts';
import { closeWaitLeak } from '../../../src/core/rules/close-wait-leak.ts';
import type { Draft } from '../../../src/core/rules/rule.ts';
import { FakeRun } from '../../support/fake-context.ts';
import type { FakeConnection } from '../../support/fake-context.ts';

const SERVER = 1;
const CLIENT = 0;

function connections(count: number, each: FakeConnection = {}): FakeConnection[] {
  return Array.from({ length: count }, () => each);
}

/** Half-closes flows 0 … count−1 a fraction of a second apart; `closeAfter` seconds later each is closed, if at all. */
function serve(count: number, every: number, end: number, closeAfter: (flow: number) => number | null): Draft[] {
  const run = new FakeRun(closeWaitLeak, connections(count));
  const events: { time: number; flow: number; left: number | null }[] = [];
  for (let flow = 0; flow < count; flow += 1) {
    const time = flow * every;
    events.push({ time, flow, left: null });
    const hold = closeAfter(flow);
    if (hold !== null && time + hold < end) events.push({ time: time + hold, flow, left: hold });
  }
  events.sort((one, other) => one.time - other.time);
  const open = new Set<number>();
  for (const { time, flow, left } of events) {
    if (left === null) {
      open.add(flow);
      run.see(Kind.HALF_CLOSED, flow, SERVER, time, 300);
    } else {
      open.delete(flow);
      run.see(Kind.CLOSE_WAIT_LEFT, flow, SERVER, time, left * 1e9, 1);
    }
  }
  for (let flow = 0; flow < count; flow += 1) run.see(Kind.FLOW_ENDED, flow, CLIENT, end, open.has(flow) ? 2 : 1, 1);
  return run.finish(end);
}

describe('close-wait-leak', () => {
  it('calls a leak what is never closed, with the bound, growth and forecast of the numbers', () => {
    const [draft, ...rest] = serve(40, 1, 100, () => null);
    expect(rest).to.deep.equal([]);
    expect(draft).to.deep.include({ severity: 'high', confidence: 'high', count: 40, first: 0, last: 100e9 });
    expect(draft.subject).to.deep.equal({ kind: 'endpoint', endpoint: '198.51.100.1:443' });
    // Σ ages = 100 + 99 + … + 61 = 3220 s; a third of it is the bound; √40 the growth.
    expect(draft.facts['watched_seconds_in_all']).to.equal(3220);
    expect(draft.facts['mean_hold_at_least_seconds']).to.equal(1073);
    expect(draft.facts['growth_score']).to.equal(6.32);
    expect(draft.facts['oldest_open_seconds']).to.equal(100);
    expect(draft.facts['speaks_for_leak']).to.deep.equal(['bound', 'growth']);
    expect(draft.facts['cause']).to.equal('replied, then silent');
    // 0.4 a second: 984 more until 1,024.
    expect(draft.facts['seconds_until_open_files']).to.deep.equal({ '1024': 2460, '4096': 10_140, '65535': 163_738 });
    expect(draft.packets).to.have.lengthOf(40);
  });

  it('is critical when the descriptors run out within minutes', () => {
    const [draft] = serve(600, 0.2, 121, () => null);
    expect(draft.severity).to.equal('critical');
  });

  it('tells a slow close from a leak: closed every time, and the stock levels off', () => {
    const [draft] = serve(100, 0.5, 60, () => 3);
    expect(draft).to.deep.include({ severity: 'info', count: 100 });
    expect(draft.facts['verdict']).to.equal('slow close');
    expect(draft.facts['median_hold_seconds']).to.be.closeTo(3, 0.06);
  });

  it('says nothing of quick closes', () => {
    expect(serve(500, 0.01, 10, () => 0.02)).to.deep.equal([]);
  });

  it('finds the fifth that is never closed, and calls it a leak once it was watched beyond the policy', () => {
    const [draft] = serve(300, 0.2, 180, (flow) => (flow % 5 === 0 ? null : 0.05 + (flow % 7) * 0.01));
    expect(draft.facts['verdict']).to.equal('leak');
    expect(draft.severity).to.equal('high');
    expect(draft.facts['never_closes']).to.have.property('share').that.is.closeTo(0.2, 0.005);
    expect(draft.facts['never_closes']).to.have.property('p_value').that.is.below(1e-6);
    expect(draft.facts['speaks_for_leak']).to.include('plateau');
  });

  it('only suspects the same within seconds', () => {
    const [draft] = serve(300, 0.01, 5, (flow) => (flow % 5 === 0 ? null : 0.005 + (flow % 7) * 0.001));
    expect(draft.facts['verdict']).to.equal('suspected');
    expect(draft.severity).to.equal('low');
  });

  it('accuses nobody when a crowd is cut off by the end of the capture', () => {
    expect(serve(2000, 0.0005, 1.1, () => null)).to.deep.equal([]);
  });

  it('asks for a longer capture when it saw too little', () => {
    const [draft] = serve(6, 0.5, 6, () => null);
    expect(draft.facts['verdict']).to.equal('insufficient observation');
    expect(draft.severity).to.equal('info');
    // 3 · 60 s are needed of 6 connections; Σ ages = 6 + 5.5 + … + 3.5 = 28.5 s.
    expect(draft.facts['extra_capture_seconds']).to.equal(Math.ceil((180 - 28.5) / 6));
  });

  it('leaves out who is still sending, and one-way connections', () => {
    const streaming = new FakeRun(closeWaitLeak, connections(10));
    for (let flow = 0; flow < 10; flow += 1) streaming.see(Kind.HALF_CLOSED, flow, SERVER, 0, 100);
    for (let second = 1; second <= 200; second += 1) {
      for (let flow = 0; flow < 10; flow += 1) streaming.see(Kind.DATA_IN_CLOSE_WAIT, flow, SERVER, second, 1000);
    }
    expect(streaming.finish(200)).to.deep.equal([]);
    const oneWay = new FakeRun(closeWaitLeak, connections(10, { oneWay: true }));
    for (let flow = 0; flow < 10; flow += 1) oneWay.see(Kind.HALF_CLOSED, flow, SERVER, 0, 100);
    expect(oneWay.finish(500)).to.deep.equal([]);
  });

  it('takes three late FINs that met no socket as proof', () => {
    const run = new FakeRun(closeWaitLeak, connections(9));
    for (let flow = 0; flow < 9; flow += 1) run.see(Kind.HALF_CLOSED, flow, SERVER, 0, 0);
    for (let flow = 0; flow < 3; flow += 1) {
      run.see(Kind.CLOSE_WAIT_LEFT, flow, SERVER, 20, 20e9, 1);
      run.see(Kind.MET_NO_SOCKET, flow, SERVER, 20.1, 20e9);
    }
    const [draft] = run.finish(21);
    expect(draft.facts['late_fins_met_no_socket']).to.equal(3);
    expect(draft.facts['verdict']).to.equal('leak');
    expect(draft.facts['cause']).to.equal('never replied');
  });

  it('groups a leaking client by host and server port, however its own ports scatter', () => {
    const run = new FakeRun(closeWaitLeak, connections(30, { server: '198.51.100.9:5432' }));
    for (let flow = 0; flow < 30; flow += 1) run.see(Kind.HALF_CLOSED, flow, CLIENT, flow, 50);
    const drafts = run.finish(200);
    expect(drafts).to.have.lengthOf(1);
    expect(drafts[0].subject).to.deep.equal({ kind: 'host', host: '192.0.2.1' });
    expect(drafts[0]).to.include({ severity: 'medium', count: 30 });
    expect(drafts[0].facts['end']).to.equal('client');
  });

  it('takes any number of closes in one slot', () => {
    const run = new FakeRun(closeWaitLeak, []);
    for (let round = 0; round < 50_000; round += 1) {
      run.see(Kind.HALF_CLOSED, 0, SERVER, round * 0.001, 10);
      run.see(Kind.CLOSE_WAIT_LEFT, 0, SERVER, round * 0.001, 1e6, 1);
    }
    expect(run.finish(60)).to.deep.equal([]);
  });
});
