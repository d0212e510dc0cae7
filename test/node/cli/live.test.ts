import { expect } from 'chai';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../../src/core/index.ts';
import { captureOf } from '../../support/conversation-frames.ts';
import { FIXTURES } from '../../support/fixtures.ts';
import { describeWith, runProgram } from '../live/metrics/programs.ts';
import { temporaryFolder } from '../sources/temporary.ts';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', 'bin', 'synoptic.js');
const CAPTURE = join(FIXTURES, 'leaking-server', 'capture.pcap');

interface Ended {
  status: number | null;
  output: string;
  error: string;
}

describe('synoptic live', function () {
  this.timeout(60_000);
  const folder = temporaryFolder();

  /** Starts synoptic where tcpdump is a shell script. */
  function start(args: readonly string[], tcpdump = 'exit 1'): ChildProcess {
    const script = join(folder.path, 'tcpdump');
    writeFileSync(script, `#!/bin/sh\n${tcpdump}\n`);
    chmodSync(script, 0o755);
    const environment = { ...process.env, PATH: `${folder.path}:/bin:/usr/bin`, XDG_CONFIG_HOME: folder.path };
    return spawn(process.execPath, [PROGRAM, 'live', ...args], { env: environment, cwd: folder.path });
  }

  async function end(program: ChildProcess): Promise<Ended> {
    const [output, error, [status]] = await Promise.all([text(program.stdout!), text(program.stderr!), once(program, 'exit') as Promise<[number | null]>]);
    return { status, output, error };
  }

  /** A tcpdump that gives a capture and waits to be told to end. */
  const PATIENT = `trap 'exit 0' INT; cat '${CAPTURE}'; while :; do sleep 0.05; done`;

  it('of a pipe writes flows, findings and last the summary, one JSON object a line', async () => {
    const program = start(['-', '--quiet']);
    createReadStream(CAPTURE).pipe(program.stdin!);
    const { status, output, error } = await end(program);
    expect([status, error]).to.deep.equal([0, '']);
    const lines = output.trim().split('\n').map((line) => JSON.parse(line) as { type: string; rule?: string });
    expect(lines.filter(({ type }) => type === 'flow')).to.have.lengthOf(300);
    expect(lines.filter(({ type }) => type === 'finding').map(({ rule }) => rule)).to.deep.equal(['close-wait-leak']);
    expect(lines.at(-1)!.type).to.equal('summary');
  });

  it('--no-flows leaves out the connections, and nothing else', async () => {
    const program = start(['-', '--quiet', '--no-flows']);
    createReadStream(CAPTURE).pipe(program.stdin!);
    const { status, output } = await end(program);
    const types = output.trim().split('\n').map((line) => (JSON.parse(line) as { type: string }).type);
    expect(status).to.equal(0);
    expect(new Set(types)).to.deep.equal(new Set(['finding', 'summary']));
  });

  it('of a pipe says that it reads one', async () => {
    const program = start(['-', '--format', 'text']);
    createReadStream(CAPTURE).pipe(program.stdin!);
    expect(await end(program)).to.include({ status: 0, error: 'synoptic: reading standard input; Ctrl-C ends\n' });
  });

  it('of a pipe writes a flow when it closes, and again, revised, when a late segment has changed it', async () => {
    const closed = captureOf('C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK');
    const late = captureOf('C > S SYN; S > C SYN ACK; C > S ACK; C > S FIN ACK; S > C FIN ACK; C > S ACK; +0.3 S > C FIN ACK again; C > S ACK');
    const program = start(['-', '--quiet', '--rules', 'syn-flood', '--interval', '0']);
    const lines = createInterface({ input: program.stdout! })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => JSON.parse(String((await lines.next()).value));
    program.stdin!.write(closed);
    // The pipe stays open: the row waits for nothing else.
    expect(await next()).to.include({ type: 'flow', flow: 1, outcome: 'closed' }).and.to.not.have.property('revised');
    program.stdin!.end(late.subarray(closed.length));
    expect(await next()).to.deep.include({ type: 'flow', flow: 1, packets: [5, 3], revised: true });
    expect(await next()).to.include({ type: 'summary' });
  });

  it('of a pipe ends after --count packets, whoever writes on', async () => {
    const program = start(['-', '--quiet', '--count', '10', '--format', 'json']);
    program.stdin!.on('error', () => undefined).write(readFileSync(CAPTURE));
    const { status, output } = await end(program);
    expect(status).to.equal(0);
    expect((JSON.parse(output) as Report).capture).to.deep.include({ packets: { read: 10, analysed: 10, left_out: {} } });
  });

  it('of a pipe takes what is in it when SIGINT comes', async () => {
    const program = start(['-', '--format', 'json']);
    const ended = end(program);
    const capture = readFileSync(CAPTURE).subarray(0, 40_000);
    program.stdin!.write(capture.subarray(0, 10_000));
    await once(program.stderr!, 'data');
    // All of it lies there when the program looks again.
    program.kill('SIGSTOP');
    program.stdin!.write(capture.subarray(10_000));
    await sleep(100);
    program.kill('SIGINT');
    program.kill('SIGCONT');
    const { status, output } = await ended;
    expect(status).to.equal(3);
    expect((JSON.parse(output) as Report).capture.files[0].bytes).to.equal(40_000);
  });

  it('ends at the first SIGINT with the report', async () => {
    const program = start(['lo', '--source', 'tcpdump', '--format', 'json'], PATIENT);
    const ended = end(program);
    await once(program.stderr!, 'data');
    program.kill('SIGINT');
    const { status, output, error } = await ended;
    expect(status).to.equal(0);
    expect(error).to.equal('synoptic: listening on lo with tcpdump; Ctrl-C ends\n');
    expect((JSON.parse(output) as Report).totals.flows).to.equal(300);
  });

  it('ends at the second at once', async () => {
    const program = start(['lo', '--source', 'tcpdump'], `trap '' INT USR1; cat '${CAPTURE}'; while :; do sleep 0.05; done`);
    const ended = end(program);
    await once(program.stderr!, 'data');
    program.kill('SIGINT');
    await sleep(500);
    program.kill('SIGINT');
    expect((await ended).status).to.equal(130);
  });

  it('writes a snapshot on SIGUSR1, and goes on', async () => {
    const file = join(folder.path, 'snapshot.json');
    const program = start(['lo', '--source', 'tcpdump', '--snapshot', file, '--format', 'text', '--fail-on', 'high'], PATIENT);
    const ended = end(program);
    while (!existsSync(file)) {
      await sleep(500);
      program.kill('SIGUSR1');
    }
    program.kill('SIGINT');
    const { status, output } = await ended;
    expect(status).to.equal(1);
    expect(output).to.match(/^1 problem in 300 connections: 1 high\./);
    expect((JSON.parse(readFileSync(file, 'utf8')) as Report).schema).to.equal('synoptic-report/1');
  });

  it('ends by itself after --duration', async () => {
    const { status, output } = await end(start(['lo', '--source', 'tcpdump', '--duration', '1', '--format', 'text', '--fail-on', 'high'], PATIENT));
    expect(status).to.equal(1);
    expect(output).to.match(/^1 problem in 300 connections/);
  });

  it('of a source that dies reports what came, says why, and exits with 3', async () => {
    const { status, output, error } = await end(start(['lo', '--source', 'tcpdump', '--format', 'json', '-q'], `head -c 20000 '${CAPTURE}'; kill -KILL $$`));
    expect(status).to.equal(3);
    expect(error).to.match(/^synoptic: lo: damaged at byte \d+: tcpdump ended by itself \(signal SIGKILL\); what could be read was analysed\n$/);
    expect((JSON.parse(output) as Report).capture.packets.read).to.be.above(100);
  });

  it('with --format nagios says one line on standard output, nothing else, whatever happens', async () => {
    const options = ['lo', '--source', 'tcpdump', '--format', 'nagios'];
    for (const [tcpdump, status, says] of [
      [PATIENT, 2, /^SYNOPTIC CRITICAL - 1 problem in 300 [^\n]*\n$/],
      [`head -c 2000 '${CAPTURE}'; kill -KILL $$`, 3, /^SYNOPTIC UNKNOWN - lo is damaged at byte \d+: tcpdump ended by itself \(signal SIGKILL\) \| [^\n]*\n$/],
      ["echo 'tcpdump: lo: No such device exists' >&2; exit 1", 3, /^SYNOPTIC UNKNOWN - there is no interface lo[^\n]*\n$/],
    ] as const) {
      const ended = await end(start([...options, '--duration', '1'], tcpdump));
      expect(ended.output).to.match(says);
      expect([ended.status, ended.error]).to.deep.equal([status, '']);
    }
  });

  it('that cannot begin says so in one line, exit status 2', async () => {
    const denied = "echo \"tcpdump: lo: You don't have permission to perform this capture on that device\" >&2; exit 1";
    const { status, output, error } = await end(start(['lo', '--source', 'tcpdump'], denied));
    expect([status, output]).to.deep.equal([2, '']);
    expect(error).to.equal('synoptic: tcpdump may not capture on lo: grant it with sudo setcap cap_net_raw+ep "$(command -v tcpdump)", or run as root\n');
  });

  for (const [args, says] of [
    [[], /^synoptic: no interface given/],
    [['-', 'tcp'], /^synoptic: a filter works where the capture is made/],
    [['lo', '--count', '0'], /^synoptic: --count 0: a whole number/],
    [['lo', '--interval', 'x'], /^synoptic: --interval x: a number of seconds/],
    [['lo', '--source', 'tcpdmp'], /did you mean tcpdump\?/],
  ] as const) {
    it(`does not begin with ${args.join(' ') || 'nothing'}`, async () => {
      const { status, error } = await end(start(args));
      expect(status).to.equal(2);
      expect(error).to.match(says);
      expect(error.trim().split('\n')).to.have.lengthOf(1);
    });
  }

  it('lists the interfaces', async () => {
    const { status, output } = await end(start(['--list']));
    expect(status).to.equal(0);
    expect(output).to.match(/^lo +\S+ +127\.0\.0\.1/m);
  });
});

describeWith(['script'], 'synoptic live on a terminal', () => {
  const folder = temporaryFolder();

  it('writes to a file the format that it writes elsewhere', () => {
    const path = join(folder.path, 'live.out');
    const { status } = runProgram('script', ['-qec', `'${process.execPath}' '${PROGRAM}' live - --config none -o '${path}' < '${CAPTURE}'`, '/dev/null']);
    expect(status).to.equal(0);
    expect((JSON.parse(readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '') as { type: string }).type).to.equal('summary');
  });
});
