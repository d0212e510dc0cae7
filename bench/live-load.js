// node bench/live-load.js [PACKETS_A_SECOND] [SECONDS] [SOURCE] [PACKETS_A_CONNECTION]: a live audit under load. Two network namespaces and a veth pair, in which
// tcpreplay sends generated traffic; prints what was sent, captured and dropped, and the processor time of synoptic and of its source.
// Needs root, ip and tcpreplay; takes everything away again.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PcapWriter } from './pcap-writer.js';
import { writeTraffic } from './traffic.js';

const rate = Number(process.argv[2] ?? 100_000);
const seconds = Number(process.argv[3] ?? 30);
const source = process.argv[4] ?? 'tcpdump';
const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '..', 'bin', 'synoptic.js');
/** Packets of the file that is sent over and over, each time from other addresses, and of each connection in it. */
const FILE_PACKETS = 400_000;
const CONNECTION_PACKETS = Number(process.argv[5] ?? 200);
const TICKS_A_SECOND = 100;

const sender = `synoptic-load-${process.pid}-a`;
const receiver = `synoptic-load-${process.pid}-b`;

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

/** Processor seconds of a process so far. @param {number} pid */
function processorSeconds(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ').slice(11, 13).map(Number);
  return (user + system) / TICKS_A_SECOND;
}

/** @param {number} pid */
function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter((text) => text !== '').map(Number);
}

const folder = mkdtempSync(join(tmpdir(), 'synoptic-load-'));
try {
  for (const name of [sender, receiver]) run('ip', ['netns', 'add', name]);
  run('ip', ['link', 'add', 'veth0', 'netns', sender, 'type', 'veth', 'peer', 'name', 'veth0', 'netns', receiver]);
  for (const name of [sender, receiver]) {
    run('ip', ['netns', 'exec', name, 'sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1']);
    run('ip', ['netns', 'exec', name, 'ip', 'link', 'set', 'veth0', 'up']);
  }
  const traffic = join(folder, 'traffic.pcap');
  const writer = new PcapWriter(traffic);
  writeTraffic(writer, {
    seed: 7, connections: Math.round(FILE_PACKETS / CONNECTION_PACKETS), atOnce: 500, microseconds: 20, spoofed: false,
    plan: () => ({ packets: CONNECTION_PACKETS, timestamps: true, request: 100, response: 600, acknowledgeEvery: 2 }),
  });
  writer.close();

  const report = join(folder, 'report.json');
  const audit = spawn('ip', ['netns', 'exec', receiver, process.execPath, PROGRAM, 'live', 'veth0', '--source', source, '--format', 'json', '-o', report], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = once(audit, 'exit');
  await once(audit.stderr, 'data');
  audit.stderr.pipe(process.stderr);

  const loops = Math.max(1, Math.round((rate * seconds) / FILE_PACKETS));
  const began = performance.now();
  const replay = spawn('ip', ['netns', 'exec', sender, 'tcpreplay', '-q', '-i', 'veth0', '--preload-pcap', '--unique-ip', `--pps=${rate}`, `--loop=${loops}`, traffic]);
  let said = '';
  replay.stdout.on('data', (text) => (said += text));
  await once(replay, 'exit');
  const took = (performance.now() - began) / 1000;
  // What waits in buffers is still to be read.
  await sleep(3000);
  const pid = audit.pid ?? 0;
  const own = processorSeconds(pid);
  const ofSource = childrenOf(pid).map(processorSeconds).reduce((sum, each) => sum + each, 0);
  process.kill(pid, 'SIGINT');
  await ended;

  const { capture } = JSON.parse(readFileSync(report, 'utf8'));
  const sent = Number(/Actual: (\d+) packets/.exec(said)?.[1]);
  console.log(`source     ${source}`);
  console.log(`sent       ${sent} packets in ${took.toFixed(1)} s: ${Math.round(sent / took)} a second`);
  console.log(`captured   ${capture.packets.read} (${((100 * capture.packets.read) / sent).toFixed(3)} %)`);
  console.log(`dropped    ${capture.quality.kernel_drops ?? 'not told'}`);
  console.log(`processor  synoptic ${own.toFixed(1)} s (${Math.round((100 * own) / took)} % of a core), ${source} ${ofSource.toFixed(1)} s (${Math.round((100 * ofSource) / took)} %)`);
} finally {
  for (const name of [sender, receiver]) spawnSync('ip', ['netns', 'del', name]);
  rmSync(folder, { recursive: true });
}
