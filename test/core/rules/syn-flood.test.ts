import { expect } from 'chai';
import { Kind } from '../../../src/core/observations.ts';
import type { Draft } from '../../../src/core/rules/rule.ts';
import { synFlood } from '../../../src/core/rules/syn-flood.ts';
import { FakeRun } from '../../support/fake-context.ts';
import type { FakeConnection } from '../../support/fake-context.ts';

const CLIENT = 0;
const SERVER = 1;

/** What becomes of an attempt. */
type Fate = 'completed' | 'answered' | 'aborted' | 'ignored' | 'retried' | 'refused';

interface Attempt {
  time: number;
  fate: Fate;
  source?: string;
}

/** Plays attempts at one listener, each a flow of its own. */
function play(attempts: readonly Attempt[], end: number, options: { [name: string]: number } = {}): Draft[] {
  const connections: FakeConnection[] = attempts.map(({ source }, flow) => ({ client: `${source ?? `203.0.113.${flow % 250}`}:${1024 + (flow % 60_000)}` }));
  const run = new FakeRun(synFlood, connections, options);
  const events: { time: number; see(): void }[] = [];
  const at = (time: number, kind: Kind, flow: number, side: 0 | 1, a = 0, b = 0): void => {
    if (time <= end) events.push({ time, see: () => run.see(kind, flow, side, time, a, b) });
  };
  for (const [flow, { time, fate }] of attempts.entries()) {
    at(time, Kind.SYN, flow, CLIENT, flow);
    if (fate === 'completed' || fate === 'answered' || fate === 'aborted') at(time + 0.01, Kind.SYN_ACK, flow, SERVER, 0, 0.01e9);
    if (fate === 'completed') at(time + 0.02, Kind.HANDSHAKE_COMPLETED, flow, CLIENT, 0.01e9, 0.01e9);
    if (fate === 'aborted') at(time + 0.02, Kind.HANDSHAKE_ABORTED, flow, CLIENT, 0.01e9);
    if (fate === 'refused') at(time + 0.01, Kind.REFUSED, flow, SERVER, 0.01e9, 64);
    if (fate === 'retried') at(time + 1, Kind.SYN_REPEATED, flow, CLIENT, 2, 1e9);
  }
  events.sort((one, other) => one.time - other.time);
  for (const event of events) event.see();
  return run.finish(end);
}

function every(seconds: number, count: number, fate: Fate, from = 0, source?: (index: number) => string): Attempt[] {
  return Array.from({ length: count }, (_, index) => ({
    time: from + index * seconds,
    fate,
    ...(source === undefined ? {} : { source: source(index) }),
  }));
}

/** Distinct addresses, in no order. */
function scattered(index: number): string {
  return `198.18.${(index >> 8) & 0xff}.${(index * 101) % 256}`;
}

describe('syn-flood', () => {
  it('finds a spoofed flood, with its rate, half-open stock and sources', () => {
    const [draft, ...rest] = play(every(0.005, 1000, 'answered', 0, scattered), 10);
    expect(rest).to.deep.equal([]);
    expect(draft).to.include({ severity: 'high', confidence: 'high', count: 1000 });
    expect(draft.facts).to.include({ attempts: 1000, completed: 0, flood_seconds: 5, peak_per_second: 200, half_open_at_most: 1000, source_kind: 'spoofed' });
    expect(draft.facts['sources']).to.be.within(900, 1100);
    expect(draft.facts['syn_cookies_likely']).to.equal(true);
  });

  it('measures against the usual: a flood amid normal traffic keeps its own counts', () => {
    const normal = every(0.1, 600, 'completed', 0, () => '192.0.2.7');
    const flood = every(0.002, 2000, 'answered', 30, scattered);
    const [draft] = play([...normal, ...flood], 80);
    expect(draft.facts['baseline_completed_share']).to.equal(1);
    expect(draft.facts['attempts']).to.be.within(2000, 2050);
    expect(draft.first).to.equal(30e9);
    expect(draft.last).to.equal(34e9);
  });

  it('sees one real source, whose kernel resets, as lesser: nothing stays half-open', () => {
    const [draft] = play(every(0.005, 600, 'aborted', 0, () => '192.0.2.66'), 8);
    expect(draft.severity).to.equal('medium');
    expect(draft.facts).to.include({ main_source: '192.0.2.66', source_kind: 'one source', reset_by_client: 600 });
  });

  it('lets a flash crowd pass, even when a fifth fails', () => {
    expect(play(every(0.001, 3000, 'completed', 0, scattered), 10)).to.deep.equal([]);
    const attempts = every(0.001, 3000, 'completed', 0, scattered).map((attempt, index): Attempt => (index % 5 === 0 ? { ...attempt, fate: 'answered' } : attempt));
    expect(play(attempts, 10)).to.deep.equal([]);
  });

  it('takes a dead or filtered server, whose clients retry, for no flood', () => {
    expect(play(every(0.01, 500, 'retried', 0, scattered), 20)).to.deep.equal([]);
  });

  it('takes a silent server for flooded when no client retries', () => {
    const [draft] = play(every(0.01, 500, 'ignored', 0, scattered), 20);
    expect(draft.confidence).to.equal('high');
    expect(draft.doubts[0]).to.include('no answer of the server');
  });

  it('counts no refused attempts, few, or health checks', () => {
    expect(play(every(0.005, 600, 'refused', 0, scattered), 10)).to.deep.equal([]);
    expect(play(every(0.3, 45, 'answered', 0, scattered), 20)).to.deep.equal([]);
    expect(play(every(0.1, 600, 'aborted', 0, () => '192.0.2.9'), 70)).to.deep.equal([]);
  });

  it('does not accuse when the capture holds one direction of clients that went on', () => {
    const connections = every(0.005, 600, 'ignored').map((): FakeConnection => ({ oneWay: true, bytes: [100, 0], packets: [5, 0] }));
    const run = new FakeRun(synFlood, connections);
    for (let flow = 0; flow < 600; flow += 1) run.see(Kind.SYN, flow, CLIENT, flow * 0.005);
    for (let flow = 0; flow < 600; flow += 1) run.see(Kind.FLOW_ENDED, flow, CLIENT, 10, 0, 1);
    expect(run.finish(10)).to.deep.equal([]);
  });

  it('forgets nothing over long pauses, and finds the later of two floods at its own time', () => {
    const attempts = [...every(0.1, 100, 'completed'), ...every(0.005, 600, 'answered', 5_000, scattered)];
    const [draft] = play(attempts, 5_030);
    expect(draft.first).to.be.within(4_999e9, 5_001e9);
    expect(draft.facts['attempts']).to.equal(600);
  });

  it('obeys its settings', () => {
    expect(play(every(0.005, 300, 'answered', 0, scattered), 10, { minimum: 5_000 })).to.deep.equal([]);
  });
});
