import { expect } from 'chai';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Engine, type FlowRow, prettyJson, type Report } from '../../../src/node/index.ts';
import { lastRows, toJson } from '../../support/analyse.ts';
import { type Host, TestNetwork } from '../../support/network.ts';
import { skip } from '../../support/skip.ts';
import { temporaryFolder } from '../sources/temporary.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const PROGRAM = join(HERE, '..', '..', '..', '..', 'bin', 'synoptic.js');

/** Connects to ADDRESS, where nobody listens on the port, one time after the other: a SYN and a RST each. */
const KNOCKS = 10;
const KNOCK = `
  const knock = (n) => n > 0 && require('node:net').connect(81, process.argv[1]).on('error', () => knock(n - 1));
  knock(${KNOCKS});`;

/** What the client makes: see its program. */
const CONNECTIONS = 41;

interface Outcome {
  report: Report;
  flows: FlowRow[];
}

/** The lines that a program writes, as they are asked for. */
function linesOf(program: ChildProcess): AsyncIterator<string> {
  return createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
}

async function expectLine(lines: AsyncIterator<string>, line: string): Promise<void> {
  expect((await lines.next()).value).to.equal(line);
}

/** The same packets from a file, as far as a file can tell what a live source does. */
function offline(pcap: string, live: Report): Outcome {
  const flows: FlowRow[] = [];
  const engine = new Engine({ set: { 'flows.maximum': 131_072 } }, { flow: (row) => flows.push(row) });
  if (live.capture.quality.clock === 'delivery') engine.noteDeliveryClock(10e6);
  if (live.capture.quality.kernel_drops !== null) engine.noteDrops(live.capture.quality.kernel_drops);
  engine.open(live.capture.files[0].name, null);
  engine.push(readFileSync(pcap));
  engine.close();
  return { report: engine.finish(), flows };
}

/** States by "local remote" that flow rows give to the sockets of a host, those closed left out. */
function statesOf(rows: readonly FlowRow[], host: Host): Map<string, string> {
  const states = rows.map(({ client, server, client_state: clientState, server_state: serverState }): [string, string] =>
    host === 'client' ? [`${client} ${server}`, clientState] : [`${server} ${client}`, serverState],
  );
  return new Map(states.filter(([, state]) => state !== 'CLOSED'));
}

function sorted(states: ReadonlyMap<string, string>): string[] {
  return [...states].map(([ends, state]) => `${ends} ${state}`).sort();
}

function isThere(source: 'tcpdump' | 'dumpcap' | 'cap'): boolean {
  if (source !== 'cap') return spawnSync(source, ['--version']).error === undefined;
  try {
    createRequire(import.meta.url)('cap');
    return true;
  } catch {
    return false;
  }
}

function skipWithout(test: Mocha.Context, source: 'tcpdump' | 'dumpcap' | 'cap'): void {
  if (isThere(source)) return;
  skip(test, `${source} is not installed`);
}

