import { expect } from 'chai';
import { auditConversation } from '../../../src/core/examples/check-examples.ts';
import { Kind, RESET_FORMS } from '../../../src/core/observations.ts';
import type { Draft } from '../../../src/core/rules/rule.ts';
import { synFlood } from '../../../src/core/rules/syn-flood.ts';
import { FakeRun } from '../../support/fake-context.ts';
import type { FakeConnection } from '../../support/fake-context.ts';

const CLIENT = 0;
const SERVER = 1;

/** What becomes of an attempt. */
type Fate = 'completed' | 'answered' | 'answered again' | 'aborted' | 'disowned' | 'ignored' | 'retried' | 'refused';

interface Attempt {
  time: number;
  fate: Fate;
  source?: string;
  server?: string;
}

/** Plays attempts at one listener, each a flow of its own, in a capture that holds a connection elsewhere as well. */
function play(attempts: readonly Attempt[], end: number, options: { [name: string]: number } = {}): Draft[] {
  return playFiltered([...attempts, { time: 0, fate: 'completed', server: '198.51.100.99:80' }], end, options);
}

/** The same of a capture with nothing else. `mss`: that the SYNs offer. */
function playFiltered(attempts: readonly Attempt[], end: number, options: { [name: string]: number } = {}, mss = 1_460): Draft[] {
  const connections: FakeConnection[] = attempts.map(({ source, server }, flow) => ({ client: `${source ?? `203.0.113.${flow % 250}`}:${1024 + (flow % 60_000)}`, mss, ...(server !== undefined && { server }) }));
  const run = new FakeRun(synFlood, connections, options);
  const events: { time: number; see(): void }[] = [];
  const at = (time: number, kind: Kind, flow: number, side: 0 | 1, a = 0, b = 0): void => {
    if (time <= end) events.push({ time, see: () => run.see(kind, flow, side, time, a, b) });
  };
  for (const [flow, { time, fate }] of attempts.entries()) {
    at(time, Kind.SYN, flow, CLIENT, flow);
    if (['completed', 'answered', 'answered again', 'aborted', 'disowned'].includes(fate)) at(time + 0.01, Kind.SYN_ACK, flow, SERVER, 0, 0.01e9);
    if (fate === 'completed') at(time + 0.02, Kind.HANDSHAKE_COMPLETED, flow, CLIENT, 0.01e9, 0.01e9);
    if (fate === 'answered again') at(time + 1, Kind.SYN_ACK_REPEATED, flow, SERVER, 2);
    if (fate === 'disowned') at(time + 0.02, Kind.HANDSHAKE_ABORTED, flow, CLIENT, 0.01e9, RESET_FORMS.indexOf('no-socket'));
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

  describe('in a capture of nothing but SYNs and what answers them', () => {
    const verdict = (drafts: readonly Draft[]): unknown[] => drafts.map(({ severity, confidence, count, facts }) => [severity, confidence, count, facts['unfinished_proved'], facts['source_kind']]);

    it('tells no crowd that was served from a flood', () => {
      expect(verdict(playFiltered(every(0.005, 600, 'answered', 0, scattered), 10))).to.deep.equal([['low', 'low', 600, false, 'many sources']]);
      expect(verdict(playFiltered(every(0.005, 600, 'ignored', 0, scattered), 10))).to.deep.equal([['low', 'low', 600, false, 'many sources']]);
      // A program that resets what it has made leaves the same as one that never answered.
      expect(verdict(playFiltered(every(0.005, 600, 'aborted', 0, scattered), 10))).to.deep.equal([['low', 'low', 600, false, 'many sources']]);
    });

    it('knows one by SYN-ACKs sent again, by RSTs of hosts without a socket, and by SYNs as no stack sends them', () => {
      const served = (index: number): boolean => index % 4 !== 0;
      const some = (fate: Fate): Attempt[] => every(0.005, 600, 'answered', 0, scattered).map((attempt, index) => (served(index) ? attempt : { ...attempt, fate }));
      expect(verdict(playFiltered(some('answered again'), 10))).to.deep.equal([['high', 'high', 600, true, 'spoofed']]);
      expect(verdict(playFiltered(every(0.005, 600, 'disowned', 0, () => '192.0.2.66'), 8))).to.deep.equal([['medium', 'high', 600, true, 'one source']]);
      expect(verdict(playFiltered(every(0.005, 600, 'answered', 0, () => '192.0.2.66'), 8, {}, 0))).to.deep.equal([['medium', 'high', 600, true, 'one source']]);
      expect(verdict(playFiltered(every(0.005, 600, 'ignored', 0, scattered), 10, {}, 0))).to.deep.equal([['high', 'high', 600, true, 'spoofed']]);
    });

    it('knows one by sources that no host can be: of random addresses one in eight is such', () => {
      // The first byte takes every value in turn; from 224 on, and at 0 and 127, nobody lives.
      const random = (index: number): string => `${(index * 37) % 256}.${(index * 101) % 256}.${index >> 8}.9`;
      expect(verdict(playFiltered(every(0.005, 600, 'answered', 0, random), 10))).to.deep.equal([['high', 'high', 600, true, 'spoofed']]);
      const possible = (index: number): string => `${1 + ((index * 37) % 120)}.${(index * 101) % 256}.${index >> 8}.9`;
      expect(verdict(playFiltered(every(0.005, 600, 'answered', 0, possible), 10))).to.deep.equal([['low', 'low', 600, false, 'many sources']]);
    });

    it('is heard of as such, and explains nothing else', () => {
      const crowd = (filter: RegExp, last: string): string => {
        const segments = ['C:# > S SYN', 'S > C:# SYN ACK', 'C:# > S ACK', 'C:# > S PSH ACK 100', 'S > C:# PSH ACK 900', 'C:# > S ACK', ...last.split('; ')];
        return `repeat 200 every 0.005 { ${segments.map((segment) => (filter.test(segment) ? segment : `~ ${segment}`)).join('; ')} }`;
      };
      const closed = 'C:# > S FIN ACK; S > C:# FIN ACK; C:# > S ACK';
      const heard = (conversation: string): string[] =>
        auditConversation(conversation).findings.filter(({ rule }) => rule === 'syn-flood').map(({ severity, title }) => `${severity}: ${title}`);
      const unknown = ['low: Many connection attempts whose end was not captured'];
      expect(heard(crowd(/./, closed))).to.deep.equal([]);
      expect(heard(crowd(/SYN/, closed))).to.deep.equal(unknown);
      expect(heard(crowd(/SYN|FIN|RST/, 'S > C:# ACK'))).to.deep.equal(unknown);
      // Of the second crowd the FINs are there: they show that it was served, but not that other segments could have been captured.
      const both = `${crowd(/SYN|FIN/, 'S > C:# ACK')}; ${crowd(/SYN|FIN/, closed).replaceAll('S ', 'T:80 ').replaceAll('C:#', 'D:#')}`;
      expect(heard(both)).to.deep.equal(unknown);
      expect(heard(`${crowd(/SYN/, closed)}; E > T:80 SYN; T:80 > E SYN ACK; E > T:80 ACK`)).to.deep.equal(['high: SYN flood']);
    });
  });

  it('obeys its settings', () => {
    expect(play(every(0.005, 300, 'answered', 0, scattered), 10, { minimum: 5_000 })).to.deep.equal([]);
  });
});
