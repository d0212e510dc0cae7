import { expect } from 'chai';
import { Mark } from '../../../src/core/flow/columns.ts';
import { endOf } from '../../../src/core/flow/end.ts';
import { chooseEvicted } from '../../../src/core/flow/eviction.ts';
import { TcpContext } from '../../../src/core/tcp/context.ts';
import type { Analysis } from '../../support/analyse.ts';
import { analyseFrames, framesOf } from '../../support/trace.ts';
import { segmentOf } from './segments.ts';

const SECOND = 1_000_000_000n;

function run(text: string, maximum: number): Analysis {
  return analyseFrames(framesOf(text), { set: { 'flows.maximum': maximum } });
}

function sum(counts: { [name: string]: number }): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

describe('flow: eviction', () => {
  function context(seen: readonly (readonly [number, number])[]): TcpContext {
    const made = new TcpContext(() => {}, () => {});
    seen.forEach(([one, other], index) => {
      const segment = segmentOf(`10.0.0.${index}:40000`, '198.51.100.1:443');
      made.table.find(segment);
      const flow = made.table.add(segment, -1);
      made.columns.lastSeen[endOf(flow, 0)] = one;
      made.columns.lastSeen[endOf(flow, 1)] = other;
    });
    return made;
  }

  it('chooses a sixteenth, those idle longest first, by whichever end was heard last', () => {
    const { columns, table } = context(Array.from({ length: 48 }, (_, index) => [index, 100 - index] as const));
    expect(chooseEvicted(columns, table)).to.have.members([47, 46, 45]);
    const other = context([[5, -1], [4, 9], [6, 2]]);
    expect(chooseEvicted(other.columns, other.table)).to.deep.equal([0]);
  });

  it('spares an end in CLOSE_WAIT while there is anything else', () => {
    const { columns, table } = context([[1, 1], [2, 2], [3, 3]]);
    columns.marks[endOf(0, 1)] = Mark.HALF_CLOSED;
    expect(chooseEvicted(columns, table)).to.deep.equal([1]);
    for (const flow of [1, 2]) columns.marks[endOf(flow, 0)] = Mark.HALF_CLOSED;
    expect(chooseEvicted(columns, table)).to.deep.equal([0]);
  });

  it('chooses nothing where there is nothing', () => {
    const { columns, table } = context([]);
    expect(chooseEvicted(columns, table)).to.deep.equal([]);
  });

  it('is counted and reported with the oldest age, and every flow has one row, once', () => {
    const { report, ended, open } = run('repeat 5000 every 0.01 { C# > S SYN; S > C# SYN ACK; C# > S ACK }', 100);
    // 4,900 beyond the first hundred; room is made for six at a time.
    expect(report.totals.evicted.flows).to.equal(Math.ceil(4900 / 6) * 6);
    expect(report.totals.flows).to.equal(5000);
    expect(sum(report.totals.outcomes)).to.equal(5000);
    expect(report.totals.outcomes).to.deep.equal({ open: 5000 });
    // The first one's last segment was at 2 ms, the flow that has no place comes at 1 s.
    expect(report.totals.evicted.oldest_age_seconds).to.equal(0.998);
    expect(sum(report.totals.states_at_end)).to.equal(2 * (5000 - report.totals.evicted.flows));
    const numbers = [...ended, ...open].map(({ flow }) => flow);
    expect([...numbers].sort((one, other) => one - other)).to.deep.equal(Array.from({ length: 5000 }, (_, index) => index + 1));
    expect(ended).to.have.lengthOf(report.totals.evicted.flows);
    for (const row of [...ended, ...open]) {
      expect(row).to.include({ outcome: 'open', client_state: 'ESTABLISHED', server_state: 'ESTABLISHED', server: '198.51.100.1:443', conn_state: 'S1' });
      expect(row.packets).to.deep.equal([2, 1]);
      const index = row.flow;
      expect(row.client).to.equal(`198.18.${index >> 8}.${index & 255}:40000`);
      expect(row.end_ns - row.start_ns).to.equal(2_000_000n);
    }
  });

  it('keeps the half-closed that a leak is made of through thousands of others', () => {
    const { ended, open } = run(
      `repeat 20 { C# > S SYN; S > C# SYN ACK; C# > S ACK; C# > S FIN ACK; S > C# ACK }
       repeat 3000 every 0.01 { D# > T SYN; T > D# SYN ACK; D# > T ACK }`,
      100,
    );
    expect(open.filter(({ outcome }) => outcome === 'half-closed')).to.have.lengthOf(20);
    expect(ended.every(({ outcome }) => outcome === 'open')).to.equal(true);
  });

  it('tells nothing twice of a flow that goes on after it was evicted: a new one begins in midstream', () => {
    const { ended, open } = run(
      `C > S SYN; S > C SYN ACK; C > S ACK
       repeat 1 { D# > S SYN }
       C > S PSH ACK 10; S > C ACK`,
      1,
    );
    expect(ended.map(({ flow, outcome, packets }) => ({ flow, outcome, packets }))).to.deep.equal([
      { flow: 1, outcome: 'open', packets: [2, 1] },
      { flow: 2, outcome: 'unfinished-handshake', packets: [1, 0] },
    ]);
    expect(open.map(({ flow, outcome, packets }) => ({ flow, outcome, packets }))).to.deep.equal([{ flow: 3, outcome: 'midstream', packets: [1, 1] }]);
  });
});

describe('flow: how long a closed connection is remembered', () => {
  const CLOSED = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK';

  function endedBefore(text: string): number[] {
    return run(text, 1000).ended.map(({ flow }) => flow);
  }

  it('is 2 MSL, 240 s (RFC 9293 §3.4.2), after its last segment', () => {
    // The last segment is at 5 ms; the next line's time counts from there.
    expect(endedBefore(`${CLOSED}\n+239.999 D > S SYN`)).to.deep.equal([]);
    expect(endedBefore(`${CLOSED}\n+240 D > S SYN`)).to.deep.equal([1]);
  });

  it('begins again with a late segment', () => {
    const late = `${CLOSED}\n+200 S > C FIN ACK again\n+0 C > S ACK`;
    expect(endedBefore(`${late}\n+239 D > S SYN`)).to.deep.equal([]);
    expect(endedBefore(`${late}\n+240 D > S SYN\n+1 E > S SYN`)).to.deep.equal([1]);
  });

  it('does not end while an end is open: half-closed for an hour it is there', () => {
    const text = 'C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C ACK\n+3600 D > S SYN\n+3600 S > C FIN ACK; C > S ACK';
    const { ended, open } = run(text, 1000);
    expect(ended).to.deep.equal([]);
    expect(open[0]).to.include({ flow: 1, outcome: 'closed', closed_first: 'client' });
    expect((open[0].end_ns - open[0].start_ns) / SECOND).to.equal(7200n);
  });

  it('ends with a new incarnation of the 4-tuple, which is another flow', () => {
    const { ended, open } = run(`${CLOSED}\n+1 C > S SYN; S > C SYN ACK; C > S ACK`, 1000);
    expect(ended.map(({ flow, outcome }) => `${flow} ${outcome}`)).to.deep.equal(['1 closed']);
    expect(open.map(({ flow, outcome }) => `${flow} ${outcome}`)).to.deep.equal(['2 open']);
  });
});
