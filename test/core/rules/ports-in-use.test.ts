import { expect } from 'chai';
import { Kind } from '../../../src/core/observations.ts';
import { portExhaustion } from '../../../src/core/rules/port-exhaustion.ts';
import { timeWaitBuildup } from '../../../src/core/rules/time-wait-buildup.ts';
import { TIME_WAIT } from '../../../src/core/tcp/state.ts';
import { type FakeConnection, FakeRun } from '../../support/fake-context.ts';

const CLIENT = 0;
const [STARTS] = portExhaustion.watches;

function address(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`;
}

/** One connection of each of so many clients, then `used` of one more client. */
function crowd(clients: number, used: number, late: Partial<FakeConnection> = {}): FakeConnection[] {
  const passers = Array.from({ length: clients }, (_, index) => ({ client: `${address(index)}:40000` }));
  return [...passers, ...Array.from({ length: used }, (_, index) => ({ client: `192.0.2.9:${32_768 + index}`, ...late }))];
}

describe('ports in use', () => {
  it('are counted of a client that comes when the table was full of clients whose minute is over', () => {
    const passers = 65_536;
    const used = 27_000;
    const connections = crowd(passers, used);
    const run = new FakeRun(portExhaustion, connections);
    for (let flow = 0; flow < passers; flow += 1) run.see(STARTS, flow, CLIENT, flow / 10_000);
    for (let flow = 0; flow < used; flow += 1) run.see(STARTS, passers + flow, CLIENT, 70 + flow / 1000);
    const [draft, ...others] = run.finish(100);
    expect(others).to.have.length(0);
    expect(draft).to.include({ severity: 'high', count: used });
    expect(draft.facts).to.include({ client: '192.0.2.9', used, lowest_port: 32_768 });
  });

  it('in TIME_WAIT are counted of a holder that comes when the table was full of holders whose sockets are gone', () => {
    const passers = 20_000;
    const used = 400;
    const state: [number, number] = [TIME_WAIT, 0];
    const connections = crowd(passers, used).map((connection, flow) => {
      const closed = flow < passers ? flow / 10_000 : 80 + (flow - passers) / 100;
      return { ...connection, state, since: [closed * 1e9, 0] satisfies [number, number] };
    });
    const run = new FakeRun(timeWaitBuildup, connections);
    for (let flow = 0; flow < passers; flow += 1) run.see(Kind.FLOW_ENDED, flow, CLIENT, 5);
    for (let flow = 0; flow < used; flow += 1) run.see(Kind.FLOW_ENDED, passers + flow, CLIENT, 90);
    const [draft, ...others] = run.finish(100);
    expect(others).to.have.length(0);
    expect(draft).to.include({ severity: 'info', count: used });
    expect(draft.facts).to.include({ holder: '192.0.2.9', peak_in_60_seconds: used });
  });
});
