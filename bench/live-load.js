// node bench/live-load.js [--screen] [PACKETS_A_SECOND] [SECONDS] [SOURCE] [PACKETS_A_CONNECTION]: a live audit under load. tcpreplay sends
// generated traffic from one network namespace to another over a veth pair. Prints what was sent, captured and dropped, and the processor
// time of synoptic and of its source. With --screen the audit draws on a terminal of tmux, and the cost of that is measured separately;
// otherwise it streams to nowhere. Needs root, ip and tcpreplay; removes everything again.
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
/** Packets of the file that is sent over and over, each time from other addresses, and of each of its connections. */
const FILE_PACKETS = 400_000;
const CONNECTION_PACKETS = Number(operands[3] ?? 200);
const TICKS_A_SECOND = 100;
/** The screen may take its first readings at once; the cost of frames in the long run shows only after this time (seconds). */
const SETTLED_AFTER = 10;
/** Frames that take this long are listed one by one (milliseconds). */
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

/** Two network namespaces, joined by a veth pair. */
function joinNamespaces() {
  for (const name of [sender, receiver]) run('ip', ['netns', 'add', name]);
  run('ip', ['link', 'add', 'veth0', 'netns', sender, 'type', 'veth', 'peer', 'name', 'veth0', 'netns', receiver]);
  for (const name of [sender, receiver]) {
    run('ip', ['netns', 'exec', name, 'sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1']);
    run('ip', ['netns', 'exec', name, 'ip', 'link', 'set', 'veth0', 'up']);
  }
}

/** @param {string} path */
function writeCapture(path) {
  const writer = new PcapWriter(path);
  writeTraffic(writer, {
    seed: 7, connections: Math.round(FILE_PACKETS / CONNECTION_PACKETS), atOnce: 500, microseconds: 20, spoofed: false,
    plan: () => ({ packets: CONNECTION_PACKETS, timestamps: true, request: 100, response: 600, acknowledgeEvery: 2 }),
  });
  writer.close();
}

/**
 * Starts the audit, and waits until it listens.
 * @returns {Promise<{pid: number, look?: () => string}>} `look`: what its terminal shows
 */
async function startAudit() {
  const command = ['ip', 'netns', 'exec', receiver, process.execPath, PROGRAM, 'live', 'veth0', '--source', source, '--snapshot', report];
  if (hasScreen) {
    const audit = runInTerminal(['env', `FRAME_COST=${frames}`, `NODE_OPTIONS=--import=${pathToFileURL(join(HERE, 'frame-cost.js'))}`, ...command]);
    while (!audit.look().includes('synoptic live veth0')) await sleep(100);
    return audit;
  }
  const [program, ...args] = command;
  const streaming = spawn(program, [...args, '--format', 'ndjson'], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(streaming.stderr, 'data');
  streaming.stderr.pipe(process.stderr);
  return { pid: streaming.pid ?? 0 };
}

/**
 * Sends a capture over and over, and looks at the terminal once a second meanwhile.
 * @param {string} traffic
 * @param {(() => string) | undefined} look
 */
async function send(traffic, look) {
  const loops = Math.max(1, Math.round((rate * seconds) / FILE_PACKETS));
  const began = performance.now();
  const beganAt = Date.now();
  const replay = spawn('ip', ['netns', 'exec', sender, 'tcpreplay', '-q', '-i', 'veth0', '--preload-pcap', '--unique-ip', `--pps=${rate}`, `--loop=${loops}`, traffic]);
  let said = '';
  replay.stdout.on('data', (text) => (said += text));
  const looks = new Set();
  const looking = setInterval(() => looks.add(look?.()), 1000);
  await once(replay, 'exit');
  clearInterval(looking);
  return { sent: Number(/Actual: (\d+) packets/.exec(said)?.[1]), took: (performance.now() - began) / 1000, beganAt, endedAt: Date.now(), looks: looks.size };
}

/** What was captured, once nothing more comes; then the audit is ended. @param {number} pid */
async function endAudit(pid) {
  let capture = await snapshot(pid, report);
  for (let before = -1; before < capture.packets.read; capture = await snapshot(pid, report)) before = capture.packets.read;
  process.kill(pid, 'SIGINT');
  while (existsSync(`/proc/${pid}`)) await sleep(100);
  return capture;
}

const folder = mkdtempSync(join(tmpdir(), 'synoptic-load-'));
const report = join(folder, 'report.json');
const frames = join(folder, 'frames.json');
try {
  joinNamespaces();
  const traffic = join(folder, 'traffic.pcap');
  writeCapture(traffic);
  const { pid, look } = await startAudit();
  const { sent, took, beganAt, endedAt, looks } = await send(traffic, look);
  // What waits in buffers is still to be read.
  await sleep(3000);
  const own = processorSeconds(pid);
  const ofSource = childrenOf(pid).map(processorSeconds).reduce((sum, each) => sum + each, 0);
  const capture = await endAudit(pid);
  console.log(`source     ${source}`);
  console.log(`sent       ${sent} packets in ${took.toFixed(1)} s: ${Math.round(sent / took)} a second`);
  console.log(`captured   ${capture.packets.read} (${((100 * capture.packets.read) / sent).toFixed(3)} %)`);
  console.log(`dropped    ${capture.quality.kernel_drops ?? 'not told'}`);
  if (hasScreen) console.log(`screen     another at ${looks} of ${Math.floor(took)} looks, one a second`);
  if (hasScreen) console.log(`           ${frameCost(frames, beganAt, endedAt)}`);
  if (hasScreen && took > 2 * SETTLED_AFTER) console.log(`           after ${SETTLED_AFTER} s: ${frameCost(frames, beganAt + 1000 * SETTLED_AFTER, endedAt)}`);
  if (hasScreen) console.log(`           dear: ${dearFrames(frames, beganAt, endedAt)}`);
  console.log(`processor  synoptic ${own.toFixed(1)} s (${Math.round((100 * own) / took)} % of a core), ${source} ${ofSource.toFixed(1)} s (${Math.round((100 * ofSource) / took)} %)`);
} finally {
  for (const name of [sender, receiver]) spawnSync('ip', ['netns', 'del', name]);
  rmSync(folder, { recursive: true });
}
