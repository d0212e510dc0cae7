import { expect } from 'chai';
import { Engine } from '../../../src/core/engine.ts';
import { ServerAccounts } from '../../../src/core/report/servers.ts';
import { CLOSE_WAIT, ESTABLISHED } from '../../../src/core/tcp/state.ts';
import { captureOf } from '../../support/conversation-frames.ts';

const CLOSED = 1;
const MOST = 16_384;

describe('report: accounts of servers', () => {
  const nameOf = (server: number): string => `server ${server}`;

  it('are the busiest first, at most as many as asked for', () => {
    const accounts = new ServerAccounts();
    for (const server of [1, 2, 2, 3, 3, 3]) accounts.open(server);
    expect(accounts.rows(nameOf, 2).map(({ endpoint, flows }) => [endpoint, flows])).to.deep.equal([['server 3', 3], ['server 2', 2]]);
  });

  it('make room for new ones when they are too many: those that are over, with the fewest flows', () => {
    const accounts = new ServerAccounts();
    const passed = (server: number): void => {
      accounts.open(server);
      accounts.close(server, CLOSED, 0, 0, null);
    };
    accounts.open(0);
    for (let flow = 0; flow < 9; flow++) passed(1);
    for (let server = 2; server < MOST + 5_000; server++) passed(server);
    for (let flow = 0; flow < 5; flow++) passed(99_999);
    const rows = accounts.rows(nameOf, 100_000);
    expect(rows.length).to.be.at.most(MOST);
    expect(rows.slice(0, 2).map(({ endpoint, flows }) => [endpoint, flows])).to.deep.equal([['server 1', 9], ['server 99999', 5]]);
    // Its flow is open.
    expect(rows.map(({ endpoint }) => endpoint)).to.include('server 0');
  });

  it('count the ends in CLOSE_WAIT, and how long those that left it were there', () => {
    const accounts = new ServerAccounts();
    accounts.open(7);
    expect(accounts.rows(nameOf)[0].close_wait_seconds).to.equal(null);
    for (let end = 0; end < 3; end++) accounts.enteredCloseWait(7);
    expect(accounts.rows(nameOf)[0].close_wait_seconds).to.deep.equal({ p50: 0, p95: 0, max: 0, closed: 0, open: 3 });
    accounts.leftCloseWait(7, 2e9);
    expect(accounts.rows(nameOf)[0].close_wait_seconds).to.include({ max: 2, closed: 1, open: 2 });
  });

  it('tell the most ends that were in a state at once', () => {
    const accounts = new ServerAccounts();
    accounts.open(7);
    for (let end = 0; end < 3; end++) accounts.move(7, -1, ESTABLISHED);
    for (let end = 0; end < 2; end++) accounts.move(7, ESTABLISHED, CLOSE_WAIT);
    accounts.move(7, CLOSE_WAIT, -1);
    const [{ states_at_end, peak_states }] = accounts.rows(nameOf);
    expect([states_at_end, peak_states]).to.deep.equal([{ ESTABLISHED: 1, CLOSE_WAIT: 1 }, { ESTABLISHED: 3, CLOSE_WAIT: 2 }]);
  });

  it('hold the time to the SYN-ACK as soon as it came', () => {
    const engine = new Engine();
    engine.open('capture', null);
    // The third is not answered.
    engine.push(captureOf('repeat 2 every 0.1 { C# > S SYN; +0.02 S > C# SYN ACK; C# > S ACK }; D > S SYN'));
    engine.drain();
    const [{ flows, outcomes, handshake }] = engine.servers(1);
    expect([flows, outcomes]).to.deep.equal([3, {}]);
    for (const quantile of ['p50', 'p95', 'max'] as const) expect(handshake![quantile], quantile).to.be.closeTo(0.02, 0.0005);
  });

  it('tell which end closed first', () => {
    const engine = new Engine();
    engine.open('capture', null);
    const open = (client: string): string => `${client} > S SYN; S > ${client} SYN ACK; ${client} > S ACK`;
    // Three clients close first, of which one is never answered; the server does twice; one connection is reset and one stays open.
    engine.push(captureOf(`
      repeat 2 every 0.1 { ${open('C#')}; C# > S FIN ACK; S > C# FIN ACK; C# > S ACK }
      ${open('D')}; D > S FIN ACK; S > D ACK
      repeat 2 every 0.1 { ${open('E#')}; S > E# FIN ACK; E# > S FIN ACK; S > E# ACK }
      ${open('F')}; F > S RST ACK
      ${open('G')}`));
    engine.close();
    expect(engine.finish().servers[0]).to.deep.include({ flows: 7, closed_first: { client: 3, server: 2 } });
  });

  it('hold the first SYN-ACK of a simultaneous open only', () => {
    const engine = new Engine();
    engine.open('capture', null);
    engine.push(captureOf('C > S SYN; +0.01 S > C SYN; +0.02 C > S SYN ACK; +0.04 S > C SYN ACK'));
    engine.close();
    const [{ handshake }] = engine.finish().servers;
    expect(handshake!.max).to.be.closeTo(0.02, 0.0005);
  });
});
