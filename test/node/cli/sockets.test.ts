import { expect } from 'chai';
import type { TimelineChange, TimelineRow } from '../../../src/core/index.ts';
import { namesOf, STATE_NAMES } from '../../../src/core/index.ts';
import type { Instant } from '../../../src/node/cli/instant.ts';
import { hostOf, Sockets } from '../../../src/node/cli/sockets.ts';

const BASE = 1_714_564_803_123_456_789n;
const NAMES: { readonly [flow: number]: readonly [string, string] } = {
  1: ['10.0.0.10:1000', '10.0.0.5:80'],
  2: ['10.0.0.9:1000', '10.0.0.5:80'],
  3: ['[2001:db8::1]:1000', '[2001:db8::2]:80'],
};

type State = (typeof STATE_NAMES)[number];
/** flow, side, state, seconds, packet. */
type Step = readonly [number, 0 | 1, State, number, number];

function sockets(at: Instant, steps: readonly Step[], end = 100, host?: string): string[] {
  const kept = new Sockets(at);
  for (const [flow, side, state, seconds, packet] of steps) {
    const number = STATE_NAMES.indexOf(state);
    const change: TimelineChange = { flow: 77, side, state: number, possible: 1 << number, time: seconds * 1e9, packet };
    kept.add(change, {
      timelineRow: ({ time, possible }): TimelineRow => ({
        t_ns: BASE + BigInt(time),
        packet,
        flow,
        local: NAMES[flow][side],
        remote: NAMES[flow][side ^ 1],
        state,
        possible: namesOf(possible),
      }),
    });
  }
  return kept
    .rows(BASE + BigInt(end * 1e9), host)
    .map(({ local, remote, state, possible, age_seconds, flow, proof }) => [local, remote, state, possible.join('|'), age_seconds, flow, proof].join(' '));
}

const LIFE: readonly Step[] = [
  [1, 0, 'SYN_SENT', 0, 1],
  [1, 1, 'SYN_RECEIVED', 0, 2],
  [1, 0, 'ESTABLISHED', 1, 3],
  [1, 1, 'ESTABLISHED', 1, 3],
  [1, 0, 'FIN_WAIT_1', 5, 8],
  [1, 1, 'CLOSE_WAIT', 5, 9],
  [1, 0, 'TIME_WAIT', 7, 12],
  [1, 1, 'CLOSED', 7, 13],
];

describe('sockets at an instant', () => {
  it('are in the latest state not after it', () => {
    expect(sockets({ kind: 'relative', ns: 5_000_000_000n }, LIFE)).to.deep.equal([
      '10.0.0.10:1000 10.0.0.5:80 FIN_WAIT_1 FIN_WAIT_1 0 1 8',
      '10.0.0.5:80 10.0.0.10:1000 CLOSE_WAIT CLOSE_WAIT 0 1 9',
    ]);
  });

  it('are found by time of day as by time after the first packet', () => {
    expect(sockets({ kind: 'epoch', ns: BASE + 4_999_999_999n }, LIFE)).to.deep.equal(sockets({ kind: 'relative', ns: 4_999_999_999n }, LIFE));
    expect(sockets({ kind: 'epoch', ns: BASE - 1n }, LIFE)).to.deep.equal([]);
  });

  it('are those of the end of the capture where no instant is named; the closed are none', () => {
    expect(sockets({ kind: 'end' }, LIFE)).to.deep.equal(['10.0.0.10:1000 10.0.0.5:80 TIME_WAIT TIME_WAIT 93 1 12']);
  });

  it('follow a correction of the past, which comes later and dates back', () => {
    const corrected: Step[] = [...LIFE, [1, 0, 'SYN_SENT', 1, 14], [1, 0, 'ESTABLISHED', 3, 14], [1, 1, 'LAST_ACK', 6, 15]];
    expect(sockets({ kind: 'relative', ns: 2_000_000_000n }, corrected)[0]).to.equal('10.0.0.10:1000 10.0.0.5:80 SYN_SENT SYN_SENT 1 1 14');
    expect(sockets({ kind: 'end' }, corrected)).to.include('10.0.0.5:80 10.0.0.10:1000 LAST_ACK LAST_ACK 94 1 15');
  });

  it('keep a flow apart from a later one in its slot', () => {
    const steps: Step[] = [[1, 0, 'TIME_WAIT', 0, 1], [2, 0, 'SYN_SENT', 9, 2]];
    expect(sockets({ kind: 'end' }, steps)).to.have.length(2);
  });

  it('stand by state, then by address as a number', () => {
    const steps: Step[] = [[1, 0, 'ESTABLISHED', 0, 1], [2, 0, 'ESTABLISHED', 0, 2], [3, 0, 'SYN_SENT', 0, 3]];
    expect(sockets({ kind: 'end' }, steps).map((row) => row.split(' ')[0])).to.deep.equal(['[2001:db8::1]:1000', '10.0.0.9:1000', '10.0.0.10:1000']);
  });

  it('are only those of the host asked for', () => {
    expect(sockets({ kind: 'relative', ns: 5_000_000_000n }, LIFE, 100, '10.0.0.5')).to.deep.equal(['10.0.0.5:80 10.0.0.10:1000 CLOSE_WAIT CLOSE_WAIT 0 1 9']);
    expect(hostOf('[2001:db8::1]:443')).to.equal('2001:db8::1');
  });

  it('grow with the number of flows', () => {
    const kept = new Sockets({ kind: 'end' });
    for (let flow = 1; flow <= 10_000; flow++) {
      kept.add({ flow: 0, side: 1, state: 4, possible: 16, time: 0, packet: flow }, {
        timelineRow: () => ({ t_ns: BASE, packet: flow, flow, local: `10.0.0.1:${flow}`, remote: '10.0.0.2:80', state: 'ESTABLISHED', possible: [] }),
      });
    }
    const rows = kept.rows(BASE, undefined);
    expect(rows.length).to.equal(10_000);
    expect(rows[9_999]).to.include({ local: '10.0.0.1:10000', flow: 10_000, proof: 10_000 });
  });
});
