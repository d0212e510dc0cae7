import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { expectValidReport } from '../../../support/validate.ts';
import { temporaryFolder } from '../../sources/temporary.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const BIN = join(ROOT, 'bin/synoptic.js');
/** Two servers of the laboratory: 8001 never closes its 200 connections, 8002 closes its 100. */
const CAPTURE = readFileSync(join(ROOT, 'fixtures/leaking-server/capture.pcap'));

describe('synoptic live --metrics, --textfile', () => {
  const folder = temporaryFolder();

  const refused: [string, string[], RegExp][] = [
    ['an address that is none', ['--metrics', '127.0.0.1'], /--metrics 127\.0\.0\.1: no address to listen on; write it as HOST:PORT/],
    ['a port that is none', ['--metrics', ':70000'], /--metrics :70000: a port is a number up to 65535/],
    ['a file that the collector would not read', ['--textfile', 'x.txt'], /--textfile x\.txt: node_exporter reads only files that end in \.prom/],
    ['a folder that is not there', ['--textfile', '/nonexistent/x.prom'], /--textfile \/nonexistent\/x\.prom: no such file or directory$/m],
    ['no service at all', ['--metrics', ':0', '--top', '0'], /--top 0: a number of services from 1 to 1000/],
    ['a number that is none', ['--metrics', ':0', '--top', 'ten'], /--top ten: a number of services/],
  ];
  for (const [what, args, pattern] of refused) {
    it(`refuses ${what} in one line`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'live', '-', '--config', 'none', ...args], { cwd: folder.path, encoding: 'utf8', input: CAPTURE });
      expect(stderr).to.match(/^synoptic: [^\n]*\n$/).and.to.match(pattern);
      expect([status, stdout]).to.deep.equal([2, '']);
    });
  }

  it('refuses a port that is in use in one line, and leaves nothing running', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const child = spawn(process.execPath, [BIN, 'live', '-', '--config', 'none', '--metrics', `127.0.0.1:${port}`]);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    // Its standard input stays open: it must not wait for that.
    const [status] = (await once(child, 'close')) as [number];
    server.close();
    expect(said).to.equal(`synoptic: --metrics 127.0.0.1:${port}: the port is in use, perhaps by another synoptic: choose another one\n`);
    expect(status).to.equal(2);
  });

  describe('while it runs', () => {
    const textfile = join(folder.path, 'live.prom');
    let child: ChildProcessWithoutNullStreams;
    let url = '';

    /** The metrics' lines, once that one is among them. The test's time-out bounds it. */
    async function linesWith(line: string): Promise<string[]> {
      for (;;) {
        const lines = (await (await fetch(`${url}/metrics`)).text()).split('\n');
        if (lines.includes(line)) return lines;
        await setTimeout(50);
      }
    }

    before(async function () {
      this.timeout(60_000);
      child = spawn(process.execPath, [BIN, 'live', '-', '--config', 'none', '--metrics', ':0', '--top', '1', '--textfile', textfile, '--interval', '1']);
      child.stdout.resume();
      let said = '';
      child.stderr.setEncoding('utf8');
      for await (const text of child.stderr.iterator({ destroyOnReturn: false })) {
        said += String(text);
        url = /^synoptic: metrics at (http:\/\/127\.0\.0\.1:\d+)\/metrics$/m.exec(said)?.[1] ?? '';
        if (url !== '') break;
      }
      child.stdin.write(CAPTURE);
      if (url === '') throw new Error(`it has ended: ${said}`);
      await linesWith('synoptic_segments_total{kind="syn"} 300');
    });

    after(() => void child.kill('SIGKILL'));

    it('serves the metrics of what came', async () => {
      const lines = await linesWith('synoptic_source_up 1');
      // From the laboratory's own account: 200 connections to 8001 and 100 to 8002, all completed, the former never closed.
      expect(lines).to.include.members([
        'synoptic_source_up 1',
        'synoptic_source_info{interface="-",source="stdin",clock="kernel",filter=""} 1',
        'synoptic_segments_total{kind="synack"} 300',
        'synoptic_flows 300',
        'synoptic_ends{state="CLOSE_WAIT"} 200',
        'synoptic_service_ends{service="10.77.11.3:8001",state="CLOSE_WAIT"} 200',
        'synoptic_handshake_attempts_total{service="10.77.11.3:8001"} 200',
        'synoptic_handshake_attempts_total{service="other"} 100',
        'synoptic_handshakes_total{service="10.77.11.3:8001",outcome="completed"} 200',
        'synoptic_handshakes_total{service="other",outcome="completed"} 100',
        'synoptic_handshake_synack_seconds_count{service="10.77.11.3:8001"} 200',
        'synoptic_handshake_synack_seconds_count{service="other"} 100',
      ]);
    });

    it('tells of the leak, and how fast it grows', async () => {
      const lines = await linesWith('synoptic_close_wait_leak_connections{service="10.77.11.3:8001",end="server"} 200');
      expect(lines).to.include('synoptic_findings{rule="close-wait-leak",severity="high"} 1');
      // 200 connections in 10 s.
      const slope = lines.find((line) => line.startsWith('synoptic_close_wait_leak_connections_per_second{'));
      expect(Number(slope!.split(' ')[1])).to.be.closeTo(20, 1);
    });

    it('is well, and gives the report so far', async () => {
      const health = await fetch(`${url}/healthz`);
      expect(health.status).to.equal(200);
      expect(await health.json()).to.include({ status: 'ok', failure: null, source: 'stdin' });
      expectValidReport(await (await fetch(`${url}/report.json`)).text());
    });

    it('writes the file meanwhile and at the end, and ends with its input', async () => {
      while (!readFileSync(textfile, 'utf8').includes('\nsynoptic_segments_total{kind="syn"} 300\n')) await setTimeout(50);
      expect(readFileSync(textfile, 'utf8')).to.include('\nsynoptic_source_up 1\n').and.not.to.include('process_');
      child.stdin.end();
      const [status] = (await once(child, 'close')) as [number];
      expect(status).to.equal(0);
      expect(readFileSync(textfile, 'utf8')).to.include('\nsynoptic_source_up 0\n').and.to.include('\nsynoptic_packets_total 2200\n');
    });
  });
});