describe('a live audit of a real network', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  let network: TestNetwork | null = null;

  before(function () {
    const reason = TestNetwork.unavailable();
    if (reason !== null) skip(this, reason);
  });

  beforeEach(() => {
    network = new TestNetwork();
  });

  afterEach(() => {
    network?.remove();
    network = null;
  });

  async function traffic(on: TestNetwork): Promise<void> {
    await expectLine(linesOf(on.start('server', process.execPath, [join(HERE, 'programs', 'server.js')])), 'ready');
    await expectLine(linesOf(on.start('client', process.execPath, [join(HERE, 'programs', 'client.js'), on.address('server')])), 'done');
  }

  /** Waits until the rows agree with both kernels; what `ss` and the rows say is compared in any case. */
  async function expectStatesAsInKernel(on: TestNetwork, rows: () => Promise<FlowRow[]>): Promise<void> {
    let known: string[] = [];
    let real: string[] = [];
    for (let tries = 0; tries < 40; tries++) {
      const now = await rows();
      known = [...sorted(statesOf(now, 'client')), ...sorted(statesOf(now, 'server'))];
      real = [...sorted(on.sockets('client')), ...sorted(on.sockets('server'))];
      if (now.length === CONNECTIONS && known.join() === real.join()) break;
      await sleep(250);
    }
    expect(known).to.deep.equal(real);
    expect(real.filter((line) => line.endsWith(' CLOSE_WAIT'))).to.have.lengthOf(20);
    expect(real.filter((line) => line.endsWith(' FIN_WAIT_2'))).to.have.lengthOf(20);
    expect(real.filter((line) => line.endsWith(' ESTABLISHED'))).to.have.lengthOf(10);
    expect(real.filter((line) => line.endsWith(' TIME_WAIT'))).to.have.lengthOf(15);
  }

  for (const source of ['tcpdump', 'dumpcap', 'cap'] as const) {
    it(`captured with ${source} has all that came before Ctrl-C, and ends after --count packets`, async function () {
      skipWithout(this, source);
      const run = async (...options: string[]): Promise<Report> => {
        const file = join(folder.path, `${source}-last.json`);
        const recipe = `exec '${process.execPath}' '${PROGRAM}' live veth0 --source ${source} --format json -o '${file}' ${options.join(' ')} tcp 2>&1`;
        const audit = network!.start('server', 'sh', ['-c', recipe]);
        const ended = once(audit, 'exit');
        await expectLine(linesOf(audit), `synoptic: listening on veth0 with ${source}; Ctrl-C ends`);
        network!.run('client', process.execPath, ['-e', KNOCK, network!.address('server')]);
        if (options.length === 0) audit.kill('SIGINT');
        expect(await ended).to.deep.equal([0, null]);
        return JSON.parse(readFileSync(file, 'utf8')) as Report;
      };
      expect((await run()).capture.packets.read).to.equal(2 * KNOCKS);
      expect((await run('--count', '7')).capture.packets.read).to.equal(7);
    });

    it(`captured with ${source} says what the file of the same packets does, and what ss says`, async function () {
      skipWithout(this, source);
      const pcap = join(folder.path, `${source}.pcap`);
      const file = join(folder.path, `${source}.json`);
      const audit = network!.start('server', process.execPath, [join(HERE, 'programs', 'audit.js'), source, 'veth0', pcap, file]);
      const ended = once(audit, 'exit');
      const lines = linesOf(audit);
      await expectLine(lines, 'listening');
      await traffic(network!);
      await expectStatesAsInKernel(network!, async () => {
        audit.stdin!.write('rows\n');
        return JSON.parse(String((await lines.next()).value)) as FlowRow[];
      });
      audit.kill('SIGINT');
      expect(await ended).to.deep.equal([0, null]);

      const live = JSON.parse(readFileSync(file, 'utf8')) as Outcome;
      const again = offline(pcap, live.report);
      expect(live.report).to.deep.equal(JSON.parse(toJson(again.report)));
      expect(lastRows(live.flows)).to.deep.equal(JSON.parse(toJson(lastRows(again.flows))));
      expect(live.report.totals.flows).to.equal(CONNECTIONS);
      expect(live.report.findings.map(({ rule }) => rule)).to.include('close-wait-leak');
      expect(live.report.capture.files[0].damage).to.equal(null);
      expect(live.report.capture.quality.kernel_drops).to.equal(source === 'cap' ? null : 0);
      expect(live.report.capture.quality.clock).to.equal(source === 'cap' ? 'delivery' : undefined);
    });
  }

  /** A capture in words, with what is told meanwhile; `null` when it has ended. */
  function listen(source: string, file: string): { lines: AsyncIterator<string>; audit: ChildProcess; ended: Promise<unknown[]> } {
    const recipe = `exec '${process.execPath}' '${PROGRAM}' live veth0 --source ${source} --format json -o '${file}' tcp 2>&1`;
    const audit = network!.start('server', 'sh', ['-c', recipe]);
    return { audit, lines: linesOf(audit), ended: once(audit, 'exit') };
  }

  for (const source of ['tcpdump', 'dumpcap'] as const) {
    it(`captured with ${source} says that the interface is down, goes on when it is up again, and ends when it is gone`, async function () {
      skipWithout(this, source);
      const file = join(folder.path, `${source}-down.json`);
      const { lines, ended } = listen(source, file);
      await expectLine(lines, `synoptic: listening on veth0 with ${source}; Ctrl-C ends`);
      network!.run('server', 'ip', ['link', 'set', 'veth0', 'down']);
      await expectLine(lines, 'synoptic: veth0 is down: nothing comes until it is up again, the audit waits');
      network!.run('server', 'ip', ['link', 'set', 'veth0', 'up']);
      await expectLine(lines, 'synoptic: veth0 is up again');
      network!.run('client', process.execPath, ['-e', KNOCK, network!.address('server')]);
      // The kernel gives packets away in blocks of up to a second, and takes unread ones with the interface.
      await sleep(1500);
      network!.run('server', 'ip', ['link', 'del', 'veth0']);
      expect(String((await lines.next()).value)).to.match(/^synoptic: veth0: damaged at byte \d+: \w+ ended by itself \(exit status \d: veth0 is gone\); what could be read was analysed$/);
      expect(await ended).to.deep.equal([3, null]);
      expect((JSON.parse(readFileSync(file, 'utf8')) as Report).capture.packets.read).to.equal(2 * KNOCKS);
    });
  }

  it('captured with cap ends when the interface is down, and says why', async function () {
    skipWithout(this, 'cap');
    const { lines, ended } = listen('cap', join(folder.path, 'cap-down.json'));
    await expectLine(lines, 'synoptic: listening on veth0 with cap; Ctrl-C ends');
    network!.run('server', 'ip', ['link', 'set', 'veth0', 'down']);
    const said: string[] = [];
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) said.push(line.value);
    expect(said.at(-1)).to.match(/^synoptic: veth0: damaged at byte \d+: cap ended by itself \(signal SIGABRT: veth0 is down or gone\); what could be read was analysed$/);
    expect(await ended).to.deep.equal([3, null]);
  });

  it('from a pipe says what the file of the same packets does', async () => {
    const pcap = join(folder.path, 'pipe.pcap');
    const file = join(folder.path, 'pipe.json');
    const recipe = `tcpdump -i veth0 -U -w - tcp | tee '${pcap}' | '${process.execPath}' '${PROGRAM}' live - --format json -o '${file}'`;
    closeSync(openSync(pcap, 'w'));
    const pipe = network!.start('server', 'sh', ['-c', recipe]);
    const ended = once(pipe, 'exit');
    while (readFileSync(pcap).length === 0) await sleep(50);
    await traffic(network!);
    // The FIN of the last connection has come when the kernel says so: then the writer may end.
    while ([...network!.sockets('server').values()].filter((state) => state === 'CLOSE_WAIT').length < 20) await sleep(100);
    await sleep(1500);
    for (const pid of network!.processes('server', 'tcpdump')) process.kill(pid, 'SIGINT');
    expect(await ended).to.deep.equal([0, null]);
    const text = readFileSync(file, 'utf8');
    const report = JSON.parse(text) as Report;
    expect(text).to.equal(`${prettyJson(offline(pcap, report).report)}\n`);
    expect(report.totals.flows).to.equal(CONNECTIONS);
    expect(report.capture.files[0].name).to.equal('-');
  });
});
