import { expect } from 'chai';
import type { Instant, TimelineChange } from '../../../src/core/index.ts';
import { STATE_NAMES } from '../../../src/core/index.ts';
import { changesBetween } from '../../../src/node/cli/socket-changes.ts';
import { SocketNames } from '../../../src/node/cli/socket-names.ts';
import { parseStates } from '../../../src/node/cli/socket-states.ts';
import type { SocketFilter } from '../../../src/node/cli/sockets.ts';
import { Sockets } from '../../../src/node/cli/sockets.ts';

const BASE = 1_714_564_803_123_456_789n;
const NAMES: { readonly [flow: number]: readonly [string, string] } = {
  1: ['10.0.0.10:1000', '10.0.0.5:80'],
  2: ['10.0.0.9:1000', '10.0.0.5:80'],
  3: ['[2001:db8::1]:1000', '[2001:db8::2]:80'],
};

type State = (typeof STATE_NAMES)[number];
/** flow, side, state, seconds, packet. */
type Step = readonly [number, 0 | 1, State, number, number];

/** The engine as it knows one flow. Its addresses are numbered through all calls. */
function naming(flow: number, ends: readonly [string, string]): Parameters<Sockets['add']>[1] {
  const [host, port] = [0, 1].map((which) => (side: 0 | 1): string => /^\[?(.*?)\]?:(\d+)$/.exec(ends[side])![which + 1]);
  const key = (index: number): string => HOSTS[index].replaceAll(/\d+/g, (digits) => digits.padStart(5, '0'));
  return {
    flowNumber: () => flow,
    epoch: (time) => BASE + BigInt(time),
    hosts: {
      hostIndex(_, side) {
        if (!HOSTS.includes(host(side))) HOSTS.push(host(side));
        return HOSTS.indexOf(host(side));
      },
      nameOfHost: (index) => HOSTS[index],
      compareHosts: (one, other) => key(one).localeCompare(key(other)),
      port: (_, side) => Number(port(side)),
    },
  };
}

const HOSTS: string[] = [];

function fed(kept: Sockets, steps: readonly Step[]): Sockets {
  for (const [flow, side, state, seconds, packet] of steps) {
    const number = STATE_NAMES.indexOf(state);
    const change: TimelineChange = { flow: 77, side, state: number, possible: 1 << number, time: seconds * 1e9, packet };
    kept.add(change, naming(flow, NAMES[flow]));
  }
  return kept;
}

function sockets(at: Instant, steps: readonly Step[], end = 100, filter: SocketFilter = {}): string[] {
  return [...fed(new Sockets(at), steps).rows(BASE + BigInt(end * 1e9), filter)]
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
    expect(sockets({ kind: 'relative', ns: 5_000_000_000n }, LIFE, 100, { host: '10.0.0.5' })).to.deep.equal(['10.0.0.5:80 10.0.0.10:1000 CLOSE_WAIT CLOSE_WAIT 0 1 9']);
    expect(sockets({ kind: 'end' }, [[3, 0, 'SYN_SENT', 0, 3]], 100, { host: '2001:db8::1' })).to.have.length(1);
  });

  it('grow with the number of flows', () => {
    const kept = new Sockets({ kind: 'end' });
    for (let flow = 1; flow <= 10_000; flow++) {
      kept.add({ flow: 0, side: 1, state: 4, possible: 16, time: 0, packet: flow }, naming(flow, ['10.0.0.2:80', `10.0.0.1:${flow}`]));
    }
    const rows = [...kept.rows(BASE)];
    expect(rows.length).to.equal(10_000);
    expect(rows[9_999]).to.include({ local: '10.0.0.1:10000', flow: 10_000, proof: 10_000 });
  });

  it('are only those with the port and in the states asked for', () => {
    const steps: Step[] = [...LIFE, [2, 0, 'SYN_SENT', 1, 20], [3, 1, 'ESTABLISHED', 1, 21]];
    const at: Instant = { kind: 'relative', ns: 5_000_000_000n };
    expect(sockets(at, steps, 100, { port: 80 })).to.have.length(4);
    expect(sockets(at, steps, 100, { port: 81 })).to.have.length(0);
    const states = (...names: string[]): string[] => sockets(at, steps, 100, { states: parseStates(names) }).map((row) => row.split(' ')[2]);
    expect(states('CLOSE_WAIT')).to.deep.equal(['CLOSE_WAIT']);
    expect(states('close-wait', 'estab')).to.deep.equal(['ESTABLISHED', 'CLOSE_WAIT']);
    expect(states('syn-sent', 'FIN-WAIT-1')).to.deep.equal(['SYN_SENT', 'FIN_WAIT_1']);
    expect(states('synchronized')).to.deep.equal(['ESTABLISHED', 'FIN_WAIT_1', 'CLOSE_WAIT']);
    expect(states('connected')).to.have.length(4);
    expect(() => parseStates(['close-wiat'])).to.throw('--state close-wiat: no such state; did you mean CLOSE_WAIT?');
  });

  it('are none where nothing proves that there is one', () => {
    expect(sockets({ kind: 'end' }, [[1, 0, 'SYN_SENT', 0, 1], [1, 1, 'SYN_RECEIVED', 0, 1], [1, 1, 'UNSEEN', 0, 4]])).to.deep.equal([
      '10.0.0.10:1000 10.0.0.5:80 SYN_SENT SYN_SENT 100 1 1',
    ]);
  });

  it('have in their send queue what the engine says at the instant', () => {
    const kept = fed(new Sockets({ kind: 'end' }), LIFE.slice(0, 5));
    kept.takeQueues({ forEachFlow: (visit) => visit(77), flowNumber: () => 1, unacknowledged: (_, side) => (side === 0 ? 1 : null) });
    expect([...kept.rows(BASE)].map(({ state, send_queue_bytes }) => [state, send_queue_bytes])).to.deep.equal([
      ['ESTABLISHED', null],
      ['FIN_WAIT_1', 1],
    ]);
  });
});

describe('the difference between two instants', () => {
  function changes(from: number, to: number, filter: SocketFilter = {}): string[] {
    const names = new SocketNames();
    const steps: Step[] = [...LIFE, [2, 0, 'SYN_SENT', 6, 11]];
    const [first, second] = [from, to].map((seconds) => fed(new Sockets({ kind: 'relative', ns: BigInt(seconds * 1e9) }, names), steps));
    return [...changesBetween(first, second, filter)].map(({ change, local, was, is, proof, since_ns }) =>
      [change, local, was, is, proof, Number(since_ns - BASE) / 1e9].join(' '));
  }

  it('is what appeared, changed and went, in this order', () => {
    expect(changes(2, 7)).to.deep.equal([
      'appeared 10.0.0.9:1000  SYN_SENT 11 6',
      'changed 10.0.0.10:1000 ESTABLISHED TIME_WAIT 12 7',
      'went 10.0.0.5:80 ESTABLISHED  13 7',
    ]);
    expect(changes(7, 90)).to.deep.equal([]);
  });

  it('is narrowed by the states at either instant, and by address', () => {
    expect(changes(2, 7, { states: parseStates(['time-wait']) })).to.deep.equal(['changed 10.0.0.10:1000 ESTABLISHED TIME_WAIT 12 7']);
    expect(changes(2, 7, { states: parseStates(['estab']), host: '10.0.0.5' })).to.deep.equal(['went 10.0.0.5:80 ESTABLISHED  13 7']);
  });
});
