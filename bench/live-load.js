// node bench/live-load.js [--screen] [PACKETS_A_SECOND] [SECONDS] [SOURCE] [PACKETS_A_CONNECTION]: a live audit under load. Two network namespaces and a veth pair, in which
// tcpreplay sends generated traffic; prints what was sent, captured and dropped, and the processor time of synoptic and of its source.
// With --screen the audit draws on a terminal of tmux meanwhile, and what that takes is measured apart; else it streams to nowhere. Needs root, ip and tcpreplay; takes everything away again.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PcapWriter } from './pcap-writer.js';
import { writeTraffic } from './traffic.js';

const hasScreen = process.argv.includes('--screen');
const operands = process.argv.slice(2).filter((word) => word !== '--screen');
const rate = Number(operands[0] ?? 100_000);
const seconds = Number(operands[1] ?? 30);
const source = operands[2] ?? 'tcpdump';
if (!(rate > 0 && seconds > 0)) {
  process.stderr.write('usage: node bench/live-load.js [--screen] [PACKETS_A_SECOND] [SECONDS] [SOURCE] [PACKETS_A_CONNECTION]\n');
  process.exit(2);
}
const HERE = dirname(fileURLToPath(import.meta.url));
const PROGRAM = join(HERE, '..', 'bin', 'synoptic.js');
/** Packets of the file that is sent over and over, each time from other addresses, and of each connection in it. */
const FILE_PACKETS = 400_000;
const CONNECTION_PACKETS = Number(operands[3] ?? 200);
const TICKS_A_SECOND = 100;
/** The first readings of the screen are granted in advance; what frames cost in the long run shows after this (seconds). */
const SETTLED_AFTER = 10;
/** Frames that take so long are told one by one (milliseconds). */
const DEAR = 20;

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

/** Runs a program in a terminal of its own; gives its number, and what can be seen of it. @param {readonly string[]} command */
function runInTerminal(command) {
  const socket = join(folder, 'tmux');
  /** @param {readonly string[]} args */
  const tmux = (...args) => run('tmux', ['-S', socket, '-f', '/dev/null', ...args]);
  tmux('new-session', '-d', '-x', '130', '-y', '42', `exec ${command.join(' ')}`);
  return { pid: Number(tmux('display-message', '-p', '#{pane_pid}')), look: () => tmux('capture-pane', '-p') };
}

/** What an audit has captured so far. @param {number} pid @param {string} file where it writes snapshots */
async function snapshot(pid, file) {
  rmSync(file, { force: true });
  await sleep(1000);
  process.kill(pid, 'SIGUSR1');
  while (!existsSync(file)) await sleep(100);
  return JSON.parse(readFileSync(file, 'utf8')).capture;
}

/** What frames of the screen took that were drawn from one moment to another (milliseconds since the epoch). @param {string} file @param {number} from @param {number} to */
function framesBetween(file, from, to) {
  return JSON.parse(readFileSync(file, 'utf8')).filter(({ time }) => time >= from && time < to);
}

/** The same in words. @param {string} file @param {number} from @param {number} to */
function frameCost(file, from, to) {
  const costs = framesBetween(file, from, to).map(({ cost }) => cost).sort((one, other) => one - other);
  const sum = costs.reduce((total, cost) => total + cost, 0);
  return `${((100 * sum) / (to - from)).toFixed(2)} % of a core, ${((1000 * costs.length) / (to - from)).toFixed(1)} frames/s, median ${costs[costs.length >> 1]?.toFixed(1)} ms, dearest ${costs.at(-1)?.toFixed(0)} ms`;
}

/** The frames in which much was read: findings, mostly. @param {string} file @param {number} from @param {number} to */
function dearFrames(file, from, to) {
  const dear = framesBetween(file, from, to).filter(({ cost }) => cost >= DEAR).map(({ time, cost }) => `${cost.toFixed(0)} ms at ${((time - from) / 1000).toFixed(0)} s`);
  return dear.length === 0 ? `none of ${DEAR} ms` : dear.join(', ');
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
  const frames = join(folder, 'frames.json');
  const command = ['ip', 'netns', 'exec', receiver, process.execPath, PROGRAM, 'live', 'veth0', '--source', source, '--snapshot', report, ...(hasScreen ? [] : ['--format', 'ndjson'])];
  /** @type {{pid: number | undefined, look?: () => string}} */
  let audit;
  if (hasScreen) {
    audit = runInTerminal(['env', `FRAME_COST=${frames}`, `NODE_OPTIONS=--import=${pathToFileURL(join(HERE, 'frame-cost.js'))}`, ...command]);
    while (!audit.look().includes('synoptic live veth0')) await sleep(100);
  } else {
    const streaming = spawn(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
    await once(streaming.stderr, 'data');
    streaming.stderr.pipe(process.stderr);
    audit = streaming;
  }

  const loops = Math.max(1, Math.round((rate * seconds) / FILE_PACKETS));
  const began = performance.now();
  const beganAt = Date.now();
  const replay = spawn('ip', ['netns', 'exec', sender, 'tcpreplay', '-q', '-i', 'veth0', '--preload-pcap', '--unique-ip', `--pps=${rate}`, `--loop=${loops}`, traffic]);
  let said = '';
  replay.stdout.on('data', (text) => (said += text));
  const looks = new Set();
  const looking = setInterval(() => looks.add(audit.look?.()), 1000);
  await once(replay, 'exit');
  clearInterval(looking);
  const took = (performance.now() - began) / 1000;
  const endedAt = Date.now();
  // What waits in buffers is still to be read.
  await sleep(3000);
  const pid = audit.pid ?? 0;
  const own = processorSeconds(pid);
  const ofSource = childrenOf(pid).map(processorSeconds).reduce((sum, each) => sum + each, 0);
  let capture = await snapshot(pid, report);
  for (let before = -1; before < capture.packets.read; capture = await snapshot(pid, report)) before = capture.packets.read;
  process.kill(pid, 'SIGINT');
  while (existsSync(`/proc/${pid}`)) await sleep(100);

  const sent = Number(/Actual: (\d+) packets/.exec(said)?.[1]);
  console.log(`source     ${source}`);
  console.log(`sent       ${sent} packets in ${took.toFixed(1)} s: ${Math.round(sent / took)} a second`);
  console.log(`captured   ${capture.packets.read} (${((100 * capture.packets.read) / sent).toFixed(3)} %)`);
  console.log(`dropped    ${capture.quality.kernel_drops ?? 'not told'}`);
  if (hasScreen) console.log(`screen     another at ${looks.size} of ${Math.floor(took)} looks, one a second`);
  if (hasScreen) console.log(`           ${frameCost(frames, beganAt, endedAt)}`);
  if (hasScreen && took > 2 * SETTLED_AFTER) console.log(`           after ${SETTLED_AFTER} s: ${frameCost(frames, beganAt + 1000 * SETTLED_AFTER, endedAt)}`);
  if (hasScreen) console.log(`           dear: ${dearFrames(frames, beganAt, endedAt)}`);
  console.log(`processor  synoptic ${own.toFixed(1)} s (${Math.round((100 * own) / took)} % of a core), ${source} ${ofSource.toFixed(1)} s (${Math.round((100 * ofSource) / took)} %)`);
} finally {
  for (const name of [sender, receiver]) spawnSync('ip', ['netns', 'del', name]);
  rmSync(folder, { recursive: true });
}
